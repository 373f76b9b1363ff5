//! The benchmark: whole processes side by side, one after the other in turn
//! (A B C A B C …), so that whatever else the machine does meets all alike.
//! Prints tables, and writes them as Markdown.
//!
//! - `compare --programs DIR --data DIR --sizes N,… [--rounds N] [--out FILE] [--about TEXT]…`
//! - `compare --child INPUT PROGRAM [ARGUMENT]…`: the helper of [`child`]
//!
//! `DIR` of the data has a directory for each size, made by `benches/run`: `state`,
//! `floor`, `sqlite.db`, `cases`, `import.csv`. To add a row: a function in `rows/`,
//! and a line in `rows::all`.

#![allow(clippy::disallowed_methods, reason = "it is a program of its own, with its own doors")]
#![allow(unreachable_pub, reason = "nobody reaches into a program")]

mod child;
mod measure;
mod page;
mod row;
mod rows;
mod stats;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use rows::Place;

/// What can go wrong here is told and ends the run.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Compare whole processes, in turn
#[derive(Debug, Parser)]
#[command(name = "compare")]
struct Arguments {
    /// Where the release programs are; the examples are in `examples` below
    #[arg(long, value_name = "DIR")]
    programs: PathBuf,
    /// Where the states and databases are, a directory for each size
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The sizes, in users, smallest first
    #[arg(long, value_delimiter = ',', required = true)]
    sizes: Vec<u32>,
    /// How many rounds each row has
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// The size that the largest is compared with to see whether it is flat, in users
    #[arg(long)]
    flat: u32,
    /// Only rows whose title holds this
    #[arg(long, default_value = "")]
    only: String,
    /// Write the tables as Markdown too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Compare only with the mfactl in this directory, row by row
    #[arg(long, value_name = "DIR", requires = "against_data")]
    against: Option<PathBuf>,
    /// The data of that program, where the rows change it
    #[arg(long, value_name = "DIR")]
    against_data: Option<PathBuf>,
    /// Lines about the machine, for the top of the page
    #[arg(long)]
    about: Vec<String>,
}

#[expect(clippy::print_stderr, reason = "a program of its own")]
fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match words.split_first() {
        Some((first, command)) if first == "--child" => child::help(command),
        _ => run(&Arguments::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("compare: {e}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]
fn run(arguments: &Arguments) -> Result<()> {
    let place = Place::new(arguments.programs.clone(), arguments.data.clone(), arguments.flat);
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    let mut rows = rows::all(&place, &arguments.sizes)?;
    if let (Some(programs), Some(data)) = (&arguments.against, &arguments.against_data) {
        let other = Place::new(programs.clone(), data.clone(), arguments.flat);
        let others = rows::all(&other, &arguments.sizes)?;
        rows = rows.into_iter().zip(others).filter_map(|(row, other)| row.against(other)).collect();
    }
    for mut row in rows {
        let title = row.title();
        if !title.contains(&arguments.only) {
            continue;
        }
        eprintln!("{title} …");
        match measure::row(&mut row, arguments.rounds) {
            Ok(measured) => {
                println!("{}", page::section(&row, &measured));
                done.push((row, measured));
            }
            // The others are still worth their time.
            Err(e) => failed.push(format!("{title}: {e}")),
        }
    }
    if let Some(out) = &arguments.out {
        let facts = [place.binary()?];
        std::fs::write(out, page::page(&arguments.about, arguments.rounds, &facts, &done))?;
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}
