//! The rights of the person who typed the command. Every file that they named is opened,
//! made, renamed and removed with these, and by nothing else.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::credentials::Credentials;
use crate::error::{Error, Result};

type Job = Box<dyn FnOnce() + Send>;

/// Whoever works with the person's own rights.
#[derive(Clone)]
pub(in crate::env) struct Person(Arc<Hands>);

enum Hands {
    /// The process itself: it has these rights and no others.
    Process,
    /// A thread of its own.
    Thread(Worker),
    /// Nobody: the process cannot take on these rights.
    None,
}

struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Why nothing that is named on the command line can be opened.
#[derive(Debug)]
struct NoRights;

impl std::fmt::Display for NoRights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "mfactl was started as another user and cannot open files with your rights; \
             hand it over on standard input (-), or use sudo without -u",
        )
    }
}

impl std::error::Error for NoRights {}

impl Person {
    /// The process has the person's rights itself.
    pub(in crate::env) fn is_process() -> Person {
        Person(Arc::new(Hands::Process))
    }

    /// Nobody in the process has them.
    pub(super) fn is_nobody() -> Person {
        Person(Arc::new(Hands::None))
    }

    /// Starts a thread with the rights of the user with this id, in a process that is root's
    /// still. `owner` is whose the process becomes.
    ///
    /// # Errors
    /// System (8).
    pub(super) fn is_thread(uid: u32, owner: u32) -> Result<Person> {
        let failed = |e: &io::Error| Error::system("take on", "your own rights", e);
        let credentials = Credentials::of(uid, None)?;
        let (entered, receive_entered) = channel();
        let (jobs, receive_jobs): (_, Receiver<Job>) = channel();
        let work = move || match credentials.enter_unsignalled(owner) {
            Ok(()) => {
                let _ = entered.send(Ok(()));
                receive_jobs.iter().for_each(|job| job());
            }
            Err(e) => {
                let _ = entered.send(Err(e));
            }
        };
        let thread = std::thread::Builder::new().spawn(work).map_err(|e| failed(&e))?;
        let worker = Worker { jobs: Some(jobs), thread: Some(thread) };
        receive_entered.recv().map_err(|_| failed(&gone()))?.map_err(|e| failed(&e))?;
        Ok(Person(Arc::new(Hands::Thread(worker))))
    }

    /// Does something with the person's rights.
    ///
    /// # Errors
    /// What `work` says; permission denied where nobody has these rights.
    pub(in crate::env) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let worker = match &*self.0 {
            Hands::Process => return work(),
            Hands::None => return Err(io::Error::new(io::ErrorKind::PermissionDenied, NoRights)),
            Hands::Thread(worker) => worker,
        };
        let (answer, answered) = channel();
        let job: Job = Box::new(move || {
            let _ = answer.send(work());
        });
        worker.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &*self.0 {
            Hands::Process => "the process",
            Hands::Thread(_) => "a thread",
            Hands::None => "nobody",
        })
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread with your rights has ended")
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
