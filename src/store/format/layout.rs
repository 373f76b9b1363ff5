//! Where everything lies: names of files, shards, shadows and segments.

use sha2::{Digest as _, Sha256};

use crate::domain::model::PolicyOf;

/// The file that makes a directory a state.
pub(crate) const STATE: &str = "state.yaml";
/// Whose locks tell who reads and who writes.
pub(crate) const LOCK: &str = "lock";
/// Whose lock has who is the next to have that.
pub(crate) const TURN: &str = "lock.turn";
/// Who may run mfactl.
pub(crate) const OPERATORS: &str = "operators.yaml";
/// Marks a directory in which a state is only being made.
pub(crate) const FOUNDING: &str = ".founding";
/// The directories of a state.
pub(crate) const DIRS: [&str; 9] =
    ["audit", "due", "evidence", "index", "orgs", POLICIES, "secrets", "signin", "users"];
/// What applied policies own of people; states from before policies do not have it.
pub(crate) const POLICIES: &str = "policies";

/// What is kept in shards that grow with the number of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharded {
    /// Ids and addresses → login.
    Index,
    /// Sealed secrets, by login.
    Secrets,
    /// Users, by login.
    Users,
}

impl Sharded {
    /// All of them, in the order of their names.
    pub(crate) const ALL: [Sharded; 3] = [Sharded::Index, Sharded::Secrets, Sharded::Users];

    /// Its directory.
    pub(crate) fn dir(self) -> &'static str {
        match self {
            Sharded::Index => "index",
            Sharded::Secrets => "secrets",
            Sharded::Users => "users",
        }
    }
}

/// How many hexadecimal digits of the SHA-256 of a key name its shard: 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FanOut(u8);

impl FanOut {
    /// One shard, `all`.
    pub(crate) const ONE: FanOut = FanOut(0);

    /// The fan-out of `digits` digits, if there is one.
    pub(crate) fn new(digits: u8) -> Option<FanOut> {
        (digits <= 3).then_some(FanOut(digits))
    }

    /// Its number of digits.
    pub(crate) fn digits(self) -> u8 {
        self.0
    }

    /// The next larger one.
    pub(crate) fn next(self) -> Option<FanOut> {
        FanOut::new(self.0 + 1)
    }

    /// How many shards there are.
    pub(crate) fn shards(self) -> u16 {
        1 << (4 * self.0)
    }

    /// The number of the shard of `key`.
    pub(crate) fn shard(self, key: &str) -> u16 {
        self.shard_of(&[key])
    }

    /// The same of a key in parts that follow one another.
    pub(crate) fn shard_of(self, parts: &[&str]) -> u16 {
        if self.0 == 0 {
            return 0;
        }
        let mut hasher = Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        let hash = hasher.finalize();
        u16::from_be_bytes([hash[0], hash[1]]) >> (16 - 4 * self.0)
    }

    /// The path of a shard by its number.
    pub(crate) fn path(self, of: Sharded, shard: u16) -> String {
        match self.0 {
            0 => format!("{}/all.yaml", of.dir()),
            digits => format!("{}/{shard:0width$x}.yaml", of.dir(), width = usize::from(digits)),
        }
    }

    /// The path of the shard of `key`.
    pub(crate) fn path_of(self, of: Sharded, key: &str) -> String {
        self.path(of, self.shard(key))
    }

    /// The numbers of the shards that shard `number` of this fan-out becomes in `larger`.
    pub(crate) fn split(self, number: u16, larger: FanOut) -> std::ops::Range<u16> {
        let factor = larger.shards() / self.shards();
        number * factor..(number + 1) * factor
    }
}

/// The directory of sealed secrets.
pub(crate) const SECRETS: &str = "secrets";
/// The directory of what changes at every sign-in.
pub(crate) const SIGNIN: &str = "signin";

/// What is appended to at every sign-in.
pub(crate) const SIGNIN_LOG: &str = "signin/log";

/// The file of what changes at this user's sign-ins, without its ending; one of 4096
/// whatever the number of users.
pub(crate) fn signin(user: &str) -> String {
    format!("signin/{:03x}", FanOut(3).shard(user))
}

/// The directory of a path (`""`: the state directory) and the name in it.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A path from a directory and a name in it.
pub(crate) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// The shadow in which the content of `path` at `rev` waits beside it.
pub(crate) fn shadow(rev: u64, path: &str) -> String {
    let (dir, name) = split(path);
    join(dir, &format!(".new.{rev}.{name}"))
}

/// The revision of a shadow and the name that it waits for.
pub(crate) fn parse_shadow(name: &str) -> Option<(u64, &str)> {
    let (rev, of) = name.strip_prefix(".new.")?.split_once('.')?;
    Some((rev.parse().ok()?, of))
}

/// The file of one org.
pub(crate) fn org(id: &str) -> String {
    format!("orgs/{id}.yaml")
}

/// The file of what a policy owns of people.
pub(crate) fn policy(policy: &PolicyOf) -> String {
    format!("{POLICIES}/{}.yaml", policy.as_str())
}

/// Whose policy a file name in `policies/` stands for.
pub(crate) fn parse_policy(name: &str) -> Option<PolicyOf> {
    name.strip_suffix(".yaml").and_then(PolicyOf::parse)
}

/// The file of one page of the calendar of ends; `None` where `page` is none.
pub(crate) fn due(page: &str) -> Option<String> {
    is_due(page).then(|| format!("due/{page}.yaml"))
}

fn is_due(page: &str) -> bool {
    // yyyy-mm-dd or yyyy-mm-ddThh
    let time = [10, 13].contains(&page.len())
        && page.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            10 => b == b'T',
            _ => b.is_ascii_digit(),
        });
    time || page == crate::domain::due::REQUESTED
}

/// The page of the calendar of ends that a file name in `due/` stands for.
pub(crate) fn due_page(name: &str) -> Option<&str> {
    name.strip_suffix(".yaml").filter(|page| is_due(page))
}

/// Whether `path` is a file of evidence, which holds any bytes.
pub(crate) fn is_evidence(path: &str) -> bool {
    split(path).0 == "evidence"
}

/// A file of evidence.
pub(crate) fn evidence(sha256: &str) -> String {
    format!("evidence/{sha256}")
}

/// A segment of the log, counted from 1.
pub(crate) fn segment(number: u32) -> String {
    format!("audit/{number:06}.jsonl")
}

/// The number of a segment from its name in `audit/`.
pub(crate) fn parse_segment(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".jsonl")?;
    let number = digits.parse().ok()?;
    (format!("{number:06}") == digits).then_some(number)
}

/// The details of a record that are too many for the log.
pub(crate) fn details(rev: u64) -> String {
    format!("audit/details-{rev}.jsonl")
}

/// The revision of a file of details from its name in `audit/`.
pub(crate) fn parse_details(name: &str) -> Option<u64> {
    name.strip_prefix("details-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// What a file system keeps at its root.
pub(crate) const LOST_AND_FOUND: &str = "lost+found";
/// What others keep at the top of a directory: the file system, and who keeps the state in a
/// repository. The state has nothing in it, and nothing to say against it.
const OF_OTHERS: [&str; 2] = [LOST_AND_FOUND, ".git"];

/// Whether this, at the top of a state, belongs to somebody else.
pub(crate) fn is_of_others(dir: &str, name: &str) -> bool {
    dir.is_empty() && OF_OTHERS.contains(&name)
}

/// Whether a record may name this path: it comes from a file, and a file can lie.
pub(crate) fn is_state_file(path: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= 200
            && !name.starts_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    match path.split_once('/') {
        None => path == STATE || path == OPERATORS,
        Some((dir, name)) => dir != "signin" && DIRS.contains(&dir) && plain(name),
    }
}

/// Whether a file begins with a line that holds its hash; others are hashed as a whole.
pub(crate) fn has_header(path: &str) -> bool {
    path.ends_with(".yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_the_first_digits_of_the_hash() {
        // SHA-256("alice") = 2bd806c9…
        for (digits, path) in [
            (0, "users/all.yaml"),
            (1, "users/2.yaml"),
            (2, "users/2b.yaml"),
            (3, "users/2bd.yaml"),
        ] {
            assert_eq!(FanOut(digits).path_of(Sharded::Users, "alice"), path);
        }
        assert_eq!(FanOut(1).split(2, FanOut(3)), 0x200..0x300);
        assert_eq!(FanOut(0).split(0, FanOut(3)), 0..4096);
        assert_eq!(FanOut(3).split(7, FanOut(3)), 7..8);
    }

    #[test]
    fn names_are_read_back() {
        assert_eq!(shadow(7, "users/all.yaml"), "users/.new.7.all.yaml");
        assert_eq!(shadow(7, "state.yaml"), ".new.7.state.yaml");
        assert_eq!(parse_shadow(".new.7.all.yaml"), Some((7, "all.yaml")));
        assert_eq!(parse_segment("000012.jsonl"), Some(12));
        assert_eq!(parse_segment("12.jsonl"), None);
        assert_eq!(parse_details("details-3.jsonl"), Some(3));
    }

    #[test]
    fn records_name_state_files_only() {
        for fine in ["state.yaml", "users/3f.yaml", "due/2026-01-01.yaml", "audit/000001.jsonl"] {
            assert!(is_state_file(fine), "{fine}");
        }
        for wrong in [
            "lock",
            "../x",
            "users/../x",
            "users/.new.1.a",
            "signin/1.yaml",
            "a/b",
            "users/a/b",
            "",
        ] {
            assert!(!is_state_file(wrong), "{wrong}");
        }
        assert_eq!(due("2026-11-22T14").as_deref(), Some("due/2026-11-22T14.yaml"));
        assert_eq!(due("2026-11-22T1"), None);
        assert_eq!(due("2026-11-22 14"), None);
        assert_eq!(due("2026-1-01"), None);
        assert_eq!(due("../../../x"), None);
    }
}
