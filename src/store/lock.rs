//! The lock of the state directory, and the note in it: which boot of the
//! machine wrote last, and who is writing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::signals::may_stop;

use super::{Disk, Held, Options};

/// How long to sleep between two tries at most.
const LONGEST_NAP: Duration = Duration::from_millis(20);

/// Takes the lock, shared or exclusive, waiting up to the timeout.
pub(super) fn acquire(
    disk: &Arc<dyn Disk>,
    options: &Options,
    exclusive: bool,
) -> Result<Arc<dyn Held>> {
    let lock =
        Lock { place: disk.place(), holder: &|| holder(disk), try_it: &|| disk.lock(exclusive) };
    lock.acquire(options)
}

/// Takes the lock of a shard of sign-ins, in which nobody leaves a note.
pub(super) fn acquire_shard(
    disk: &Arc<dyn Disk>,
    options: &Options,
    file: &str,
) -> Result<Arc<dyn Held>> {
    let lock = Lock {
        place: format!("{}/{file}", disk.place()),
        holder: &|| "another sign-in of the same shard".to_owned(),
        try_it: &|| disk.lock_at(file),
    };
    lock.acquire(options)
}

/// A lock that is waited for.
struct Lock<'a> {
    place: String,
    holder: &'a dyn Fn() -> String,
    try_it: &'a dyn Fn() -> Result<Option<Box<dyn Held>>>,
}

impl Lock<'_> {
    fn acquire(&self, options: &Options) -> Result<Arc<dyn Held>> {
        let begun = Instant::now();
        let mut nap = Duration::from_millis(1);
        let mut told = false;
        loop {
            if let Some(held) = (self.try_it)()? {
                return Ok(held.into());
            }
            let waited = begun.elapsed();
            if waited >= options.lock_timeout {
                return Err(self.busy(options));
            }
            // Readers and ordinary writers are gone in no time: nobody needs to hear of them.
            if !told && waited >= Duration::from_millis(200) {
                told = true;
                (options.waiting)(&(self.holder)());
            }
            let left = options.lock_timeout.saturating_sub(waited);
            may_stop(|| std::thread::sleep(nap.min(left)));
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }

    fn busy(&self, options: &Options) -> Error {
        let message = format!(
            "{} is in use by {}, and was not free within {} s",
            self.place,
            (self.holder)(),
            options.lock_timeout.as_secs_f32()
        );
        Error::new(Kind::Busy, "busy", message)
            .about(&self.place)
            .words("wait longer with --lock-timeout")
    }
}

/// Who holds the lock, in words.
fn holder(disk: &Arc<dyn Disk>) -> String {
    match disk.note().map(|text| Note::parse(&text)) {
        Ok(Note { writer, .. }) if !writer.is_empty() => writer,
        _ => "another mfactl".to_owned(),
    }
}

/// What stands in the lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Note {
    /// The boot of the machine in which it was written.
    pub(super) boot: String,
    /// Who is writing; empty between two writers. Where it is not, a writer was killed.
    pub(super) writer: String,
}

impl Note {
    /// Reads it. It is never synced, and may be torn: whatever it says is taken.
    pub(super) fn parse(text: &str) -> Note {
        let plain = |line: Option<&str>| {
            let line = line.unwrap_or_default();
            line.chars().filter(|c| !c.is_control()).take(200).collect::<String>()
        };
        let mut lines = text.lines();
        let boot = plain(lines.next());
        Note { boot, writer: plain(lines.next()) }
    }

    /// The note of this process while it writes.
    pub(super) fn of_writer(options: &Options) -> Note {
        let writer = format!("pid {}: {}", std::process::id(), options.command);
        Note { boot: (options.boot_id)(), writer }
    }

    /// The note that is left behind when all is done.
    pub(super) fn at_rest(options: &Options) -> Note {
        Note { boot: (options.boot_id)(), writer: String::new() }
    }

    /// As it stands in the file.
    pub(super) fn text(&self) -> String {
        let line = |text: &str| text.replace(char::is_control, " ");
        format!("{}\n{}\n", line(&self.boot), line(&self.writer))
    }
}
