//! Work on many things on all processors. It is one function and no template, so that
//! the machinery of it is in the program once.

use std::sync::{Mutex, PoisonError};

use crate::parallel::prelude::*;

use crate::error::Result;

/// Does `work` for each of the first `count` numbers, in no order, on all processors.
///
/// # Errors
/// What `work` says; then not all of it was done.
pub(super) fn each(count: usize, work: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
    // One at a time: some take a thousand times longer than others.
    (0..count).into_par_iter().with_max_len(1).try_for_each(work)
}

/// Folds the first `count` numbers, in no order, on all processors: each part from `init`
/// by `fold`, the parts by `merge`. There are as many parts as there are processors.
///
/// # Errors
/// What `fold` says.
pub(super) fn fold<A: Send>(
    count: usize,
    init: impl Fn() -> A + Sync,
    fold: impl Fn(&mut A, usize) -> Result<()> + Sync,
    merge: impl Fn(A, A) -> A,
) -> Result<A> {
    let parts: Mutex<Vec<A>> = Mutex::default();
    each(count, &|number| {
        let waiting = lock(&parts).pop();
        let mut part = waiting.unwrap_or_else(&init);
        fold(&mut part, number)?;
        lock(&parts).push(part);
        Ok(())
    })?;
    let parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(parts.into_iter().reduce(merge).unwrap_or_else(init))
}

/// What `work` makes of each of the first `count` numbers, in their order.
///
/// # Errors
/// What `work` says.
pub(super) fn map<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let init = || Vec::new();
    let each = |made: &mut Vec<(usize, T)>, number| {
        made.push((number, work(number)?));
        Ok(())
    };
    let merge = |mut some: Vec<_>, mut others: Vec<_>| {
        some.append(&mut others);
        some
    };
    let mut made = fold(count, init, each, merge)?;
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, made)| made).collect())
}

fn lock<A>(parts: &Mutex<Vec<A>>) -> std::sync::MutexGuard<'_, Vec<A>> {
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn everything_is_done_once() {
        for count in [0_usize, 1, 2, 1_000] {
            let sum = |sum: &mut usize, number| {
                *sum += number;
                Ok(())
            };
            let expected = count * count.saturating_sub(1) / 2;
            assert_eq!(fold(count, || 0, sum, |a, b| a + b).unwrap(), expected);
            let squares: Vec<usize> = (0..count).map(|number| number * number).collect();
            assert_eq!(map(count, |number| Ok(number * number)).unwrap(), squares);
        }
    }

    #[test]
    fn what_is_wrong_ends_it() {
        let wrong = |number| match number {
            700 => Err(Error::damaged("x", "wrong")),
            number => Ok(number),
        };
        assert_eq!(map(1_000, wrong).unwrap_err().message, "wrong");
    }
}
