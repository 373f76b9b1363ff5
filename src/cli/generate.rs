//! What is made out of the declarations, and committed: completions and manual pages.

use std::io;

use super::command;
use super::single::Shell;

/// The completions for `shell`: a script that asks the program itself
/// ([`super::complete`]) whenever something is to be completed.
pub fn completions(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("complete/mfactl.bash"),
        Shell::Zsh => include_str!("complete/_mfactl"),
        Shell::Fish => include_str!("complete/mfactl.fish"),
    }
}

/// A manual page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The file's name, `mfactl-user-show.1`.
    pub file: String,
    /// The page in roff.
    pub roff: Vec<u8>,
}

/// The manual pages, one a command, in the order of the tree.
///
/// # Errors
/// None that writing to memory can have.
pub fn man_pages() -> io::Result<Vec<Page>> {
    let mut root = command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    add_pages(&root, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &clap::Command, pages: &mut Vec<Page>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let man = clap_mangen::Man::new(command.clone()).title(name.to_uppercase()).manual("mfactl");
    let mut roff = Vec::new();
    man.render(&mut roff)?;
    pages.push(Page { file: format!("{name}.1"), roff });
    command.get_subcommands().try_for_each(|sub| add_pages(sub, pages))
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
        for word in ["unenrolled\\-ok", "lock\\-timeout", "dry\\-run", "Examples"] {
            assert!(grant.contains(word), "{word} is not in\n{grant}");
        }
        assert!(pages.iter().all(|page| !page.file.contains("help")));
    }
}
