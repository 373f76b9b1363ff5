//! Waiting for a lock that another process holds.

use std::time::{Duration, Instant};

use crate::signals::may_stop;

/// The longest sleep between two attempts.
const LONGEST_NAP: Duration = Duration::from_millis(20);

/// One wait with one time limit, for one or more locks.
#[derive(Debug)]
pub(crate) struct Wait {
    begun: Instant,
    timeout: Duration,
}

impl Wait {
    /// Starts the clock.
    pub(crate) fn begin(timeout: Duration) -> Wait {
        Wait { begun: Instant::now(), timeout }
    }

    /// The time since the wait began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Repeats `attempt` until it returns something; `None` once the time is up.
    ///
    /// # Errors
    /// The first error of `attempt`.
    pub(crate) fn until<T, E>(
        &self,
        mut attempt: impl FnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let mut nap = Duration::from_millis(1);
        loop {
            if let Some(taken) = attempt()? {
                return Ok(Some(taken));
            }
            let left = self.timeout.saturating_sub(self.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            may_stop(|| std::thread::sleep(nap.min(left)));
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }
}
