//! What fuzzing does with a table of accounts.

use super::rows::{ImportBatch, ImportRow, ImportTable};
use crate::cli::sheet::SheetOptions;
use crate::domain::change::SignInMethod;
use crate::domain::ids::{Email, Login, Text, UserId};
use crate::domain::model::{Role, SignIn, Switch};
use crate::domain::time::Time;
use crate::report::answers::user_export::{UserExport, export};
use crate::report::{OutputFormat, Style};

const STYLE: Style = Style { width: None, wide: true, color: false, now: Time::MIN };

/// Rows come in their order, and what is exported of them is read again as the same.
pub(in crate::commands) fn fuzz(text: &str) {
    let mapped = SheetOptions {
        columns: Some("login=who,email=e-mail".parse().expect("two columns")),
        ignore_unknown_columns: true,
    };
    let _ = accounts(text, &mapped);
    let Some(accounts) = accounts(text, &SheetOptions::default()) else { return };
    let mut file = Vec::new();
    let report = export(accounts.clone());
    let written = report.render(OutputFormat::Csv, &STYLE, &mut file);
    assert!(written.is_ok(), "memory takes every byte");
    let file = String::from_utf8(file).expect("what is written is text");
    let again = self::accounts(&file, &SheetOptions::default());
    assert_eq!(again, Some(accounts), "what is exported is imported as the same");
}

/// The accounts that a table makes, if it can be imported.
fn accounts(text: &str, options: &SheetOptions) -> Option<Vec<UserExport>> {
    let table = ImportTable { text, file: "accounts.csv", options };
    let summary = table.check().map_err(|error| error.to_string()).ok()?;
    let batches: Vec<ImportBatch> = table.batches().expect("it was read before").collect();
    let rows = batches.iter().flat_map(ImportBatch::rows).map(|row| row.expect("it was checked"));
    let rows: Vec<ImportRow<'_>> = rows.collect();
    assert_eq!(summary.rows, rows.len(), "every row is well-formed");
    assert!(rows.is_sorted_by(|a, b| a.line < b.line), "rows come by line");
    Some(rows.iter().map(exported).collect())
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
