//! Files of evidence, which are kept under their SHA-256: found and read again.

use std::sync::Arc;

use crate::domain::ids::Evidence;
use crate::error::{Error, Kind, Result};

use crate::store::disk::Source;
use crate::store::format::digest::Digest;
use crate::store::format::{header, layout};
use crate::store::log::raw_backward;
use crate::store::read::file_list::FileList;
use crate::store::read::view::View;

/// The name of a file with these bytes among the evidence: its SHA-256.
pub fn evidence_name(bytes: &[u8]) -> Evidence {
    Evidence::parse(&Digest::of(bytes).to_string()).expect("a SHA-256 in hex is evidence")
}

/// A file of evidence, open: it can still be read after the view is released.
pub struct KeptEvidence {
    path: String,
    sha256: String,
    source: Box<dyn Source>,
}

impl KeptEvidence {
    /// Reads all of it and compares it with its hash.
    ///
    /// # Errors
    /// Damaged (7) if it does not fit its name; system (8).
    pub fn read(&self) -> Result<Vec<u8>> {
        let bytes = header::read_all(&self.path, &*self.source)?;
        if Digest::of(&bytes).to_string() == self.sha256 {
            return Ok(bytes);
        }
        let message = format!("{} is not what its name says", self.path);
        Err(Error::damaged(&self.path, message).command("state check"))
    }
}

impl View {
    /// A file of evidence, by its SHA-256, if it is kept.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn evidence(&self, sha256: &str) -> Result<Option<KeptEvidence>> {
        let path = layout::evidence(sha256);
        if !layout::is_state_file(&path) {
            return Ok(None);
        }
        let opened = match self.base.open(&path) {
            // One that the newest record added and that was lost since is not kept either.
            Err(e) if e.kind == Kind::Damaged && self.base.disk.open(&path)?.is_none() => None,
            opened => opened?,
        };
        Ok(opened.map(|opened| KeptEvidence {
            path,
            sha256: sha256.to_owned(),
            source: opened.source,
        }))
    }

    /// Asserts that a file of evidence that is not kept was removed by a recorded change:
    /// `audit prune` does that.
    ///
    /// # Errors
    /// Damaged (7) where the log does not say so; as [`View::operators`].
    pub fn evidence_was_removed(&self, sha256: &str) -> Result<()> {
        if !self.is_evidence_lost(sha256)? {
            return Ok(());
        }
        let path = layout::evidence(sha256);
        Err(Error::damaged(&path, format!("{path} is missing")).command("state check"))
    }

    /// Whether a file of evidence that is not kept was not removed by a recorded change.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn is_evidence_lost(&self, sha256: &str) -> Result<bool> {
        let path = layout::evidence(sha256);
        for raw in raw_backward(Arc::clone(&self.base.disk), &self.base.tail) {
            match FileList::of(&raw?.commit).change(&*self.base.disk, &path)? {
                Some(change) if change.after.is_none() => return Ok(false),
                Some(_) => break,
                None => {}
            }
        }
        Ok(true)
    }
}
