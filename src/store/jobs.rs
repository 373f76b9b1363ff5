//! Many files to be written: in order where they are few, on all processors where they are many.

use crate::parallel::prelude::*;

use crate::error::Result;

/// Up to this many files are written in order, by one thread.
const IN_ORDER: usize = 32;

/// Does every job. Jobs that follow one another are lent the same memory.
pub(super) fn each<T: Sync>(
    jobs: &[T],
    work: impl Fn(&mut Vec<u8>, &T) -> Result<()> + Send + Sync,
) -> Result<()> {
    if jobs.len() <= IN_ORDER {
        let mut memory = Vec::new();
        jobs.iter().try_for_each(|job| work(&mut memory, job))
    } else {
        jobs.par_iter().try_for_each_init(Vec::new, work)
    }
}
