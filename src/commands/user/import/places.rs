//! Whether any of a million keys stands twice, found without sorting them.

/// Whether one of these hashes is there more than once. Only the few that share their place
/// in a table with another need be compared.
pub(super) fn is_any_twice(hashes: &[u64]) -> bool {
    let mut seen = Places::of(hashes.len());
    let shared: Vec<u64> = hashes.iter().copied().filter(|hash| !seen.insert(*hash)).collect();
    seen.clear();
    shared.iter().for_each(|hash| _ = seen.insert(*hash));
    let mut sharing: Vec<u64> =
        hashes.iter().copied().filter(|hash| seen.contains(*hash)).collect();
    sharing.sort_unstable();
    sharing.windows(2).any(|two| two[0] == two[1])
}

/// A set of hashes by their lowest bits, many more than there are hashes: two that differ
/// seldom share a place.
struct Places {
    bits: Vec<u64>,
}

impl Places {
    /// For so many hashes.
    fn of(hashes: usize) -> Places {
        Places { bits: vec![0; (hashes / 4).next_power_of_two()] }
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        ((hash >> 6) as usize & (self.bits.len() - 1), 1 << (hash & 63))
    }

    /// Whether nothing was in that place.
    fn insert(&mut self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        let was = self.bits[word];
        self.bits[word] |= bit;
        was & bit == 0
    }

    fn contains(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }

    fn clear(&mut self) {
        self.bits.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_twice_is_found(
            hashes in prop::collection::vec(prop_oneof![any::<u64>(), 0..40_u64], 0..60),
        ) {
            let different: HashSet<u64> = hashes.iter().copied().collect();
            prop_assert_eq!(is_any_twice(&hashes), different.len() < hashes.len());
        }
    }
}
