//! `state check` and `state info`.

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the state directory.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// Sizes and counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The format of the files.
    pub format: u32,
    /// The id of this state.
    pub store_id: String,
    /// The revision.
    pub rev: u64,
    /// Users.
    pub users: u64,
    /// Orgs.
    pub orgs: u64,
    /// Shards of users: 1, 16, 256 or 4096.
    pub shards: u32,
    /// Bytes of all state files, the log not counted.
    pub bytes: u64,
    /// Segments of the log.
    pub segments: u32,
    /// Bytes of the log with its detail files.
    pub log_bytes: u64,
}
