//! How answers for people look: width, colour and the present.

use crate::domain::time::{DAY, Time};

/// How answers for people look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The columns of the terminal; none: unlimited.
    pub width: Option<usize>,
    /// Do not cut anything to fit the terminal.
    pub wide: bool,
    /// Use bold for headings. Nothing is said by colour alone.
    pub color: bool,
    /// The instant from which `in 24h` counts.
    pub now: Time,
}

impl Style {
    /// The columns available; none: unlimited.
    pub fn limit(&self) -> Option<usize> {
        self.width.filter(|_| !self.wide)
    }

    /// An instant and how far it is: `2026-11-22T12:00:00Z (in 24h)`.
    pub fn time(&self, time: Time) -> String {
        format!("{time} ({})", self.distance(time))
    }

    /// When a locked account is unlocked; [`Time::MAX`]: only by the command.
    pub fn lock(&self, end: Time, login: &str) -> String {
        if end == Time::MAX {
            return format!("mfactl user unlock {login}");
        }
        self.time(end)
    }

    /// An instant as [`Style::time`] writes it, or `-`.
    pub fn time_or_dash(&self, time: Option<Time>) -> String {
        time.map_or_else(|| "-".to_owned(), |time| self.time(time))
    }

    fn distance(&self, time: Time) -> String {
        match time.unix().saturating_sub(self.now.unix()) {
            0 => "now".to_owned(),
            ahead @ 1.. => format!("in {}", short(ahead)),
            back => format!("{} ago", short(-back)),
        }
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A length in whole units, about two digits of them.
fn short(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 3_600;
    const YEAR: i64 = 365 * DAY;
    match seconds {
        s if s < 2 * MINUTE => format!("{s}s"),
        s if s < 2 * HOUR => format!("{}m", s / MINUTE),
        s if s < 2 * DAY => format!("{}h", s / HOUR),
        s if s < 2 * YEAR => format!("{}d", s / DAY),
        s => format!("{}y", s / YEAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_from_now() {
        let now = Time::parse_rfc3339("2026-11-21T12:00:00Z").unwrap();
        let style = Style { width: None, wide: false, color: false, now };
        for (typed, shown) in [
            ("+24h", "2026-11-22T12:00:00Z (in 24h)"),
            ("-3d", "2026-11-18T12:00:00Z (3d ago)"),
            ("now", "2026-11-21T12:00:00Z (now)"),
            ("+90s", "2026-11-21T12:01:30Z (in 90s)"),
            ("-90m", "2026-11-21T10:30:00Z (90m ago)"),
            ("+180d", "2027-05-20T12:00:00Z (in 180d)"),
            ("1970-01-01", "1970-01-01T00:00:00Z (56y ago)"),
        ] {
            assert_eq!(style.time(Time::parse(typed, now).unwrap()), shown);
        }
        style.time(Time::MIN);
        style.time(Time::MAX);
    }
}
