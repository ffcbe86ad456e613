//! Finding stories of one set that share text with another: what a model was trained on says nothing when it is measured.

use std::collections::HashMap;

use super::Pair;

/// So many words in a row make a leak.
pub const WORDS: usize = 8;

/// A story that shares [`WORDS`] words in a row with a story of another set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The pair in the first set.
    pub id: String,
    /// The pair in the other set.
    pub other: String,
    /// The words, lower case.
    pub words: String,
}

/// The first leak of each pair of `set` whose story or criteria share words in a row with those of `other`.
pub fn leaks(set: &[Pair], other: &[Pair]) -> Vec<Leak> {
    let mut known: HashMap<String, &str> = HashMap::new();
    for pair in other {
        for words in runs(pair) {
            known.entry(words).or_insert(&pair.id);
        }
    }
    let leak = |pair: &Pair| {
        runs(pair).into_iter().find_map(|words| {
            let other = known.get(&words)?;
            Some(Leak { id: pair.id.clone(), other: (*other).to_owned(), words })
        })
    };
    set.iter().filter_map(leak).collect()
}

/// Every run of so many words, field by field.
fn runs(pair: &Pair) -> Vec<String> {
    let mut runs = Vec::new();
    for text in [&pair.summary, &pair.description, &pair.criteria] {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        runs.extend(words.windows(WORDS).map(|words| words.join(" ")));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(id: &str, description: &str) -> Pair {
        Pair { id: id.to_owned(), summary: "x".to_owned(), description: description.to_owned(), ..Pair::default() }
    }

    #[test]
    fn eight_words_in_a_row_are_a_leak_and_seven_are_not() {
        let train = [pair("t", "The clerk can refund an order within ninety days of delivery.")];
        let dev = [
            pair("d1", "Note: the clerk CAN refund; an order within ninety!"),
            pair("d2", "A clerk can refund an order within ninety hours."),
            pair("d3", "Something else."),
        ];
        let found = leaks(&dev, &train);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].id.as_str(), found[0].other.as_str()), ("d1", "t"));
        assert_eq!(found[0].words, "the clerk can refund an order within ninety");
    }
}
