//! Time steps whose codes were used, as ranges: a set that stays small and never forgets.

use serde::{Deserialize, Serialize};

/// No set has more ranges: of more, the two that are closest become one, with the steps
/// between them. A code may then be refused that was not used, but none is accepted twice.
const MOST: usize = 16;

/// A set of time steps. In files: a number for a step, `[from,to]` for a range.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Written>", try_from = "Vec<Written>")]
pub struct UsedSteps(
    /// First and last step of each range, in order, apart from one another.
    Vec<(u64, u64)>,
);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(u64),
    Range([u64; 2]),
}

impl From<UsedSteps> for Vec<Written> {
    fn from(steps: UsedSteps) -> Vec<Written> {
        let written = |(from, to)| match from == to {
            true => Written::One(from),
            false => Written::Range([from, to]),
        };
        steps.0.into_iter().map(written).collect()
    }
}

impl TryFrom<Vec<Written>> for UsedSteps {
    type Error = &'static str;

    fn try_from(written: Vec<Written>) -> Result<UsedSteps, &'static str> {
        let range = |written| match written {
            Written::One(step) => (step, step),
            Written::Range([from, to]) => (from, to),
        };
        let ranges: Vec<(u64, u64)> = written.into_iter().map(range).collect();
        let in_order = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        match in_order && ranges.len() <= MOST && ranges.iter().all(|(from, to)| from <= to) {
            true => Ok(UsedSteps(ranges)),
            false => Err("used steps must be in order"),
        }
    }
}

impl UsedSteps {
    /// Whether it holds no steps.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `step` is one of them.
    pub(super) fn has(&self, step: u64) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&step))
    }

    /// Adds a step.
    pub(super) fn add(&mut self, step: u64) {
        self.add_range((step, step));
    }

    /// Adds all of others.
    pub(super) fn add_all(&mut self, others: &UsedSteps) {
        others.0.iter().for_each(|range| self.add_range(*range));
    }

    fn add_range(&mut self, range: (u64, u64)) {
        self.0.push(range);
        self.0.sort_unstable();
        self.join(|_, (last, next)| next <= last);
        while self.0.len() > MOST {
            let gaps = self.0.windows(2).map(|pair| pair[1].0 - pair[0].1);
            let Some((at, _)) = gaps.enumerate().min_by_key(|(_, gap)| *gap) else { return };
            self.join(|number, _| number == at);
        }
    }

    /// Makes one of two ranges that follow one another where `joins`, which sees the number
    /// of the first, its end and the beginning of the second.
    fn join(&mut self, joins: impl Fn(usize, (u64, u64)) -> bool) {
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(self.0.len());
        for (number, (from, to)) in self.0.iter().copied().enumerate() {
            match joined.last_mut() {
                Some(last) if joins(number - 1, (last.1, from)) => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        self.0 = joined;
    }

    /// Forgets those up to `step`.
    pub(super) fn keep_after(&mut self, step: u64) {
        self.0.retain(|(_, to)| *to > step);
        if let Some((from, _)) = self.0.first_mut() {
            *from = (*from).max(step.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_written_as_numbers_and_ranges() {
        let mut steps = UsedSteps::default();
        [7, 5, 7, 100].into_iter().for_each(|step| steps.add(step));
        assert_eq!(serde_json::to_string(&steps).unwrap(), "[5,7,100]");
        for read in ["[]", "[1,[3,9],12]"] {
            let steps: UsedSteps = serde_json::from_str(read).unwrap();
            assert_eq!(serde_json::to_string(&steps).unwrap(), read);
        }
        let many: Vec<usize> = (0..=MOST).collect();
        let many = serde_json::to_string(&many).unwrap();
        for wrong in ["[2,1]", "[[3,1]]", "[1,1]", "[-1]", "[[1]]", "{}", many.as_str()] {
            assert!(serde_json::from_str::<UsedSteps>(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_step_is_forgotten_and_the_set_stays_small(
            added in prop::collection::vec(any::<u64>(), 0..60),
            after in any::<u64>(),
        ) {
            let mut steps = UsedSteps::default();
            added.iter().for_each(|step| steps.add(*step));
            let mut twice = UsedSteps::default();
            twice.add_all(&steps);
            prop_assert_eq!(&twice, &steps);
            let text = serde_json::to_string(&steps).unwrap();
            prop_assert_eq!(&serde_json::from_str::<UsedSteps>(&text).unwrap(), &steps);
            prop_assert!(added.iter().all(|step| steps.has(*step)));
            if added.len() <= MOST {
                prop_assert!(steps.0.iter().all(|(from, to)| from == to), "exact as long as few");
            }
            steps.keep_after(after);
            prop_assert!(added.iter().all(|step| *step <= after || steps.has(*step)));
            prop_assert!(!steps.has(after) && (steps.is_empty() || steps.0[0].0 > after));
        }
    }
}
