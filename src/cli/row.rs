//! Options of bulk verbs that a column of `--from-file` can set for each row: a table with the
//! columns `login,until` sets for each user what `--until` sets for all. Each verb has a group
//! of them, without required options and defaults: every option of the group is a column.

use clap::{Arg, ArgAction, Args, Command};

use super::sheet::column_name;
use super::usage_error::help_or_error;
use crate::domain::ids::Text;

/// Options that a row may give.
pub trait RowOptions: Args + Clone {}

/// No options: a row names the user only.
#[derive(Debug, Clone, Args)]
pub struct NoRowOptions {}

impl RowOptions for NoRowOptions {}

/// Separates the values of a repeatable option within one cell.
pub const BETWEEN: char = ';';

/// The option that names the file, by its id.
const FROM_FILE: &str = "from_file";

/// Reads the cells of rows as options, by the headers of their columns.
pub struct RowReader {
    command: Command,
}

impl RowReader {
    /// A reader of the options `T`.
    pub fn new<T: RowOptions>() -> RowReader {
        // Some options are required only without a file.
        let from_file = Arg::new(FROM_FILE).long(FROM_FILE);
        let command = Command::new("mfactl").no_binary_name(true).disable_help_flag(true);
        RowReader { command: T::augment_args_for_update(command.arg(from_file)) }
    }

    /// The columns: each option by its name.
    pub fn columns(&self) -> Vec<String> {
        let names = self.command.get_arguments().filter_map(Arg::get_long);
        names.filter(|name| *name != FROM_FILE).map(column_name).collect()
    }

    /// The options of one row: those of its cells, and the rest from `base`.
    ///
    /// # Errors
    /// What is wrong with a cell, in one line.
    pub fn read<T: RowOptions>(&mut self, base: &T, cells: &[(&str, &str)]) -> Result<T, String> {
        let mut row = base.clone();
        if cells.is_empty() {
            return Ok(row);
        }
        let mut words = vec![format!("--{FROM_FILE}=-")];
        for (column, cell) in cells {
            let of_column = |arg: &&Arg| arg.get_long().map(column_name).as_deref() == Some(column);
            let Some(arg) = self.command.get_arguments().find(of_column) else { continue };
            let name = arg.get_long().unwrap_or_default();
            let several = matches!(arg.get_action(), ArgAction::Append);
            let values = cell.split(|c| several && c == BETWEEN).map(str::trim);
            let values = values.filter(|value| !value.is_empty());
            words.extend(values.map(|value| format!("--{name}={value}")));
        }
        let wrong = |error: &clap::Error| match help_or_error(error) {
            Ok(help) => help.to_string(),
            Err(error) => error.message,
        };
        let matches = self.command.try_get_matches_from_mut(words).map_err(|e| wrong(&e))?;
        row.update_from_arg_matches(&matches).map_err(|e| wrong(&e))?;
        Ok(row)
    }
}

/// The message of one row.
#[derive(Debug, Clone, Args)]
pub struct RowMessage {
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    pub message: Option<Text>,
}
