//! Many files to be written: in order where they are few, on all processors where they are
//! many, and of very many some while others become durable.

use rayon::prelude::*;

use crate::error::Result;

use super::shadows::Shadows;

/// Up to this many files are written in order, by one thread.
const IN_ORDER: usize = 32;
/// Of more files than this, so many at a time become durable while others are written.
const SYNCED: usize = 1 << 10;

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

/// The same, of which very much is not waited for in the end: what was written so far
/// becomes durable while the rest is written.
pub(super) fn each_synced<T: Sync>(
    shadows: &Shadows<'_>,
    jobs: &[T],
    work: impl Fn(&mut Vec<u8>, &T) -> Result<()> + Send + Sync,
) -> Result<()> {
    in_pieces(jobs, |piece| each(piece, &work), |next| shadows.sync_during(next))
}

/// Does the jobs in pieces, each but the first during a sync.
fn in_pieces<T>(
    jobs: &[T],
    mut each: impl FnMut(&[T]) -> Result<()>,
    mut sync_during: impl FnMut(&mut dyn FnMut() -> Result<()>) -> (Result<()>, Result<()>),
) -> Result<()> {
    let mut pieces = jobs.chunks(SYNCED);
    each(pieces.next().unwrap_or_default())?;
    pieces.try_for_each(|piece| {
        let (synced, done) = sync_during(&mut || each(piece));
        synced.and(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};

    /// What was done, in order, and how many syncs there were; the sync of this number fails.
    fn run(jobs: usize, fails: usize) -> (Result<()>, Vec<usize>, usize) {
        let jobs: Vec<usize> = (0..jobs).collect();
        let (mut done, mut syncs) = (Vec::new(), 0);
        let each = |piece: &[usize]| {
            done.extend_from_slice(piece);
            Ok(())
        };
        let sync_during = |work: &mut dyn FnMut() -> Result<()>| {
            syncs += 1;
            let failed = || Err(Error::new(Kind::System, "system", "the disk is full"));
            (if syncs == fails { failed() } else { Ok(()) }, work())
        };
        let result = in_pieces(&jobs, each, sync_during);
        (result, done, syncs)
    }

    #[test]
    fn every_job_is_done_once_and_few_need_no_sync() {
        for (jobs, expected) in [(0, 0), (1, 0), (SYNCED, 0), (SYNCED + 1, 1), (4 * SYNCED, 3)] {
            let (result, done, syncs) = run(jobs, usize::MAX);
            assert!(result.is_ok());
            assert_eq!((done.len(), syncs), (jobs, expected));
            assert!(done.is_sorted());
        }
    }

    #[test]
    fn a_sync_that_fails_on_the_way_fails_it_all() {
        let (result, done, syncs) = run(4 * SYNCED, 2);
        assert_eq!(result.unwrap_err().kind, Kind::System);
        assert_eq!((done.len(), syncs), (3 * SYNCED, 2));
    }
}
