//! `policy check`: the files alone.

use super::sources::{LoadedPolicy, passed_over};
use crate::cli::policy::CheckPolicyArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::error::Result;
use crate::policy::Problems;
use crate::report::answers::policy::{PolicyCheckReport, review};

/// `policy check POLICY…`.
pub(super) fn check(session: &Session<'_>, args: &CheckPolicyArgs) -> Result<Answer> {
    let warnings = passed_over(session, &args.policies);
    let answer = match LoadedPolicy::read(session, &args.policies) {
        Ok(given) => {
            let mut report = PolicyCheckReport::of(given.sources.len(), Problems::default());
            report.orgs = given.policy.orgs.keys().map(ToString::to_string).collect();
            report.users = given.policy.users.len();
            Answer::new(review(report))
        }
        Err(wrong) => {
            let error = wrong.short();
            Answer::new(review(PolicyCheckReport::of(wrong.files, wrong.problems))).but(error)
        }
    };
    Ok(answer.warn(warnings))
}
