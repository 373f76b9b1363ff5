//! Groups of arguments that clap builds only when they are needed. A run of the program
//! needs one verb; building the other sixty would take most of its time.

use std::ops::{Deref, DerefMut};

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id, Subcommand};

use super::global;

/// The arguments or verbs `T`, declared to clap with [`Command::defer`]. The
/// name, the one line of help and the examples stay with the variant that holds
/// it, so that a list of verbs needs nothing built. `REVIEW`: its answer knows
/// the formats of merge requests and CI systems too.
#[derive(Debug, Clone)]
pub struct Deferred<T, const REVIEW: bool = false>(pub T);

impl<T, const REVIEW: bool> Deref for Deferred<T, REVIEW> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const REVIEW: bool> DerefMut for Deferred<T, REVIEW> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// The help of the variant wins over that of the deferred type.
/// The global options come last, so that help shows them last.
fn built<const REVIEW: bool>(command: Command, build: fn(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let long_about = command.get_long_about().cloned();
    let mut command = global::GlobalArgs::augment_args(build(command));
    if REVIEW {
        command = command.mut_arg("format", |arg| arg.value_parser(global::review_formats()));
    }
    command.about(Resettable::from(about)).long_about(Resettable::from(long_about))
}

impl<T: FromArgMatches, const REVIEW: bool> FromArgMatches for Deferred<T, REVIEW> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Deferred)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Args, const REVIEW: bool> Args for Deferred<T, REVIEW> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        command.defer(|command| built::<REVIEW>(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| built::<REVIEW>(command, T::augment_args_for_update))
    }
}

impl<T: Subcommand, const REVIEW: bool> Subcommand for Deferred<T, REVIEW> {
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|command| built::<REVIEW>(command, T::augment_subcommands))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        command.defer(|command| built::<REVIEW>(command, T::augment_subcommands_for_update))
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}
