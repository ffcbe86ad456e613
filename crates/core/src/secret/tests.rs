#![allow(clippy::unwrap_used, clippy::expect_used)]

use secrecy::ExposeSecret;

use super::*;

#[test]
fn what_was_sealed_opens_again_and_never_looks_the_same_twice() {
    let cipher = Cipher::from_key(&[7; 32]);
    let first = cipher.seal("a shared secret", "tenant-1").unwrap();
    let second = cipher.seal("a shared secret", "tenant-1").unwrap();
    assert_ne!(first, second);
    assert!(!first.contains("shared"));
    assert_eq!(cipher.open(&first, "tenant-1").unwrap().expose_secret(), "a shared secret");
    assert_eq!(cipher.open(&second, "tenant-1").unwrap().expose_secret(), "a shared secret");
}

#[test]
fn another_key_another_place_or_a_changed_byte_is_refused() {
    let cipher = Cipher::from_key(&[7; 32]);
    let sealed = cipher.seal("s", "tenant-1").unwrap();
    assert!(Cipher::from_key(&[8; 32]).open(&sealed, "tenant-1").is_err());
    assert!(cipher.open(&sealed, "tenant-2").is_err());
    for at in VERSION.len()..sealed.len() {
        let mut altered = sealed.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        assert!(cipher.open(&String::from_utf8(altered).unwrap(), "tenant-1").is_err(), "byte {at}");
    }
    for broken in ["", "v1:", "v1:AAAA", "v2:AAAA", "s"] {
        assert!(cipher.open(broken, "tenant-1").is_err(), "{broken:?}");
    }
}

#[test]
fn the_key_is_made_once_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    let sealed = Cipher::load_or_create(&path).unwrap().seal("s", "c").unwrap();
    assert_eq!(Cipher::load_or_create(&path).unwrap().open(&sealed, "c").unwrap().expose_secret(), "s");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&path, "not a key").unwrap();
    let error = Cipher::load_or_create(&path).unwrap_err().to_string();
    assert!(error.contains("secret.key") && error.contains("backup"), "{error}");
}
