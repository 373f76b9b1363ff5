//! Progress of work on many things: a bar on stderr, where that is a terminal,
//! and only once the work has taken half a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work is done before anybody could read a bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// The clock is looked at once in so many things.
const ONCE_IN: u64 = 256;

/// How far some work is. Clones count together; the bar goes with the last one.
#[derive(Debug, Clone)]
pub struct Progress(Option<Arc<Work>>);

#[derive(Debug)]
struct Work {
    what: &'static str,
    total: Option<u64>,
    patience: Duration,
    begun: Instant,
    done: AtomicU64,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    /// Work of which nothing is to be seen.
    pub(super) fn unseen() -> Progress {
        Progress(None)
    }

    /// Work on `total` things, if it is known how many.
    pub(super) fn new(
        what: &'static str,
        total: Option<u64>,
        patience: Option<Duration>,
    ) -> Progress {
        Progress::after(patience.unwrap_or(PATIENCE), what, total)
    }

    fn after(patience: Duration, what: &'static str, total: Option<u64>) -> Progress {
        Progress(Some(Arc::new(Work {
            what,
            total,
            patience,
            begun: Instant::now(),
            done: AtomicU64::new(0),
            bar: Mutex::default(),
        })))
    }

    /// One more thing is done.
    pub fn one(&self) {
        if let Some(work) = &self.0 {
            let done = 1 + work.done.fetch_add(1, Ordering::Relaxed);
            if done.is_multiple_of(ONCE_IN) {
                work.show(done);
            }
        }
    }

    /// All of it is done, and what comes now has no parts to count.
    pub fn then(&self, what: &'static str) {
        if let Some(work) = &self.0 {
            work.show(work.done.load(Ordering::Relaxed));
            if let Some(bar) = &*work.bar() {
                bar.set_message(what);
                bar.force_draw();
            }
        }
    }
}

impl Work {
    fn bar(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, done: u64) {
        if self.begun.elapsed() >= self.patience {
            self.bar().get_or_insert_with(|| self.draw()).set_position(done);
        }
    }

    fn draw(&self) -> ProgressBar {
        let template = match self.total {
            Some(_) => "{msg} [{bar:30}] {human_pos}/{human_len}, {eta} left",
            None => "{msg}: {human_pos}, {elapsed}",
        };
        let style = ProgressStyle::with_template(template);
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
        // Hides itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(self.total, ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_message(self.what);
        bar
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(bar) = &*self.bar() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(progress: &Progress) -> Option<u64> {
        let work = progress.0.as_ref()?;
        work.bar().as_ref().map(ProgressBar::position)
    }

    #[test]
    fn short_work_shows_nothing() {
        let progress = Progress::new("reading accounts", None, None);
        (0..10_000).for_each(|_| progress.one());
        progress.then("writing");
        assert!(seen(&progress).is_none() || progress.0.unwrap().begun.elapsed() >= PATIENCE);
    }

    #[test]
    fn long_work_shows_how_far_it_is() {
        let progress = Progress::after(Duration::ZERO, "importing", Some(1_000));
        let other = progress.clone();
        (0..200).for_each(|_| progress.one());
        assert_eq!(seen(&progress), None, "not yet looked at the clock");
        (0..100).for_each(|_| other.one());
        assert_eq!(seen(&progress), Some(256), "clones count together");
        progress.then("writing");
        assert_eq!(seen(&progress), Some(300));
        let unseen = Progress::unseen();
        (0..1_000).for_each(|_| unseen.one());
        assert_eq!(seen(&unseen), None);
    }
}
