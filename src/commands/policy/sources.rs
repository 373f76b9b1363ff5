//! Policy files that are named on the command line, read before the state is opened.

use std::path::{Path, PathBuf};

use crate::commands::Answer;
use crate::commands::session::Session;
use crate::env::FoundFiles;
use crate::error::{Error, Kind, Result};
use crate::policy::files::{EXTENSIONS, LARGEST, MOST_FILES, gather};
use crate::policy::{Policy, PolicySource, Problems, read};
use crate::report::answers::policy::{PolicyCheckReport, review};
use crate::signals::may_stop;

/// The files that `named` stand for, as texts; the problems say which could not be read.
pub(super) fn sources(
    session: &Session<'_>,
    named: &[PathBuf],
    problems: &mut Problems,
) -> Vec<PolicySource> {
    let FoundFiles { files, problems: unwalked, passed_over: _ } =
        session.env().files_in(named, EXTENSIONS, MOST_FILES);
    for (path, why) in unwalked {
        problems.about_file(&path.display().to_string(), why, None);
    }
    let read = |path: PathBuf| {
        let bytes = may_stop(|| session.env().read_named(&path, LARGEST));
        let bytes = bytes.map_err(|e| why(&path, e));
        (path.display().to_string(), bytes)
    };
    gather(files.into_iter().map(read), problems)
}

/// What looks like a policy below the folders named, and is not read.
pub(super) fn passed_over(session: &Session<'_>, named: &[PathBuf]) -> Vec<String> {
    let FoundFiles { passed_over, .. } = session.env().files_in(named, EXTENSIONS, MOST_FILES);
    passed_over.into_iter().map(|(path, why)| format!("{}: {why}", path.display())).collect()
}

/// Why a file cannot be read, without its name, which the problem has already.
fn why(path: &Path, error: Error) -> String {
    let named = format!("cannot read {}: ", path.display());
    error.message.strip_prefix(&named).map(str::to_owned).unwrap_or(error.message)
}

/// A policy with the files that it was read from.
pub(super) struct LoadedPolicy {
    pub(super) sources: Vec<PolicySource>,
    pub(super) policy: Policy,
}

/// What is wrong with policy files.
pub(super) struct InvalidFiles {
    pub(super) files: usize,
    pub(super) problems: Problems,
}

impl LoadedPolicy {
    /// Reads the policy files that were named.
    pub(super) fn read(
        session: &Session<'_>,
        named: &[PathBuf],
    ) -> std::result::Result<LoadedPolicy, InvalidFiles> {
        let mut problems = Problems::default();
        let sources = sources(session, named, &mut problems);
        LoadedPolicy::of(sources, problems)
    }

    /// Reads `sources`; the problems that there are count too.
    pub(super) fn of(
        sources: Vec<PolicySource>,
        problems: Problems,
    ) -> std::result::Result<LoadedPolicy, InvalidFiles> {
        match read::read(&sources, problems) {
            Ok(policy) => Ok(LoadedPolicy { sources, policy }),
            Err(problems) => Err(InvalidFiles { files: sources.len(), problems }),
        }
    }
}

impl InvalidFiles {
    /// The error, with every problem in it.
    pub(super) fn error(&self) -> Error {
        let problems = self.problems.to_string();
        Error { message: format!("{}\n{}", self.count(), problems.trim_end()), ..self.short() }
    }

    /// The error of an answer that lists the problems itself.
    pub(super) fn short(&self) -> Error {
        Error::new(Kind::Usage, "invalid-policy", self.count())
            .words("mfactl policy schema prints what a policy file may hold")
    }

    fn count(&self) -> String {
        match self.problems.count() {
            1 => "1 problem in the files given".to_owned(),
            count => format!("{count} problems in the files given"),
        }
    }

    /// For verbs whose answer is something else: where a merge request or a CI
    /// system reads it, the problems in its format; otherwise the error alone.
    pub(super) fn told(self, session: &Session<'_>) -> Result<Answer> {
        if !session.is_review() {
            return Err(self.error());
        }
        let error = self.short();
        Ok(Answer::new(review(PolicyCheckReport::of(self.files, self.problems))).but(error))
    }
}
