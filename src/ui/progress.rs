//! Progress of work on many things: a bar on stderr, where that is a terminal,
//! and only once the work has taken half a second.
//!
//! No library: those that draw bars need the C library of mathematics to guess the time that
//! is left, and loading it takes a tenth of the start of every command.

use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

/// Shorter work is done before anybody could read a bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// Nobody reads faster.
const PAUSE: Duration = Duration::from_millis(50);
/// The clock is looked at once in so many things.
const ONCE_IN: u64 = 256;
/// Columns of the bar itself.
const BAR: u64 = 30;
/// Back to the beginning of the line, and the line cleared (ECMA-48 §8.3.41).
const CLEARED: &str = "\r\x1b[2K";

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
    /// When something was drawn last, if anything was.
    drawn: Mutex<Option<Instant>>,
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
            drawn: Mutex::default(),
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
        if let Some(work) = &self.0
            && work.begun.elapsed() >= work.patience
        {
            work.draw(what, work.done.load(Ordering::Relaxed));
        }
    }
}

impl Work {
    fn drawn(&self) -> MutexGuard<'_, Option<Instant>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, done: u64) {
        if self.begun.elapsed() < self.patience {
            return;
        }
        if self.drawn().as_ref().is_none_or(|last| last.elapsed() >= PAUSE) {
            self.draw(self.what, done);
        }
    }

    fn draw(&self, what: &str, done: u64) {
        let mut drawn = self.drawn();
        *drawn = Some(Instant::now());
        put(&self.line(what, done));
    }

    /// `importing accounts [=====>    ] 1,024/15,000, 3 s left`
    fn line(&self, what: &str, done: u64) -> String {
        let elapsed = self.begun.elapsed().as_secs();
        let Some(total) = self.total.filter(|total| *total > 0) else {
            return format!("{what}: {}, {elapsed} s", grouped(done));
        };
        let done = done.min(total);
        let (full, left) = (done * BAR / total, elapsed * (total - done) / done.max(1));
        let bar: String = (0..BAR)
            .map(|column| match column.cmp(&full) {
                std::cmp::Ordering::Less => '=',
                std::cmp::Ordering::Equal => '>',
                std::cmp::Ordering::Greater => ' ',
            })
            .collect();
        format!("{what} [{bar}] {}/{}, {left} s left", grouped(done), grouped(total))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.drawn().is_some() {
            put("");
        }
    }
}

/// Whether a write of a few bytes would not wait.
pub(super) fn takes_more(out: impl AsFd) -> bool {
    let mut polled = [PollFd::new(&out, PollFlags::OUT)];
    let now = Timespec::default();
    let ready = rustix::event::poll(&mut polled, Some(&now));
    ready.is_ok_and(|ready| ready > 0) && polled[0].revents().contains(PollFlags::OUT)
}

/// Puts a line in the place of the last one, where stderr is a terminal that is wide enough.
fn put(line: &str) {
    // Not locked: a line that nobody reads may be on its way, and keeps it locked.
    let stderr = std::io::stderr();
    // A terminal that was stopped (Ctrl-S) takes nothing. Waiting for it would keep the lock.
    if !stderr.is_terminal() || !takes_more(&stderr) {
        return;
    }
    let columns = rustix::termios::tcgetwinsize(&stderr).map_or(0, |size| usize::from(size.ws_col));
    // A terminal that does not say how wide it is has room.
    let cut: String =
        line.chars().take(if columns == 0 { usize::MAX } else { columns - 1 }).collect();
    // It may have room for a part of the line alone.
    super::unhurried(format!("{CLEARED}{cut}"));
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn seen(progress: &Progress) -> bool {
        progress.0.as_ref().is_some_and(|work| work.drawn().is_some())
    }

    #[test]
    fn short_work_shows_nothing() {
        let progress = Progress::new("reading accounts", None, None);
        (0..10_000).for_each(|_| progress.one());
        progress.then("writing");
        assert!(!seen(&progress) || progress.0.unwrap().begun.elapsed() >= PATIENCE);
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_500_000, "1,500,000")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn long_work_shows_how_far_it_is() {
        let progress = Progress::after(Duration::ZERO, "importing", Some(1_000));
        let other = progress.clone();
        (0..200).for_each(|_| progress.one());
        assert!(!seen(&progress), "not yet looked at the clock");
        (0..100).for_each(|_| other.one());
        assert!(seen(&progress), "clones count together");
        let line = progress.0.as_ref().unwrap().line("writing", 300);
        assert_eq!(line, "writing [=========>                    ] 300/1,000, 0 s left");
        let unseen = Progress::unseen();
        (0..1_000).for_each(|_| unseen.one());
        assert!(!seen(&unseen));
        let open = Progress::after(Duration::ZERO, "reading", None);
        assert_eq!(open.0.as_ref().unwrap().line("reading", 1_024), "reading: 1,024, 0 s");
    }

    /// Bug: a progress bar waited for a stopped terminal, with the lock held.
    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        assert!(takes_more(&writer));
        let capacity = rustix::pipe::fcntl_getpipe_size(&writer).unwrap();
        writer.write_all(&vec![b'x'; capacity]).unwrap();
        assert!(!takes_more(&writer));
        std::io::Read::read_exact(&mut reader, &mut vec![0; capacity]).unwrap();
        assert!(takes_more(&writer));
        drop(reader);
        assert!(takes_more(&writer), "an error is no wait");
    }
}
