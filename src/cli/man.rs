//! Manual pages, made out of the declarations: a page a command.
//!
//! Sections and options are clap_mangen's. Examples are set as they would be by
//! hand, and the source is tidied so that mandoc(1) has nothing to say to it.

use std::io;

use clap::builder::Resettable;
use clap_mangen::Man;

use super::command;

/// The date that the pages bear: that of the newest release, or of the work on it.
const DATE: &str = "2026-11-21";
/// The longest line of the source of a page.
const LONGEST: usize = 80;

/// A manual page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManPage {
    /// The file's name, `mfactl-user-show.1`.
    pub file: String,
    /// The page in roff.
    pub roff: Vec<u8>,
}

/// The manual pages, one a command, in the order of the tree.
///
/// # Errors
/// None that writing to memory can have.
pub fn man_pages() -> io::Result<Vec<ManPage>> {
    let mut root = command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    add_pages(&root, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &clap::Command, pages: &mut Vec<ManPage>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let roff = page(command, &name.to_uppercase())?.into_bytes();
    pages.push(ManPage { file: format!("{name}.1"), roff });
    command.get_subcommands().try_for_each(|sub| add_pages(sub, pages))
}

fn page(command: &clap::Command, title: &str) -> io::Result<String> {
    let man = Man::new(command.clone().after_help(Resettable::Reset))
        .title(title)
        .date(DATE)
        .source(concat!("mfactl ", env!("CARGO_PKG_VERSION")))
        .manual("mfactl manual");
    let mut roff = Vec::new();
    man.render(&mut roff)?;
    // Words of options must not be torn, and no line stretched to the margin.
    let roff = String::from_utf8_lossy(&roff).replacen(".SH NAME", ".nh\n.ad l\n.SH NAME", 1);
    let examples = command.get_after_help().map(|help| examples(&help.to_string()));
    Ok(tidy(&(roff + &examples.unwrap_or_default())))
}

/// The text after the help: `Examples:`, one command a line, then paragraphs.
fn examples(help: &str) -> String {
    let mut roff = ".SH EXAMPLES\n".to_owned();
    for paragraph in help.trim_start_matches("Examples:\n").split("\n\n") {
        let commands = paragraph.starts_with("  ");
        roff.push_str(if commands { ".nf\n" } else { ".PP\n" });
        for line in paragraph.lines() {
            roff.push_str(&escaped(line.trim_start()));
            roff.push('\n');
        }
        roff.push_str(if commands { ".fi\n" } else { "" });
    }
    roff
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// The same page without blanks that say nothing, in short lines.
fn tidy(roff: &str) -> String {
    let mut tidied = String::with_capacity(roff.len());
    let mut filled = true;
    // A line may end between alternatives.
    let roff = roff.replace(".br\n\n.br\n", ".br\n").replace("\\fR|", "\\fR|\\:");
    for line in roff.lines().map(str::trim_end) {
        match line {
            ".nf" => filled = false,
            ".fi" => filled = true,
            _ => {}
        }
        if filled && !line.starts_with('.') {
            fold(line, &mut tidied);
        } else {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied
}

/// Text in short lines, none of which begins as a request would.
fn fold(line: &str, folded: &mut String) {
    let mut length = 0;
    for word in line.split(' ') {
        let request = word.starts_with(['.', '\'']) || word.is_empty();
        if length > 0 && length + 1 + word.len() > LONGEST && !request {
            folded.push('\n');
            length = 0;
        } else if length > 0 {
            folded.push(' ');
            length += 1;
        }
        folded.push_str(word);
        length += word.len();
    }
    folded.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let pages = man_pages().unwrap();
        let page = |file: &str| {
            let found = pages.iter().find(|page| page.file == file);
            String::from_utf8(found.expect(file).roff.clone()).unwrap()
        };
        assert!(page("mfactl.1").contains("mfactl\\-user"));
        let grant = page("mfactl-exception-grant.1");
        for word in ["unenrolled\\-ok", "lock\\-timeout", "dry\\-run", ".SH EXAMPLES"] {
            assert!(grant.contains(word), "{word} is not in\n{grant}");
        }
        assert!(pages.iter().all(|page| !page.file.contains("help")));
    }

    #[test]
    fn long_lines_are_folded_where_that_changes_nothing() {
        let folded = |line: &str| {
            let mut folded = String::new();
            fold(line, &mut folded);
            folded
        };
        let word = "x".repeat(38);
        assert_eq!(folded(&format!("{word} {word} y")), format!("{word} {word} y\n"));
        assert_eq!(folded(&format!("{word} {word} {word}")), format!("{word} {word}\n{word}\n"));
        assert_eq!(folded(&format!("{word} {word} .{word}")), format!("{word} {word} .{word}\n"));
        assert_eq!(
            examples("Examples:\n  mfactl x\n\n.words - \\"),
            ".SH EXAMPLES\n.nf\nmfactl x\n.fi\n.PP\n\\&.words \\- \\e\n"
        );
    }
}
