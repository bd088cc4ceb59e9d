use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::clock::new_uuid;

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const HOME: Place<'_> = Place {
    purpose: "second factor",
    row: "user 7",
};

fn config(secret_key: &str) -> Config {
    let name = format!("aisle-vault-{}", new_uuid().simple());
    Config {
        data_dir: std::env::temp_dir().join(name),
        secret_key: secret_key.to_owned().into(),
        ..Config::default()
    }
}

fn code(error: &Error) -> &'static str {
    error.wire_code().name
}

#[test]
fn what_is_sealed_opens_in_its_own_place_and_nowhere_else() {
    let vault = Vault::new(&config(HEX));
    let sealed = vault.seal(HOME, b"a secret").unwrap();
    assert_eq!(vault.open(HOME, &sealed).unwrap(), b"a secret");
    assert!(!sealed.contains("a secret"));
    let elsewhere = [
        Place {
            row: "user 8",
            ..HOME
        },
        Place {
            purpose: "channel",
            ..HOME
        },
    ];
    for place in elsewhere {
        let error = vault.open(place, &sealed).unwrap_err();
        assert_eq!(code(&error), "secret_unreadable");
    }
}

#[test]
fn the_same_secret_is_sealed_differently_each_time() {
    let vault = Vault::new(&config(HEX));
    assert_ne!(
        vault.seal(HOME, b"a").unwrap(),
        vault.seal(HOME, b"a").unwrap()
    );
}

#[test]
fn one_changed_letter_is_noticed() {
    let vault = Vault::new(&config(HEX));
    let sealed = vault.seal(HOME, b"a secret").unwrap();
    for at in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(vault.open(HOME, &changed).is_err(), "{changed}");
    }
}

#[test]
fn another_key_and_none_open_nothing_and_make_nothing() {
    let sealed = Vault::new(&config(HEX)).seal(HOME, b"a secret").unwrap();
    let other = config(&HEX.replace("00", "ff"));
    assert!(Vault::new(&other).open(HOME, &sealed).is_err());
    let none = config("");
    let error = Vault::new(&none).open(HOME, &sealed).unwrap_err();
    assert_eq!(code(&error), "secret_unreadable");
    assert!(!none.data_dir.join(key::FILE).exists());
}

#[test]
fn a_key_is_made_on_first_need_readable_by_nobody_else_and_found_again() {
    let config = config("");
    let sealed = Vault::new(&config).seal(HOME, b"a secret").unwrap();
    let file = config.data_dir.join(key::FILE);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
    let again = Vault::new(&config);
    again.check().unwrap();
    assert_eq!(again.open(HOME, &sealed).unwrap(), b"a secret");

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o440)).unwrap();
    let error = Vault::new(&config).check().unwrap_err().to_string();
    assert!(error.contains("chmod 0400"), "{error}");
    assert!(Vault::new(&config).open(HOME, &sealed).is_err());
    std::fs::remove_dir_all(&config.data_dir).unwrap();
}

#[test]
fn two_who_make_a_key_at_once_use_the_same() {
    let config = config("");
    let sealed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Vault::new(&config).seal(HOME, b"a").unwrap()))
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let vault = Vault::new(&config);
    assert!(sealed.iter().all(|sealed| vault.open(HOME, sealed).is_ok()));
    std::fs::remove_dir_all(&config.data_dir).unwrap();
}

#[test]
fn the_setting_comes_before_the_credential_and_that_before_the_file() {
    let mut config = config("");
    let file = Vault::new(&config).seal(HOME, b"file").unwrap();
    let credentials = config.data_dir.join("credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::fs::write(credentials.join(key::CREDENTIAL), format!("{base64}\n")).unwrap();
    config.credentials_dir = Some(credentials);
    let credential = Vault::new(&config);
    assert!(credential.open(HOME, &file).is_err());
    let sealed = credential.seal(HOME, b"credential").unwrap();
    config.credentials_dir = None;
    config.secret_key = HEX.to_owned().into();
    assert_eq!(
        Vault::new(&config).open(HOME, &sealed).unwrap(),
        b"credential"
    );
    std::fs::remove_dir_all(&config.data_dir).unwrap();
}

#[test]
fn a_key_of_the_wrong_form_is_refused_before_anything_is_sealed() {
    for wrong in ["short", &HEX[2..], &HEX.replace('0', "x")] {
        let vault = Vault::new(&config(wrong));
        let error = vault.check().unwrap_err().to_string();
        assert!(error.contains("AISLE_SECRET_KEY"), "{error}");
        assert!(!error.contains(wrong), "the key is told");
        assert!(vault.seal(HOME, b"a").is_err());
    }
}

#[test]
fn a_mark_is_good_for_its_text_purpose_and_key_alone() {
    let (here, there) = (Vault::new(&config(HEX)), Vault::new(&config("")));
    let mark = here.mark("receipt link", b"order 7").unwrap();
    assert_eq!(here.mark("receipt link", b"order 7").unwrap(), mark);
    assert!(here.is_mark("receipt link", b"order 7", &mark));
    assert!(!here.is_mark("receipt link", b"order 8", &mark));
    assert!(!here.is_mark("other link", b"order 7", &mark));
    // Where there is no key nothing is a mark, and looking makes none.
    assert!(!there.is_mark("receipt link", b"order 7", &mark));
    assert_ne!(there.mark("receipt link", b"order 7").unwrap(), mark);
    assert!(!there.is_mark("receipt link", b"order 7", &mark));
    let mut other = mark;
    other[15] ^= 1;
    assert!(!here.is_mark("receipt link", b"order 7", &other));
}
