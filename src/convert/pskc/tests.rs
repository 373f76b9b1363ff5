use proptest::prelude::*;

use super::*;
use crate::convert::Problems;

const SECRET: &[u8] = b"12345678901234567890";

fn import(file: &str, words: Option<&str>) -> Result<Imported, Problems> {
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
            "\"tripledes-cbc\" is not known",
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
