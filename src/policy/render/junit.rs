//! JUnit XML, which CI systems show as test results.

use super::{concerned, guard_sentence, sentence, summary, visible};
use crate::policy::Problems;
use crate::policy::assertions::TestReport;
use crate::policy::plan::PlanReport;

/// Text between tags or quotes: XML 1.0 §2.4; what XML cannot hold is made visible.
fn escaped(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

struct Case {
    name: String,
    class: String,
    /// The message of a failure with the lines that explain it.
    failure: Option<(String, Vec<String>)>,
    out: Vec<String>,
}

fn suite(name: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites tests=\"{0}\" failures=\"{failures}\">\n  \
         <testsuite name=\"{1}\" tests=\"{0}\" failures=\"{failures}\">\n",
        cases.len(),
        escaped(name),
    );
    for case in cases {
        out.push_str(&case_text(case));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn block(lines: &[String]) -> String {
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n")
}

fn case_text(case: &Case) -> String {
    let failure = case.failure.as_ref().map(|(message, lines)| {
        let message = escaped(message);
        format!("      <failure message=\"{message}\">{}</failure>\n", block(lines))
    });
    let out = (!case.out.is_empty())
        .then(|| format!("      <system-out>{}</system-out>\n", block(&case.out)));
    let inner: String = failure.into_iter().chain(out).collect();
    let (class, name) = (escaped(&case.class), escaped(&case.name));
    if inner.is_empty() {
        return format!("    <testcase classname=\"{class}\" name=\"{name}\"/>\n");
    }
    format!("    <testcase classname=\"{class}\" name=\"{name}\">\n{inner}    </testcase>\n")
}

/// A plan: every change is a case; a guard that stops the plan is one that fails.
pub fn plan(report: &PlanReport) -> String {
    let guards = report.guards.iter().map(|guard| Case {
        name: guard.guard.to_string(),
        class: "policy.guard".to_owned(),
        failure: Some((guard_sentence(guard), Vec::new())),
        out: Vec::new(),
    });
    let changes = report.changes.iter().map(|row| Case {
        name: sentence(row),
        class: format!("policy.{}", row.class.as_str()),
        failure: None,
        out: std::iter::once(format!("{}:{}", row.source.file, row.source.line))
            .chain(concerned(row).into_iter().map(|(_, words)| words))
            .collect(),
    });
    let sum = Case {
        name: summary(report),
        class: "policy.plan".to_owned(),
        failure: None,
        out: Vec::new(),
    };
    suite("policy plan", &guards.chain(changes).chain([sum]).collect::<Vec<_>>())
}

/// The problems of `policy check`; without any, one case that passes.
pub fn problems(problems: &Problems) -> String {
    let case = |name: String, failure| Case {
        name,
        class: "policy.check".to_owned(),
        failure,
        out: Vec::new(),
    };
    let mut cases: Vec<Case> = problems
        .list
        .iter()
        .map(|problem| {
            let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
            case(place, Some((problem.message.clone(), problem.hint.clone().into_iter().collect())))
        })
        .collect();
    if cases.is_empty() {
        cases.push(case("every file is a policy".to_owned(), None));
    }
    suite("policy check", &cases)
}

/// The results of `policy test`.
pub fn tests(report: &TestReport) -> String {
    let case = |test: &crate::policy::assertions::TestRow| {
        let chain = test.chain.iter().map(|step| {
            format!("{} {}: {}", step.rule, step.answer.as_deref().unwrap_or("–"), step.why)
        });
        let failure = (!test.passed).then(|| {
            (format!("expected {}, found {}", test.expected, test.found), chain.collect())
        });
        let place = format!("{}:{}", test.file, test.line);
        Case { name: test.name.clone(), class: "policy.test".to_owned(), failure, out: vec![place] }
    };
    let mut cases: Vec<Case> = report.tests.iter().map(case).collect();
    if !report.unreached.is_empty() {
        let line =
            |u: &crate::policy::assertions::Unreached| format!("{}:{} {}", u.file, u.line, u.field);
        cases.push(Case {
            name: "lines that no test reaches".to_owned(),
            class: "policy.coverage".to_owned(),
            failure: None,
            out: report.unreached.iter().map(line).collect(),
        });
    }
    suite("policy test", &cases)
}
