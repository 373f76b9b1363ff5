//! `policy test`: assertions about decisions, without any state.

use super::sources::{InvalidFiles, LoadedPolicy, sources};
use crate::cli::policy::TestPolicyArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::error::Result;
use crate::policy::Problems;
use crate::policy::assertions::{self, TestReport};
use crate::policy::read::read_assertions;
use crate::report::answers::policy::{TestedReport, review};

/// Exit code where an assertion does not hold.
const FAILED: u8 = 1;

/// Warnings about more lines than these are only counted; JSON has them all.
const MOST_WARNINGS: usize = 20;

/// `policy test POLICY… --tests FILE…`.
pub(super) fn test(session: &Session<'_>, args: &TestPolicyArgs) -> Result<Answer> {
    match tried(session, args) {
        Ok(report) => {
            let exit = if report.failed > 0 { FAILED } else { 0 };
            let warnings = unreached(&report);
            Ok(Answer::new(review(TestedReport(report))).exit(exit).warn(warnings))
        }
        Err(wrong) => wrong.told(session),
    }
}

/// The problems of policies and tests are said together.
fn tried(
    session: &Session<'_>,
    args: &TestPolicyArgs,
) -> std::result::Result<TestReport, InvalidFiles> {
    let mut problems = Problems::default();
    let tests = sources(session, &args.tests, &mut problems);
    let asserted = read_assertions(&tests, problems);
    let given = LoadedPolicy::read(session, &args.policies);
    let (given, asserted) = match (given, asserted) {
        (Ok(given), Ok(asserted)) => (given, asserted),
        (Ok(given), Err(problems)) => {
            return Err(InvalidFiles { files: given.sources.len() + tests.len(), problems });
        }
        (Err(wrong), asserted) => {
            let InvalidFiles { files, mut problems } = wrong;
            if let Err(others) = asserted {
                problems.more += others.more;
                others.list.into_iter().for_each(|problem| problems.push(problem));
            }
            return Err(InvalidFiles { files: files + tests.len(), problems });
        }
    };
    let files = given.sources.len() + tests.len();
    assertions::run(&given.policy, &asserted).map_err(|problems| InvalidFiles { files, problems })
}

fn unreached(report: &TestReport) -> Vec<String> {
    let line = |line: &assertions::Unreached| {
        format!("{}:{}: no test reaches {}", line.file, line.line, line.field)
    };
    let mut warnings: Vec<String> = report.unreached.iter().take(MOST_WARNINGS).map(line).collect();
    let more = report.unreached.len() - warnings.len();
    if more > 0 {
        warnings.push(format!("no test reaches {more} more lines of the policy (all: -o json)"));
    }
    warnings
}
