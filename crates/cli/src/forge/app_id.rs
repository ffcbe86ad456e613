//! The id of a Forge app.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// How Atlassian names an app; the UUID follows.
pub(super) const ARI: &str = "ari:cloud:ecosystem::app/";

/// The id that `forge register` gives to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AppId(Uuid);

/// Why a text is no app id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WrongAppId {
    /// Neither form.
    #[error("an app id is a UUID or {ARI}UUID; `forge register` writes it into manifest.yml")]
    Form,
    /// The place holder of a folder whose app nobody has registered.
    #[error("this is the place holder of an app that is not registered yet; run `forge register` first")]
    PlaceHolder,
}

impl FromStr for AppId {
    type Err = WrongAppId;

    fn from_str(text: &str) -> Result<Self, WrongAppId> {
        let id = text.strip_prefix(ARI).unwrap_or(text);
        // Uuid takes other forms as well, which Forge does not.
        let is_plain = id.len() == uuid::fmt::Hyphenated::LENGTH;
        let id = Uuid::try_parse(id).ok().filter(|_| is_plain).ok_or(WrongAppId::Form)?;
        if id.is_nil() { Err(WrongAppId::PlaceHolder) } else { Ok(Self(id)) }
    }
}

/// The UUID alone.
impl fmt::Display for AppId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(to)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-4333-8444-55555555abcd";

    #[test]
    fn a_uuid_and_a_whole_ari_are_the_same_app() {
        let plain: AppId = ID.parse().unwrap();
        assert_eq!(format!("{ARI}{ID}").parse(), Ok(plain.clone()));
        assert_eq!(ID.to_uppercase().parse(), Ok(plain.clone()));
        assert_eq!(plain.to_string(), ID);
    }

    #[test]
    fn anything_else_is_none() {
        let other_ari = format!("ari:cloud:jira::site/{ID}");
        let followed = format!("{ID}\nremotes: []");
        let braced = format!("{{{ID}}}");
        let urn = format!("urn:uuid:{ID}");
        let simple = ID.replace('-', "");
        for text in ["", "app", ARI, &other_ari, &followed, &braced, &urn, &simple, &ID[1..]] {
            assert_eq!(text.parse::<AppId>(), Err(WrongAppId::Form), "{text:?}");
        }
        assert_eq!(Uuid::nil().to_string().parse::<AppId>(), Err(WrongAppId::PlaceHolder));
    }
}
