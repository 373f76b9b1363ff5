//! What fuzzing does with a table of accounts.

use super::rows::{ImportRow, read};
use crate::cli::sheet::SheetOptions;
use crate::domain::change::SignInMethod;
use crate::domain::ids::{Email, Login, Text, UserId};
use crate::domain::model::{Role, SignIn, Switch};
use crate::domain::time::Time;
use crate::report::answers::user_export::{UserExport, export};
use crate::report::{OutputFormat, Style};

const STYLE: Style = Style { width: None, wide: true, color: false, now: Time::MIN };

/// Rows are told in their order, and what is exported of them is read again as the same.
pub(in crate::commands) fn fuzz(text: &str) {
    let mapped = SheetOptions {
        columns: Some("login=who,email=e-mail".parse().expect("two columns")),
        ignore_unknown_columns: true,
    };
    let _ = read(text, "accounts.csv", &mapped).map_err(|error| error.to_string());
    let Ok(rows) = read(text, "accounts.csv", &SheetOptions::default()) else { return };
    let found: Vec<ImportRow<'_>> = rows.iter().collect();
    assert_eq!(rows.len(), found.len(), "every row is well-formed");
    assert!(found.is_sorted_by(|a, b| a.line < b.line), "rows are told by line");

    let exported: Vec<UserExport> = found.iter().map(exported).collect();
    let mut file = Vec::new();
    let report = export(exported.clone());
    let written = report.render(OutputFormat::Csv, &STYLE, &mut file);
    assert!(written.is_ok(), "memory takes every byte");
    let file = String::from_utf8(file).expect("what is written is text");
    let again = read(&file, "again.csv", &SheetOptions::default());
    let again = again.map_err(|error| error.to_string()).expect("what is exported is imported");
    let again: Vec<UserExport> = again.iter().map(|row| self::exported(&row)).collect();
    assert_eq!(again, exported, "what is exported is imported as the same");
}

/// The account that an import of the row makes, where it was not there.
fn exported(row: &ImportRow<'_>) -> UserExport {
    let (sign_in, provider) = match row.sign_in.clone() {
        Some(SignInMethod::Sso(provider)) => (SignIn::Sso, Some(provider)),
        Some(SignInMethod::Password) | None => (SignIn::Password, None),
    };
    let id = row.id.as_ref().map(|id| UserId::parse(id.as_str()).expect("a checked id"));
    let role = |role: &Option<Role>| role.unwrap_or(Role::Member).as_str();
    UserExport {
        login: Login::parse(row.login.as_str()).expect("a checked login"),
        id: id.unwrap_or_else(|| UserId::parse(&format!("n{}", row.line)).expect("a plain id")),
        name: row.name.as_ref().map(|name| Text::parse(name.as_str()).expect("a checked text")),
        email: row.email.as_ref().map(|e| Email::parse(e.as_str()).expect("a checked address")),
        sign_in,
        provider,
        mfa: row.mfa.unwrap_or(Switch::Off),
        orgs: row.orgs.iter().map(|(org, r)| format!("{}:{}", org.as_str(), role(r))).collect(),
        active: if row.active == Some(false) { "no" } else { "yes" },
        enrolled: row.enrolled,
    }
}
