//! Clocks in words: how long is left, how long it is overdue.

/// `còn 3 giờ`, `quá hạn 2 ngày`, with what the clock is about before it.
pub(super) fn left(left_us: i64, what: &str) -> String {
    if left_us >= 0 {
        format!("{what} sau {}", span(left_us))
    } else {
        format!("{what}: quá {}", span(-left_us))
    }
}

/// A length of time in the coarsest words still useful: `45 phút`, `5 giờ`, `3 ngày`. The nearest is
/// said: a block of seven days has not lost one of them in its first minute.
pub(super) fn span(us: i64) -> String {
    let minutes = us.max(0) / 60_000_000;
    match minutes {
        0..=90 => format!("{minutes} phút"),
        91..=2_880 => format!("{} giờ", (minutes + 30) / 60),
        _ => format!("{} ngày", (minutes + 720) / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_clock_says_what_is_left_and_what_is_over() {
        assert_eq!(left(3 * HOUR, "hết hạn khóa"), "hết hạn khóa sau 3 giờ");
        assert_eq!(left(-50 * HOUR, "hết hạn khóa"), "hết hạn khóa: quá 2 ngày");
        assert_eq!(span(0), "0 phút");
        assert_eq!(span(HOUR / 2), "30 phút");
        assert_eq!(span(7 * 24 * HOUR - 1), "7 ngày");
    }
}
