//! Workflow commands of GitHub Actions, which become annotations on the lines of
//! a merge request: `::warning file=F,line=N,title=T::message`.

use super::{concerned, guard_sentence, sentence, summary, unmanaged, visible};
use crate::policy::Problems;
use crate::policy::assertions::TestReport;
use crate::policy::plan::{ChangeClass, PlanReport};

/// The text after `::`: a line end or a percent sign would begin something else.
fn message(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value between `=` and `,`.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

fn annotation(level: &str, place: Option<(&str, u32)>, title: &str, text: &str) -> String {
    let place = match place {
        Some((file, 0)) => format!("file={},", property(file)),
        Some((file, line)) => format!("file={},line={line},", property(file)),
        None => String::new(),
    };
    format!("::{level} {place}title={}::{}\n", property(title), message(text))
}

/// A plan: the sum first, because only ten annotations of a kind are shown; then the
/// guards, which are errors, and the changes, of which those that do harm are warnings and
/// come first.
pub fn plan(report: &PlanReport) -> String {
    let guards = report.guards.iter();
    let stops =
        guards.map(|guard| annotation("error", None, "policy guard", &guard_sentence(guard)));
    let of_class = |class| report.changes.iter().filter(move |row| row.class == class);
    let changes = ChangeClass::ALL.into_iter().flat_map(of_class).map(|row| {
        let level = if row.class.is_harmless() { "notice" } else { "warning" };
        let place = (&*row.source.file, row.source.line);
        let concerned = concerned(row).into_iter().map(|(_, words)| format!("; {words}"));
        let text = sentence(row) + &concerned.collect::<String>();
        annotation(level, Some(place), row.class.as_str(), &text)
    });
    let sum = format!("{}; {}", summary(report), unmanaged(report));
    let sum = annotation("notice", None, "policy plan", &sum);
    std::iter::once(sum).chain(stops).chain(changes).collect()
}

/// The problems of `policy check`.
pub fn problems(problems: &Problems) -> String {
    let found = problems.list.iter().map(|problem| {
        let hint = problem.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
        let place = (problem.file.as_str(), problem.line);
        annotation("error", Some(place), "policy check", &format!("{}{hint}", problem.message))
    });
    found.collect()
}

/// The results of `policy test`.
pub fn tests(report: &TestReport) -> String {
    let failures = report.tests.iter().filter(|test| !test.passed).map(|test| {
        let chain = test.chain.iter().map(|step| {
            let answer = step.answer.as_deref().unwrap_or("–");
            format!("\n{} {answer}: {}", step.rule, step.why)
        });
        let text = format!(
            "{}: expected {}, found {}{}",
            test.name,
            test.expected,
            test.found,
            chain.collect::<String>()
        );
        lines("error", (&test.file, test.line), "policy test", &text)
    });
    let unreached = report.unreached.iter().map(|line| {
        let text = format!("no test reaches {}", line.field);
        annotation("warning", Some((&line.file, line.line)), "policy test", &text)
    });
    failures.chain(unreached).collect()
}

/// An annotation of several lines of ours, each escaped by itself.
fn lines(level: &str, (file, line): (&str, u32), title: &str, text: &str) -> String {
    let body: Vec<String> = text.split('\n').map(message).collect();
    let place = format!("file={},line={line},", property(file));
    format!("::{level} {place}title={}::{}\n", property(title), body.join("%0A"))
}
