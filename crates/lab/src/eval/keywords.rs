//! Keyword groups: how a fact or one side of a limit is looked for in a scenario.

/// `kw1|alt & kw2`: groups that must all be there, each in one of its spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keywords(Vec<Vec<String>>);

impl Keywords {
    /// Reads the form; the groups stand apart by " & ", so that "R&D" can be a keyword.
    ///
    /// # Errors
    /// When a group is empty: it would be found everywhere.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let groups: Vec<Vec<String>> = text
            .split(" & ")
            .map(|group| group.split('|').map(plain).filter(|keyword| !keyword.is_empty()).collect())
            .collect();
        if groups.iter().any(Vec::is_empty) {
            return Err(format!("{text:?} has an empty group of keywords"));
        }
        Ok(Self(groups))
    }

    /// Whether a text that went through [`plain`] holds all groups.
    pub(crate) fn held_by(&self, text: &str) -> bool {
        self.0.iter().all(|group| group.iter().any(|keyword| text.contains(keyword.as_str())))
    }
}

/// A fact of a story, and how it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// In words, for the report.
    pub(crate) text: String,
    /// In keywords.
    pub(crate) keywords: Keywords,
}

impl Fact {
    /// Reads `fact :: kw1|alt & kw2`.
    ///
    /// # Errors
    /// When there are no keywords.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let (text, keywords) = line.split_once("::").ok_or_else(|| format!("{line:?} has no \"::\" and keywords"))?;
        Ok(Self { text: text.trim().to_owned(), keywords: Keywords::parse(keywords)? })
    }
}

/// Lower case, single spaces, straight quotes: what two texts are brought to before one is looked for in the other.
pub(crate) fn plain(text: &str) -> String {
    let straight: String = text
        .chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
            '\u{2010}' | '\u{2011}' => '-',
            c => c,
        })
        .collect();
    straight.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_group_must_be_there_in_one_of_its_spellings() {
        let fact = Fact::parse("locked after 3 :: lock|block & 3 |three").unwrap();
        assert_eq!(fact.text, "locked after 3");
        assert!(fact.keywords.held_by("the card is blocked after three tries"));
        assert!(!fact.keywords.held_by("the card is blocked"));
        assert!(!fact.keywords.held_by("three tries"));
    }

    #[test]
    fn an_ampersand_inside_a_word_does_not_part_groups() {
        assert!(Keywords::parse("r&d").unwrap().held_by("the r&d team"));
        assert!(!Keywords::parse("r & d").unwrap().held_by("r"));
    }

    #[test]
    fn facts_without_keywords_are_refused() {
        for line in ["locked", "locked ::", "locked :: a & ", "locked :: |"] {
            assert!(Fact::parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn typography_and_case_do_not_hide_a_keyword() {
        let keywords = Keywords::parse("Don’t  know").unwrap();
        assert!(keywords.held_by(&plain("They DON'T\n know")));
    }
}
