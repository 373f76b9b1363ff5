use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;

use super::*;
use crate::secret::parameters::{Digits, Period};

fn totp(key: &[u8], algorithm: Algorithm, digits: Digits, period: Period) -> Totp {
    Totp {
        secret: Secret::from_bytes(key).unwrap(),
        parameters: Parameters { algorithm, digits, period },
    }
}

fn plain() -> Totp {
    totp(b"12345678901234567890", Algorithm::Sha1, Digits::Six, Period::Thirty)
}

fn at(seconds: i64) -> Time {
    Time::from_unix(seconds)
}

#[test]
fn how_far_the_clock_of_a_phone_is_off_is_found_both_ways() {
    let minute = totp(b"12345678901234567890", Algorithm::Sha1, Digits::Six, Period::Sixty);
    let now = at(1_800_000_015);
    for (totp, off, says) in [
        (plain(), -6, "6 time steps (3 min) behind"),
        (plain(), 3, "3 time steps (90 s) ahead"),
        (plain(), -60, "60 time steps (30 min) behind"),
        (minute, -1, "1 time step (1 min) behind"),
    ] {
        let code = totp.code(totp.step(now).unwrap().checked_add_signed(off).unwrap());
        let found = totp.clock_off(&code, now).unwrap();
        assert_eq!((found.steps, found.to_string().as_str()), (off, says));
        assert_eq!(found.is_behind(), off < 0);
    }
    let far = plain().code(plain().step(now).unwrap() - 61);
    assert_eq!(plain().clock_off(&far, now), None);
    assert!(plain().clock_off(&plain().code(1), at(0)).is_some_and(|off| !off.is_behind()));
    assert_eq!(plain().clock_off(&far, at(-1)), None);
}

/// RFC 6238 appendix B: 8 digits, 30 s, the key repeated to the hash's length.
#[test]
fn the_vectors_of_rfc_6238() {
    let vectors = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    let digits = b"1234567890".repeat(7);
    for (seconds, sha1, sha256, sha512) in vectors {
        for (algorithm, code) in
            [(Algorithm::Sha1, sha1), (Algorithm::Sha256, sha256), (Algorithm::Sha512, sha512)]
        {
            let key = &digits[..algorithm.output_bytes()];
            let totp = totp(key, algorithm, Digits::Eight, Period::Thirty);
            let step = totp.step(at(seconds)).unwrap();
            assert_eq!(totp.code(step).reveal(), code, "{algorithm} at {seconds}");
            let code = Code::from_digits(code).unwrap();
            let found = totp.step_of(&code, at(seconds), Window::new(0).unwrap(), None);
            assert_eq!(found, Some(step));
        }
    }
}

/// RFC 4226 §5.3 written out, with the hashes of the field and nothing of totp-rs.
fn by_the_book(totp: &Totp, step: u64) -> String {
    fn mac<D: Mac + KeyInit>(key: &[u8], step: u64) -> Vec<u8> {
        let mut mac = <D as KeyInit>::new_from_slice(key).unwrap();
        mac.update(&step.to_be_bytes());
        mac.finalize().into_bytes().to_vec()
    }
    let key = totp.secret.bytes();
    let hash = match totp.parameters.algorithm {
        Algorithm::Sha1 => mac::<Hmac<sha1::Sha1>>(key, step),
        Algorithm::Sha256 => mac::<Hmac<sha2::Sha256>>(key, step),
        Algorithm::Sha512 => mac::<Hmac<sha2::Sha512>>(key, step),
    };
    let offset = usize::from(hash[hash.len() - 1] & 0xf);
    let four: [u8; 4] = hash[offset..offset + 4].try_into().unwrap();
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    match totp.parameters.digits {
        Digits::Six => format!("{:06}", number % 1_000_000),
        Digits::Eight => format!("{:08}", number % 100_000_000),
    }
}

fn any_totp() -> impl Strategy<Value = Totp> {
    let parameters = (
        proptest::sample::select(Algorithm::ALL.to_vec()),
        proptest::sample::select(Digits::ALL.to_vec()),
        proptest::sample::select(Period::ALL.to_vec()),
    );
    (proptest::collection::vec(any::<u8>(), 10..=128), parameters)
        .prop_map(|(key, (algorithm, digits, period))| totp(&key, algorithm, digits, period))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn codes_are_those_of_the_rfc(totp in any_totp(), step in prop_oneof![any::<u64>(), 0_u64..4_000_000_000]) {
        let code = totp.code(step);
        prop_assert_eq!(code.reveal(), by_the_book(&totp, step));
    }
}

proptest! {
    #[test]
    fn a_code_is_right_within_the_window_and_only_once(
        totp in any_totp(),
        now in 1_000_000_000_i64..100_000_000_000,
        off in -6_i64..=6,
        window in 0_u8..=2,
    ) {
        let now = at(now);
        let present = totp.step(now).unwrap();
        let step = present.saturating_add_signed(off);
        let code = totp.code(step);
        let window = Window::new(window).unwrap();
        match totp.step_of(&code, now, window, None) {
            Some(found) => {
                prop_assert!(found.abs_diff(present) <= u64::from(window.steps()));
                prop_assert_eq!(&totp.code(found), &code);
                let again = totp.step_of(&code, now, window, Some(found));
                prop_assert!(again.is_some_and(|again| again <= found), "it is used");
            }
            None => prop_assert!(off.unsigned_abs() > u64::from(window.steps())),
        }
    }

    #[test]
    fn what_is_at_or_before_the_last_step_is_used(
        now in 1_000_000_000_i64..2_000_000_000,
        last in -5_i64..=5,
        off in -2_i64..=2,
        window in 0_u8..=2,
    ) {
        let now = at(now);
        let present = plain().step(now).unwrap();
        let (last, step) = (present.saturating_add_signed(last), present.saturating_add_signed(off));
        let window = Window::new(window).unwrap();
        let found = plain().step_of(&plain().code(step), now, window, Some(last));
        if step <= last {
            prop_assert!(found.is_some(), "it is used, and not wrong");
        }
        if let Some(found) = found.filter(|found| *found > last) {
            prop_assert!(found.abs_diff(present) <= u64::from(window.steps()));
        }
    }

    #[test]
    fn no_instant_and_no_last_step_panics(now in any::<i64>(), last in any::<Option<u64>>(), code in "[0-9]{6,8}") {
        let code = Code::from_digits(&code).unwrap();
        for window in 0..=Window::WIDEST {
            let _ = plain().step_of(&code, at(now), Window::new(window).unwrap(), last);
        }
    }

    #[test]
    fn the_uri_has_only_uri_characters(issuer in "[^:\\pC\\pZ]{1,40}", account in ".{1,40}") {
        let issuer = Issuer::parse(&issuer);
        let uri = plain().otpauth_uri(issuer.ok().as_ref(), &account);
        let fine = |b: u8| b.is_ascii_alphanumeric() || b"-._~%:/?&=".contains(&b);
        prop_assert!(uri.reveal().bytes().all(fine));
    }
}

#[test]
fn before_1970_every_code_is_wrong() {
    let first = plain().code(0);
    assert_eq!(plain().step_of(&first, at(-1), Window::default(), None), None);
    assert_eq!(plain().step_of(&first, at(0), Window::default(), None), Some(0));
    assert_eq!(plain().step_of(&first, Time::MIN, Window::default(), Some(0)), None);
    let _ = plain().step_of(&first, Time::MAX, Window::default(), Some(u64::MAX));
}

#[test]
fn the_last_code_is_used_and_not_wrong_also_long_after() {
    let code = plain().code(1000);
    let later = at(1_000_000);
    let window = Window::new(0).unwrap();
    assert_eq!(plain().step_of(&code, later, window, Some(1000)), Some(1000));
    assert_eq!(plain().step_of(&code, later, window, Some(1001)), None);
}

#[test]
fn codes_of_another_length_are_wrong() {
    let eight = totp(b"12345678901234567890", Algorithm::Sha1, Digits::Eight, Period::Thirty);
    let code = eight.code(1);
    assert!(code.reveal().ends_with(plain().code(1).reveal()));
    assert_eq!(plain().step_of(&code, at(30), Window::default(), None), None);
    for wrong in ["", "12345", "123456789", "12345a", "+12345", "١٢٣٤٥٦", "123 456"] {
        assert!(Code::from_digits(wrong).is_none(), "{wrong:?}");
    }
}

#[test]
fn the_uri_escapes_its_label() {
    let issuer = Issuer::parse("St Mary's & Co").unwrap();
    let uri = plain().otpauth_uri(Some(&issuer), "night+rota@st-marys.example");
    assert_eq!(
        uri.reveal(),
        "otpauth://totp/St%20Mary%27s%20%26%20Co:night%2Brota%40st-marys.example\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=St%20Mary%27s%20%26%20Co\
         &algorithm=SHA1&digits=6&period=30"
    );
}

#[test]
fn debug_shows_neither_secret_nor_code() {
    let shown = format!("{:?} {:?}", plain(), plain().code(1));
    assert!(
        !shown.contains("GEZD") && !shown.contains("287082") && !shown.contains("49, 50"),
        "{shown}"
    );
}
