//! Handing out a secret, once: to the terminal, to new files of mode 0600, or into a
//! pipe where that is asked for. Settled before anything changes. Files are written before the
//! lock of the state is taken, and get their names after it was let go of: a disk that hangs
//! makes nobody else wait.

use std::path::Path;

use super::session::Session;
use crate::cli::user::ShowSecretsArgs;
use crate::env::Output;
use crate::error::{Error, Kind, Result};
use crate::report::{Human, Report};
use crate::secret::wiped::WipedBytes;

/// Where a secret goes.
pub(super) struct HandOut {
    /// Whether the answer on stdout shows it.
    pub(super) on_stdout: bool,
    /// The file of the answer that shows it.
    out: Option<Output>,
    /// Files of another form, in the order asked for.
    pictures: Vec<Output>,
}

impl HandOut {
    /// Settles where the secret goes, and makes the files. `pictures` are files that
    /// the secret is drawn in. On a dry run no secret is made.
    ///
    /// # Errors
    /// Usage (2) where it would go into a pipe without `--reveal`, or a file is there.
    pub(super) fn open(
        session: &Session<'_>,
        show: &ShowSecretsArgs,
        pictures: &[&Path],
        dry_run: bool,
    ) -> Result<HandOut> {
        let terminal = session.env().stdout_is_terminal();
        let on_stdout = show.out.is_none() && (show.reveal || terminal);
        if !on_stdout && show.out.is_none() && pictures.is_empty() {
            let message = "the secret would go into a pipe or a file: nothing was changed";
            return Err(Error::usage(message).words(
                "write it to a new file with --out FILE, or say --reveal if a program reads it",
            ));
        }
        let mut hand_out = HandOut { on_stdout, out: None, pictures: Vec::new() };
        if !dry_run {
            for path in pictures {
                hand_out.pictures.push(session.new_output(path)?);
            }
            hand_out.out = show.out.as_ref().map(|path| session.new_output(path)).transpose()?;
            hand_out.refuse_same()?;
        }
        Ok(hand_out)
    }

    /// Refuses one file for two things.
    fn refuse_same(&self) -> Result<()> {
        let files: Vec<&Output> = self.out.iter().chain(&self.pictures).collect();
        for (number, file) in files.iter().enumerate() {
            if files[..number].iter().any(|other| file.is_same(other)) {
                let shown = file.shown();
                let message = format!("{shown} is named twice: each output needs its own file");
                return Err(Error::usage(message).about(shown));
            }
        }
        Ok(())
    }

    /// Writes the drawings, in the order in which they were asked for.
    pub(super) fn draw(&mut self, number: usize, bytes: &[u8]) -> Result<()> {
        self.pictures.get_mut(number).map_or(Ok(()), |file| file.write(bytes))
    }

    /// Writes the answer that shows the secret to `--out`.
    pub(super) fn write<T: Human + Clone + 'static>(
        &mut self,
        session: &Session<'_>,
        answer: &T,
    ) -> Result<()> {
        let Some(file) = &mut self.out else { return Ok(()) };
        let mut bytes = WipedBytes::default();
        Report::secret(answer.clone())
            .render(session.format(), &session.style(), &mut bytes)
            .map_err(|e| Error::new(Kind::Bug, "bug", e.to_string()))?;
        file.write(&bytes)
    }

    /// The names of the files.
    pub(super) fn files(&self) -> Vec<String> {
        let all = self.out.iter().chain(&self.pictures);
        all.map(|file| file.shown().to_owned()).collect()
    }

    /// Whether there are any.
    pub(super) fn has_files(&self) -> bool {
        self.out.is_some() || !self.pictures.is_empty()
    }

    /// Gives the files their names. A person has to look at them before the secret counts.
    pub(super) fn show(&mut self) -> Result<()> {
        self.out.iter_mut().chain(&mut self.pictures).try_for_each(Output::show)
    }

    /// The secret counts since revision `rev`: the files stay, under their names. Where another
    /// run made a file of such a name meanwhile, ours gets a name beside it; the warnings say
    /// so. `again` is the command that makes what could not be written anew.
    ///
    /// # Errors
    /// Unknown (9), where a file could not be written.
    pub(super) fn keep(&mut self, rev: Option<u64>, again: &str) -> Result<Vec<String>> {
        let (mut moved, mut failed) = (Vec::new(), Vec::new());
        for file in self.out.iter_mut().chain(&mut self.pictures) {
            let wanted = file.shown().to_owned();
            let put = file.put().or_else(|e| match e.code {
                "exists" => file.put_beside(),
                _ => Err(e),
            });
            match put {
                Ok(()) if file.shown() != wanted => moved.push(format!(
                    "another run made {wanted} at the same time: the secret is in {}",
                    file.shown()
                )),
                Ok(()) => {}
                Err(e) if e.kind == Kind::Unknown => failed.push(e.message),
                Err(e) => failed.push(format!("{wanted} could not be written: {e}")),
            }
        }
        let (Some(rev), false) = (rev, failed.is_empty()) else { return Ok(moved) };
        let message = format!("revision {rev} is committed, but {}", failed.join("; "));
        Err(Error::new(Kind::Unknown, "outcome-unknown", message).command(again))
    }
}
