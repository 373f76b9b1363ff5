//! An exception, for `exception show` and `list` and for `after` of its changes.

use serde::Serialize;

use crate::domain::ids::{Evidence, ExceptionId, Login, OrgId, ReasonCode, Service, Text};
use crate::domain::model::{Channel, Exception, ExceptionKind, FollowUp, Status};
use crate::domain::time::Time;
use crate::report::format::text::{dash, names};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// An exception at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExceptionReport {
    /// Its name, `alice#3`.
    pub id: ExceptionId,
    /// Whose it is.
    pub login: Login,
    /// Short or long.
    pub kind: ExceptionKind,
    /// The orgs that it covers.
    pub orgs: Vec<OrgId>,
    /// The services that it covers; none: all.
    pub services: Option<Vec<Service>>,
    /// The code of the reason.
    pub reason: ReasonCode,
    /// A note in words.
    pub note: Option<Text>,
    /// Hashes of files, or URLs.
    pub evidence: Vec<Evidence>,
    /// How the request came.
    pub channel: Channel,
    /// Who asked for it.
    pub requested_by: Text,
    /// The operator who approved it.
    pub approved_by: Option<String>,
    /// Its start, itself part of it.
    pub starts_at: Time,
    /// Its end, not itself part of it; none where approval decides it.
    pub ends_at: Option<Time>,
    /// What it is at the instant asked about.
    pub status: Status,
    /// The code of the follow-up.
    pub follow_up: Option<&'static str>,
    /// The same in words, for people only.
    #[serde(skip)]
    pub follow_up_words: Option<&'static str>,
}

impl ExceptionReport {
    /// The exception `number` of `login` at `at`.
    pub fn new(login: &Login, number: u32, exception: &Exception, at: Time) -> ExceptionReport {
        let follow_up: FollowUp = exception.follow_up;
        ExceptionReport {
            id: ExceptionId { login: login.clone(), number },
            login: login.clone(),
            kind: exception.kind,
            orgs: exception.orgs.iter().cloned().collect(),
            services: exception.services.as_ref().map(|all| all.iter().cloned().collect()),
            reason: exception.reason.clone(),
            note: exception.note.clone(),
            evidence: exception.evidence.iter().cloned().collect(),
            channel: exception.channel,
            requested_by: exception.requested_by.clone(),
            approved_by: exception.approved_by.clone(),
            starts_at: exception.starts_at,
            ends_at: exception.ends_at,
            status: exception.status(at),
            follow_up: follow_up.code(),
            follow_up_words: follow_up.words(),
        }
    }
}

impl CsvRecord for ExceptionReport {
    const HEADER: &'static [&'static str] = &[
        "id",
        "login",
        "kind",
        "orgs",
        "services",
        "reason",
        "note",
        "evidence",
        "channel",
        "requested_by",
        "approved_by",
        "starts_at",
        "ends_at",
        "status",
        "follow_up",
    ];
}

impl Row for ExceptionReport {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("ID", &self.id),
            Cell::id("STATUS", self.status.as_str()),
            Cell::time("ENDS", style.time_or_dash(self.ends_at)),
            Cell::text("REASON", &self.reason),
            Cell::id("KIND", self.kind.as_str()).optional(),
            Cell::names("ORGS", names(&self.orgs)),
        ]
    }
}

impl Human for ExceptionReport {
    fn page(&self, style: &Style) -> Page {
        Page::new()
            .title(format!("{}: {}, {}", self.id, self.kind.as_str(), self.status.as_str()))
            .field("orgs", names(&self.orgs))
            .field("services", self.services.as_ref().map_or("all".to_owned(), names))
            .field("starts", style.time(self.starts_at))
            .field(
                "ends",
                match self.ends_at {
                    Some(end) => style.time(end),
                    None => "counts from its approval".to_owned(),
                },
            )
            .field("reason", self.reason.as_str())
            .maybe("note", self.note.as_ref())
            .field("evidence", names(&self.evidence))
            .field("requested by", format!("{}, {}", self.requested_by, self.channel.as_str()))
            .field("approved by", dash(&self.approved_by))
            .maybe("follow-up", self.follow_up_words)
    }
}
