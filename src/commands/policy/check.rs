//! `policy check`: the files alone.

use super::sources::{Given, passed_over};
use crate::cli::policy::CheckPolicy;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::error::Result;
use crate::policy::Problems;
use crate::report::answers::policy::{CheckReport, Review};

/// `policy check POLICY…`.
pub(super) fn check(session: &Session<'_>, args: &CheckPolicy) -> Result<Answer> {
    let warnings = passed_over(session, &args.policies);
    let answer = match Given::read(session, &args.policies) {
        Ok(given) => {
            let mut report = CheckReport::of(given.sources.len(), Problems::default());
            report.orgs = given.policy.orgs.keys().map(ToString::to_string).collect();
            report.users = given.policy.users.len();
            Answer::new(Review(report))
        }
        Err(wrong) => {
            let error = wrong.short();
            Answer::new(Review(CheckReport::of(wrong.files, wrong.problems))).but(error)
        }
    };
    Ok(answer.warn(warnings))
}
