//! What a person wrote into a file of the state, read as any input: any YAML,
//! strictly.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Operators, Org, User};
use crate::error::{Error, Result};
use crate::store::Transaction;
use crate::store::format::{block_yaml, header, json, layout};
use crate::store::read::revision::from_value;

use super::FileRole;

/// The content of a file that a person edited.
#[derive(Debug)]
pub enum Edited {
    /// `operators.yaml`.
    Operators(Operators),
    /// A file of `orgs/`.
    Org(OrgId, Box<Org>),
    /// A file of `users/`: the shard's users, and those that were in it.
    Users(BTreeMap<Login, User>, Vec<Login>),
}

impl Transaction {
    /// Reads a file of the state as a person left it. [`Transaction::rebuild`]
    /// comes first: what the transaction sees is the state before the edit.
    ///
    /// # Errors
    /// Usage (2) where it is none that can be accepted, or not what belongs there.
    pub fn edited(&self, path: &str) -> Result<Edited> {
        let base = &self.view().base;
        let what = FileRole::of(base, path);
        if !layout::is_state_file(path)
            || !matches!(what, FileRole::Operators | FileRole::Org | FileRole::Users(_))
        {
            let message = format!("{path} is none of operators.yaml, orgs/*.yaml and users/*.yaml");
            return Err(Error::usage(message).about(path).command("state repair"));
        }
        let source = base.disk.open(path)?.ok_or_else(|| {
            Error::usage(format!("{path} is not there")).about(path).command("state repair")
        })?;
        let text = String::from_utf8(header::read_all(path, &*source)?)
            .map_err(|_| wrong(path, "it is no UTF-8"))?;
        let value =
            block_yaml::read::<StrictValue>(path, &text).map_err(|e| wrong(path, e.message))?.0;
        match what {
            FileRole::Operators => Ok(Edited::Operators(object(path, value)?)),
            FileRole::Org => {
                let id = path.strip_prefix("orgs/").and_then(|name| name.strip_suffix(".yaml"));
                let id = OrgId::parse(id.unwrap_or_default()).map_err(|e| wrong(path, e))?;
                Ok(Edited::Org(id, Box::new(object(path, value)?)))
            }
            _ => self.edited_users(path, value),
        }
    }

    fn edited_users(&self, path: &str, value: Value) -> Result<Edited> {
        let base = &self.view().base;
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => return Err(wrong(path, "expected a mapping of logins")),
        };
        let mut users = BTreeMap::new();
        for (key, value) in fields {
            let login = Login::parse(&key).map_err(|e| wrong(path, e))?;
            if login.as_str() != key {
                return Err(wrong(path, format!("{key} is not in lower case")));
            }
            if base.fan_out.path_of(layout::Sharded::Users, &key) != path {
                return Err(wrong(path, format!("{key} does not belong into this file")));
            }
            let user = object(path, value).map_err(|e| wrong(&key, e.message))?;
            users.insert(login, user);
        }
        let file = base.read_file(path)?;
        let body = file.as_ref().map_or("", |file| file.body());
        let mut were = Vec::new();
        for line in crate::store::format::keyed_lines::iterate(body) {
            let (token, _) =
                line.map_err(|bad| crate::store::format::keyed_lines::bad_line(path, bad))?;
            were.push(from_value(path, json::read(token).unwrap_or_default())?);
        }
        Ok(Edited::Users(users, were))
    }
}

fn wrong(path: &str, why: impl fmt::Display) -> Error {
    Error::usage(format!("{path} cannot be accepted: {why}")).about(path)
}

fn object<T: DeserializeOwned>(path: &str, value: Value) -> Result<T> {
    from_value(path, value).map_err(|e| wrong(path, e.message))
}

/// Any value, in which every key of a mapping stands once and is text. What is
/// null is left out: the state writes no nulls.
struct StrictValue(Value);

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor).map(StrictValue)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(StrictValue(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((key, StrictValue(value))) = map.next_entry::<String, StrictValue>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}
