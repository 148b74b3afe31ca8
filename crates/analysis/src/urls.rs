//! Links in a text, also those written so that programs do not see them:
//! `hxxp://`, `bit[.]ly/x`, `vcb-xacthuc . top`, full-width dots.
//!
//! A bare host counts only under a known ending. Nothing is opened or looked up.

use crate::entities::{MAX_PER_KIND, Url};
use crate::fold::MAX_TEXT_BYTES;
use crate::letters::{Piece, is_invisible, take_apart};

/// Longest label of a host, in characters.
const MAX_LABEL: usize = 63;
/// Most labels of a host.
const MAX_LABELS: usize = 10;
/// Longest path kept, in characters.
const MAX_PATH: usize = 512;

/// Endings under which a bare host counts: those seen in scams and in daily use.
const ENDINGS: &[&str] = &[
    "com", "net", "org", "vn", "info", "biz", "xyz", "top", "vip", "cc", "icu", "club", "online", "site",
    "shop", "store", "live", "app", "link", "click", "work", "fun", "pro", "mobi", "asia", "win", "bet",
    "life", "world", "tech", "space", "website", "page", "dev", "buzz", "ink", "bond", "cfd", "sbs", "lol",
    "io", "ly", "gl", "tk", "ml", "ga", "cf", "gq", "tv", "ws", "cn", "ru", "hk", "jp", "kr", "eu", "uk",
    "me", "co", "us", "to", "la", "in", "id", "be", "do", "im", "so", "ai", "my",
];
/// Endings that are also Vietnamese or English words: they need a path, `www` or a
/// host that is no word.
const WORDLIKE_ENDINGS: &[&str] =
    &["me", "co", "us", "to", "la", "in", "id", "be", "do", "im", "so", "ai", "my", "tv", "win", "fun"];
/// Endings believed even when spaces stand around the dot.
const ENDINGS_AFTER_SPACE: &[&str] =
    &["com", "net", "org", "vn", "xyz", "info", "icu", "cc", "club", "online"];

/// One readable character: plain ASCII in lower case, or 0 when it is anything else.
struct Cell {
    byte: u8,
    start: usize,
    end: usize,
}

/// All links of a text, in order, at most [`MAX_PER_KIND`].
pub(crate) fn find(text: &str, official_hosts: &[String]) -> Vec<Url> {
    let cells = cells(&text[..text.floor_char_boundary(MAX_TEXT_BYTES)]);
    let mut urls = Vec::new();
    let mut at = 0;
    while at < cells.len() && urls.len() < MAX_PER_KIND {
        let follows_word =
            at > 0 && (cells[at - 1].byte.is_ascii_alphanumeric() || cells[at - 1].byte == b'@');
        if !cells[at].byte.is_ascii_alphanumeric() || follows_word {
            at += 1;
            continue;
        }
        match Parser::new(&cells, at).url() {
            Some((end, mut url)) => {
                url.range = cells[at].start..cells[end - 1].end;
                url.is_official = is_official(&url.host, official_hosts);
                urls.push(url);
                at = end;
            }
            None => at += 1,
        }
    }
    urls
}

/// Whether a host is one of these domains or stands under one.
fn is_official(host: &str, official_hosts: &[String]) -> bool {
    official_hosts.iter().any(|official| {
        host.strip_suffix(official.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn cells(text: &str) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(text.len());
    for (start, character) in text.char_indices() {
        if is_invisible(character) {
            continue;
        }
        let end = start + character.len_utf8();
        if character.is_ascii() {
            let byte = u8::try_from(character.to_ascii_lowercase()).unwrap_or(0);
            cells.push(Cell { byte, start, end });
            continue;
        }
        let mut is_first = true;
        take_apart(character, |piece| {
            let byte = match piece {
                Piece::Letter { base, .. } => base,
                Piece::Other('。') => b'.',
                Piece::Other(sign) if sign.is_whitespace() => b' ',
                Piece::Other(sign) if sign.is_ascii() => u8::try_from(sign).unwrap_or(0),
                Piece::Other(_) => 0,
                Piece::Hat(_) | Piece::Tone(_) | Piece::ForeignMark => return,
            };
            if is_first {
                cells.push(Cell { byte, start, end });
            }
            is_first = false;
        });
    }
    cells
}

struct Parser<'a> {
    cells: &'a [Cell],
    at: usize,
    is_defanged: bool,
    has_spaced_dot: bool,
}

impl<'a> Parser<'a> {
    fn new(cells: &'a [Cell], at: usize) -> Parser<'a> {
        Parser { cells, at, is_defanged: false, has_spaced_dot: false }
    }

    fn byte(&self, at: usize) -> u8 {
        self.cells.get(at).map_or(0, |cell| cell.byte)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there = word.bytes().enumerate().all(|(index, byte)| self.byte(self.at + index) == byte);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    /// A whole link from here: where it ends, and what it is.
    fn url(mut self) -> Option<(usize, Url)> {
        let has_scheme = self.scheme();
        let (labels, ends) = self.labels();
        let count = self.host_length(&labels, has_scheme)?;
        let host = labels[..count].join(".");
        let has_all = count == labels.len();
        self.at = ends[count - 1];
        let path = if has_all { self.path() } else { String::new() };
        let is_certain = has_scheme || !path.is_empty() || labels[0] == "www";
        if !is_certain && is_wordlike(&labels[..count]) {
            return None;
        }
        let address = format!("{host}{path}");
        let url = Url { range: 0..0, host, address, is_defanged: self.is_defanged, is_official: false };
        Some((self.at, url))
    }

    /// `http://`, `hxxps://`, `h**p:`, `http[:]//`
    fn scheme(&mut self) -> bool {
        let from = self.at;
        let is_plain = self.takes("http");
        let is_hidden = !is_plain && ["hxxp", "h**p", "httx", "htxp"].iter().any(|word| self.takes(word));
        if is_plain || is_hidden {
            self.takes("s");
            let has_space = self.takes(" ");
            let colon = ["[:]//", "://", ": //", ":/", "//"].into_iter().find(|colon| self.takes(colon));
            if let Some(colon) = colon {
                self.is_defanged |= is_hidden || has_space || colon != "://";
                self.takes(" ");
                return true;
            }
        }
        self.at = from;
        false
    }

    /// Labels of a host and the cell behind each.
    fn labels(&mut self) -> (Vec<String>, Vec<usize>) {
        let mut labels = Vec::new();
        let mut ends = Vec::new();
        while labels.len() < MAX_LABELS {
            let mut label = String::new();
            while label.len() < MAX_LABEL {
                let byte = self.byte(self.at);
                if !(byte.is_ascii_alphanumeric() || byte == b'-') {
                    break;
                }
                label.push(char::from(byte));
                self.at += 1;
            }
            if label.is_empty() {
                break;
            }
            labels.push(label);
            ends.push(self.at);
            if !self.dot() {
                break;
            }
        }
        (labels, ends)
    }

    /// A dot, plain or disguised, with a label behind it.
    fn dot(&mut self) -> bool {
        let from = self.at;
        for written in
            ["[.]", "(.)", "{.}", "[dot]", "(dot)", "(cham)", "[cham]", " [.] ", " (.) ", " dot ", " cham "]
        {
            if self.takes(written) && self.byte(self.at).is_ascii_alphanumeric() {
                self.is_defanged = true;
                return true;
            }
            self.at = from;
        }
        let has_space_before = self.takes(" ");
        if self.takes(".") {
            let has_space_behind = self.takes(" ");
            if self.byte(self.at).is_ascii_alphanumeric() {
                if has_space_before || has_space_behind {
                    // `an ninh. Com` ends a sentence; `abc .com` and `abc . com` do not.
                    let is_known = has_space_before && self.known_ending_here();
                    if !is_known {
                        self.at = from;
                        return false;
                    }
                    self.has_spaced_dot = true;
                    self.is_defanged = true;
                }
                return true;
            }
        }
        self.at = from;
        false
    }

    fn known_ending_here(&self) -> bool {
        ENDINGS_AFTER_SPACE.iter().any(|ending| {
            let behind = self.byte(self.at + ending.len());
            !behind.is_ascii_alphanumeric()
                && ending.bytes().enumerate().all(|(index, byte)| self.byte(self.at + index) == byte)
        })
    }

    /// How many labels make the host: up to the last that is a known ending.
    fn host_length(&self, labels: &[String], has_scheme: bool) -> Option<usize> {
        let known = (2..=labels.len()).rev().find(|count| ENDINGS.contains(&labels[count - 1].as_str()));
        let any = (has_scheme && labels.len() >= 2).then_some(labels.len());
        known.or(any)
    }

    fn path(&mut self) -> String {
        let mut path = String::new();
        let from = self.at;
        if self.has_spaced_dot {
            self.takes(" ");
        }
        if self.byte(self.at) == b':' && self.byte(self.at + 1).is_ascii_digit() {
            path.push(':');
            self.at += 1;
            while self.byte(self.at).is_ascii_digit() && path.len() < 6 {
                path.push(char::from(self.byte(self.at)));
                self.at += 1;
            }
        }
        if !matches!(self.byte(self.at), b'/' | b'?' | b'#') {
            if path.is_empty() {
                self.at = from;
            }
            return path;
        }
        while path.len() < MAX_PATH {
            let byte = self.byte(self.at);
            if !byte.is_ascii_graphic() || matches!(byte, b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'|') {
                break;
            }
            path.push(char::from(byte));
            self.at += 1;
        }
        // A mark at the end belongs to the sentence.
        while path.len() > 1 && path.ends_with(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'']) {
            path.pop();
            self.at -= 1;
        }
        path
    }
}

/// `di.la`, `anh.me`: two plain words and no link.
fn is_wordlike(labels: &[String]) -> bool {
    let [name, ending] = labels else {
        return false;
    };
    let is_name = name.len() > 7 || name.bytes().any(|byte| byte.is_ascii_digit() || byte == b'-');
    WORDLIKE_ENDINGS.contains(&ending.as_str()) && !is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        find(text, &["gov.vn".to_owned()]).into_iter().map(|url| url.host).collect()
    }

    #[test]
    fn links_are_found_plain_and_disguised() {
        for (text, host) in [
            ("vào https://vcb-xacthuc.top/login nhé", "vcb-xacthuc.top"),
            ("hxxps://vneid-gov[.]com/abc", "vneid-gov.com"),
            ("bit.ly/3abc", "bit.ly"),
            ("truy cap vcb-online . com de xac thuc", "vcb-online.com"),
            ("www.dichvucong.vip", "www.dichvucong.vip"),
            ("phatnguoi(.)xyz", "phatnguoi.xyz"),
            ("phatnguoi dot xyz", "phatnguoi.xyz"),
            ("vaytien24h．com", "vaytien24h.com"),
            ("http : //csgt.la/1", "csgt.la"),
            ("t.me/nhiemvu", "t.me"),
            ("vietcọmbank.com", "vietcombank.com"),
        ] {
            assert_eq!(hosts(text), [host], "{text}");
        }
    }

    #[test]
    fn sentences_and_addresses_are_no_links() {
        for text in [
            "Tôi không chuyển tiền.Nó gọi lại",
            "di ve an ninh. Com nuoc xong roi",
            "ban@example.com",
            "5.000.000",
            "so 0912.345.678",
            "anh.me oi",
            "di choi. me oi",
        ] {
            assert_eq!(hosts(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn only_a_true_suffix_is_official() {
        let official = |text: &str| find(text, &["gov.vn".to_owned()])[0].is_official;
        assert!(official("https://dichvucong.gov.vn/"));
        assert!(!official("https://dichvucong.gov.vn.xacthuc.top/"));
        assert!(!official("https://dichvucong-gov.vn"));
    }

    #[test]
    fn a_mark_behind_a_link_is_not_part_of_it() {
        let text = "Bấm vào (https://a-b.com/x?y=1).";
        let url = &find(text, &[])[0];
        assert_eq!(&text[url.range.clone()], "https://a-b.com/x?y=1");
        assert_eq!(url.address, "a-b.com/x?y=1");
    }
}
