//! Which adapter a site or a project writes with.

use serde::{Deserialize, Serialize};

/// The word for the model alone. No adapter can be called so.
pub const PLAIN: &str = "plain";

/// What was chosen; as text its name, "plain", or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum AdapterChoice {
    /// What the next wider choice says: the site's for a project, the service's for a site.
    #[default]
    Inherit,
    /// The model alone.
    Plain,
    /// The adapter of this name.
    Named(String),
}

impl AdapterChoice {
    /// This choice, or the wider one when it makes none.
    #[must_use]
    pub fn or(self, wider: Self) -> Self {
        match self {
            Self::Inherit => wider,
            chosen => chosen,
        }
    }

    /// The name of the adapter, when one is named.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Inherit | Self::Plain => None,
        }
    }
}

impl From<Option<String>> for AdapterChoice {
    fn from(text: Option<String>) -> Self {
        match text.as_deref().map(str::trim) {
            None | Some("") => Self::Inherit,
            Some(PLAIN) => Self::Plain,
            Some(name) => Self::Named(name.to_owned()),
        }
    }
}

impl From<AdapterChoice> for Option<String> {
    fn from(choice: AdapterChoice) -> Self {
        match choice {
            AdapterChoice::Inherit => None,
            AdapterChoice::Plain => Some(PLAIN.to_owned()),
            AdapterChoice::Named(name) => Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_read_as_it_was_written() {
        for choice in [AdapterChoice::Inherit, AdapterChoice::Plain, AdapterChoice::Named("ours".to_owned())] {
            assert_eq!(AdapterChoice::from(Option::<String>::from(choice.clone())), choice);
        }
        assert_eq!(AdapterChoice::from(Some(" ".to_owned())), AdapterChoice::Inherit);
    }

    #[test]
    fn the_narrower_choice_wins_and_none_leaves_it_to_the_wider() {
        let ours = AdapterChoice::Named("ours".to_owned());
        assert_eq!(AdapterChoice::Inherit.or(ours.clone()), ours);
        assert_eq!(AdapterChoice::Plain.or(ours.clone()), AdapterChoice::Plain);
        assert_eq!(ours.clone().or(AdapterChoice::Plain), ours);
    }
}
