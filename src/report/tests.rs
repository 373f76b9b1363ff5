//! The formats, and the answers as they look in them.

mod samples;

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{paths, user};
use super::format::{table, text};
use super::*;
use crate::domain::time::Time;
use samples::*;

fn style(width: usize) -> Style {
    Style { width: Some(width), wide: false, color: false, now: now() }
}

fn text(report: Report, format: OutputFormat, style: Style) -> String {
    let mut out = Vec::new();
    report.render(format, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn list<T: Row + 'static>(rows: Vec<T>) -> Report {
    Report::list(rows.into_iter().map(Ok), "nothing here", None)
}

/// What every table promises: it fits, has no blanks at the end of a line and nothing that moves the cursor.
fn assert_tidy(table: &str, width: usize) {
    for line in table.lines() {
        assert!(text::width(line) <= width, "{} columns: {line}", text::width(line));
        assert_eq!(line, line.trim_end());
        assert!(line.chars().all(crate::domain::ids::allowed), "{line:?}");
    }
}

#[test]
fn a_list_at_80_columns() {
    let table = text(list(users()), OutputFormat::Table, style(80));
    assert_tidy(&table, 80);
    insta::assert_snapshot!(table);
}

#[test]
fn a_wide_list_cuts_nothing() {
    let wide = text(list(users()), OutputFormat::Table, Style { wide: true, ..style(80) });
    let unbound = text(list(users()), OutputFormat::Table, Style { width: None, ..style(0) });
    assert_eq!(wide, unbound);
    assert!(!wide.contains('…'));
    insta::assert_snapshot!(wide);
}

#[test]
fn a_narrow_list_loses_no_row_and_no_name() {
    let table = text(list(users()), OutputFormat::Table, style(40));
    assert_tidy(&table, 40);
    for user in users() {
        assert!(table.contains(user.login.as_str()), "{}", user.login);
    }
    insta::assert_snapshot!(table);
}

#[test]
fn one_name_that_is_far_too_long_takes_a_line_of_its_own() {
    let mut rows = users();
    let long = "a".repeat(128);
    for number in 0..20 {
        let login = if number == 7 { long.clone() } else { format!("user{number}") };
        rows.push(user::UserRow { login: login.parse().unwrap(), ..users().remove(0) });
    }
    let lines = |width| -> Vec<String> {
        text(list(rows.clone()), OutputFormat::Table, style(width))
            .lines()
            .map(str::to_owned)
            .collect()
    };
    let at_80 = lines(80);
    let over: Vec<&String> = at_80.iter().filter(|line| text::width(line) > 80).collect();
    assert_eq!(over, [&long], "only the name itself, and all of it");
    let place = at_80.iter().position(|line| *line == long).unwrap();
    assert!(at_80[place + 1].trim_start().starts_with("Alice Jones"), "{}", at_80[place + 1]);
    let column = |line: &str| line.find("Alice").unwrap();
    assert_eq!(column(&at_80[place + 1]), column(&at_80[place + 2]), "in its column");
    assert_eq!(at_80.iter().filter(|line| line.starts_with("LOGIN")).count(), 1, "{at_80:#?}");
    assert_eq!(lines(300).len(), 1 + rows.len(), "where there is room it is a row like the others");
    // Of three rows one is not few, but better than blocks for all.
    let three = [&rows[0], &rows[11], &rows[5]].map(Clone::clone).to_vec();
    let table = text(list(three), OutputFormat::Table, style(60));
    assert!(table.starts_with("LOGIN  ") && table.lines().any(|line| line == long), "{table}");
}

#[test]
fn every_list_fits_whatever_the_width() {
    // The longest name and a label: nothing can be narrower.
    for width in [52, 60, 80, 100, 132] {
        assert_tidy(&text(list(users()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(exceptions()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(orgs()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(operators()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(records()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(reasons()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(coverage()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(usage()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(opt_outs()), OutputFormat::Table, style(width)), width);
        assert_tidy(&text(list(reviews()), OutputFormat::Table, style(width)), width);
    }
}

#[test]
fn the_other_lists_at_80_columns() {
    let all = [
        text(list(exceptions()), OutputFormat::Table, style(80)),
        text(list(orgs()), OutputFormat::Table, style(80)),
        text(list(operators()), OutputFormat::Table, style(80)),
        text(list(records()), OutputFormat::Table, style(80)),
        text(list(reasons()), OutputFormat::Table, style(80)),
        text(list(changes()), OutputFormat::Table, style(80)),
        text(list(row_results()), OutputFormat::Table, style(80)),
        text(list(coverage()), OutputFormat::Table, style(80)),
        text(list(usage()), OutputFormat::Table, style(80)),
        text(list(opt_outs()), OutputFormat::Table, style(80)),
        text(list(reviews()), OutputFormat::Table, style(80)),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn pages_at_80_columns() {
    let style = style(80);
    let all = [
        text(Report::one(user_report()), OutputFormat::Table, style),
        text(Report::one(exceptions().remove(0)), OutputFormat::Table, style),
        text(Report::one(org_report()), OutputFormat::Table, style),
        text(Report::pages(vec![decision(), decision()], ""), OutputFormat::Table, style),
        text(Report::one(changes().remove(0)), OutputFormat::Table, style),
        text(Report::one(records().remove(0)), OutputFormat::Table, style),
        text(Report::one(verified()), OutputFormat::Table, style),
        text(Report::one(expired()), OutputFormat::Table, style),
    ];
    for page in &all {
        assert_tidy(page, 80);
    }
    insta::assert_snapshot!(all.join("\n---\n"));
}

#[test]
fn nothing_there_is_said_in_every_format() {
    let empty = |format| text(list(Vec::<user::UserRow>::new()), format, style(80));
    assert_eq!(empty(OutputFormat::Table), "nothing here\n");
    assert_eq!(empty(OutputFormat::Json), "[]\n");
    assert_eq!(empty(OutputFormat::Jsonl), "");
    assert_eq!(empty(OutputFormat::Yaml), "[]\n");
    assert_eq!(
        empty(OutputFormat::Csv),
        "login,id,name,email,active,sign_in,provider,mfa,enrolment,orgs\n"
    );
}

#[test]
fn formats_for_programs_carry_the_same_fields() {
    let json: Vec<Value> =
        serde_json::from_str(&text(list(users()), OutputFormat::Json, style(80))).unwrap();
    let jsonl: Vec<Value> = text(list(users()), OutputFormat::Jsonl, style(80))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let yaml: Vec<Value> =
        serde_yaml::from_str(&text(list(users()), OutputFormat::Yaml, style(80))).unwrap();
    assert_eq!(json, jsonl);
    assert_eq!(json, yaml);
    let pretty = serde_json::to_string_pretty(&json).unwrap();
    assert_eq!(text(list(users()), OutputFormat::Json, style(80)).trim_end(), pretty);
    let one: Value =
        serde_json::from_str(&text(Report::one(user_report()), OutputFormat::Jsonl, style(80)))
            .unwrap();
    let again: Value =
        serde_yaml::from_str(&text(Report::one(user_report()), OutputFormat::Yaml, style(80)))
            .unwrap();
    assert_eq!(one, again);
}

#[test]
fn yaml_words_stay_words_for_readers_of_yaml_1_1() {
    let yaml = text(list(users()), OutputFormat::Yaml, style(80));
    assert!(yaml.contains("\n  mfa: \"off\"\n"), "{yaml}");
    let yaml = text(Report::one(exceptions().remove(0)), OutputFormat::Yaml, style(80));
    assert!(yaml.contains("\nstarts_at: \"2026-11-21T12:00:00Z\"\n"), "{yaml}");
}

#[test]
fn a_spreadsheet_runs_no_cell() {
    let mut users = users();
    for (user, name) in users.iter_mut().zip(["=1+1", "+44", "-1", "@SUM(A1)"]) {
        user.name = Some(name.parse().unwrap());
    }
    let csv = text(list(users), OutputFormat::Csv, style(80));
    for cell in ["'=1+1", "'+44", "'-1", "'@SUM(A1)"] {
        assert!(csv.contains(&format!(",{cell},")), "{cell} is not in\n{csv}");
    }
    assert!(csv.contains("northern-ambulance;st-marys"));
    let csv = text(list(changes()), OutputFormat::Csv, style(80));
    assert!(csv.contains(r#""{""mfa"":""off""}""#), "{csv}");
}

#[test]
fn a_failing_source_is_told_from_a_failing_output() {
    let failing = || {
        let rows = users().into_iter().map(Ok).chain([Err(Error::usage("the source broke"))]);
        Report::list(rows, "", None)
    };
    for format in OutputFormat::ALL {
        let error = failing().render(*format, &style(80), &mut Vec::new()).unwrap_err();
        assert!(matches!(error, RenderError::Source(_)), "{format:?}");
    }
    let first =
        Report::list(std::iter::once(Err::<user::UserRow, _>(Error::usage("at once"))), "", None);
    let mut out = Vec::new();
    assert!(first.render(OutputFormat::Json, &style(80), &mut out).is_err());
    assert!(out.is_empty(), "nothing is printed where nothing can be had");

    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in OutputFormat::ALL {
        let error = list(users()).render(*format, &style(80), &mut Closed).unwrap_err();
        assert!(error.is_closed_pipe(), "{format:?}: {error:?}");
    }
}

#[test]
fn names_of_fields_are_the_serialised_keys() {
    fn check<T: CsvRecord>(value: &T) {
        let Value::Object(object) = serde_json::to_value(value).unwrap() else {
            panic!("no object")
        };
        assert_eq!(object.keys().map(String::as_str).collect::<Vec<_>>(), T::HEADER);
    }
    check(&users()[0]);
    check(&exceptions()[0]);
    check(&orgs()[0]);
    check(&operators()[0]);
    check(&records()[0]);
    check(&records()[1].details.as_ref().unwrap()[0]);
    check(&reasons()[0]);
    check(&coverage()[0]);
    check(&usage()[0]);
    check(&opt_outs()[0]);
    check(&reviews()[0]);
    check(&changes()[0]);
    check(&row_results()[0]);
    check(&decision());
    check(&decision().chain[0]);
    check(&user_report().memberships[0]);
    check(&expired().expired[0]);
    check(&verified().files_bad[0]);
    check(&paths::PathRow { file: String::new(), what: String::new() });
}

#[test]
fn every_row_has_a_cell_for_each_column() {
    fn check<T: Row>(rows: &[T]) {
        let headers = |row: &T| -> Vec<&str> {
            let (columns, _) = table::split(std::iter::once(Ok(row.cells(&style(80))))).unwrap();
            columns.iter().map(table::Column::header).collect()
        };
        let all: BTreeSet<_> = rows.iter().map(headers).collect();
        assert_eq!(all.len(), 1, "every row has the same columns");
        let first = all.first().unwrap();
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len(), "{first:?}");
        assert!(first.iter().all(|header| **header == header.to_uppercase()));
    }
    check(&users());
    check(&exceptions());
    check(&orgs());
    check(&operators());
    check(&records());
    check(&reasons());
    check(&coverage());
    check(&usage());
    check(&opt_outs());
    check(&reviews());
    check(&changes());
    check(&row_results());
    check(&decision().chain);
    check(&user_report().memberships);
    check(&expired().expired);
    check(&verified().files_bad);
}

#[test]
fn colour_says_nothing_of_its_own() {
    let plain = text(list(users()), OutputFormat::Table, style(80));
    let bold = text(list(users()), OutputFormat::Table, Style { color: true, ..style(80) });
    assert_ne!(plain, bold);
    assert_eq!(bold.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""), plain);
}

#[test]
fn json_of_a_change_is_the_contract_s() {
    let value = serde_json::to_value(&changes()[0]).unwrap();
    assert_eq!(
        value,
        serde_json::json!({
            "rev": 12, "changed": true, "action": "user.set-mfa", "subject": "alice.jones",
            "before": {"mfa": "off"}, "after": {"mfa": "on"}, "takes_effect": "next-sign-in",
            "follow_up": "tell the user: the next sign-in asks for a second factor", "warnings": [],
        })
    );
    let value = serde_json::to_value(&changes()[1]).unwrap();
    assert_eq!((&value["rev"], &value["changed"]), (&Value::Null, &Value::Bool(false)));
    assert_eq!(value["takes_effect"], Value::Null);
}

#[test]
fn large_tables_are_whole() {
    let one = users().remove(0);
    let rows = (0..2_500).map(move |n| {
        Ok(user::UserRow { login: format!("user{n}").parse().unwrap(), ..one.clone() })
    });
    let table = text(Report::list(rows, "", None), OutputFormat::Table, style(80));
    assert_eq!(table.lines().count(), 2_501);
    assert!(table.contains("user2499 "));
}

fn now() -> Time {
    Time::parse_rfc3339("2026-11-21T12:00:00Z").unwrap()
}
