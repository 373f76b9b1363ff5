//! Exceptions that ended long ago: they leave the line of their user when it next changes, and
//! come back where the clock was wrong.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::due;
use crate::domain::due::DueWhat;
use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::domain::moved_out as rules;
use crate::domain::outcome::Object;
use crate::domain::time::Time;
use crate::error::Result;

use super::transaction::Transaction;
use crate::store::read::moved_out::MovedOut;

impl Transaction {
    /// Objects as they are staged: what ended long ago leaves the lines of users who change.
    ///
    /// # Errors
    /// `cap-exceeded` (3) where a line would hold too many exceptions.
    pub(crate) fn without_old<'a>(&self, objects: &'a [Object]) -> Result<Cow<'a, [Object]>> {
        let now = (self.options.clock)();
        let mut made = Cow::Borrowed(objects);
        for (place, object) in objects.iter().enumerate() {
            let Object::User { login, before: Some(before), after: Some(after) } = object else {
                continue;
            };
            if after.exceptions.is_empty() {
                continue;
            }
            let old = self.recorded(login, after, rules::to_move_out(after, now).collect())?;
            let mut left = Arc::clone(after);
            if !old.is_empty() {
                rules::move_out(Arc::make_mut(&mut left), old);
            }
            rules::refuse_more(login, before, &left)?;
            if left.exceptions.len() != after.exceptions.len() {
                let (login, before) = (login.clone(), Some(Arc::clone(before)));
                made.to_mut()[place] = Object::User { login, before, after: Some(left) };
            }
        }
        Ok(made)
    }

    /// Those of the exceptions whose end does not wait in the calendar to be recorded.
    fn recorded(&self, login: &Login, user: &User, numbers: Vec<u32>) -> Result<Vec<u32>> {
        if numbers.is_empty() {
            return Ok(numbers);
        }
        let mut recorded: BTreeSet<u32> = numbers.into_iter().collect();
        for (key, entry) in due::entries(login, user) {
            if let DueWhat::Exception { number, .. } = entry.what
                && recorded.contains(&number)
                && self.view.due(&key.page)?.contains_key(&key.entry)
            {
                recorded.remove(&number);
            }
        }
        Ok(recorded.into_iter().collect())
    }

    /// Brings back what moved out while the clock was ahead and has not ended by `now`.
    /// Returns how many exceptions came back.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn bring_back(&mut self, now: Time) -> Result<usize> {
        let mut back: HashMap<UserId, Vec<MovedOut>> = HashMap::new();
        let open = |it: &MovedOut| it.exception.effective_end().is_none_or(|end| end > now);
        let sought = self.view.all_sought()?;
        for moved in self.view.moved_out(sought)?.into_iter().filter(open) {
            back.entry(moved.user.clone()).or_default().push(moved);
        }
        if back.is_empty() {
            return Ok(0);
        }
        let mut objects = Vec::new();
        self.view.scan()?.for_each(|login, user| {
            if let Some(moved) = back.remove(&user.id) {
                let mut after = user.clone();
                after.exceptions.extend(moved.into_iter().map(|it| (it.number, it.exception)));
                objects.push(Object::user(login, Some(user), Some(after)));
            }
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        let count = |object: &Object| match object {
            Object::User { before: Some(before), after: Some(after), .. } => {
                after.exceptions.len() - before.exceptions.len()
            }
            _ => 0,
        };
        let count = objects.iter().map(count).sum();
        // However many they are.
        self.follow(&objects)?;
        self.stage.add(None, &objects)?;
        Ok(count)
    }
}
