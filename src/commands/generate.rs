//! `completions` and `man`.

use std::path::Path;

use crate::cli;
use crate::cli::top_level::{CompletionsArgs, ManArgs};
use crate::error::{Error, Kind, Result};

use super::{Answer, Session};

/// `completions SHELL`: the script.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Answer> {
    Ok(Answer::raw(args.shell.completions().as_bytes().to_vec()))
}

/// `man DIR`: a page a command.
pub(super) fn man(session: &Session<'_>, args: &ManArgs) -> Result<Answer> {
    let pages = cli::man_pages().map_err(|e| Error::system("make", "manual pages", &e))?;
    let env = session.env();
    if env.is_privileged() {
        let message = "manual pages are not written under sudo";
        return Err(Error::new(Kind::NotPermitted, "privileged", message)
            .words("write them as yourself: mfactl man DIR"));
    }
    env.make_folder(&args.dir)?;
    env.write_all_named(
        pages.iter().map(|page| (args.dir.join(&page.file), page.roff.as_slice())),
    )?;
    let words = format!("{} pages in {}\n", pages.len(), Path::new(&args.dir).display());
    Ok(Answer::raw(words.into_bytes()).made(true))
}
