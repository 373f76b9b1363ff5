//! mfactl administers multi-factor authentication on a directory of plain files.
//!
//! This page is the map of the source. The library holds everything; `main.rs` calls
//! [`run`].
//!
//! # Rooms
//!
//! From the top. A room imports only from rooms below it, and no files import one another in
//! a circle: `tests/it/rooms.rs` has the list and checks it.
//!
//! | room | what is in it |
//! |---|---|
//! | [`run`] | one run of the program: parse, enter the environment, call, exit status |
//! | [`commands`] | one file a verb, thin: arguments, what it needs of the state, a change of the domain, an answer |
//! | [`cli`] | what can be typed: clap declarations, one file a noun, no action |
//! | [`ui`] | the person at the terminal: warnings, hints, progress, questions (stderr) |
//! | [`report`] | `answers`: one file an answer, as data; `format`: table, JSON, JSON lines, YAML, CSV |
//! | [`signin`] | the answer to somebody who signs in, and the record of an attempt |
//! | [`mod@env`] | the world outside: clock, variables, who runs the process, files that are named, configuration, the key file. Nothing else reads them |
//! | [`store`] | the state directory (below) |
//! | [`policy`] | policy files: strict YAML, plan, guards, drift, export, tests |
//! | [`convert`] | the files of other tools, one format a file, both ways |
//! | [`secret`] | TOTP, recovery codes, sealing, counting attempts. Pure |
//! | [`domain`] | the rules: decision, changes, rights, model. Pure: scope, time and input to a value |
//! | [`error`], [`signals`], `waiting`, `parallel` | one error type; nothing stops a process that holds a lock; the wait for a lock; all processors, with one threshold |
//! | `fuzzing` | what the fuzz targets in `fuzz/` call; in no build but that and the tests |
//!
//! Within the store, from the top: `handle` ([`store::Store`], the door), `maintain` (init,
//! prune, verify, check, repair, backup), `signin` (what changes at every sign-in), `write`,
//! `read`, `log`, `disk` (the one door to the disk), `format` (bytes to values and back; pure).
//!
//! # Where to look
//!
//! | question | file |
//! |---|---|
//! | Who needs a second factor? | `domain/decision/mod.rs`: the table of rules, in order; one file a rule |
//! | What may an operator do? | `domain/rights.rs` |
//! | What does a change do? | `domain/change/`: one file a family, `apply` in `mod.rs` |
//! | How is a user's line read and written? | its fields: `domain/model/user.rs`; its text: `store/format/json.rs`, one line a user: `store/format/keyed_lines.rs`; read by `View::user` in `store/read/view.rs`, replaced by `store/write/shard_edits.rs` |
//! | Where is the commit point? | `store/write/commit.rs`, the append to the log |
//! | What does recovery do? | `store/write/recover.rs` |
//! | How does `--at` work? | `store/read/past.rs`: backwards from now, by what each record replaced |
//! | What happens to a code at sign-in? | `signin/attempt.rs` |
//! | What is in the log? | `store/format/log_line.rs` |
//!
//! # The life of a change
//!
//! `mfactl user opt-out alice --org north`:
//!
//! 1. `run` enters the environment: who runs the process, which configuration and state count.
//!    Under sudo the process becomes the user that owns the state before it reads anything.
//! 2. `cli` parses the arguments; `commands` finds the verb.
//! 3. `commands::change` begins a [`store::Transaction`]: the exclusive lock, then recovery of
//!    what an interrupted writer left.
//! 4. The change says what it needs; the transaction loads that, and no more, into a
//!    [`domain::scope::Scope`].
//! 5. The domain decides: the operator's rights, the rule of the change. It returns the objects
//!    before and after, or a refusal. It reads no file and no clock.
//! 6. The transaction stages the objects. Every file that changes is written beside its place
//!    and synced.
//! 7. The record is appended to the audit log and synced. **This is the commit.** Before it
//!    nothing can be seen; after it nothing is a failure.
//! 8. The files are renamed into place. A process that is killed before that leaves the rest
//!    to the next writer; readers already see the new state.
//! 9. The lock is released, then `report` prints the answer.
//!
//! A dry run takes a shared lock and needs no recovery; it goes the same way and stops before
//! step 6 writes.
//!
//! # Files on disk
//!
//! ```text
//! state.yaml             format, id, fan-out of the shards, check value of the key
//! operators.yaml         who may run mfactl
//! orgs/ORG.yaml          one org
//! policies/ORG.yaml      what applied policies own in an org
//! users/SHARD.yaml       one user a line
//! secrets/SHARD.yaml     sealed secrets, by the same shards
//! index/SHARD.yaml       ids and e-mail addresses to logins
//! due/DAY.yaml           what ends on a day, so that expiry reads no users
//! evidence/SHA256        files handed in with exceptions
//! audit/NUMBER.jsonl     the log: one hash chain of records
//! signin/SHARD.yaml      used codes and failed attempts, outside the chain, with locks of their own
//! lock, lock.turn        never removed
//! ```
//!
//! The sealing key is not among them (`env/key`).
//!
//! # What never happens
//!
//! - A file of the state is never changed in place: it is replaced, and the log only grows
//!   behind its last whole record. So a reader that opened its files needs no lock, and holds
//!   nobody up.
//! - Exit status 0 never comes before a change of the state is durable, and 2 to 8 never after
//!   it. A code counts as used once that is durable, whatever becomes of the answer.
//! - Nothing is read from a path twice: it is opened once, checked and used.
//! - Secrets never reach arguments, output, logs or the audit; they are wiped when dropped.
//! - Destructors are never skipped: they wipe, remove half-made files and release locks.
//! - No input makes it panic.

pub mod cli;
pub mod commands;
pub mod convert;
pub mod domain;
pub mod env;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod parallel;
pub mod policy;
pub mod report;
pub mod run;
pub mod secret;
pub mod signals;
pub mod signin;
pub mod store;
pub mod ui;
mod waiting;
