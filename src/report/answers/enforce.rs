//! What switching enforcement would do to whom, for `org enforce --dry-run`.

use serde::Serialize;

use super::change::ChangeReport;
use crate::domain::change::{Effect, NAMES, NameSample};
use crate::domain::ids::Login;
use crate::domain::time::Time;
use crate::report::{Human, Page, Style};

/// The change, with its effect on the members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnforceReport {
    /// The change itself.
    #[serde(flatten)]
    pub change: ChangeReport,
    /// The effect; none where nothing would change.
    pub effect: Option<EffectReport>,
    /// The code with which it would be refused, if it would.
    pub refused: Option<&'static str>,
}

/// The effect on the members, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectReport {
    /// The instant that it is counted for: now, or the start of enforcement.
    pub at: Time,
    /// All members.
    pub members: usize,
    /// Members that must enrol at their next sign-in: now, and afterwards.
    pub must_enrol: CountChange,
    /// Who must enrol at the next sign-in, afterwards.
    pub enrol_now: NamesReport,
    /// Who must enrol when the grace ends.
    pub enrol_after_grace: NamesReport,
    /// When the last grace of them ends.
    pub last_grace_ends: Option<Time>,
    /// Members that are asked for a code and have an enrolment.
    pub required: CountChange,
    /// Members in grace.
    pub in_grace: CountChange,
    /// Members outside: their identity provider decides.
    pub sso: usize,
    /// Members exempt by an exception.
    pub exempt_by_exception: usize,
    /// Members exempt by an opt-out.
    pub exempt_by_opt_out: usize,
    /// Members who need no second factor.
    pub not_required: usize,
    /// Members whose account is not active.
    pub inactive: usize,
    /// Opt-outs that stop working.
    pub opt_outs_stopping: NamesReport,
    /// Active members with the role admin.
    pub admins: usize,
    /// Those of them that would be let in.
    pub admins_let_in: NamesReport,
}

/// A count before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CountChange {
    /// Before.
    pub before: usize,
    /// After.
    pub after: usize,
}

/// A count with the first names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamesReport {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Login>,
}

impl From<(usize, usize)> for CountChange {
    fn from((before, after): (usize, usize)) -> CountChange {
        CountChange { before, after }
    }
}

impl From<&NameSample> for NamesReport {
    fn from(names: &NameSample) -> NamesReport {
        NamesReport { count: names.count, first: names.first.clone() }
    }
}

impl EffectReport {
    /// The counts of `effect` at `at`.
    pub fn new(at: Time, effect: &Effect) -> EffectReport {
        EffectReport {
            at,
            members: effect.members,
            must_enrol: effect.must_enrol.into(),
            enrol_now: NamesReport::from(&effect.enrol_now),
            enrol_after_grace: NamesReport::from(&effect.enrol_after_grace),
            last_grace_ends: effect.last_grace,
            required: effect.required.into(),
            in_grace: effect.in_grace.into(),
            sso: effect.sso,
            exempt_by_exception: effect.exempt_by_exception,
            exempt_by_opt_out: effect.exempt_by_opt_out,
            not_required: effect.not_required,
            inactive: effect.inactive,
            opt_outs_stopping: NamesReport::from(&effect.opt_outs_stopping),
            admins: effect.admins,
            admins_let_in: NamesReport::from(&effect.admins_let_in),
        }
    }

    fn fields(&self, page: Page, style: &Style) -> Page {
        let change = |change: CountChange| match change {
            CountChange { before, after } if before == after => format!("{after}, as before"),
            CountChange { before, after } => format!("{after} (before: {before})"),
        };
        page.field("counted for", style.time(self.at))
            .field("members", self.members.to_string())
            .field("must enrol at the next sign-in", change(self.must_enrol))
            .maybe("  these", self.enrol_now.listed(style))
            .field("must enrol when the grace ends", self.enrol_after_grace.count.to_string())
            .maybe("  these", self.enrol_after_grace.listed(style))
            .maybe("  at the latest", self.last_grace_ends.map(|end| style.time(end)))
            .field("asked for a code", change(self.required))
            .field("in grace", change(self.in_grace))
            .field("outside: SSO", self.sso.to_string())
            .field("exempt by an exception", self.exempt_by_exception.to_string())
            .field("exempt by an opt-out", self.exempt_by_opt_out.to_string())
            .field("nothing asked for", self.not_required.to_string())
            .field("not active", self.inactive.to_string())
            .field("opt-outs that stop working", self.opt_outs_stopping.words())
            .field(
                "admins that get in",
                format!("{} of {}", self.admins_let_in.words(), self.admins),
            )
    }
}

impl NamesReport {
    /// Some of the names, or all with `--wide`; `-` if there are none.
    fn listed(&self, style: &Style) -> Option<String> {
        let most = if style.wide { self.first.len() } else { NAMES };
        let names: Vec<&str> = self.first.iter().take(most).map(Login::as_str).collect();
        let more = if self.count > names.len() { ", …" } else { "" };
        (self.count > 0).then(|| format!("{}{more}", names.join(", ")))
    }

    fn words(&self) -> String {
        let names: Vec<&str> = self.first.iter().map(Login::as_str).collect();
        match self.count {
            0 => "0".to_owned(),
            count if count > names.len() => format!("{count} ({}, …)", names.join(", ")),
            count => format!("{count} ({})", names.join(", ")),
        }
    }
}

impl Human for EnforceReport {
    fn page(&self, style: &Style) -> Page {
        let mut page = match &self.refused {
            Some(refused) => Page::new()
                .title(format!("refused ({refused}); forced, it would have this effect:")),
            None => self.change.page(style),
        };
        if let Some(effect) = &self.effect {
            page = page.paragraph("");
            page = effect.fields(page, style);
        }
        page
    }
}
