//! An exception of the second implementation.

#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) long: bool,
    /// What ends when it is approved.
    pub(super) replaces: Vec<usize>,
    pub(super) orgs: Vec<&'static str>,
    pub(super) portal: bool,
    pub(super) asked_by: &'static str,
    pub(super) asked_on: i64,
    pub(super) unenrolled: bool,
    /// Two persons were needed when it was requested.
    pub(super) two: bool,
    pub(super) waits: bool,
    pub(super) start: i64,
    pub(super) days: i64,
    pub(super) revoked: Option<i64>,
    pub(super) rejected: bool,
}

impl Term {
    pub(super) fn status(&self, now: i64) -> &'static str {
        if self.rejected {
            "rejected"
        } else if self.revoked.is_some_and(|at| at <= now) {
            "revoked"
        } else if self.waits {
            "requested"
        } else if now < self.start {
            "scheduled"
        } else if now < self.start + self.days {
            "live"
        } else {
            "expired"
        }
    }

    /// The last day on which it can be live, that day not included.
    pub(super) fn ends(&self) -> i64 {
        match self.revoked {
            _ if self.waits => i64::MAX,
            Some(at) => at.min(self.start + self.days),
            None => self.start + self.days,
        }
    }

    pub(super) fn open(&self, now: i64) -> bool {
        ["requested", "scheduled", "live"].contains(&self.status(now))
    }
}
