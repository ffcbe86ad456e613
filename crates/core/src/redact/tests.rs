#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn none() -> Words {
    Words::default()
}

fn redacted(text: &str) -> String {
    Redactor::new(&none()).text(text)
}

#[test]
fn each_kind_becomes_its_stand_in() {
    for (text, expected) in [
        ("Write to Bob.Miller+x@mail.corp.co.uk, please.", "Write to person1@example.com, please."),
        ("See https://bob:pw@jira.acme.com:8443/browse/SHOP-1?x=1.", "See https://host1.example/browse/SHOP-1?x=1."),
        ("(www.acme.com) or acme.atlassian.net/x", "(host1.example) or host2.example/x"),
        ("@Alice Archer decides, [~accountid:712020:ab] too", "@user2 decides, @user1 too"),
        ("assigned to 712020:8f14e45f-ceea-467f-9f3d-1a2b3c4d5e6f", "assigned to account-1"),
        ("from 10.1.2.33 and fe80::1ff:fe23:4567:890a", "from 192.0.2.1 and 2001:db8::1"),
        ("Call +49 (0)171 123-45 67 or 020 7946 0958.", "Call phone-1 or phone-2."),
        ("or 555-123-4567, or (555) 123-4567", "or phone-1, or phone-1"),
        ("pay with 4111 1111 1111 1111", "pay with card-1"),
        ("to DE89 3704 0044 0532 0130 00", "to card-1"),
        ("token ghp_16C7e42F292c6912E7710c838347Ae178B4a", "token key-1"),
        ("key sk-live_9aB8c7D6e5F4g3H2i1", "key key-1"),
        ("sha d41d8cd98f00b204e9800998ecf8427e", "sha key-1"),
    ] {
        assert_eq!(redacted(text), expected, "{text}");
    }
}

#[test]
fn the_same_thing_has_one_stand_in_in_story_and_criteria() {
    let words = none();
    let mut redactor = Redactor::new(&words);
    let story = redactor.text("Mail goes to ann@acme.org and bob@acme.org.");
    let criteria = redactor.criteria("@happy-path\nScenario: x\n  Then BOB@acme.org gets mail\n  And @Ann sees it\n");
    assert_eq!(story, "Mail goes to person1@example.com and person2@example.com.");
    let expected = "@happy-path\nScenario: x\n  Then person2@example.com gets mail\n  And @user1 sees it\n";
    assert_eq!(criteria, expected);
    assert_eq!(redactor.counts().to_string(), "3 × e-mail address, 1 × mention");
}

#[test]
fn listed_words_go_whole_and_in_any_case_but_never_a_keyword() {
    let words = Words::new(["Acme", "Acme Gold", "Given", ""]).unwrap();
    let mut redactor = Redactor::new(&words);
    assert_eq!(redactor.text("ACME GOLD of acme, not Acmeville"), "Name1 of Name2, not Acmeville");
    let criteria = "  Given an Acme card that was given\n";
    assert_eq!(redactor.criteria(criteria), "  Given an Name2 card that was Name3\n");
    assert!(Words::read(std::path::Path::new("/nowhere/words")).is_err());
}

#[test]
fn keywords_of_other_languages_stay_too() {
    let words = Words::new(["Dann", "Szenario", "de"]).unwrap();
    let text = "# language: de\n\n@negative\nSzenario: Dann nicht\n  Dann sieht ann@acme.org es\n\n# Question: Wer?\n";
    let expected =
        "# language: de\n\n@negative\nSzenario: Name1 nicht\n  Dann sieht person1@example.com es\n\n# Question: Wer?\n";
    assert_eq!(Redactor::new(&words).criteria(text), expected);
}

#[test]
fn a_number_that_is_there_already_is_not_given_again() {
    assert_eq!(redacted("person1@example.com or x@y.de"), "person1@example.com or person2@example.com");
}

#[test]
fn what_a_story_is_about_stays() {
    for text in [
        "locked for 30 days after 3 attempts",
        "at most 1 000 000 rows or 1,000,000 cells of 12.500.000",
        "from 2026-11-24 to 2026-12-01 10:30, or 24.11.2026 12:00",
        "steps of 10 20 30 40 50 and 100 200 300 400",
        "between 0.001 0.002 0.003 and 99.95 %",
        "version 1.2.3 at 10:30:00, 5–10 °C, 1/2, 3:1",
        "SHOP-1234 and INV-2026-000123 cost € 1,299.00",
        "100000000 bytes, 4294967296 ids, 1000000000000 at most",
        "Node.js, ASP.NET, e.g. this, std::vec, a @happy-path",
        "four digits such as 1234, six such as 123456",
    ] {
        assert_eq!(redacted(text), text);
    }
}

/// Pieces that make trouble next to each other.
fn rubble() -> impl Strategy<Value = String> {
    let fragments = prop::sample::select(vec![
        "@",
        ".",
        ":",
        "://",
        "/",
        " ",
        "-",
        "+",
        "(",
        ")",
        "1",
        "0",
        "49",
        "192.0.2.1",
        "10.0.0.1",
        "person1",
        "user2",
        "example.com",
        "bob@corp.com",
        "https",
        "host1.example",
        "key-1",
        "Name1",
        "Acme",
        "4111 1111 1111 1111",
        "::",
        "2001:db8::1",
        "www.x.de",
        "[~",
        "]",
        "\n",
        "é",
        "|",
        "Ann",
        "0171 1234567",
        "eyJhbGciOiJIUzI1",
        "_",
        ",",
        "d41d8cd98f00b204e9800998ecf8427e",
    ]);
    prop::collection::vec(fragments, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn once_is_enough(text in prop_oneof![rubble(), ".{0,80}"]) {
        let words = Words::new(["Acme", "corp", "name"]).unwrap();
        let once = Redactor::new(&words).text(&text);
        prop_assert_eq!(&Redactor::new(&words).text(&once), &once, "{:?}", text);
    }

    #[test]
    fn no_address_survives(
        before in "[ a-z.,(<\"]{0,8}", local in "[a-z][a-z0-9._+-]{0,8}[a-z0-9]", domain in "[a-z]{2,8}",
        end in "(com|de|co\\.uk|museum)", after in "( .{0,8})?",
    ) {
        let address = format!("{local}@{domain}.{end}");
        let text = redacted(&format!("{before}{address}{after}"));
        prop_assert!(!text.contains(&address) || address.ends_with("@example.com"), "{}", text);
        prop_assert!(!text.contains(&format!("@{domain}.")) || domain == "example", "{}", text);
    }

    #[test]
    fn limits_are_never_touched(
        a in 0_u32..10_000_000, b in 0_u32..1_000_000, c in 1_u32..100,
        unit in prop::sample::select(vec!["days", "attempts", "minutes", "MB", "%", "characters", "items", "€", "seconds"]),
        form in 0_usize..6,
    ) {
        let text = match form {
            0 => format!("at most {a} {unit}"),
            1 => format!("{c} of {b} {unit}, then {a}"),
            2 => format!("{c}-{b} {unit} and {c}.{b} {unit}"),
            3 => format!("after {c} {unit} ({a} in all)."),
            4 => format!("between {c} and {a} {unit}"),
            _ => format!("| {a} | {b} {unit} | {c} |"),
        };
        prop_assert_eq!(redacted(&text), text);
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        let words = none();
        let mut redactor = Redactor::new(&words);
        redactor.text(&text);
        redactor.criteria(&text);
    }
}
