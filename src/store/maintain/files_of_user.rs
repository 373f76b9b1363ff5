//! Which files of a state hold something of one user.

use std::collections::BTreeMap;

use crate::domain::due;
use crate::domain::ids::Login;
use crate::domain::scope::Key;
use crate::error::Result;

use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::read::view::View;
use crate::store::signin;

impl View {
    /// The files that hold this user, relative to the state directory, with what is in each.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn paths_of(&self, login: &Login) -> Result<BTreeMap<String, String>> {
        let Some(user) = self.user(login)? else { return Ok(BTreeMap::new()) };
        let fan_out = self.base.fan_out;
        let mut paths = BTreeMap::new();
        let mut add = |path, what: &str| paths.insert(path, what.to_owned());
        add(fan_out.path_of(Sharded::Users, login.as_str()), "the account");
        for key in Key::of(&user) {
            add(fan_out.path_of(Sharded::Index, &key.text()), "its id or address");
        }
        for key in due::entries(login, &user).into_keys() {
            if self.due(&key.page)?.contains_key(&key.entry)
                && let Some(path) = layout::due(&key.page)
            {
                add(path, "what ends then, or waits");
            }
        }
        if self.sealed_secret(login)?.is_some() {
            add(fan_out.path_of(Sharded::Secrets, login.as_str()), "its secrets, encrypted");
        }
        if let Some(path) = signin::path_of(&*self.base.disk, &user.id)? {
            add(path, "codes used and failures at sign-in");
        }
        for policy in self.policies()? {
            let path = layout::policy(&policy);
            if self.line(&path, login.as_str())?.is_some() {
                add(path, "what a policy owns of it");
            }
        }
        for (number, exception) in &user.exceptions {
            for evidence in exception.evidence.iter().filter(|evidence| !evidence.is_url()) {
                if self.evidence(evidence.as_str())?.is_some() {
                    let name = exception.evidence_names.get(evidence);
                    let name = name.map_or(String::new(), |name| format!(": {name}"));
                    let path = layout::evidence(evidence.as_str());
                    add(path, &format!("evidence of {login}#{number}{name}"));
                }
            }
        }
        Ok(paths)
    }
}
