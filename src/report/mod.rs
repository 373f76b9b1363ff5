//! Answers as values, and the formats that they are printed in.

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One object, or an array.
    Json,
    /// An object a line.
    Jsonl,
    /// The same fields as YAML.
    Yaml,
    /// The same fields as CSV with a header.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: &'static [Format] =
        &[Format::Table, Format::Json, Format::Jsonl, Format::Yaml, Format::Csv];

    /// The word in commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Yaml => "yaml",
            Format::Csv => "csv",
        }
    }
}
