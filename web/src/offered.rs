//! The adapters that this service can write with, as the program that started it found them.

use brine_core::jobs::{AdapterChoice, PLAIN};

use crate::refusal::Refusal;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// Names that can be chosen, in order.
    pub names: Vec<String>,
    /// Names that can't be, each with the reason: made for another model, or broken.
    pub unfit: Vec<(String, String)>,
    /// What writes where nobody has chosen; none is the model alone.
    pub usual: Option<String>,
}

impl Offered {
    /// Refuses a name that can't be chosen, and says which can.
    pub(crate) fn check(&self, choice: &AdapterChoice) -> Result<(), Refusal> {
        let Some(name) = choice.name() else { return Ok(()) };
        if self.names.iter().any(|known| known == name) {
            return Ok(());
        }
        if let Some((_, reason)) = self.unfit.iter().find(|(unfit, _)| unfit == name) {
            return Err(Refusal::Malformed(format!("The adapter {name:?} cannot be chosen: {reason}.")));
        }
        let known = std::iter::once(PLAIN).chain(self.names.iter().map(String::as_str)).collect::<Vec<_>>().join(", ");
        Err(Refusal::Malformed(format!("There is no adapter called {name:?}; known ones: {known}.")))
    }

    /// What the service writes with by itself, in words.
    pub(crate) fn usual_words(&self) -> &str {
        self.usual.as_deref().unwrap_or("the model alone")
    }
}
