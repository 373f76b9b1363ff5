//! Options that are accepted anywhere on the command line, for every verb.
//!
//! clap's own global options are copied into every verb of a noun, chosen or
//! not: most of the time that parsing takes. So they are declared once at each
//! of the three levels (program, noun, verb) where that level is built, and put
//! together here. One that is given at two levels is an error, as it is at one.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, ColorChoice};

use crate::domain::ids::OperatorName;
use crate::domain::time::Span;
use crate::report::OutputFormat;

/// The options that may be given once, by their ids and as people know them.
const ONCE: [(&str, &str); 10] = [
    ("state", "--state <DIR>"),
    ("config", "--config <FILE>"),
    ("instance", "--instance <NAME>"),
    ("acting_as", "--as <OPERATOR>"),
    ("format", "--format <FORMAT>"),
    ("yes", "--yes"),
    ("lock_timeout", "--lock-timeout <DURATION>"),
    ("color", "--color <WHEN>"),
    ("wide", "--wide"),
    ("allow_nfs", "--allow-nfs"),
];

/// What the global options say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// The state directory as it was typed.
    pub state: Option<PathBuf>,
    /// The configuration file as it was typed.
    pub config: Option<PathBuf>,
    /// The name of a configuration in /etc/mfactl.
    pub instance: Option<String>,
    /// The operator to act as, one of those that the OS user is.
    pub acting_as: Option<OperatorName>,
    /// How the answer is printed.
    pub format: OutputFormat,
    /// Every question is answered yes.
    pub yes: bool,
    /// How long to wait for the state's lock.
    pub lock_timeout: Span,
    /// Whether to colour.
    pub color: ColorChoice,
    /// No warnings and hints.
    pub quiet: bool,
    /// How much more to say.
    pub verbose: u8,
    /// Cut nothing in tables.
    pub wide: bool,
    /// Work on a state that lies on NFS.
    pub allow_nfs: bool,
}

/// The same as declared at each level.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
#[group(skip)]
pub(crate) struct GlobalArgs {
    /// The state directory, or a backup to read [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    state: Option<PathBuf>,
    /// The configuration file, TOML [default: MFACTL_CONFIG, then the user's, then /etc/mfactl/config.toml]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Work on the state that root configured in /etc/mfactl/NAME.toml
    #[arg(long, value_name = "NAME", value_parser = instance)]
    instance: Option<String>,
    /// Act as this operator, one of those that this OS user is; in a backup as any
    #[arg(long = "as", value_name = "OPERATOR")]
    acting_as: Option<OperatorName>,
    /// How the answer is printed [default: table]
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = formats())]
    format: Option<OutputFormat>,
    /// Answer yes to every question
    #[arg(short = 'y', long)]
    yes: bool,
    /// How long to wait for the state's lock [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    lock_timeout: Option<Span>,
    /// Whether to colour (NO_COLOR is respected) [default: auto]
    #[arg(long, value_name = "WHEN")]
    color: Option<ColorChoice>,
    /// Print no warnings and hints
    #[arg(short, long)]
    quiet: bool,
    /// Say on stderr which state and configuration count, and who acts
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Cut nothing in tables, however wide they get
    #[arg(long)]
    wide: bool,
    /// Work on a state that lies on NFS, where durability is not promised
    #[arg(long)]
    allow_nfs: bool,
}

/// The name of a configuration of root's, which is part of a file's name.
fn instance(typed: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    match !typed.is_empty() && typed.len() <= 63 && typed.bytes().all(plain) {
        true => Ok(typed.to_owned()),
        false => Err("expected letters a to z, digits and hyphens".to_owned()),
    }
}

/// Every format; those that only some answers know are shown by [`review_formats`] alone.
fn formats() -> impl TypedValueParser<Value = OutputFormat> {
    parser(|format| PossibleValue::new(format.as_str()).hide(format.is_review()))
}

/// The formats of answers about policies that are reviewed.
pub(super) fn review_formats() -> impl TypedValueParser<Value = OutputFormat> {
    parser(|format| PossibleValue::new(format.as_str()))
}

fn parser(value: fn(OutputFormat) -> PossibleValue) -> impl TypedValueParser<Value = OutputFormat> {
    let every = || OutputFormat::ALL.iter().chain(OutputFormat::REVIEW).copied();
    PossibleValuesParser::new(every().map(value)).try_map(move |typed| {
        let found = every().find(|format| format.as_str() == typed);
        found.ok_or_else(|| format!("{typed:?} is no format"))
    })
}

impl Default for Global {
    /// What counts where nothing is typed.
    fn default() -> Global {
        Global {
            state: None,
            config: None,
            instance: None,
            acting_as: None,
            format: OutputFormat::default(),
            yes: false,
            lock_timeout: Span::seconds(10),
            color: ColorChoice::Auto,
            quiet: false,
            verbose: 0,
            wide: false,
            allow_nfs: false,
        }
    }
}

impl Global {
    /// What is given at all levels of `matches`.
    ///
    /// # Errors
    /// An option that is given at two levels: which of them was meant cannot be known, and
    /// a rule of sudoers that fixes one would fix nothing.
    pub(crate) fn collect(matches: &ArgMatches) -> Result<Global, clap::Error> {
        let mut global = Global::default();
        let mut given = Vec::new();
        let mut level = Some(matches);
        while let Some(matches) = level {
            for (id, option) in ONCE {
                if matches.value_source(id) != Some(ValueSource::CommandLine) {
                    continue;
                }
                if given.contains(&id) {
                    let message = format!("the argument '{option}' cannot be used multiple times");
                    return Err(super::command().error(ErrorKind::ArgumentConflict, message));
                }
                given.push(id);
            }
            global.read(matches);
            level = matches.subcommand().map(|(_, deeper)| deeper);
        }
        let (instance, state) = (global.instance.is_some(), global.state.is_some());
        if instance && (state || global.config.is_some()) {
            let other = if state { "--state <DIR>" } else { "--config <FILE>" };
            let message = format!("the argument '--instance <NAME>' cannot be used with '{other}'");
            return Err(super::command().error(ErrorKind::ArgumentConflict, message));
        }
        Ok(global)
    }

    /// Adds what is given at one level. Read by name: the
    /// derived reader of [`GlobalArgs`] copies all matches below for each level.
    fn read(&mut self, matches: &ArgMatches) {
        let path = |name| matches.get_one::<PathBuf>(name).cloned();
        self.instance = matches.get_one("instance").cloned().or(self.instance.take());
        self.state = path("state").or(self.state.take());
        self.config = path("config").or(self.config.take());
        self.acting_as = matches.get_one("acting_as").cloned().or(self.acting_as.take());
        self.format = matches.get_one("format").copied().unwrap_or(self.format);
        self.lock_timeout = matches.get_one("lock_timeout").copied().unwrap_or(self.lock_timeout);
        self.color = matches.get_one("color").copied().unwrap_or(self.color);
        self.verbose = self.verbose.saturating_add(matches.get_count("verbose"));
        self.yes |= matches.get_flag("yes");
        self.quiet |= matches.get_flag("quiet");
        self.wide |= matches.get_flag("wide");
        self.allow_nfs |= matches.get_flag("allow_nfs");
    }
}
