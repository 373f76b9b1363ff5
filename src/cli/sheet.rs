//! Options that map the columns of an input table.

use std::str::FromStr;

use clap::Args;

/// How the header of a table is read.
#[derive(Debug, Clone, Default, Args)]
pub struct SheetOptions {
    /// Which header of the file stands for which column, as in login=Login,email=E-Mail
    #[arg(long, value_name = "COLUMN=HEADER,...")]
    pub columns: Option<ColumnMap>,
    /// Pass over columns that are not known, instead of refusing the file
    #[arg(long)]
    pub ignore_unknown_columns: bool,
}

/// Columns and their headers in the file, `login=Login,email=E-Mail`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap(Vec<(String, String)>);

impl ColumnMap {
    /// Each column with its header, both as [`column_name`] returns them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(column, header)| (column.as_str(), header.as_str()))
    }
}

impl FromStr for ColumnMap {
    type Err = String;

    fn from_str(text: &str) -> Result<ColumnMap, String> {
        let mut map: Vec<(String, String)> = Vec::new();
        for pair in text.split(',') {
            let (column, header) = pair
                .split_once('=')
                .map(|(column, header)| (column_name(column), column_name(header)))
                .filter(|(column, header)| !column.is_empty() && !header.is_empty())
                .ok_or_else(|| {
                    format!("{pair:?}: expected COLUMN=HEADER, as in login=Login,email=E-Mail")
                })?;
            if map.iter().any(|(other, _)| *other == column) {
                return Err(format!("the column {column} is named twice"));
            }
            if map.iter().any(|(_, other)| *other == header) {
                return Err(format!("the header {header} is named twice"));
            }
            map.push((column, header));
        }
        Ok(ColumnMap(map))
    }
}

/// A header in the one form in which headers are compared: without regard to case, and
/// with `_` for blanks and dashes (`Requested by` is `requested_by`).
pub fn column_name(header: &str) -> String {
    let header = header.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    header.to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_mapped_without_regard_to_case() {
        let map: ColumnMap = "login=Login,email=E-Mail Address".parse().unwrap();
        let pairs: Vec<_> = map.iter().collect();
        assert_eq!(pairs, [("login", "login"), ("email", "e_mail_address")]);
        for wrong in ["", "login", "login=", "=x", "login=a,login=b", "login=a,email=A", "a=b,"] {
            assert!(wrong.parse::<ColumnMap>().is_err(), "{wrong:?}");
        }
    }
}
