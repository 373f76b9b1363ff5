//! A user's line in `secrets/<shard>.yaml`: sealed secrets and the hashes of
//! recovery codes. The value is flow style that is JSON as well:
//!
//! ```text
//! {"current":{"id":"e_…","totp":"SHA1/6/30","sealed":"v1:k_…:…"},"recovery":{"id":"r_…","hashes":[…]}}
//! ```

use serde::{Deserialize, Serialize};

use super::Random;
use super::ids::EnrolmentId;
use super::material::Secret;
use super::parameters::Parameters;
use super::recovery::RecoverySet;
use super::ring::KeyRing;
use super::seal::{Sealed, SecretPlace};
use super::totp::Totp;
use crate::domain::ids::UserId;
use crate::error::{Error, Kind, Result};

/// What is kept of one user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSecrets {
    /// The enrolment in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<SealedTotp>,
    /// Handed out, not yet confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<SealedTotp>,
    /// Handed out before the pending one, which replaced it; kept to tell its codes from
    /// wrong ones. It lets nobody in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<SealedTotp>,
    /// The hashes of the recovery codes of the enrolment in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoverySet>,
}

impl UserSecrets {
    /// Whether nothing is kept, so that the line goes.
    pub fn is_empty(&self) -> bool {
        *self == UserSecrets::default()
    }

    /// The enrolments that are sealed: the one in use, the one handed out and the one that
    /// it replaced.
    pub fn totps(&self) -> impl Iterator<Item = &SealedTotp> {
        self.current.iter().chain(&self.pending).chain(&self.replaced)
    }

    /// With a secret handed out, in the place of one that was and is not confirmed.
    #[must_use]
    pub fn handing_out(self, sealed: SealedTotp) -> UserSecrets {
        UserSecrets { pending: Some(sealed), replaced: self.pending.or(self.replaced), ..self }
    }

    /// After the pending enrolment was confirmed: it is the current one, with new
    /// recovery codes. Nothing needs to be sealed anew: a secret is sealed for its
    /// enrolment, not for `pending` or `current`.
    #[must_use]
    pub fn confirmed(self, recovery: RecoverySet) -> UserSecrets {
        UserSecrets { current: self.pending, recovery: Some(recovery), ..UserSecrets::default() }
    }

    /// The same sealed with the newest key; `None` where all of it is already.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub fn reseal(
        &self,
        ring: &KeyRing,
        owner: Owner<'_>,
        random: &mut Random<'_>,
    ) -> Result<Option<UserSecrets>> {
        let mut anew = self.clone();
        let mut changed = false;
        let pending = anew.pending.iter_mut().chain(&mut anew.replaced);
        for totp in anew.current.iter_mut().chain(pending) {
            let field = totp.field();
            if let Some(sealed) = ring.reseal(&owner.place(&field), &totp.sealed, random)? {
                totp.sealed = sealed;
                changed = true;
            }
        }
        Ok(changed.then_some(anew))
    }
}

/// Whose secrets they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The id of the state.
    pub store: &'a str,
    /// The user.
    pub user: &'a UserId,
}

impl<'a> Owner<'a> {
    fn place(self, field: &'a str) -> SecretPlace<'a> {
        SecretPlace { store: self.store, user: Some(self.user), field }
    }
}

/// A TOTP enrolment, its secret sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedTotp {
    /// Which enrolment; the sign-in state goes by it.
    pub id: EnrolmentId,
    /// Hash, digits, period: readable, but authenticated with the secret.
    #[serde(rename = "totp")]
    pub parameters: Parameters,
    sealed: Sealed,
}

impl SealedTotp {
    /// Seals a new enrolment of `owner`.
    pub fn seal(
        ring: &KeyRing,
        owner: Owner<'_>,
        totp: &Totp,
        random: &mut Random<'_>,
    ) -> SealedTotp {
        let id = EnrolmentId::generate(random);
        let field = field(&id, totp.parameters);
        let sealed = ring.seal(&owner.place(&field), totp.secret.bytes(), random);
        SealedTotp { id, parameters: totp.parameters, sealed }
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub fn open(&self, ring: &KeyRing, owner: Owner<'_>) -> Result<Totp> {
        let field = self.field();
        let bytes = ring.open(&owner.place(&field), &self.sealed)?;
        let secret = Secret::from_bytes(&bytes)
            .map_err(|error| Error::new(Kind::Damaged, "damaged", error.to_string()))?;
        Ok(Totp { secret, parameters: self.parameters })
    }

    /// The sealed secret.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    fn field(&self) -> String {
        field(&self.id, self.parameters)
    }
}

fn field(id: &EnrolmentId, parameters: Parameters) -> String {
    format!("totp {id} {parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::seal::tests::counting;

    fn secret() -> Totp {
        let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
        Totp { secret, parameters: Parameters::default() }
    }

    #[test]
    fn a_line_comes_back_and_opens_for_its_owner_only() {
        let mut random = counting();
        let ring = KeyRing::generate(&mut random);
        let (alice, bob) = (UserId::parse("u_1").unwrap(), UserId::parse("u_2").unwrap());
        let owner = Owner { store: "s_1", user: &alice };
        let pending = Some(SealedTotp::seal(&ring, owner, &secret(), &mut random));
        let line =
            serde_json::to_string(&UserSecrets { pending, ..UserSecrets::default() }).unwrap();
        assert!(!line.contains("GEZD") && line.is_ascii());

        let read: UserSecrets = serde_json::from_str(&line).unwrap();
        let (recovery, _) = crate::secret::recovery::RecoverySet::generate(&mut random);
        let current = read.confirmed(recovery).current.unwrap();
        assert_eq!(current.open(&ring, owner).unwrap(), secret());
        assert!(current.open(&ring, Owner { user: &bob, ..owner }).is_err());
        assert!(current.open(&ring, Owner { store: "s_2", ..owner }).is_err());
    }

    #[test]
    fn parameters_and_enrolment_cannot_be_exchanged() {
        let mut random = counting();
        let ring = KeyRing::generate(&mut random);
        let alice = UserId::parse("u_1").unwrap();
        let owner = Owner { store: "s_1", user: &alice };
        let sealed = SealedTotp::seal(&ring, owner, &secret(), &mut random);
        let weaker = SealedTotp { parameters: "SHA1/6/60".parse().unwrap(), ..sealed.clone() };
        assert_eq!(weaker.open(&ring, owner).unwrap_err().code, "seal-broken");
        let other = SealedTotp { id: EnrolmentId::generate(&mut random), ..sealed };
        assert_eq!(other.open(&ring, owner).unwrap_err().code, "seal-broken");
    }

    #[test]
    fn a_rotation_seals_every_secret_anew() {
        let mut random = counting();
        let old = KeyRing::generate(&mut random);
        let alice = UserId::parse("u_1").unwrap();
        let owner = Owner { store: "s_1", user: &alice };
        let mut seal = || Some(SealedTotp::seal(&old, owner, &secret(), &mut random));
        let (current, pending, replaced) = (seal(), seal(), seal());
        let line = UserSecrets { current, pending, replaced, recovery: None };
        let new = old.with_new_key(&mut counting_from(&[9; 32]));
        let anew = line.reseal(&new, owner, &mut counting()).unwrap().unwrap();
        assert!(anew.reseal(&new, owner, &mut counting()).unwrap().is_none());
        let alone = new.newest_alone();
        assert_eq!(anew.totps().count(), 3);
        for totp in anew.totps() {
            assert_eq!(totp.open(&alone, owner).unwrap(), secret());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in r#"\{("(current|pending|recovery)":(\{"(id|totp|sealed|hashes)":["\[a-zA-Z0-9_:$/=,\]]{0,60}\}?|null),?){0,3}\}?"#) {
            let _ = serde_json::from_str::<UserSecrets>(&line);
        }
    }

    fn counting_from(start: &[u8]) -> impl FnMut(&mut [u8]) {
        let mut random = counting();
        random(&mut start.to_vec());
        random
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(serde_json::from_str::<UserSecrets>(r#"{"curent":null}"#).is_err());
        assert!(serde_json::from_str::<UserSecrets>("{}").unwrap().is_empty());
    }
}
