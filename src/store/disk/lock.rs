//! The lock of the state directory, and the note in it: which boot of the
//! machine wrote last, and who is writing.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::waiting::Wait;

use crate::store::{Disk, Held, Options};

/// Readers and ordinary writers let go sooner: nobody needs to hear of them.
const WORTH_TELLING: Duration = Duration::from_millis(200);

/// Takes the lock, shared or exclusive, waiting up to the timeout. Whoever waits for it has
/// the turn meanwhile, and whoever comes later waits for the turn: readers that come one after
/// the other do not keep a writer out, nor do writers a reader.
pub(crate) fn acquire(
    disk: &Arc<dyn Disk>,
    options: &Options,
    exclusive: bool,
) -> Result<Arc<dyn Held>> {
    let mut turn = None;
    taken(&disk.place(), options, &|| holder(disk, exclusive), || {
        if turn.is_none() {
            turn = disk.turn()?;
        }
        if turn.is_some() { disk.lock(exclusive) } else { Ok(None) }
    })
}

/// Takes the lock of a shard of sign-ins, in which nobody leaves a note.
pub(crate) fn acquire_shard(
    disk: &Arc<dyn Disk>,
    options: &Options,
    file: &str,
) -> Result<Arc<dyn Held>> {
    let place = format!("{}/{file}", disk.place());
    let holder = || "another sign-in of the same shard".to_owned();
    taken(&place, options, &holder, || disk.lock_at(file))
}

/// Waits until `attempt` takes the lock of `place`. A long wait is reported once.
fn taken(
    place: &str,
    options: &Options,
    holder: &dyn Fn() -> String,
    mut attempt: impl FnMut() -> Result<Option<Box<dyn Held>>>,
) -> Result<Arc<dyn Held>> {
    let wait = Wait::begin(options.lock_timeout);
    let mut told = false;
    let held = wait.until(|| -> Result<_> {
        let held = attempt()?;
        if held.is_none() && !told && wait.elapsed() >= WORTH_TELLING {
            told = true;
            (options.waiting)(&format!("waiting for the lock of {place}: held by {}", holder()));
        }
        Ok(held)
    })?;
    held.map(Arc::from).ok_or_else(|| {
        let message = format!(
            "{place} is in use by {}, and was not free within {} s",
            holder(),
            options.lock_timeout.as_secs_f32()
        );
        Error::new(Kind::Busy, "busy", message)
            .about(place)
            .words("wait longer with --lock-timeout")
    })
}

/// Who holds the lock, in words. The note tells of a writer only where that one lives and has
/// the lock file open: one that was killed leaves its note to whoever comes next.
fn holder(disk: &Arc<dyn Disk>, exclusive: bool) -> String {
    // Where it can be shared, only those hold it who read.
    if exclusive && matches!(disk.lock(false), Ok(Some(_))) {
        return "commands that read it".to_owned();
    }
    let note = disk.note().map(|text| Note::parse(&text)).unwrap_or_default();
    match note.pid() {
        Some(pid) if disk.is_open_in(pid) => note.writer,
        _ => "another mfactl".to_owned(),
    }
}

/// What stands in the lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Note {
    /// The boot of the machine in which it was written.
    pub(crate) boot: String,
    /// Who is writing; empty between two writers. Where it is not, a writer was killed.
    pub(crate) writer: String,
}

impl Note {
    /// Reads it. It is never synced, and may be torn: whatever it says is taken.
    pub(crate) fn parse(text: &str) -> Note {
        let plain = |line: Option<&str>| {
            let line = line.unwrap_or_default();
            line.chars().filter(|c| !c.is_control()).take(200).collect::<String>()
        };
        let mut lines = text.lines();
        let boot = plain(lines.next());
        Note { boot, writer: plain(lines.next()) }
    }

    /// The process that wrote it.
    fn pid(&self) -> Option<u32> {
        self.writer.strip_prefix("pid ")?.split(':').next()?.parse().ok()
    }

    /// The note of this process while it writes.
    pub(crate) fn of_writer(options: &Options) -> Note {
        let writer = format!("pid {}: {}", std::process::id(), options.command);
        Note { boot: (options.boot_id)(), writer }
    }

    /// The note that is left behind when all is done.
    pub(crate) fn at_rest(options: &Options) -> Note {
        Note { boot: (options.boot_id)(), writer: String::new() }
    }

    /// As it stands in the file.
    pub(crate) fn text(&self) -> String {
        let line = |text: &str| text.replace(char::is_control, " ");
        format!("{}\n{}\n", line(&self.boot), line(&self.writer))
    }
}
