//! `completions` and `man`: what is made from the declarations.

use std::path::Path;

use crate::cli;
use crate::cli::single::{Completions, Man};
use crate::error::{Error, Result};

use super::Answer;

/// `completions SHELL`: the script, as it is.
pub(super) fn completions(args: &Completions) -> Result<Answer> {
    Ok(Answer::raw(cli::completions(args.shell).as_bytes().to_vec()))
}

/// `man DIR`: a page a command.
pub(super) fn man(args: &Man) -> Result<Answer> {
    let pages = cli::man_pages().map_err(|e| Error::system("make", "manual pages", &e))?;
    crate::env::write_files(
        &args.dir,
        pages.iter().map(|page| (page.file.as_str(), page.roff.as_slice())),
    )?;
    let words = format!("{} pages in {}\n", pages.len(), Path::new(&args.dir).display());
    Ok(Answer::raw(words.into_bytes()))
}
