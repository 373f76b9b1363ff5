//! Changes that are made apart from their transaction, as it will stage them: what is done
//! there is not done when it takes them, one after the other.

use crate::domain::ids::Login;
use crate::domain::outcome::Object;

use super::staging::{LINE, Spans, StagedUser, TOGETHER, may_end};
use crate::store::format::piece::Texts;

/// Changes that are made apart from their transaction: what came of them so far.
pub struct Making {
    texts: Texts,
    parts: Vec<MakingPart>,
}

enum MakingPart {
    /// A new user, and whether anything of it may end.
    New(Login, Spans, bool),
    Other(String, Vec<Object>),
}

impl Default for Making {
    fn default() -> Making {
        let texts = Texts::with_capacity(TOGETHER * LINE);
        Making { texts, parts: Vec::with_capacity(TOGETHER) }
    }
}

impl Making {
    /// Adds what came of one change, under the subject that the audit names.
    pub fn add(&mut self, subject: String, objects: Vec<Object>) {
        self.parts.push(match &objects[..] {
            [object @ Object::User { login, before: None, after: Some(user) }] => {
                let spans = Spans::add(&mut self.texts, Some(&subject), object);
                MakingPart::New(login.clone(), spans, may_end(user))
            }
            _ => MakingPart::Other(subject, objects),
        });
    }

    /// All that came of them; what comes of later ones is made in the same memory.
    pub fn done(&mut self) -> Made {
        let all = self.texts.done();
        let part = |part| match part {
            MakingPart::New(login, spans, may_end) => {
                let change = spans.staged(&all);
                Part::New(StagedUser { login, change, keeps_keys: false, may_end })
            }
            MakingPart::Other(subject, objects) => Part::Other(subject, objects),
        };
        Made(self.parts.drain(..).map(part).collect())
    }
}

/// What came of changes that were made apart, in the form in which a transaction stages them.
#[derive(Default)]
pub struct Made(pub(crate) Vec<Part>);

pub(crate) enum Part {
    /// A new user, of whom all is done that is done apart.
    New(StagedUser),
    /// What came of any other change, under its subject.
    Other(String, Vec<Object>),
}
