//! The rule that is written about, as tokens: its words are favoured until they are said, and what goes on as the rule does
//! is favoured over what does not. The second is what keeps "counts as no ticket" from becoming "counts as a ticket".

use toktrie::TokenId;

/// So many tokens in a row that stand in the rule leave no doubt about where in it the writing is.
const SURE: usize = 3;
/// A title that goes on so long is to find its own end.
const TITLE_WORDS: usize = 7;

/// See the module. The default favours nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Favoured {
    /// The tokens of its words, each once, as they stand in the middle of a line.
    pub(super) words: Vec<TokenId>,
    /// All of its tokens, in order, with a break where it does not go on.
    pub(super) text: Vec<TokenId>,
    /// So many tokens at the start of an answer do not count as said.
    pub(super) given: usize,
}

impl Favoured {
    /// No token.
    pub(super) const BREAK: TokenId = TokenId::MAX;

    /// Forgets the words that were said.
    pub(super) fn hear(&mut self, written: &[TokenId]) {
        let written = written.get(self.given..).unwrap_or_default();
        self.words.retain(|token| !written.contains(token));
    }

    /// The tokens with which the rule goes on wherever it holds the longest end of `written`, and how sure that is, from 0 to
    /// 1; `line` is what was written of the present line.
    pub(super) fn continuations(&self, line: &str, written: &[TokenId]) -> (Vec<TokenId>, f32) {
        let is_long_title = line.starts_with("Scenario") && line.split_whitespace().count() > TITLE_WORDS + 1;
        let (mut next, mut longest) = (Vec::new(), 0);
        if is_long_title {
            return (next, 0.0);
        }
        for at in 1..self.text.len() {
            let before = self.text.iter().take(at).rev();
            let length = before.zip(written.iter().rev()).take(SURE).take_while(|(a, b)| a == b).count();
            if length > longest {
                next.clear();
                longest = length;
            }
            if length == longest && length > 0 {
                next.extend(self.text.get(at));
            }
        }
        next.sort_unstable();
        next.dedup();
        let doubt = SURE.saturating_sub(longest) as i32;
        (next, if longest == 0 { 0.0 } else { 0.5f32.powi(doubt) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "a pause counts as no ticket, a ride as one ticket"
    fn rule() -> Favoured {
        Favoured { words: vec![2, 3, 6], text: vec![1, 2, 3, 4, 5, 6, 9, 1, 7, 4, 8, 6], given: 0 }
    }

    #[test]
    fn the_rule_goes_on_behind_the_longest_end_of_what_is_written() {
        let next = |written: &[TokenId]| rule().continuations("  Then", written);
        assert_eq!(next(&[40, 4]), (vec![5, 8], 0.25), "one token: wherever it stands");
        assert_eq!(next(&[40, 3, 4]), (vec![5], 0.5));
        assert_eq!(next(&[40, 2, 3, 4]), (vec![5], 1.0));
        assert_eq!(next(&[1, 2, 3, 4]), (vec![5], 1.0), "more is not surer");
        assert_eq!(next(&[40]), (vec![], 0.0));
        assert_eq!(next(&[]), (vec![], 0.0));
        assert_eq!(next(&[8, 6]), (vec![9], 0.25), "where the rule ends, nothing goes on");
    }

    #[test]
    fn a_long_title_ends_by_itself() {
        let title = "Scenario: A pause of more than two weeks";
        assert_eq!(rule().continuations(title, &[2, 3]).1, 0.5);
        assert_eq!(rule().continuations(&format!("{title} counts"), &[2, 3]), (vec![], 0.0));
        assert_eq!(rule().continuations(&format!("  Then {title} counts"), &[2, 3]).1, 0.5);
    }

    #[test]
    fn words_that_were_said_are_favoured_no_more() {
        let mut rule = rule();
        rule.hear(&[3, 40]);
        assert_eq!(rule.words, [2, 6]);
    }
}
