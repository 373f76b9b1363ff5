//! Policy as code that changes many members.

use std::fmt::Write;
use std::path::PathBuf;

use super::change::revisions;
use super::{Data, Place, quoted, text};
use crate::Result;
use crate::row::{Row, Side};

/// `mfactl policy apply` of a policy for people that switches up to 100,000 of them off, then
/// on again, beside as many updates by key in one transaction of the shell.
pub fn apply(place: &Place, data: &Data) -> Row {
    let logins: Vec<String> = data.cases("bulk").into_iter().map(|case| case.login).collect();
    let many = logins.len();
    let policy = |switch: &str| data.dir.join(format!("policy-{switch}.yaml"));
    let sql = |switch: &str| data.dir.join(format!("policy-{switch}.sql"));
    let command = |switch: &str| {
        place.mfactl(
            Some(&data.state),
            &["policy", "apply", text(&policy(switch)), "--yes", "-o", "json"],
        )
    };
    let mut ours = Side::new(
        format!("`mfactl policy apply`, {many} members"),
        vec![command("off"), command("on")],
    )
    .counted(revisions(place, data));
    let (policies, scripts) = (["off", "on"].map(policy), ["off", "on"].map(sql));
    let files = (policies, scripts.clone());
    ours = ours.before(move || write_files(&files.0, &files.1, &logins));
    let mut shell = data.sqlite("");
    // The script comes as input.
    shell.truncate(3);
    let theirs = Side::fed("`sqlite3`, as many updates by key", &shell, &scripts).goal(2.0);
    let floor = place.floor(&["apply", text(&data.floor), &many.to_string()]);
    Row::new("`policy apply`", Some(data.users))
        .side(ours)
        .side(theirs)
        .side(Side::one("the floor", floor))
        .rounds(4)
        .bounded_by(
            "nearly every shard read and hashed to plan, and again to be written anew and hashed \
             (0.5 GB of each): 21 % of the processor time are SHA-256, 18 % the files, 34 % plan, rules, \
             lines and the audit. The floor, which reads each shard once and knows no rule and no \
             difference, takes half of it. A quarter of the processors' time is idle: parsing, taking \
             over what was planned and printing are on one of them, and the disk is waited for",
        )
        .because(
            "linear in the members named and in the shards that they are in: at most all of \
             them are written anew, in one revision",
        )
}

/// Written once, before the first run.
fn write_files(policies: &[PathBuf], scripts: &[PathBuf], logins: &[String]) -> Result<()> {
    for ((switch, policy), script) in ["off", "on"].iter().zip(policies).zip(scripts) {
        if policy.exists() && script.exists() {
            continue;
        }
        let mut yaml = String::from("version: 1\nusers:\n");
        let mut sql = String::from("PRAGMA synchronous = FULL;\nBEGIN IMMEDIATE;\n");
        for login in logins {
            let name = quoted(login);
            writeln!(yaml, "  \"{login}\": {{mfa: {switch}}}")?;
            writeln!(
                sql,
                "UPDATE users SET mfa = '{switch}', mfa_by = 'root' WHERE login = {name};"
            )?;
        }
        sql.push_str("COMMIT;\n");
        std::fs::write(policy, yaml)?;
        std::fs::write(script, sql)?;
    }
    Ok(())
}
