//! Instants and lengths of time. Whole seconds, UTC, the range of RFC 3339
//! (years 1 to 9999); arithmetic saturates at its ends and never panics.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::from_text;

/// Seconds in a day; a day of the product rules is always 86,400 s (R11).
pub const DAY: i64 = 86_400;

/// An instant in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// 0001-01-01T00:00:00Z, the earliest instant RFC 3339 can write with a year above zero.
    pub const MIN: Time = Time(-62_135_596_800);
    /// 9999-12-31T23:59:59Z, the last instant RFC 3339 can write.
    pub const MAX: Time = Time(253_402_300_799);

    /// The instant `seconds` after the epoch, brought into the range of RFC 3339.
    pub fn from_unix(seconds: i64) -> Time {
        Time(seconds.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Seconds since 1970-01-01T00:00:00Z (negative before it).
    pub fn unix(self) -> i64 {
        self.0
    }

    /// This instant moved by `span`, at most to [`Time::MAX`].
    pub fn plus(self, span: Span) -> Time {
        Time::from_unix(self.0.saturating_add(span.0))
    }

    /// This instant moved back by `span`, at most to [`Time::MIN`].
    pub fn minus(self, span: Span) -> Time {
        Time::from_unix(self.0.saturating_sub(span.0))
    }

    /// How long from `earlier` to `self`; zero where `earlier` is later.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The UTC calendar day, `yyyy-mm-dd`.
    pub fn day(self) -> String {
        self.date_time().format("%Y-%m-%d").to_string()
    }

    /// The UTC day and hour, `yyyy-mm-ddThh`.
    pub fn hour(self) -> String {
        self.date_time().format("%Y-%m-%dT%H").to_string()
    }

    /// Reads an RFC 3339 instant; fractions of a second are dropped.
    ///
    /// # Errors
    /// Says what was expected where `text` is no instant in range.
    pub fn parse_rfc3339(text: &str) -> Result<Time, TimeError> {
        let written = Time::parse_written(text).or_else(|| {
            let parsed = DateTime::parse_from_rfc3339(text).ok()?;
            Time::in_range(parsed.timestamp())
        });
        written.ok_or_else(|| TimeError::instant(text))
    }

    /// Reads an instant in the one form in which it is written into files (`Display`);
    /// none where it is in another, which may be RFC 3339 as well.
    fn parse_written(text: &str) -> Option<Time> {
        let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
        let (day, time) = bytes.split_first_chunk::<10>()?;
        let marks = [time[0], time[3], time[6], time[9]];
        let (hour, minute, second) =
            (number(&time[1..3])?, number(&time[4..6])?, number(&time[7..9])?);
        let instant = written_day(day)?.and_hms_opt(hour, minute, second)?;
        (marks == *b"T::Z").then(|| Time::in_range(instant.and_utc().timestamp()))?
    }

    /// Reads what a person types: RFC 3339, a date (its midnight UTC), `now`,
    /// or relative to `now` (`+24h`, `-7d`).
    ///
    /// # Errors
    /// Says what was expected where `text` is none of these.
    pub fn parse(text: &str, now: Time) -> Result<Time, TimeError> {
        if text == "now" {
            return Ok(now);
        }
        if let Some(ahead) = text.strip_prefix('+') {
            return Span::parse(ahead).map(|span| now.plus(span));
        }
        if let Some(back) = text.strip_prefix('-') {
            return Span::parse(back).map(|span| now.minus(span));
        }
        if text.len() == 10 {
            return Time::parse_date(text);
        }
        Time::parse_rfc3339(text)
    }

    /// Reads a date `yyyy-mm-dd` as its midnight UTC.
    ///
    /// # Errors
    /// Says what was expected where `text` is no such date.
    pub fn parse_date(text: &str) -> Result<Time, TimeError> {
        let written = text.as_bytes().try_into().ok().and_then(written_day);
        let date = written.or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        let date = date.ok_or_else(|| TimeError::instant(text))?;
        let midnight = date.and_hms_opt(0, 0, 0).ok_or_else(|| TimeError::instant(text))?;
        Time::in_range(midnight.and_utc().timestamp()).ok_or_else(|| TimeError::instant(text))
    }

    /// Reads a date `yyyy-mm-dd` as the end of something: it includes the day, and is the
    /// next midnight UTC.
    ///
    /// # Errors
    /// As [`Time::parse_date`].
    pub fn parse_end_date(text: &str) -> Result<Time, TimeError> {
        Time::parse_date(text).map(|day| day.plus(Span::days(1)))
    }

    fn in_range(seconds: i64) -> Option<Time> {
        (Self::MIN.0..=Self::MAX.0).contains(&seconds).then_some(Time(seconds))
    }

    fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// Reads a day in the one form in which it is written, `yyyy-mm-dd`.
fn written_day(text: &[u8; 10]) -> Option<NaiveDate> {
    let year = i32::try_from(number(&text[0..4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&text[5..7])?, number(&text[8..10])?)?;
    ([text[4], text[7]] == *b"--").then_some(date)
}

/// The number that these digits write.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

impl Time {
    /// Appends the instant as [`Display`](fmt::Display) writes it.
    pub fn push_to(self, text: &mut String) {
        text.push_str(ascii(&self.written()));
    }

    /// RFC 3339 in UTC to the second, with `Z`: a million users have two or three each.
    fn written(self) -> [u8; 20] {
        let (date, time) = (self.date_time().date_naive(), self.0.rem_euclid(DAY));
        let digit = |number: u32| b'0' + u8::try_from(number % 10).expect("it is below ten");
        let two = |number: u32| [digit(number / 10), digit(number)];
        let year = u32::try_from(date.year()).expect("years are 1 to 9999");
        let ([y1, y2], [y3, y4]) = (two(year / 100), two(year % 100));
        let ([m1, m2], [d1, d2]) = (two(date.month()), two(date.day()));
        let time = u32::try_from(time).expect("a day has 86,400 seconds");
        let ([h1, h2], [n1, n2], [s1, s2]) =
            (two(time / 3_600), two(time / 60 % 60), two(time % 60));
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z']
    }
}

/// What was written in ASCII.
fn ascii(written: &[u8; 20]) -> &str {
    std::str::from_utf8(written).expect("digits and marks are text")
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC to the second, with `Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.written()))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(ascii(&self.written()))
    }
}

/// An instant in a file: RFC 3339 and nothing else that a person may type.
struct Rfc3339(Time);

impl FromStr for Rfc3339 {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Rfc3339, TimeError> {
        Time::parse_rfc3339(text).map(Rfc3339)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        from_text::deserialize(deserializer).map(|Rfc3339(time)| time)
    }
}

/// A length of time in whole seconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// Twenty-four hours: the default and longest length of a short exception (R11).
    pub const SHORT: Span = Span(DAY);
    /// 180 × 86,400 s: the default and longest length of a long exception (R11).
    pub const LONG: Span = Span(180 * DAY);

    /// A length of `seconds`; below zero counts as zero.
    pub const fn seconds(seconds: i64) -> Span {
        Span(if seconds < 0 { 0 } else { seconds })
    }

    /// A length of `days` days of 86,400 s.
    pub const fn days(days: u32) -> Span {
        Span(days as i64 * DAY)
    }

    /// The length in seconds.
    pub const fn as_seconds(self) -> i64 {
        self.0
    }

    /// Reads `90m`, `24h`, `180d`, `2w` or `45s`.
    ///
    /// # Errors
    /// Says what was expected where `text` is no such length.
    pub fn parse(text: &str) -> Result<Span, TimeError> {
        let wrong = || TimeError::span(text);
        let unit = text.chars().next_back().ok_or_else(wrong)?;
        let seconds_each = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return Err(wrong()),
        };
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: i64 = digits.parse().map_err(|_| wrong())?;
        count.checked_mul(seconds_each).map(Span).ok_or_else(wrong)
    }
}

impl Span {
    /// The length as people say it, in its two largest units: `6 d 13 h`, `24 h`, `90 s`.
    pub fn words(self) -> String {
        const UNITS: [(i64, &str); 4] = [(DAY, "d"), (3_600, "h"), (60, "min"), (1, "s")];
        // A day of exceptions is 24 h: that is how the product speaks.
        let units = if self.0 <= DAY { &UNITS[1..] } else { &UNITS[..] };
        let Some(first) = units.iter().position(|(unit, _)| self.0 >= *unit) else {
            return "0 s".to_owned();
        };
        let (unit, name) = units[first];
        let words = format!("{} {name}", self.0 / unit);
        match units.get(first + 1).map(|(next, name)| (self.0 % unit / next, name)) {
            Some((more, name)) if more > 0 => format!("{words} {more} {name}"),
            _ => words,
        }
    }
}

impl fmt::Display for Span {
    /// The largest unit that divides it, days at most (`24h` stays `24h`: that is how R11 speaks).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s > DAY && s % DAY == 0 => write!(f, "{}d", s / DAY),
            s if s > 0 && s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            s if s > 0 && s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

impl FromStr for Span {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Span, TimeError> {
        Span::parse(text)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        from_text::deserialize(deserializer)
    }
}

/// Why a text is no instant or no length of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeError(String);

impl TimeError {
    fn instant(text: &str) -> TimeError {
        TimeError(format!(
            "{text:?} is no time: write 2026-12-01T09:00:00Z, a date 2026-12-01 (its midnight UTC), now, +24h or -7d"
        ))
    }

    fn span(text: &str) -> TimeError {
        TimeError(format!("{text:?} is no length of time: write 90m, 24h, 180d or 2w"))
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_as_people_type_them() {
        let now = Time::parse_rfc3339("2026-11-21T12:00:00Z").unwrap();
        let cases = [
            ("now", "2026-11-21T12:00:00Z"),
            ("+24h", "2026-11-22T12:00:00Z"),
            ("-7d", "2026-11-14T12:00:00Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T10:00:00+02:00", "2027-01-31T08:00:00Z"),
            ("2027-01-31T10:00:00.999Z", "2027-01-31T10:00:00Z"),
            ("+9999999999d", "9999-12-31T23:59:59Z"),
        ];
        for (typed, meant) in cases {
            assert_eq!(Time::parse(typed, now).unwrap().to_string(), meant, "{typed}");
        }
        for wrong in
            ["", "+", "tomorrow", "2026-13-01", "2026-1-1", "24h", "+24", "99999-01-01", "+é"]
        {
            assert!(Time::parse(wrong, now).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_rfc_3339_says() {
        for text in [
            "2026-11-21T12:00:00Z",
            "2026-11-21t12:00:00z",
            "2026-11-21 12:00:00Z",
            "2028-02-29T23:59:59Z",
            "2026-02-29T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "0001-01-01T00:00:00Z",
            "0000-12-31T23:59:59Z",
            "9999-12-31T23:59:59Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T12:60:00Z",
            "2026/11/21T12:00:00Z",
            "2026-11-21T12:00:0 Z",
            "2026-11-21T1é:00:00",
            "+026-11-21T12:00:00Z",
        ] {
            let slow = DateTime::parse_from_rfc3339(text).ok();
            let slow = slow.and_then(|time| Time::in_range(time.timestamp()));
            assert_eq!(Time::parse_rfc3339(text).ok(), slow, "{text}");
            assert!(Time::parse_written(text).is_none_or(|fast| Some(fast) == slow), "{text}");
        }
        let read = |json: &str| serde_json::from_str::<Time>(json).ok();
        assert!(read("\"2026-11-21T12:00:00Z\"").is_some() && read("\"now\"").is_none());
    }

    #[test]
    fn lengths_are_told_in_units_of_people() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (90, "1 min 30 s"),
            (3_600, "1 h"),
            (86_400, "24 h"),
            (90_000, "1 d 1 h"),
            (565_325, "6 d 13 h"),
            (180 * 86_400, "180 d"),
            (86_401, "1 d"),
        ] {
            assert_eq!(Span::seconds(seconds).words(), words);
        }
    }

    #[test]
    fn lengths_are_read_and_written() {
        for (typed, seconds, shown) in [
            ("24h", 86_400, "24h"),
            ("1d", 86_400, "24h"),
            ("180d", 15_552_000, "180d"),
            ("90m", 5_400, "90m"),
            ("2w", 1_209_600, "14d"),
            ("0s", 0, "0s"),
        ] {
            let span = Span::parse(typed).unwrap();
            assert_eq!((span.as_seconds(), span.to_string().as_str()), (seconds, shown));
        }
        for wrong in ["", "h", "-1h", "1.5h", "24", "1y", "99999999999999999999d", "１h"] {
            assert!(Span::parse(wrong).is_err(), "{wrong}");
        }
    }
}
