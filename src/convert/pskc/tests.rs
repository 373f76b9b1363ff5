use proptest::prelude::*;

use super::*;
use crate::convert::ImportProblems;

const SECRET: &[u8] = b"12345678901234567890";

fn import(file: &str, words: Option<&str>) -> Result<Imported, ImportProblems> {
    read(file.as_bytes(), words).whole()
}

/// A container with this head and these packages.
fn container(head: &str, packages: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <pskc:KeyContainer Version=\"1.0\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" xmlns:pkcs5=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#\">\n\
         {head}\n{packages}\n</pskc:KeyContainer>\n"
    )
}

/// A package; `data` is what the element Data holds.
fn package(serial: &str, kind: &str, digits: &str, data: &str) -> String {
    format!(
        "<pskc:KeyPackage><pskc:DeviceInfo><pskc:Manufacturer>Contoso</pskc:Manufacturer>\
         <pskc:SerialNo>{serial}</pskc:SerialNo></pskc:DeviceInfo>\n\
         <pskc:Key Id=\"k{serial}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{kind}\">\
         <pskc:Issuer>Acme</pskc:Issuer><pskc:AlgorithmParameters>\
         <pskc:ResponseFormat Length=\"{digits}\" Encoding=\"DECIMAL\"/></pskc:AlgorithmParameters>\
         <pskc:Data>{data}</pskc:Data></pskc:Key></pskc:KeyPackage>\n"
    )
}

fn plain(more: &str) -> String {
    let secret = BASE64.encode(SECRET);
    format!("<pskc:Secret><pskc:PlainValue>{secret}</pskc:PlainValue></pskc:Secret>{more}")
}

#[test]
fn a_plain_container_is_read_with_serial_number_user_and_parameters() {
    let minute = "<pskc:TimeInterval><pskc:PlainValue>60</pskc:PlainValue></pskc:TimeInterval>\
                  <pskc:TimeDrift><pskc:PlainValue>4</pskc:PlainValue></pskc:TimeDrift>";
    let file = container("", &package("987654321", "totp", "8", &plain(minute)));
    let imported = import(&file, None).unwrap();
    let (line, enrolment) = &imported.enrolments[0];
    assert_eq!(*line, 5);
    assert_eq!(enrolment.totp.secret.bytes(), SECRET);
    assert_eq!(enrolment.totp.parameters.to_string(), "SHA1/8/60");
    assert_eq!(enrolment.issuer.as_ref().unwrap().as_str(), "Acme");
    assert_eq!(
        (&enrolment.account, enrolment.also.as_ref().unwrap().as_str()),
        (&None, "987654321")
    );
    assert_eq!(imported.notes[0].to_string(), "line 5: the drift of the token's clock is not kept");
    let user = file.replace("</pskc:Data>", "</pskc:Data><pskc:UserId>alice</pskc:UserId>");
    let imported = import(&user, None).unwrap();
    assert_eq!(imported.enrolments[0].1.account.as_ref().unwrap().as_str(), "alice");
    // A draft's namespace, and none.
    assert_eq!(import(&file.replace("pskc:", ""), None).unwrap().enrolments.len(), 1);
    let sha = file.replace(
        "<pskc:ResponseFormat",
        "<pskc:Suite>HMAC-SHA256</pskc:Suite><pskc:ResponseFormat",
    );
    assert_eq!(
        import(&sha, None).unwrap().enrolments[0].1.totp.parameters.to_string(),
        "SHA256/8/60"
    );
}

const PRE_SHARED: &str = "12345678901234567890123456789012";

/// The values of figure 6 of RFC 6030, of a key for TOTP.
fn figure_6() -> String {
    let head = "<pskc:EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></pskc:EncryptionKey>\
        <pskc:MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><pskc:MACKey>\
        <xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><xenc:CipherData>\
        <xenc:CipherValue>ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX</xenc:CipherValue>\
        </xenc:CipherData></pskc:MACKey></pskc:MACMethod>";
    container(
        head,
        &package(
            "987654321",
            "totp",
            "8",
            &encrypted(
                "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
                "Su+NvtQfmvfJzF6bmQiJqoLRExc=",
            ),
        ),
    )
}

/// The values of figure 7, of a key for TOTP; the password is `qwerty`.
fn figure_7() -> String {
    let head = "<pskc:EncryptionKey><xenc11:DerivedKey><xenc11:KeyDerivationMethod \
        Algorithm=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2\"><pkcs5:PBKDF2-params>\
        <Salt><Specified>Ej7/PEpyEpw=</Specified></Salt><IterationCount>1000</IterationCount>\
        <KeyLength>16</KeyLength><PRF/></pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod>\
        <xenc11:MasterKeyName>My Password 1</xenc11:MasterKeyName></xenc11:DerivedKey></pskc:EncryptionKey>\
        <pskc:MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><pskc:MACKey>\
        <xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><xenc:CipherData>\
        <xenc:CipherValue>2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx</xenc:CipherValue>\
        </xenc:CipherData></pskc:MACKey></pskc:MACMethod>";
    container(
        head,
        &package(
            "987654321",
            "totp",
            "8",
            &encrypted(
                "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f",
                "LP6xMvjtypbfT9PdkJhBZ+D6O4w=",
            ),
        ),
    )
}

fn encrypted(value: &str, mac: &str) -> String {
    format!(
        "<pskc:Secret><pskc:EncryptedValue><xenc:EncryptionMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><xenc:CipherData>\
         <xenc:CipherValue>\n {value}\n</xenc:CipherValue></xenc:CipherData></pskc:EncryptedValue>\
         <pskc:ValueMAC>{mac}</pskc:ValueMAC></pskc:Secret>"
    )
}

#[test]
fn the_encrypted_values_of_the_rfc_are_opened() {
    for (file, words) in [(figure_6(), PRE_SHARED), (figure_7(), "qwerty")] {
        let imported = import(&file, Some(words)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(imported.enrolments[0].1.totp.secret.bytes(), SECRET, "{words}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_no_key_is_shown() {
    let six = figure_6();
    let other = "22345678901234567890123456789012";
    let changed = "the key or password is wrong, or the file was changed";
    let entities = "<!DOCTYPE a [<!ENTITY x \"y\">]><KeyContainer>&x;</KeyContainer>";
    let cases: [(String, Option<&str>, &str); 14] = [
        (six.clone(), None, "give the pre-shared key with --decrypt-with"),
        (figure_7(), None, "give the password with --decrypt-with"),
        (six.clone(), Some(other), changed),
        (figure_7(), Some("qwertz"), changed),
        (six.replace("AAECAwQF", "AAECAwQG"), Some(PRE_SHARED), changed),
        (six.replace("Su+Nvt", "Su+Nvs"), Some(PRE_SHARED), changed),
        (six.clone(), Some("hunter2"), "the pre-shared key is not hexadecimal"),
        (six.clone(), Some("1234"), "aes128-cbc needs a key of 16 bytes, not 2"),
        (
            six.replace("aes128-cbc", "tripledes-cbc"),
            Some(PRE_SHARED),
            "tripledes-cbc needs a key of 24 bytes, not 16",
        ),
        (six.replace("ValueMAC", "Other"), Some(PRE_SHARED), "the key is not authenticated"),
        (figure_7().replace(">1000<", ">4294967295<"), Some("qwerty"), "iterations"),
        (container("", &package("1", "totp", "6", "")), None, "the key has no secret"),
        (entities.to_owned(), None, "not XML"),
        ("<a/>".to_owned(), None, "not a PSKC container"),
    ];
    for (file, words, says) in cases {
        let problems = import(&file, words).unwrap_err().to_string();
        assert!(problems.contains(says), "{says}: {problems}");
        assert!(!problems.contains("hunter2") && !problems.contains("AAEC"), "{problems}");
    }
    let problems = import(&six, None).unwrap_err();
    assert_eq!(problems.list[0].line, Some(5));
}

#[test]
fn tokens_that_cannot_be_kept_are_left_out_and_named() {
    let secret = plain("");
    let odd = [
        package("1", "hotp", "6", &secret),
        package("2", "totp", "7", &secret),
        package("3", "totp", "6", &secret).replace("DECIMAL", "ALPHANUMERIC"),
        package("4", "totp", "6", &secret).replace("Encoding", "CheckDigits=\"true\" Encoding"),
        package("5", "ocra", "6", &secret),
        package("6", "totp", "6", &secret),
    ];
    let imported = import(&container("", &odd.concat()), None).unwrap();
    assert_eq!((imported.enrolments.len(), imported.left_out()), (1, 5));
    let says = "line 5: left out: 1: its codes are counter-based";
    assert_eq!(imported.notes[0].to_string(), says);
}

/// A key for AES or 3DES of so many bytes, in hexadecimal.
fn key_of(bytes: usize) -> String {
    HEXLOWER_PERMISSIVE.encode(&(0..bytes).map(|n| u8::try_from(n).unwrap()).collect::<Vec<_>>())
}

/// A container whose one secret is encrypted with a pre-shared key by `method`.
fn by(method: &str, value: &str) -> String {
    let head = "<pskc:EncryptionKey><ds:KeyName>k</ds:KeyName></pskc:EncryptionKey>";
    let secret = format!(
        "<pskc:Secret><pskc:EncryptedValue><xenc:EncryptionMethod Algorithm=\"{method}\"/>\
         <xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData>\
         </pskc:EncryptedValue></pskc:Secret>"
    );
    container(head, &package("1", "totp", "6", &secret))
}

#[test]
fn keys_that_were_wrapped_or_encrypted_with_3des_could_not_be_read() {
    let xenc = "http://www.w3.org/2001/04/xmlenc#";
    let base64 = |hex: &str| BASE64.encode(&HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap());
    // RFC 3394 §4.1, §4.3, §4.6; RFC 5649 §6; the last by `openssl enc -des-ede3-cbc`.
    let data = "00112233445566778899aabbccddeeff";
    let long = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
    let rfc_5649 = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
    let cases = [
        (
            format!("{xenc}kw-aes128"),
            key_of(16),
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
            data,
        ),
        (
            format!("{xenc}kw-aes256"),
            key_of(32),
            "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7",
            data,
        ),
        (
            format!("{xenc}kw-aes256"),
            key_of(32),
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
            long,
        ),
        (
            "http://www.w3.org/2009/xmlenc11#kw-aes-192-pad".to_owned(),
            rfc_5649.to_owned(),
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
            "c37b7e6492584340bed12207808941155068f738",
        ),
        (
            format!("{xenc}tripledes-cbc"),
            key_of(24),
            TRIPLE_DES,
            "3132333435363738393031323334353637383930",
        ),
    ];
    for (method, key, cipher, plain) in cases {
        let file = by(&method, &base64(cipher));
        let imported = import(&file, Some(&key)).unwrap_or_else(|e| panic!("{method}: {e}"));
        let secret = imported.enrolments[0].1.totp.secret.bytes();
        assert_eq!(HEXLOWER_PERMISSIVE.encode(secret), plain, "{method}");
        let other = key.replace("0", "1");
        let problems = import(&file, Some(&other)).unwrap_err().to_string();
        assert!(problems.contains(WRONG), "{method}: {problems}");
        let cut = by(&method, &base64(&cipher[..cipher.len() - 2]));
        import(&cut, Some(&key)).unwrap_err();
        import(&by(&method, ""), Some(&key)).unwrap_err();
    }
    let unknown = by(&format!("{xenc}kw-tripledes"), "AAAA");
    let problems = import(&unknown, Some(&key_of(24))).unwrap_err().to_string();
    assert!(problems.contains("the encryption \"kw-tripledes\" is not supported"), "{problems}");
}

/// [`SECRET`] with the key 00 01 … 17 and the initialisation vector a0 a1 … a7.
const TRIPLE_DES: &str = "a0a1a2a3a4a5a6a7afb26b34236b8c591ae7f3e26e730b5b21bae5373c47655e";

#[test]
fn a_container_for_a_certificate_asked_for_a_pre_shared_key() {
    let file = figure_6().replace(
        "<ds:KeyName>Pre-shared-key</ds:KeyName>",
        "<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>",
    );
    let problems = import(&file, None).unwrap_err().to_string();
    assert!(problems.contains("encrypted for a certificate"), "{problems}");
    let draft = "<KeyContainer><Device><Key KeyId=\"1\"/></Device></KeyContainer>";
    assert!(import(draft, None).unwrap_err().to_string().contains("drafts before RFC 6030"));
}

/// Figures 2 to 5 of RFC 6030 are of tokens with a counter, the last by reference, and of a
/// PIN: each is named, and left out.
#[test]
fn the_counter_based_samples_of_the_rfc_are_left_out_by_name() {
    let counter = "<pskc:Counter><pskc:PlainValue>0</pskc:PlainValue></pskc:Counter>";
    let two = package("987654321", "hotp", "8", &plain(counter));
    let bound = two.replace(
        "</pskc:SerialNo>",
        "</pskc:SerialNo><pskc:UserId>DC=example-bank,DC=net</pskc:UserId>",
    );
    let pin = "<pskc:Policy><pskc:PINPolicy MinLength=\"4\" MaxLength=\"4\" PINKeyId=\"123\" \
               PINEncoding=\"DECIMAL\" PINUsageMode=\"Local\"/></pskc:Policy></pskc:Key>\
               <pskc:Key Id=\"123\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:pin\">\
               <pskc:Data><pskc:Secret><pskc:PlainValue>MTIzNA==</pskc:PlainValue></pskc:Secret>\
               </pskc:Data></pskc:Key>";
    let four = two.replace("</pskc:Key>", pin);
    let reference = "<pskc:KeyProfileId>keyProfile1</pskc:KeyProfileId>\
                     <pskc:KeyReference>MasterKeyLabel</pskc:KeyReference>";
    let five =
        two.replace(&plain(""), "").replace("<pskc:Data>", &format!("{reference}<pskc:Data>"));
    for (file, left_out) in [(&two, 1), (&bound, 1), (&four, 2), (&five, 1)] {
        for file in [container("", file), container("", file).replace("pskc:", "")] {
            let imported = import(&file, None).unwrap();
            assert_eq!((imported.enrolments.len(), imported.left_out()), (0, left_out));
            assert!(imported.notes[0].to_string().contains("987654321"));
        }
    }
    // Without an algorithm, but with nothing other than a counter; without a device.
    let bare = two.replace(" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\"", "");
    assert_eq!(import(&container("", &bare), None).unwrap().left_out(), 1);
    let totp = package("1", "totp", "6", &plain(""));
    let end = totp.find("</pskc:DeviceInfo>").unwrap() + "</pskc:DeviceInfo>".len();
    let no_device = format!("<pskc:KeyPackage>{}", &totp[end..]);
    let imported = import(&container("", &no_device), None).unwrap();
    assert_eq!(imported.enrolments[0].1.also.as_ref().unwrap().as_str(), "k1");
    // A PIN that is part of what is typed makes other codes.
    let pin =
        "<pskc:Policy><pskc:PINPolicy PINUsageMode=\"Algorithmic\"/></pskc:Policy></pskc:Key>";
    let imported = import(&container("", &totp.replace("</pskc:Key>", pin)), None).unwrap();
    assert_eq!(imported.left_out(), 1);
    assert!(imported.notes[0].to_string().contains("a PIN belongs to its codes"));
}

proptest! {
    #[test]
    fn any_container_is_read_or_refused(
        places in proptest::collection::vec((any::<proptest::sample::Index>(), "[<>/a-zA-Z0-9\"&;=]{0,6}"), 0..6),
    ) {
        let mut file = figure_6();
        for (place, text) in &places {
            let at = place.index(file.len());
            file.replace_range(at..(at + text.len()).min(file.len()), text);
        }
        let _ = read(file.as_bytes(), Some(PRE_SHARED));
    }
}

#[test]
fn a_plain_key_was_read_from_a_file_of_encrypted_ones() {
    let encryption =
        "<pskc:EncryptionKey><ds:KeyName>k</ds:KeyName></pskc:EncryptionKey>".to_owned();
    let mac = "<pskc:MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"/>";
    for head in [encryption.clone(), encryption + mac, mac.to_owned()] {
        let file = container(&head, &package("1", "totp", "6", &plain("")));
        let problems = import(&file, Some("00112233445566778899aabbccddeeff")).unwrap_err();
        assert!(problems.to_string().contains("keys are encrypted"), "{problems}");
    }
}
