//! Writes a state of any number of users through the library, the same for the
//! same seed: what benchmarks and tests of size run on.
//!
//! `generate DIR USERS [--seed S] [--now TIME] [--due N] [--commits N] [--sql DIR] [--cases FILE]
//! [--import FILE]`

#![allow(clippy::disallowed_methods, reason = "it is a program of its own, with its own doors")]
#![allow(unreachable_pub, reason = "nobody reaches into a program")]

mod cases;
mod import;
mod sql;
mod world;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use mfactl::domain::time::Time;
use mfactl::error::{Error, Kind, Result};

use world::{Shape, World};

/// Write a state of many users, the same for the same seed
#[derive(Debug, Parser)]
#[command(name = "generate")]
struct Arguments {
    /// Where to make the state; nothing is there yet
    dir: PathBuf,
    /// How many users
    users: u32,
    /// What the users are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When it is, RFC 3339 [default: now]
    #[arg(long, value_parser = Time::parse_rfc3339)]
    now: Option<Time>,
    /// How many exceptions have ended in the last hour and wait for `exception expire`
    #[arg(long, default_value_t = 0)]
    due: u32,
    /// In how many commits the users are written: more need less memory
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..))]
    commits: u8,
    /// Write the same data as CSV files into this directory, for SQLite
    #[arg(long, value_name = "DIR")]
    sql: Option<PathBuf>,
    /// Write users that may be changed to this file, one `GROUP LOGIN ORG ID` a line
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Write the users to this file as CSV for `user import`
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]
fn main() -> ExitCode {
    let begun = Instant::now();
    match run(&Arguments::parse()) {
        Ok(users) => {
            println!("{users} users in {:.1} s", begun.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("generate: {e}");
            ExitCode::from(e.kind.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<u32> {
    let identity = mfactl::env::Identity::find()?;
    let shape = Shape {
        users: arguments.users,
        seed: arguments.seed,
        now: arguments.now.unwrap_or_else(mfactl::env::system_clock),
        due: arguments.due,
    };
    let world = World::new(shape);
    write::state(&arguments.dir, &world, &identity, arguments.commits)?;
    if let Some(dir) = &arguments.sql {
        sql::write(dir, &world).map_err(|e| failed(&dir.display(), &*e))?;
    }
    if let Some(file) = &arguments.cases {
        cases::write(file, &world).map_err(|e| failed(&file.display(), &e))?;
    }
    if let Some(file) = &arguments.import {
        import::write(file, &world).map_err(|e| failed(&file.display(), &*e))?;
    }
    Ok(arguments.users)
}

fn failed(path: &dyn std::fmt::Display, error: &dyn std::error::Error) -> Error {
    Error::new(Kind::System, "system", format!("cannot write {path}: {error}"))
}
