//! The state directory: plain YAML files that hold exactly one committed
//! revision at every instant, whatever is killed, full or unplugged.
//!
//! - [`disk`]: the one door to the disk; every step can be failed or observed.
//! - [`Store`]: opens or makes a state; hands out views and transactions.
//! - [`View`], [`Scan`]: one revision, read.
//! - [`Transaction`]: loads what a change needs, stages what it made, commits
//!   both with their record.
//! - [`log`]: the audit log: the commit point, and its readers.
//! - [`Snapshot`], [`Archive`]: a backup, made and read.
//! - [`Verified`], [`StateProblem`]: what `audit verify` and `state check` find.

pub mod disk;
mod format;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handle;
pub mod log;
mod maintain;
mod options;
mod read;
pub mod signin;
mod write;

pub use disk::{Disk, Held, RealDisk, Vacant, left_by_foundings};
pub use format::header::LARGEST_EVIDENCE;
pub use handle::Store;
pub use log::{Author, Committed, Detail, Meta, Record, Records};
pub use maintain::backup::{Archive, Manifest, Snapshot};
pub use maintain::check::{Info, StateProblem};
pub use maintain::draft::DraftState;
pub use maintain::init::Founding;
pub use maintain::prune::{Pruned, prune};
pub use maintain::repair::Edited;
pub use maintain::verify::{FirstBad, Verified};
pub use options::{Clock, Name, Notify, Options, RandomSource, StepDone};
pub use read::at::{At, Head};
pub use read::moved_out::{MovedOut, Sought};
pub use read::scan::Scan;
pub use read::view::View;
pub use write::evidence::{KeptEvidence, evidence_name};
pub use write::staging::Lost;
pub use write::transaction::Transaction;
