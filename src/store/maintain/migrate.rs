//! Migration: from each format of a state to the next. Format 1 is the first
//! and the newest; a state of a newer one is refused when it is read.

use crate::error::Result;

use crate::store::Transaction;

/// The steps from one format to the next, the first from 1 to 2. Append-only: a step that was
/// released stays as it is, and every format keeps a frozen state under
/// fixtures/formats/ that must load for ever.
const STEPS: &[fn(&mut Transaction) -> Result<()>] = &[];

impl Transaction {
    /// The format of this state.
    pub fn format(&self) -> u32 {
        self.view().base.state.format
    }

    /// Stages what brings the state to the newest format; returns how many steps that took.
    ///
    /// # Errors
    /// What a step says.
    pub fn migrate(&mut self) -> Result<usize> {
        let done = usize::try_from(self.format().saturating_sub(1)).unwrap_or(usize::MAX);
        let steps = STEPS.get(done..).unwrap_or_default();
        steps.iter().try_for_each(|step| step(self))?;
        Ok(steps.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::format::header::FORMAT;

    #[test]
    fn every_format_but_the_first_has_its_step() {
        assert_eq!(STEPS.len(), FORMAT as usize - 1);
    }
}
