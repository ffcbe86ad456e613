//! The address of a server: what may be given, and the one place that is asked below it.

use reqwest::Url;

use super::RemoteError;

const PATH: [&str; 2] = ["chat", "completions"];

/// Where requests go: below the given address, unless it names the place itself.
///
/// # Errors
/// When it is no address, or holds a name or password, which would end up in shells' histories and lists of processes.
pub(super) fn endpoint(address: &str, variable: &str) -> Result<Url, RemoteError> {
    let wrong = |reason: &str| RemoteError::Unusable(format!("the server's address {reason}"));
    let mut url = Url::parse(address.trim()).map_err(|_| wrong("is no URL, as in http://localhost:8080/v1"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(&format!("must hold no name and password; a key goes into the variable {variable}")));
    }
    let there = url.path().trim_end_matches('/').ends_with("/chat/completions");
    if let (false, Ok(mut path)) = (there, url.path_segments_mut()) {
        path.pop_if_empty().extend(PATH);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Where the same server lists its models.
pub(super) fn models(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop().pop().push("models");
    }
    url
}

/// What may be shown of it: scheme, host and port.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether what is sent there can be read on the way: no TLS, and not this machine.
pub(super) fn in_the_clear(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    url.scheme() == "http" && !here
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_place_is_found_below_the_address() {
        for (address, expected) in [
            ("http://localhost:8080", "http://localhost:8080/chat/completions"),
            ("https://x.example/v1/", "https://x.example/v1/chat/completions"),
            ("https://x.example/v1/chat/completions", "https://x.example/v1/chat/completions"),
            ("https://x.example/v1?version=2#a", "https://x.example/v1/chat/completions?version=2"),
        ] {
            assert_eq!(endpoint(address, "KEY").unwrap().as_str(), expected);
        }
    }

    #[test]
    fn models_are_listed_beside_the_completions() {
        let of = |address| models(&endpoint(address, "KEY").unwrap()).to_string();
        assert_eq!(of("https://x.example/v1"), "https://x.example/v1/models");
        assert_eq!(of("http://localhost:8080"), "http://localhost:8080/models");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for address in
            ["", "localhost", "file:///etc/passwd", "https://me:secret@x.example/v1", "https://secret@x.example"]
        {
            let told = endpoint(address, "KEY").unwrap_err().to_string();
            assert!(!told.contains("secret") && told.starts_with("the server's address"), "{told}");
        }
        assert_eq!(origin(&endpoint("https://x.example/v1?key=secret", "KEY").unwrap()), "https://x.example");
    }

    #[test]
    fn only_this_machine_may_be_spoken_to_without_tls() {
        let clear = |address| in_the_clear(&endpoint(address, "KEY").unwrap());
        assert!(clear("http://10.0.0.1/v1") && clear("http://x.example/v1"));
        assert!(!clear("http://localhost:1/v1") && !clear("http://127.0.0.1/v1") && !clear("http://[::1]/v1"));
        assert!(!clear("https://x.example/v1"));
    }
}
