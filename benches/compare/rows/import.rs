//! A new state of everybody, from CSV.

use std::path::Path;

use super::{Data, Place, text};
use crate::Result;
use crate::row::{Row, Side, words};

/// The memory for it (MiB).
const MOST: f64 = 1_536.0;

/// `mfactl user import --init` beside the shell's `.import` into a table with a unique
/// login.
pub fn import(place: &Place, data: &Data) -> Row {
    let (csv, state) = (data.dir.join("import.csv"), data.dir.join("imported/state"));
    let arguments = ["user", "import", text(&csv), "--init", "--create-orgs", "--quiet"];
    let ours = place.mfactl(Some(&state), &arguments);
    let database = data.dir.join("imported/sqlite.db");
    let schema = "CREATE TABLE users (login TEXT NOT NULL UNIQUE, id TEXT, name TEXT, email TEXT, \
        sign_in TEXT, provider TEXT, mfa TEXT, orgs TEXT, active TEXT, enrolled TEXT)";
    let import = format!(".import --csv --skip 1 {} users", text(&csv));
    let theirs = words(
        "sqlite3",
        &[
            "-batch",
            "-cmd",
            "PRAGMA journal_mode = WAL",
            "-cmd",
            "PRAGMA synchronous = FULL",
            "-cmd",
            schema,
            text(&database),
            &import,
        ],
    );
    let (dir, again) = (data.dir.join("imported"), data.dir.join("imported"));
    let last = data.dir.join("imported");
    Row::new("`user import`", Some(data.users))
        .side(Side::one("`mfactl user import --init`", ours).before(move || anew(&dir)))
        .side(
            Side::one("`sqlite3 .import`", theirs)
                .before(move || anew(&again))
                .after(move || Ok(std::fs::remove_dir_all(&last)?))
                .goal(1.0),
        )
        .rounds(3)
        .bounded_by(
            "1.3 GB written from 0.2 GB of CSV: every account in a shard, in the index and with all \
             its fields in the audit. 54 % of the processor time are rows, rules, JSON and lines, 8 % \
             the files, 18 % copies, comparisons and memory, 9 % SHA-256",
        )
        .in_memory(MOST)
        .because("linear: each row is checked, written to its shard and to the audit")
}

/// An empty directory where the last round left something.
fn anew(dir: &Path) -> Result<()> {
    if dir.exists() {
        std::fs::remove_dir_all(dir)?;
    }
    Ok(std::fs::create_dir(dir)?)
}
