//! Near-duplicate wording of reports, simply: two keys that group reports on a page.
//!
//! [`wording_key`] is equal for texts that differ only in accents, writing tricks,
//! numbers, links and punctuation. [`Sketch`] is a small min-hash over three-word
//! shingles whose [`Sketch::likeness`] estimates how many shingles two texts share
//! (± 0.12 or so with [`SKETCH_LEN`] values). This is honest grouping for people to
//! look at, not campaign detection: it neither pools evidence nor scales past a page.

use crate::fold::Folded;
use crate::urls;

/// Values in a sketch.
pub const SKETCH_LEN: usize = 16;
/// Words in a shingle.
const SHINGLE_WORDS: usize = 3;
/// Likeness from which [`group`] puts two texts together.
pub const SAME_WORDING: f32 = 0.5;
/// Most groups that are opened; later texts that fit none stay alone.
pub const MAX_GROUPS: usize = 256;
/// Digits from which a word is a number and not part of the wording.
const MASKED_DIGITS: usize = 3;

/// A small summary of a text's wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketch([u32; SKETCH_LEN]);

impl Sketch {
    /// Sketches a text; `None` when it has no words.
    #[must_use]
    pub fn of(text: &str) -> Option<Sketch> {
        let words = wording(text);
        if words.is_empty() {
            return None;
        }
        let mut least = [u32::MAX; SKETCH_LEN];
        let size = SHINGLE_WORDS.min(words.len());
        for shingle in words.windows(size) {
            let hash = hash_words(shingle);
            for (index, slot) in least.iter_mut().enumerate() {
                *slot = (*slot).min(remixed(hash, index));
            }
        }
        Some(Sketch(least))
    }

    /// Estimated share of shingles in common, 0 to 1.
    #[must_use]
    pub fn likeness(&self, other: &Sketch) -> f32 {
        let same = self.0.iter().zip(&other.0).filter(|(one, two)| one == two).count();
        f32::from(u16::try_from(same).unwrap_or(u16::MAX)) / SKETCH_LEN as f32
    }
}

/// Equal for texts of the same wording; `None` when a text has no words. Stable over
/// versions only as long as the folding rules are: recompute it, do not publish it.
#[must_use]
pub fn wording_key(text: &str) -> Option<u64> {
    let words = wording(text);
    (!words.is_empty()).then(|| hash_words(&words))
}

/// Puts each text into a group: the index of the first text of its group. Every text
/// is compared with the leaders of at most [`MAX_GROUPS`] groups.
#[must_use]
pub fn group(texts: &[&str]) -> Vec<usize> {
    let mut leaders: Vec<(usize, Sketch)> = Vec::new();
    let mut groups = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let Some(sketch) = Sketch::of(text) else {
            groups.push(index);
            continue;
        };
        let leader =
            leaders.iter().find(|leader| leader.1.likeness(&sketch) >= SAME_WORDING).map(|leader| leader.0);
        if leader.is_none() && leaders.len() < MAX_GROUPS {
            leaders.push((index, sketch));
        }
        groups.push(leader.unwrap_or(index));
    }
    groups
}

/// The folded words, numbers and links masked.
fn wording(text: &str) -> Vec<String> {
    let mut masked = String::with_capacity(text.len());
    let mut behind = 0;
    for url in urls::find(text, &[]) {
        masked.push_str(&text[behind..url.range.start]);
        masked.push_str(" xurlx ");
        behind = url.range.end;
    }
    masked.push_str(&text[behind..]);
    let mut words: Vec<String> = Vec::new();
    for word in Folded::of(&masked).text().split(' ').filter(|word| !word.is_empty()) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits >= MASKED_DIGITS || digits == word.len() {
            // Groups of one number are one mask.
            if words.last().is_none_or(|last| last != "#") {
                words.push("#".to_owned());
            }
        } else {
            words.push(word.to_owned());
        }
    }
    words
}

/// FNV-1a over the words: fixed, fast, and no defence against an adversary.
fn hash_words(words: &[String]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        for byte in word.bytes().chain([b' ']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// One of [`SKETCH_LEN`] independent hashes (the finaliser of SplitMix64).
fn remixed(hash: u64, index: usize) -> u32 {
    let seed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut mixed = hash.wrapping_add(seed);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_wording_has_the_same_key_however_it_is_written() {
        let one = wording_key("Thuê bao của bạn sắp bị khóa, gọi 0912345678 hoặc vào https://a-b.com/x");
        let other = wording_key("THUE BAO cua ban sap bi khoa goi 0987.654.321 hoac vao vneid-x.top/1");
        assert_eq!(one, other);
        assert_ne!(one, wording_key("Chúc mừng bạn đã trúng thưởng"));
        assert_eq!(wording_key(" .. "), None);
    }

    #[test]
    fn small_changes_stay_in_the_group_and_others_do_not() {
        let texts = [
            "co nguoi xung cong an tinh noi toi lien quan duong day ma tuy yeu cau chuyen 20 trieu vao tai khoan",
            "Có người xưng công an tỉnh nói tôi liên quan đường dây ma túy, yêu cầu chuyển 50 triệu vào tài khoản ngay",
            "Vay tiền nhanh trong ngày không thế chấp lãi suất thấp liên hệ 0900 000 001",
            "",
        ];
        assert_eq!(group(&texts), [0, 0, 2, 3]);
    }

    #[test]
    fn groups_are_bounded() {
        let texts: Vec<String> =
            (0..MAX_GROUPS + 20).map(|index| format!("{} xin chao", name(index))).collect();
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(group(&borrowed).len(), texts.len());
    }

    fn name(mut index: usize) -> String {
        let mut name = String::new();
        for _ in 0..4 {
            name.push(char::from(b"bcdghklmnp"[index % 10]));
            name.push('a');
            index /= 10;
        }
        name
    }
}
