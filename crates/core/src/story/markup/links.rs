//! Links: their words, and where they lead when that is news.

/// Where a link leads, unless its words say so already or it leads nowhere outside. Not for links without words.
pub(crate) fn address_worth_saying<'a>(shown: &str, address: &'a str) -> Option<&'a str> {
    let bare = |text: &str| text.trim_end_matches('/').to_lowercase();
    let outside = ["https://", "http://"].iter().find_map(|scheme| address.strip_prefix(scheme))?;
    let said = [bare(address), bare(outside)].contains(&bare(shown));
    (!said).then_some(address)
}

/// "words (address)", or whichever of the two says something.
pub(super) fn link(shown: &str, address: &str) -> String {
    match (shown.trim(), address_worth_saying(shown.trim(), address)) {
        ("", _) => address.to_owned(),
        (shown, Some(address)) => format!("{shown} ({address})"),
        (shown, None) => shown.to_owned(),
    }
}

/// A picture or another file, by the name that is given to it or else its address's last part.
pub(super) fn attachment(name: &str, address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    match [name.trim(), last].into_iter().find(|name| !name.is_empty()) {
        Some(name) => format!("[attachment: {}]", name.replace(['[', ']'], "")),
        None => "[attachment]".to_owned(),
    }
}
