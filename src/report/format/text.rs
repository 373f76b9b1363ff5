//! Text on a terminal: made safe, measured in columns, cut and wrapped.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::domain::ids::allowed;

/// `text` with every character that could move the cursor, turn the direction
/// of writing or break the line written out as `\u{..}`.
pub fn safe(text: &str) -> Cow<'_, str> {
    if text.chars().all(allowed) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if allowed(c) { safe.push(c) } else { safe.extend(c.escape_unicode()) }
    }
    Cow::Owned(safe)
}

/// How many columns of a terminal `text` takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` in at most `columns` columns, the end replaced by `…` where it is longer.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        // The width of the whole, not a sum: joined characters are narrower together.
        kept.push(c);
        if width(&kept) > room {
            kept.pop();
            break;
        }
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// Names joined by `, ` in at most `columns` columns. No name is broken: those
/// that do not fit are left out for a `…`.
pub fn cut_names(joined: &str, columns: usize) -> String {
    if width(joined) <= columns {
        return joined.to_owned();
    }
    let mut kept = String::new();
    for name in joined.split(", ") {
        if width(&kept) + width(name) + width(", …") > columns {
            break;
        }
        kept.push_str(name);
        kept.push_str(", ");
    }
    kept.push('…');
    kept
}

/// `text` in lines of at most `columns` columns, broken at blanks only: what
/// has no blanks, as names and commands have none, stays whole. An indented
/// text stays indented.
pub fn wrap(text: &str, columns: Option<usize>) -> Vec<String> {
    let (indent, lines) = wrapped(text, columns);
    lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
}

/// The lines of [`wrap`] as parts of `text`, without the indent, and how many blanks that is.
pub fn wrapped(text: &str, columns: Option<usize>) -> (usize, Vec<&str>) {
    let Some(columns) = columns else { return (0, vec![text]) };
    let words = text.trim_start_matches(' ');
    let indent = text.len() - words.len();
    let (mut lines, mut start, mut end) = (Vec::new(), 0, 0);
    for (number, word) in words.split(' ').enumerate() {
        if number == 0 {
            end = word.len();
            continue;
        }
        let next = end + 1;
        if indent + width(&words[start..end]) + 1 + width(word) > columns {
            lines.push(&words[start..end]);
            start = next;
        }
        end = next + word.len();
    }
    lines.push(&words[start..end]);
    (indent, lines)
}

/// Names as one cell; `-` if there are none.
pub fn names<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

/// A value as a cell; `-` for none.
pub fn dash<T: std::fmt::Display>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// `yes` or `no`.
pub fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_not_obeyed() {
        assert_eq!(safe("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(
            safe("x\u{202e}y\u{2028}z\r\n\u{7f}"),
            "x\\u{202e}y\\u{2028}z\\u{d}\\u{a}\\u{7f}"
        );
        assert!(matches!(safe("Siân 山田"), Cow::Borrowed(_)));
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("abc def", 5), "abc…");
        assert_eq!(cut("山田太郎", 8), "山田太郎");
        assert_eq!(cut("山田太郎", 6), "山田…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abc", 0), "…");
        for columns in 1..12 {
            assert!(width(&cut("a👩‍👩‍👧b山\u{301}cdefgh", columns)) <= columns);
        }
    }

    #[test]
    fn names_are_never_broken() {
        let orgs = "st-marys, northern-ambulance, valley-gps";
        assert_eq!(cut_names(orgs, 40), orgs);
        assert_eq!(cut_names(orgs, 39), "st-marys, northern-ambulance, …");
        assert_eq!(cut_names(orgs, 12), "st-marys, …");
        assert_eq!(cut_names(orgs, 8), "…");
    }

    #[test]
    fn lines_break_at_blanks_only() {
        assert_eq!(wrap("enrol again when found", Some(12)), ["enrol again", "when found"]);
        assert_eq!(wrap("northern-ambulance", Some(5)), ["northern-ambulance"]);
        assert_eq!(wrap("a b", None), ["a b"]);
        assert_eq!(wrap("  mfa: off → on", Some(80)), ["  mfa: off → on"]);
        assert_eq!(wrap("  enrol again soon", Some(13)), ["  enrol again", "  soon"]);
        assert_eq!(wrap("alice  Alice", Some(80)), ["alice  Alice"]);
        assert_eq!(wrap("", Some(80)), [""]);
    }
}
