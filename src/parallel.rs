//! Work on all processors, or on one where no thread can be made: a limit of processes is no
//! reason to fail. Everything that is done in parallel comes through here, for rayon by itself
//! panics where its threads cannot be made.

use std::io;
use std::num::NonZero;
use std::sync::{Once, mpsc};

use rayon::ThreadPoolBuilder;

/// What takes the place of `rayon::prelude`.
pub(crate) mod prelude {
    pub(crate) use super::{IntoParIter as _, ParBridge as _, ParChunks as _, ParIter as _};
    pub(crate) use rayon::iter::{
        IndexedParallelIterator as _, ParallelExtend as _, ParallelIterator,
    };
}

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

/// As `rayon::iter::IntoParallelIterator`.
pub(crate) trait IntoParIter: rayon::iter::IntoParallelIterator + Sized {
    /// In parallel, by value.
    fn into_par_iter(self) -> Self::Iter {
        ready();
        rayon::iter::IntoParallelIterator::into_par_iter(self)
    }
}

impl<T: rayon::iter::IntoParallelIterator> IntoParIter for T {}

/// As `rayon::iter::IntoParallelRefIterator`.
pub(crate) trait ParIter<'a>: rayon::iter::IntoParallelRefIterator<'a> {
    /// In parallel, by reference.
    fn par_iter(&'a self) -> Self::Iter {
        ready();
        rayon::iter::IntoParallelRefIterator::par_iter(self)
    }
}

impl<'a, T: rayon::iter::IntoParallelRefIterator<'a> + ?Sized> ParIter<'a> for T {}

/// As `rayon::slice::ParallelSlice`.
pub(crate) trait ParChunks<T: Sync>: rayon::slice::ParallelSlice<T> {
    /// So many at a time, in parallel.
    fn par_chunks(&self, size: usize) -> rayon::slice::Chunks<'_, T> {
        ready();
        rayon::slice::ParallelSlice::par_chunks(self, size)
    }
}

impl<T: Sync, S: rayon::slice::ParallelSlice<T> + ?Sized> ParChunks<T> for S {}

/// As `rayon::iter::ParallelBridge`.
pub(crate) trait ParBridge: rayon::iter::ParallelBridge {
    /// In parallel, one drawn after the other.
    fn par_bridge(self) -> rayon::iter::IterBridge<Self> {
        ready();
        rayon::iter::ParallelBridge::par_bridge(self)
    }
}

impl<T: rayon::iter::ParallelBridge> ParBridge for T {}
