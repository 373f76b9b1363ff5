//! PAM without root and without the system's configuration: pamtester under
//! libpam-wrapper, with services in a folder of the test.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use mfactl::convert::ForeignEnrolment;
use mfactl::domain::time::Time;
use mfactl::secret::label::Account;
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::Parameters;
use mfactl::secret::totp::Totp;

use crate::factor::tool;

/// A service of PAM with one module and the file that it reads.
pub(crate) struct Service {
    folder: tempfile::TempDir,
    user: String,
}

impl Service {
    /// A service whose `module` is given `options`, in which `FILE` stands for the file.
    pub(crate) fn new(module: &str, options: &str, user: &str) -> Service {
        let service = Service { folder: tempfile::tempdir().unwrap(), user: user.to_owned() };
        let options = options.replace("FILE", service.file().to_str().unwrap());
        let stack = format!("auth required {module} {options}\naccount required pam_permit.so\n");
        for name in ["factor", "other"] {
            std::fs::write(service.folder.path().join(name), &stack).unwrap();
        }
        service
    }

    /// The file that the module reads.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// Writes that file anew: the module may have left one that only root may write to.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let _ = std::fs::remove_file(self.file());
        std::fs::write(self.file(), bytes).unwrap();
        std::fs::set_permissions(self.file(), PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// Reads it.
    pub(crate) fn read(&self) -> Vec<u8> {
        std::fs::read(self.file()).unwrap()
    }

    /// Whether the module lets in with the code of `step`.
    pub(crate) fn lets_in(&self, totp: &Totp, step: u64) -> bool {
        let wrapper = tool::library("libpam_wrapper.so").unwrap();
        let output = tool::run(
            Command::new("pamtester")
                .args(["factor", &self.user, "authenticate"])
                .env("LD_PRELOAD", wrapper)
                .env("PAM_WRAPPER", "1")
                .env("PAM_WRAPPER_SERVICE_DIR", Path::new(self.folder.path())),
            &format!("{}\n", totp.code(step).reveal()),
        );
        output.status.success()
    }
}

/// An enrolment with a key of its own.
pub(crate) fn enrolment(account: &str, parameters: &str) -> ForeignEnrolment {
    let bytes: Vec<u8> = account.bytes().chain(parameters.bytes()).cycle().take(20).collect();
    let parameters: Parameters = parameters.parse().unwrap();
    let totp = Totp { secret: Secret::from_bytes(&bytes).unwrap(), parameters };
    ForeignEnrolment {
        issuer: None,
        account: Some(Account::parse(account).unwrap()),
        totp,
        last_step: None,
        also: None,
    }
}

/// The present, early enough in its step of `totp` that no test reaches the next one.
pub(crate) fn early(totp: &Totp) -> (Time, u64) {
    let period = totp.parameters.period.seconds();
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if now % period < period - 8 {
            return (Time::from_unix(now as i64), now / period);
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}
