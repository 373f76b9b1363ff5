//! Where the state is, and which configuration counts.
//!
//! Under sudo, on a state that is not their own, the person who typed the
//! command decides neither: a configuration of theirs would switch guards off
//! or name another key. Then only the one in /etc counts.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::files::input::{MAX_CONFIG_BYTES, read_all};
use super::key::place::{KeyPlace, SYSTEM_STATE};
use super::privilege::path::{look_up, open_entry, quoted, user};
use super::unreadable;
use super::variables::variable;
use crate::error::{Error, Kind, Result};

/// Where root keeps configurations: config.toml, and NAME.toml for `--instance NAME`.
const SYSTEM_CONFIGS: &str = "/etc/mfactl";

/// What the command line says about it.
#[derive(Debug, Clone, Default)]
pub struct TypedSettings {
    /// `--state`.
    pub state: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--instance`: the name of a configuration in /etc/mfactl, without its ending.
    pub instance: Option<String>,
    /// `--allow-nfs`.
    pub allow_nfs: bool,
    /// Whether the verb makes a state where none is: `init` or `state restore`.
    pub founds: bool,
}

impl TypedSettings {
    /// The configuration in /etc that counts.
    pub(super) fn system_config(&self) -> PathBuf {
        let name = self.instance.as_deref().unwrap_or("config");
        Path::new(SYSTEM_CONFIGS).join(format!("{name}.toml"))
    }
}

/// What counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The state directory, existing or not.
    pub state: PathBuf,
    /// What named it.
    pub state_from: StateFrom,
    /// The configuration; the empty one where none was found.
    pub config: Config,
    /// The file that it is from.
    pub config_file: Option<PathBuf>,
    /// Where the sealing key is.
    pub key: KeyPlace,
    /// What the person should know.
    pub warnings: Vec<String>,
}

/// What named the state directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateFrom {
    /// `--state`.
    Option,
    /// `MFACTL_STATE`.
    Variable,
    /// `state_dir` of the configuration.
    Config,
    /// Nothing: it is the usual place.
    Default,
}

impl Settings {
    fn new(state: (PathBuf, StateFrom), chosen: Chosen) -> Settings {
        let key = KeyPlace::find(None, chosen.config.key_file.as_ref(), &state.0);
        let (config, config_file) = (chosen.config, chosen.file);
        Settings {
            state: state.0,
            state_from: state.1,
            config,
            config_file,
            key,
            warnings: Vec::new(),
        }
    }

    /// Takes note of where the state really is, and of a folder that may hold its key.
    pub(super) fn set_real(&mut self, real: &Path, credentials: Option<PathBuf>) {
        self.key = KeyPlace::find(credentials.as_deref(), self.config.key_file.as_ref(), real);
    }

    /// The file of the key of the state that really is at `real`.
    pub(super) fn key_file(&self, real: &Path) -> PathBuf {
        KeyPlace::find(None, self.config.key_file.as_ref(), real).path
    }
}

/// A configuration and the file that it is from.
#[derive(Debug, Clone, Default)]
struct Chosen {
    config: Config,
    file: Option<PathBuf>,
}

/// What the answer depends on, apart from files.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    typed: TypedSettings,
    state_variable: Option<PathBuf>,
    config_variable: Option<PathBuf>,
    config_home: Option<PathBuf>,
    state_home: Option<PathBuf>,
    system_config: PathBuf,
    credentials: Option<PathBuf>,
    euid: u32,
}

impl Surroundings {
    /// Looks at the variables of this process.
    pub(super) fn find(typed: TypedSettings) -> Surroundings {
        let path = |name: &str| variable(name).map(PathBuf::from);
        let euid = rustix::process::geteuid().as_raw();
        // The home of somebody else, which runuser and the like leave behind, says nothing.
        let home = path("HOME").filter(|home| owner(home) == Some(euid));
        let below_home = |name: &str, folder: &str| {
            // A relative path in one of these variables is to be ignored (XDG base directories).
            let set = path(name).filter(|set| set.is_absolute());
            set.or_else(|| home.as_ref().map(|home| home.join(folder)))
        };
        Surroundings {
            state_variable: path("MFACTL_STATE"),
            config_variable: path("MFACTL_CONFIG"),
            config_home: below_home("XDG_CONFIG_HOME", ".config"),
            state_home: below_home("XDG_STATE_HOME", ".local/state"),
            system_config: typed.system_config(),
            credentials: path("CREDENTIALS_DIRECTORY"),
            euid,
            typed,
        }
    }

    /// Whether the verb may make a state.
    pub(super) fn founds(&self) -> bool {
        self.typed.founds
    }

    /// What counts where the process has the person's own rights.
    ///
    /// # Errors
    /// Usage (2): a configuration that is wrong, that cannot be looked at or read, or that
    /// somebody else could change; no state directory can be told.
    pub(super) fn own(&self) -> Result<Settings> {
        let chosen = self.any_config()?;
        let named = |path: &Option<PathBuf>, from| path.clone().map(|path| (path, from));
        let state = named(&self.typed.state, StateFrom::Option)
            .or_else(|| named(&self.state_variable, StateFrom::Variable))
            .or_else(|| named(&chosen.config.state_dir, StateFrom::Config));
        let state = state.map_or_else(|| self.default_state(), Ok)?;
        Ok(Settings::new(state, chosen))
    }

    /// What counts in privileged mode, whatever the person typed or set.
    ///
    /// # Errors
    /// Usage (2): the configuration in /etc is wrong, cannot be read, or others than root
    /// could change it.
    pub(super) fn configured(&self) -> Result<Settings> {
        let chosen = self.system_config()?;
        let state = match chosen.config.state_dir.clone() {
            Some(state) => (state, StateFrom::Config),
            None => (PathBuf::from(SYSTEM_STATE), StateFrom::Default),
        };
        Ok(Settings::new(state, chosen))
    }

    /// Whether this is the state of the machine, which root configured.
    pub(super) fn is_system(&self, state: &Path) -> bool {
        self.configured().is_ok_and(|settings| settings.state == state)
    }

    /// The folder of systemd's credentials, where `owner` is the state's: it names the key
    /// of the state that belongs to the user of this process, and of no other.
    pub(super) fn credentials(&self, owner: Option<(u32, u32)>) -> Option<PathBuf> {
        let own = owner.is_none_or(|owner| owner.0 == self.euid);
        self.credentials.clone().filter(|_| own)
    }

    fn any_config(&self) -> Result<Chosen> {
        if self.typed.instance.is_some() {
            return self.system_config();
        }
        if let Some(path) = self.typed.config.as_ref().or(self.config_variable.as_ref()) {
            let found = read_config(path, self.euid)?;
            return found.ok_or_else(|| unreadable(path, "it does not exist"));
        }
        if let Some(home) = &self.config_home
            && let Some(own) = read_config(&home.join("mfactl/config.toml"), self.euid)?
        {
            return Ok(own);
        }
        self.system_config()
    }

    /// The configuration in /etc, if it exists. It counts for everybody, so it must be root's.
    fn system_config(&self) -> Result<Chosen> {
        let path = &self.system_config;
        let found = read_config(path, 0)?;
        let Some(instance) = &self.typed.instance else { return Ok(found.unwrap_or_default()) };
        let found = found.ok_or_else(|| {
            let message = format!(
                "the instance {instance} is not configured: {} does not exist",
                path.display()
            );
            Error::usage(message).about(instance)
        })?;
        if found.config.state_dir.is_none() {
            let message = format!("{} must name the state directory (state_dir)", path.display());
            return Err(Error::usage(message).about(path.display()));
        }
        Ok(found)
    }

    fn default_state(&self) -> Result<(PathBuf, StateFrom)> {
        // Root means the machine's, and so does the service user that it belongs to.
        if self.euid == 0 || std::fs::metadata(SYSTEM_STATE).is_ok_and(|it| it.uid() == self.euid) {
            return Ok((PathBuf::from(SYSTEM_STATE), StateFrom::Default));
        }
        let home = self.state_home.as_ref().map(|home| home.join("mfactl"));
        let home = home.ok_or_else(|| Error::usage("no state directory: name it with --state DIR"));
        Ok((home?, StateFrom::Default))
    }
}

/// Reads a configuration that `owner`, or root, wrote and nobody else can change; `None`
/// where it does not exist. One that cannot be looked at may hold guards: it is an error.
fn read_config(path: &Path, owner: u32) -> Result<Option<Chosen>> {
    let failed = |e: std::io::Error| unreadable(path, e);
    let looked = look_up(path).map_err(failed)?;
    let Some(parent) = &looked.parent else { return Ok(None) };
    let opened = open_entry(parent, &looked.name).map_err(|e| failed(e.into()))?;
    let Some(file) = opened.map(File::from) else { return Ok(None) };
    let found = file.metadata().map_err(failed)?;
    let unsafe_config = |why: String, mend: Option<String>| {
        let message = format!("{} is not safe to use: {why}", path.display());
        let error = Error::new(Kind::Usage, "usage", message).about(path.display());
        mend.into_iter().fold(error, Error::words)
    };
    if !found.is_file() {
        return Err(unreadable(path, "it is not a regular file"));
    }
    let shown = quoted(&looked.real);
    if found.uid() != 0 && found.uid() != owner {
        let why = format!("it belongs to {}", user(found.uid()));
        let new = user(owner);
        return Err(unsafe_config(why, Some(format!("chown {new} {shown}"))));
    }
    if found.mode() & 0o022 != 0 {
        let why = format!("others may write to it (mode {:04o})", found.mode() & 0o7777);
        return Err(unsafe_config(why, Some(format!("chmod go-w {shown}"))));
    }
    looked.trusted(owner, owner).map_err(|e| unsafe_config(e.why, e.mend))?;
    let bytes = read_all(file, path, MAX_CONFIG_BYTES)?;
    Ok(Some(Chosen { config: Config::parse(&bytes, path)?, file: Some(path.to_owned()) }))
}

/// The state of the machine and its owner, where nothing named a state and it is not the
/// one that was looked for.
pub(super) fn of_the_machine(settings: &Settings) -> Option<(&'static Path, String)> {
    let place = Path::new(SYSTEM_STATE);
    if settings.state_from != StateFrom::Default || settings.state == place {
        return None;
    }
    let found = std::fs::metadata(place).ok().filter(|found| found.is_dir())?;
    Some((place, user(found.uid())))
}

fn owner(path: &Path) -> Option<u32> {
    match std::fs::metadata(path) {
        Ok(found) => Some(found.uid()),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        // Its owner is not known; what is below it is looked at, and that error is told.
        Err(_) => Some(rustix::process::geteuid().as_raw()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A home with a configuration.
    struct Home {
        folder: tempfile::TempDir,
        own: u32,
    }

    impl Home {
        fn new() -> Home {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("config/mfactl")).unwrap();
            let home = Home { own: owner(folder.path()).unwrap(), folder };
            home.write("config/mfactl/config.toml", "state_dir = \"/from/home\"");
            home
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
            self.mode(name, 0o644);
        }

        fn mode(&self, name: &str, mode: u32) {
            std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(mode)).unwrap();
        }

        fn world(&self) -> Surroundings {
            Surroundings {
                config_home: Some(self.path("config")),
                state_home: Some(self.path("state-home")),
                system_config: self.path("etc.toml"),
                euid: self.own,
                ..Surroundings::default()
            }
        }
    }

    fn state(world: &Surroundings) -> String {
        world.own().unwrap().state.display().to_string()
    }

    #[test]
    fn the_first_that_is_set_names_the_state() {
        let home = Home::new();
        let mut world = home.world();
        assert_eq!(state(&world), "/from/home");
        home.write("chosen.toml", "state_dir = \"/from/variable\"");
        world.config_variable = Some(home.path("chosen.toml"));
        assert_eq!(state(&world), "/from/variable");
        home.write("typed.toml", "state_dir = \"/from/option\"");
        world.typed.config = Some(home.path("typed.toml"));
        assert_eq!(state(&world), "/from/option");
        world.state_variable = Some("/variable".into());
        assert_eq!(state(&world), "/variable");
        world.typed.state = Some("/option".into());
        assert_eq!(state(&world), "/option");
        assert_eq!(world.own().unwrap().state_from, StateFrom::Option);
    }

    #[test]
    fn without_any_word_the_state_is_at_its_usual_place() {
        let home = Home::new();
        let nobody = Surroundings { config_home: None, euid: 1000, ..home.world() };
        assert_eq!(state(&nobody), home.path("state-home/mfactl").display().to_string());
        assert!(Surroundings { state_home: None, ..nobody.clone() }.own().is_err());
        assert_eq!(state(&Surroundings { euid: 0, ..nobody }), SYSTEM_STATE);
    }

    #[test]
    fn a_configuration_that_was_named_must_exist() {
        let home = Home::new();
        let mut world = home.world();
        world.typed.config = Some(home.path("nowhere.toml"));
        assert_eq!(world.own().unwrap_err().kind.exit_code(), 2);
        // Nothing is read from a device, and a file without an end not at all.
        home.write("long.toml", &"#\n".repeat(1 << 20));
        for (path, why) in
            [("/dev/null".into(), "regular file"), (home.path("long.toml"), "longer")]
        {
            world.typed.config = Some(path);
            let error = world.own().unwrap_err();
            assert!(error.message.contains(why), "{error}");
        }
    }

    #[test]
    fn a_configuration_that_cannot_be_looked_at_is_not_absent() {
        let home = Home::new();
        // A file where a folder should be, as root may open every folder that is closed.
        let world = Surroundings {
            config_home: Some(home.path("config/mfactl/config.toml")),
            ..home.world()
        };
        let error = world.own().unwrap_err();
        assert_eq!(error.kind.exit_code(), 2, "{error}");
        home.mode("config/mfactl/config.toml", 0o644);
        home.mode("config", 0o000);
        let closed = home.world().own();
        assert_eq!(closed.is_err(), home.own != 0);
        home.mode("config", 0o755);
        let absent = Surroundings { config_home: Some(home.path("nowhere")), ..home.world() };
        assert!(absent.own().is_ok());
    }

    #[test]
    fn in_privileged_mode_only_etc_counts() {
        let home = Home::new();
        let world = Surroundings {
            state_variable: Some("/variable".into()),
            config_variable: Some(home.path("config/mfactl/config.toml")),
            typed: TypedSettings { state: Some("/option".into()), ..TypedSettings::default() },
            ..home.world()
        };
        let configured = world.configured().unwrap();
        assert_eq!((configured.state, configured.config_file), (SYSTEM_STATE.into(), None));
        home.write("etc.toml", "state_dir = \"/from/etc\"");
        let configured = world.configured();
        match home.own {
            0 => assert_eq!(configured.unwrap().state, Path::new("/from/etc")),
            _ => assert_eq!(configured.unwrap_err().kind.exit_code(), 2),
        }
    }

    #[test]
    fn a_credential_is_the_key_of_one_s_own_state_only() {
        let home = Home::new();
        let world = Surroundings { credentials: Some("/run/credentials/x".into()), ..home.world() };
        assert!(world.credentials(None).is_some());
        assert!(world.credentials(Some((home.own, 7))).is_some());
        assert!(world.credentials(Some((home.own + 1, 7))).is_none());
    }

    #[test]
    fn a_configuration_that_others_can_change_is_refused() {
        let home = Home::new();
        let file = "config/mfactl/config.toml";
        for (name, mode) in [(file, 0o666), (file, 0o664), ("config/mfactl", 0o777)] {
            let was = std::fs::metadata(home.path(name)).unwrap().mode() & 0o7777;
            home.mode(name, mode);
            let error = home.world().own().unwrap_err();
            assert_eq!(error.kind.exit_code(), 2);
            assert!(error.message.contains("not safe to use"), "{error}");
            assert!(!error.hints.is_empty());
            home.mode(name, was);
        }
        assert!(home.world().own().is_ok());
    }

    #[test]
    fn an_instance_is_configured_by_root() {
        let home = Home::new();
        let typed =
            TypedSettings { instance: Some("second".to_owned()), ..TypedSettings::default() };
        assert_eq!(typed.system_config(), Path::new("/etc/mfactl/second.toml"));
        let world = Surroundings { typed, ..home.world() };
        assert!(world.own().unwrap_err().message.contains("is not configured"));
        home.write("etc.toml", "");
        assert!(world.configured().is_err());
    }
}
