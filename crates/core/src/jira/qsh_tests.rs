#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::{Hashes, encode, query_string_hash};

fn hashes(method: &str, path: &str, query: &str) -> Hashes {
    query_string_hash(method, path, query, "")
}

/// The hash to sign with must be the one of this canonical request.
fn assert_canonical(method: &str, path: &str, query: &str, canonical: &str) {
    assert_eq!(hashes(method, path, query).signing(), hex::encode(Sha256::digest(canonical)), "{canonical}");
}

/// The query of a page that Jira opens in a frame, with the token that Jira put into it.
const FRAME_QUERY: &str = "lic=none&tz=Australia%2FSydney&cp=%2Fjira&user_key=&loc=en-US&user_id=&jwt=eyJhbGciOiJIUzI1NiJ9.e30.c2ln\
&xdm_e=http%3A%2F%2Fstorm%3A2990&xdm_c=channel-servlet-hello-world&xdm_p=1";

#[test]
fn published_hashes() {
    for (method, path, query, hash) in [
        ("get", "/path", "", "799be84a7fa35570087163c0cd9af3abff7ac05c2c12ba0bb1d7eebc984b3ac2"),
        ("get", "", "", "c88caad15a1c1a900b8ac08aa9686f4e8184539bea1deda36e2f649430df3239"),
        ("get", "/", "", "c88caad15a1c1a900b8ac08aa9686f4e8184539bea1deda36e2f649430df3239"),
        ("get", "/hello-world", FRAME_QUERY, "8063ff4ca1e41df7bc90c8ab6d0f6207d491cf6dad7c66ea797b4614b71922e9"),
        ("post", "/hello-world", FRAME_QUERY, "d7e7f00660965fc15745b2c423a89b85d0853c4463faca362e0371d008eb0927"),
        ("post", "/hello-world", "", "6f95f3738e1b037a3bebbe0ad237d80fdbc1d5ae452e98ce03a9c004c178ebb4"),
    ] {
        assert_eq!(hashes(method, path, query).signing(), hash, "{method} {path}?{query}");
    }
}

#[test]
fn canonical_requests() {
    for (path, query, canonical) in [
        (
            "/path/to/service",
            "zee_last=param&repeated=parameter 1&first=param&repeated=parameter 2&repeated=Parameter 2",
            "GET&/path/to/service&first=param&repeated=Parameter%202,parameter%201,parameter%202&zee_last=param",
        ),
        ("/hello", "a&b=foo&c", "GET&/hello&a=&b=foo&c="),
        ("/hello", "&&a=1&&", "GET&/hello&a=1"),
        ("/hello", "a=b=c", "GET&/hello&a=b%3Dc"),
        ("/test/", "q=connect*", "GET&/test&q=connect%2A"),
        ("/test//", "", "GET&/test/&"),
        ("test", "~=~", "GET&/test&~=~"),
        ("/test", "q=!'()*", "GET&/test&q=%21%27%28%29%2A"),
        ("/test", "a=1,2&a=3", "GET&/test&a=1%2C2,3"),
        ("/test", "%E5%AE%AE=%C3%A9", "GET&/test&%E5%AE%AE=%C3%A9"),
        ("/test", "b=1&B=2&a=3", "GET&/test&B=2&a=3&b=1"),
        ("/test", "jwt=x&a=1&jwt=y&%6Awt=z", "GET&/test&a=1"),
        ("/test", "__proto__=1&a[b]=2", "GET&/test&__proto__=1&a%5Bb%5D=2"),
        ("/project/jira&a=b&c=d", "x=y", "GET&/project/jira%26a=b%26c=d&x=y"),
    ] {
        assert_canonical("GET", path, query, canonical);
    }
}

#[test]
fn values_sort_as_javascript_and_java_sort_them() {
    // In UTF-16 the emoji (a surrogate pair, 0xD83D…) comes before U+FF76; by code point it would come after.
    assert_canonical("GET", "/t", "a=%EF%BD%B6&a=%F0%9F%98%80", "GET&/t&a=%F0%9F%98%80,%EF%BD%B6");
}

#[test]
fn the_base_path_goes_at_a_segment_border_only() {
    let plain = hashes("GET", "/panel", "a=1");
    for (path, base) in [("/brine/panel", "/brine"), ("/brine/panel", "/brine/"), ("/panel", ""), ("/panel", "/")] {
        assert_eq!(query_string_hash("GET", path, "a=1", base), plain, "{path} below {base}");
    }
    let root = query_string_hash("GET", "/brine", "", "/brine");
    assert_eq!(root, hashes("GET", "/", ""));
    assert_eq!(query_string_hash("GET", "/brinepanel", "", "/brine"), hashes("GET", "/brinepanel", ""));
}

#[test]
fn a_verifier_accepts_both_key_orders_and_both_paths_and_nothing_else() {
    // ':' encodes to "%3A", which sorts before "0"; raw it sorts after.
    let accepted = hashes("GET", "/a%20b", "k0=1&k:=2");
    for canonical in
        ["GET&/a%20b&k%3A=2&k0=1", "GET&/a%20b&k0=1&k%3A=2", "GET&/a b&k%3A=2&k0=1", "GET&/a b&k0=1&k%3A=2"]
    {
        assert!(accepted.accepts(&hex::encode(Sha256::digest(canonical))), "{canonical}");
    }
    for canonical in ["GET&/a%20b&k0=1", "POST&/a%20b&k0=1&k%3A=2", "GET&/a%2520b&k0=1&k%3A=2", "GET&/a+b&k0=1&k%3A=2"]
    {
        assert!(!accepted.accepts(&hex::encode(Sha256::digest(canonical))), "{canonical}");
    }
    assert!(!accepted.accepts(""));
    assert!(!accepted.accepts("context-qsh"));
    assert!(!accepted.accepts(&accepted.signing().to_uppercase()));
}

#[test]
fn a_path_cannot_pass_for_a_query() {
    let in_path = hashes("POST", "/rest/project&a=b", "x=y");
    assert!(!in_path.accepts(hashes("POST", "/rest/project", "a=b&x=y").signing()));
    let encoded = hashes("POST", "/rest/project%26a=b", "x=y");
    assert!(!encoded.accepts(hashes("POST", "/rest/project", "a=b&x=y").signing()));
}

fn text() -> impl Strategy<Value = String> {
    // Letters, what must be encoded, and characters of two, three and four bytes.
    proptest::collection::vec(
        prop_oneof![
            proptest::char::range('a', 'f'),
            proptest::sample::select(vec![
                'A', 'Z', '0', '-', '.', '_', '~', '!', '*', '\'', '&', '=', '+', ',', ':', '[', ' ', '%', '/', '?'
            ]),
            proptest::sample::select(vec!['é', '宮', 'ｶ', '😀']),
        ],
        0..5,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((text(), text()), 0..6)
}

fn written(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    pairs.join("&")
}

/// Lower-case hex digits in what was encoded: `%2f` for `%2F`.
fn lower_encoding(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        lower.push('%');
        lower.push_str(&part[..2].to_lowercase());
        lower.push_str(&part[2..]);
    }
    lower
}

proptest! {
    #[test]
    fn the_order_of_parameters_is_of_no_account(
        (sorted, shuffled) in pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
    ) {
        prop_assert_eq!(hashes("GET", "/p", &written(&sorted)), hashes("GET", "/p", &written(&shuffled)));
    }

    #[test]
    fn the_token_itself_is_of_no_account(pairs in pairs(), token in text(), at in any::<prop::sample::Index>()) {
        let mut with_token = pairs.clone();
        with_token.insert(at.index(pairs.len() + 1), ("jwt".to_owned(), token));
        prop_assume!(pairs.iter().all(|(key, _)| key != "jwt"));
        // An empty pair ("=") must not vanish beside the token either, so compare whole hash sets.
        prop_assert_eq!(hashes("GET", "/p", &written(&with_token)), hashes("GET", "/p", &written(&pairs)));
    }

    #[test]
    fn plus_and_encoded_space_are_one(pairs in pairs()) {
        let encoded = written(&pairs);
        prop_assert_eq!(hashes("GET", "/p", &encoded.replace("%20", "+")), hashes("GET", "/p", &encoded));
    }

    #[test]
    fn the_case_of_encoding_is_of_no_account_in_a_query(pairs in pairs()) {
        let encoded = written(&pairs);
        prop_assert_eq!(hashes("GET", "/p", &lower_encoding(&encoded)), hashes("GET", "/p", &encoded));
    }

    #[test]
    fn another_value_is_another_hash(pairs in pairs(), key in "[a-z]{1,4}", value in text(), other in text()) {
        prop_assume!(value != other && key != "jwt");
        let with = |value: String| {
            let mut all = pairs.clone();
            all.push((key.clone(), value));
            hashes("GET", "/p", &written(&all))
        };
        let (one, two) = (with(value), with(other));
        prop_assert!(!one.accepts(two.signing()));
    }

    #[test]
    fn any_bytes_give_a_hash(method in "\\PC{0,4}", path in "\\PC{0,20}", query in "\\PC{0,40}", base in "\\PC{0,6}") {
        let hashes = query_string_hash(&method, &path, &query, &base);
        prop_assert_eq!(hashes.signing().len(), 64);
        prop_assert!(hashes.accepts(hashes.signing()));
    }
}
