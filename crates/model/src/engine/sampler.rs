//! Choosing the next token: soft wishes (no repeats, the rule's own words, lines that end well), then the grammar, then
//! chance with a seed.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as Method};
use toktrie::{SimpleVob, TokenId};

use super::favoured::Favoured;
use super::line;
use crate::tokenizer::Tokenizer;

/// How freely the model writes.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// 0 takes the likeliest token; higher is freer.
    pub temperature: f64,
    /// The likeliest tokens that make up this much of the probability are considered.
    pub top_p: f64,
    /// At most so many of them.
    pub top_k: usize,
    /// Same prompt, same seed, same words.
    pub seed: u64,
    /// Logits of tokens written before in this answer are divided (multiplied when negative) by this.
    pub repeat_penalty: f32,
    /// Added to the logits of favoured tokens until they are written: the words of the rule that is written about.
    pub favour: f32,
    /// Added, as a whole or the half or quarter of it, to the logits of tokens with which the rule goes on.
    pub follow: f32,
    /// Nothing in an outcome is refused or stays away.
    pub affirms: bool,
    /// From so many tokens on, the answer ends as soon as its grammar lets it.
    pub hurry_after: usize,
    /// What is wished for besides.
    pub nudges: Nudges,
}

/// Wishes about style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudges {
    /// None: free text.
    None,
    /// Nobody is "I" or "you".
    Persons,
    /// Besides, lines and scenarios end well: for a model that never learned how long they are.
    PersonsAndLines,
}

/// Stronger than any wish of the model.
const HURRY: f32 = 100.0;
/// So many of the likeliest allowed tokens are candidates, or `top_k` when that is more.
const CANDIDATES: usize = 64;
/// A token so much less likely than the likeliest adds nothing that a sum in f32 would show.
const NEGLIGIBLE: f32 = 17.0;

/// Tokens of a vocabulary that wishes speak of.
pub(super) struct Marks {
    /// Tokens that begin with a line break or a question mark, and those that are a line break alone.
    line_ends: Vec<TokenId>,
    last_line_ends: Vec<TokenId>,
    personal: Vec<TokenId>,
    refusing: Vec<TokenId>,
}

impl Marks {
    pub(super) fn of(tokenizer: &Tokenizer) -> Self {
        let vocabulary = 0..tokenizer.vocabulary() as TokenId;
        let refusing = vocabulary.clone().filter(|token| line::is_refusing(tokenizer.bytes(*token))).collect();
        let personal = vocabulary.clone().filter(|token| line::is_personal(tokenizer.bytes(*token))).collect();
        let line_ends: Vec<TokenId> =
            vocabulary.filter(|token| matches!(tokenizer.bytes(*token).first(), Some(b'\n' | b'?'))).collect();
        let last_line_ends = line_ends.iter().copied().filter(|token| tokenizer.bytes(*token) == b"\n").collect();
        Self { line_ends, last_line_ends, personal, refusing }
    }
}

pub(super) struct Sampler {
    chance: LogitsProcessor,
    sampling: Sampling,
    favoured: Favoured,
    marks: Arc<Marks>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling, favoured: Favoured, marks: Arc<Marks>) -> Self {
        let method = if sampling.temperature <= 0.0 {
            Method::ArgMax
        } else {
            let Sampling { top_k: k, top_p: p, temperature, .. } = sampling;
            Method::TopKThenTopP { k, p, temperature }
        };
        let chance = LogitsProcessor::from_sampling(sampling.seed, method);
        Self { chance, sampling, favoured, marks }
    }

    /// The next token, and the logarithm of its likelihood before any wish, among what is allowed; `scenario` is what was
    /// written of the present one, `written` the answer's tokens so far.
    pub(super) fn next(
        &mut self,
        logits: &[f32],
        allowed: &SimpleVob,
        scenario: &str,
        written: &[TokenId],
    ) -> candle_core::Result<(TokenId, f32)> {
        let mut wished = logits.to_vec();
        self.wish(&mut wished, scenario, written);
        let mut candidates: Vec<(TokenId, f32)> = Vec::new();
        let mut largest = f32::NEG_INFINITY;
        allowed.iter_set_entries(|token| {
            if let (Some(wished), Some(plain)) = (wished.get(token), logits.get(token)) {
                candidates.push((token as TokenId, *wished));
                largest = largest.max(*plain);
            }
        });
        let mut total = 0f32;
        for plain in candidates.iter().filter_map(|(token, _)| logits.get(*token as usize)) {
            if largest - plain < NEGLIGIBLE {
                total += (plain - largest).exp();
            }
        }
        if candidates.is_empty() {
            candle_core::bail!("the grammar allows no token");
        }
        // Looking at the whole vocabulary for each token costs more than the model's arithmetic for several answers.
        if candidates.len() > CANDIDATES.max(self.sampling.top_k) {
            let kept = CANDIDATES.max(self.sampling.top_k);
            candidates.select_nth_unstable_by(kept, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            candidates.truncate(kept);
        }
        candidates.sort_unstable_by_key(|(token, _)| *token);
        let values: Vec<f32> = candidates.iter().map(|(_, logit)| *logit).collect();
        let chosen = self.chance.sample(&Tensor::new(values, &Device::Cpu)?)?;
        let Some((token, _)) = candidates.get(chosen as usize) else {
            candle_core::bail!("the grammar allows no token");
        };
        let plain = logits.get(*token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        Ok((*token, plain - largest - total.ln()))
    }

    /// Adds what is wished for to the model's logits.
    fn wish(&mut self, logits: &mut [f32], scenario: &str, written: &[TokenId]) {
        self.discourage_repeats(logits, written);
        let line = scenario.rsplit('\n').next().unwrap_or_default();
        if self.sampling.nudges == Nudges::PersonsAndLines {
            add(logits, &self.marks.line_ends, line::end_bias(line));
            add(logits, &self.marks.last_line_ends, line::scenario_end_bias(scenario));
        }
        if self.sampling.nudges != Nudges::None {
            add(logits, &self.marks.personal, -HURRY);
        }
        if self.sampling.affirms && line::is_in_outcome(scenario) {
            add(logits, &self.marks.refusing, -HURRY);
        }
        if written.len() >= self.sampling.hurry_after {
            add(logits, &self.marks.line_ends, HURRY);
            add(logits, &self.marks.last_line_ends, HURRY);
        }
        self.favoured.hear(written);
        add(logits, &self.favoured.words, self.sampling.favour);
        let (next, sure) = self.favoured.continuations(line, written);
        add(logits, &next, self.sampling.follow * sure);
    }

    fn discourage_repeats(&self, logits: &mut [f32], written: &[TokenId]) {
        let penalty = self.sampling.repeat_penalty;
        if penalty == 1.0 {
            return;
        }
        let mut seen = std::collections::HashSet::new();
        for token in written.iter().filter(|token| seen.insert(**token)) {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit = if *logit >= 0.0 { *logit / penalty } else { *logit * penalty };
            }
        }
    }
}

fn add(logits: &mut [f32], tokens: &[TokenId], bias: f32) {
    for token in tokens {
        if let Some(logit) = logits.get_mut(*token as usize) {
            *logit += bias;
        }
    }
}
