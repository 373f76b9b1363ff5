//! The formats, for ordinary and for hostile names.

use serde_json::json;

use super::*;
use crate::domain::ids::OrgId;
use crate::policy::assertions::{ChainRow, TestReport, TestRow, Unreached};
use crate::policy::plan::{Action, ChangeClass, Guard, People, SourceRow, Unmanaged};
use crate::policy::{Problem, Problems};

const HOSTILE: &str =
    "]]> </code>|`@all` [x](http://e.example) ::error::x%0A\r\n<b>&amp;\"'\u{1b}[31m\\|\u{202e}";

fn row(class: ChangeClass, org: Option<&str>, text: &str) -> ChangeRow {
    ChangeRow {
        class,
        action: Action::OrgEdit,
        subject: org.unwrap_or("alice").to_owned(),
        org: org.map(|org| OrgId::parse(org).unwrap()),
        before: json!({"name": null}).into(),
        after: json!({"name": text, "roles": ["admin"], "opt_out": {"until": null}}).into(),
        source: SourceRow { file: format!("{text}.yaml").into(), line: 7 },
        people: People::default(),
    }
}

fn report(text: &str) -> PlanReport {
    PlanReport {
        changes: vec![
            row(ChangeClass::Weaken, Some("acme"), text),
            row(ChangeClass::LockOut, None, text),
        ],
        summary: ChangeClass::ALL.into_iter().map(|c| (c.as_str().to_owned(), 1)).collect(),
        unmanaged: Unmanaged { members: 3, fields: 4 },
        guards: vec![Stop {
            guard: Guard::MaxWeaken,
            org: None,
            limit: json!(0),
            value: json!(text),
            allow: None,
        }],
    }
}

fn problems(text: &str) -> Problems {
    let mut problems = Problems::default();
    problems.push(Problem {
        file: text.to_owned(),
        line: 3,
        column: 4,
        message: text.to_owned(),
        hint: Some(text.to_owned()),
    });
    problems
}

fn tests(text: &str) -> TestReport {
    let chain = vec![ChainRow { rule: "sso".to_owned(), answer: None, why: text.to_owned() }];
    let unreached =
        Unreached { file: text.to_owned(), line: 2, field: "opt_out".to_owned(), org: None };
    let test = TestRow {
        name: text.to_owned(),
        file: text.to_owned(),
        line: 1,
        passed: false,
        expected: "required".to_owned(),
        found: "exempt".to_owned(),
        chain,
    };
    TestReport { tests: vec![test], passed: 0, failed: 1, unreached: vec![unreached] }
}

#[test]
fn a_plan_in_three_formats() {
    let report = report("Acme");
    assert_eq!(
        markdown::plan(&report),
        "### MFA policy plan\n\n\
         **2 changes: 1 lock-out, 1 removal, 1 weaken, 1 strengthen, 1 neutral** · not managed: 3 members, 4 settings\n\n\
         > 🛑 <code>the guard max&#95;weaken stops the plan&#58; Acme, and the limit is 0</code>\n\n\
         #### <code>acme</code>\n\n\
         | class | action | subject | before → after | source |\n|---|---|---|---|---|\n\
         | ⚠️ weaken | <code>org&#46;edit</code> | <code>acme</code> | <code>name&#58; –</code> → \
         <code>name&#58; Acme, roles&#58; admin, opt&#95;out&#58; &#40;until&#58; –&#41;</code> | <code>Acme&#46;yaml&#58;7</code> |\n\n\
         #### people\n\n\
         | class | action | subject | before → after | source |\n|---|---|---|---|---|\n\
         | ⛔ lock-out | <code>org&#46;edit</code> | <code>alice</code> | <code>name&#58; –</code> → \
         <code>name&#58; Acme, roles&#58; admin, opt&#95;out&#58; &#40;until&#58; –&#41;</code> | <code>Acme&#46;yaml&#58;7</code> |\n"
    );
    let annotations = github::plan(&report);
    assert!(annotations.starts_with("::notice title=policy plan::2 changes: "), "{annotations}");
    assert!(annotations.contains(
        "::warning file=Acme.yaml,line=7,title=weaken::org.edit acme: name: – → name: Acme, "
    ));
    let xml = junit::plan(&report);
    assert!(xml.contains("<testsuite name=\"policy plan\" tests=\"4\" failures=\"1\">"), "{xml}");
}

#[test]
fn hostile_names_stay_names() {
    let (plan, checked, tried) = (report(HOSTILE), problems(HOSTILE), tests(HOSTILE));
    for text in [markdown::plan(&plan), markdown::problems(&checked), markdown::tests(&tried)] {
        for bad in ["@all", "http://", "<b>", "`", "\u{1b}", "\r", "\u{202e}", "[x]"] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
        let opened = text.matches("<code>").count();
        assert_eq!(opened, text.matches("</code>").count());
        for line in text.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(line.matches('|').count(), 6, "{line}");
        }
    }
    for text in [github::plan(&plan), github::problems(&checked), github::tests(&tried)] {
        for line in text.lines() {
            assert!(line.starts_with("::"), "{line}");
            assert!(!line.contains(['\u{1b}', '\r']), "{line}");
            let file = line.split("title=").next().unwrap();
            assert_eq!(file.matches("::").count(), 1, "{line}");
        }
    }
    for text in [junit::plan(&plan), junit::problems(&checked), junit::tests(&tried)] {
        for bad in ["]]>", "<b>", "\u{1b}", "&amp;amp;amp;", "\r"] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
        assert_eq!(text.matches('<').count(), text.matches('>').count());
    }
}

#[test]
fn what_is_cut_from_a_comment_is_harmless_and_what_is_harmless_is_folded() {
    let mut long = report("x");
    long.changes =
        (0..5_000).map(|_| row(ChangeClass::Neutral, Some("acme"), "harmless")).collect();
    long.changes.push(row(ChangeClass::Weaken, Some("zeta"), "the dangerous one"));
    let text = markdown::plan(&long);
    assert!(text.len() < 65_536 && text.contains(" more."), "{}", text.len());
    let dangerous = text.find("the dangerous one").expect("it is shown");
    let folded = text.find("<details><summary>5000 harmless changes</summary>").unwrap();
    assert!(dangerous < folded, "{dangerous} {folded}");
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    let annotations = github::plan(&long);
    let warning = annotations.lines().position(|line| line.starts_with("::warning")).unwrap();
    assert!(warning <= 2, "after the sum and the guard: {warning}");
}

#[test]
fn a_comment_stays_short_enough_to_be_posted() {
    let mut long = report("x");
    long.changes =
        (0..5_000).map(|_| row(ChangeClass::Weaken, Some("acme"), &HOSTILE.repeat(20))).collect();
    let text = markdown::plan(&long);
    assert!(text.contains(" more.") && text.len() < 65_536, "{}", text.len());
    assert!(markdown::problems(&Problems::default()).contains("no problem"));
    assert!(junit::problems(&Problems::default()).contains("failures=\"0\""));
}
