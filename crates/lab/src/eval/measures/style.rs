//! S: steps that say which widget is used instead of what happens, unless the story speaks of the widget.

use brine_core::gherkin::content_words;

use super::super::case::Case;
use super::super::set::Set;

/// Words of the interface, as stems (see `content_words`).
const WIDGETS: &[&str] = &[
    "click", "tap", "press", "button", "pag", "field", "link", "menu", "dropdown", "checkbox", "tab", "icon", "screen",
    "form", "dialog", "popup", "modal", "scroll", "textbox", "hover", "url", "toggl", "tooltip", "sidebar", "navbar",
    "navigat", "homepag", "webpag", "browser", "input", "toolbar", "radio",
];

/// Of each step, whether it holds a word of the interface that the story does not.
pub(crate) fn interface_words(case: &Case, set: &Set) -> Vec<bool> {
    let of_interface = |text: &str| {
        content_words(text).iter().any(|word| WIDGETS.contains(&word.as_str()) && !case.stems.contains(word))
    };
    set.scenarios.iter().flat_map(|scenario| &scenario.steps).map(|step| of_interface(&step.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case, set};
    use super::*;

    #[test]
    fn every_word_of_the_list_is_a_stem() {
        for word in WIDGETS {
            assert!(content_words(word).contains(*word), "{word} would never be found");
        }
    }

    #[test]
    fn widgets_count_unless_the_story_speaks_of_them() {
        let clicks =
            set("Scenario: A\n  Given a card on the page\n  When the user clicks the buttons\n  Then it is locked\n");
        assert_eq!(interface_words(&case("Lock a card", "A card is locked."), &clicks), [true, true, false]);
        let spoken = case("Lock button on the card page", "One clicks it.");
        assert_eq!(interface_words(&spoken, &clicks), [false, false, false]);
    }
}
