//! Work on all processors, or on one where no thread can be made: a limit of processes is no
//! reason to fail. Everything that is done in parallel comes through here, for rayon by itself
//! panics where its threads cannot be made.

use std::io;
use std::num::NonZero;
use std::sync::{Mutex, Once, PoisonError, mpsc};

use rayon::ThreadPoolBuilder;
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _,
    ParallelIterator as _,
};

use crate::error::Result;

/// Fewer pieces of work than this are done by one thread.
pub(crate) const MANY: usize = 256;

/// Makes the threads at the first call: as many as there are processors, or as can be made.
fn ready() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let workers = workers(processors);
        let pool = ThreadPoolBuilder::new();
        let built = match workers.len() {
            0 => pool.num_threads(1).use_current_thread().build_global(),
            count => {
                let start = move |worker: rayon::ThreadBuilder| {
                    workers[worker.index()]
                        .send(worker)
                        .map_err(|_| io::ErrorKind::BrokenPipe.into())
                };
                pool.num_threads(count).spawn_handler(start).build_global()
            }
        };
        // It cannot be made twice only: then the first one serves.
        drop(built);
    });
}

/// Threads that wait for what they are to run, before anything counts on them.
fn workers(wanted: usize) -> Vec<mpsc::Sender<rayon::ThreadBuilder>> {
    let mut workers = Vec::new();
    for _ in 0..wanted {
        let (give, take) = mpsc::channel::<rayon::ThreadBuilder>();
        let run = move || {
            if let Ok(worker) = take.recv() {
                worker.run();
            }
        };
        match std::thread::Builder::new().spawn(run) {
            Ok(_) => workers.push(give),
            Err(_) => break,
        }
    }
    workers
}

/// Does both, at the same time where there is a thread for it.
pub(crate) fn join<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    ready();
    rayon::join(one, other)
}

/// What `work` makes of each item, in their order: on all processors where there are many.
pub(crate) fn map_slice<'a, T: Sync, R: Send>(
    items: &'a [T],
    work: impl Fn(&'a T) -> R + Send + Sync,
) -> Vec<R> {
    if items.len() < MANY {
        return items.iter().map(work).collect();
    }
    ready();
    items.par_iter().map(work).collect()
}

/// Does `work` for each of the first `count` numbers, in no order, on all processors.
///
/// # Errors
/// What `work` says; then not all of it was done.
pub(crate) fn each(count: usize, work: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
    ready();
    // One at a time: some take a thousand times longer than others.
    (0..count).into_par_iter().with_max_len(1).try_for_each(work)
}

/// Folds the first `count` numbers, in no order, on all processors: each part from `init`
/// by `fold`, the parts by `merge`. There are as many parts as there are processors.
///
/// # Errors
/// What `fold` says.
pub(crate) fn fold<A: Send>(
    count: usize,
    init: impl Fn() -> A + Sync,
    fold: impl Fn(&mut A, usize) -> Result<()> + Sync,
    merge: impl Fn(A, A) -> A,
) -> Result<A> {
    let parts: Mutex<Vec<A>> = Mutex::default();
    each(count, &|number| {
        let waiting = lock(&parts).pop();
        let mut part = waiting.unwrap_or_else(&init);
        fold(&mut part, number)?;
        lock(&parts).push(part);
        Ok(())
    })?;
    let parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(parts.into_iter().reduce(merge).unwrap_or_else(init))
}

/// What `work` makes of each of the first `count` numbers, in their order.
///
/// # Errors
/// What `work` says.
pub(crate) fn map<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let init = || Vec::new();
    let each = |made: &mut Vec<(usize, T)>, number| {
        made.push((number, work(number)?));
        Ok(())
    };
    let merge = |mut some: Vec<_>, mut others: Vec<_>| {
        some.append(&mut others);
        some
    };
    let mut made = fold(count, init, each, merge)?;
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, made)| made).collect())
}

fn lock<A>(parts: &Mutex<Vec<A>>) -> std::sync::MutexGuard<'_, Vec<A>> {
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn everything_is_done_once() {
        for count in [0_usize, 1, 2, 1_000] {
            let sum = |sum: &mut usize, number| {
                *sum += number;
                Ok(())
            };
            let expected = count * count.saturating_sub(1) / 2;
            assert_eq!(fold(count, || 0, sum, |a, b| a + b).unwrap(), expected);
            let squares: Vec<usize> = (0..count).map(|number| number * number).collect();
            assert_eq!(map(count, |number| Ok(number * number)).unwrap(), squares);
        }
    }

    #[test]
    fn what_is_wrong_ends_it() {
        let wrong = |number| match number {
            700 => Err(Error::damaged("x", "wrong")),
            number => Ok(number),
        };
        assert_eq!(map(1_000, wrong).unwrap_err().message, "wrong");
    }
}
