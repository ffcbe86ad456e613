//! Choosing the next token: soft wishes (no repeats, the rule's own words, lines that end well), then the grammar, then
//! chance with a seed.

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as Method};
use toktrie::{SimpleVob, TokenId};

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

pub(super) struct Sampler {
    chance: LogitsProcessor,
    sampling: Sampling,
    /// Tokens that begin with a line break or a question mark, and those that are a line break alone.
    line_ends: Vec<TokenId>,
    last_line_ends: Vec<TokenId>,
    favoured: Vec<TokenId>,
    personal: Vec<TokenId>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling, favoured: Vec<TokenId>, tokenizer: &Tokenizer) -> Self {
        let method = if sampling.temperature <= 0.0 {
            Method::ArgMax
        } else {
            let Sampling { top_k: k, top_p: p, temperature, .. } = sampling;
            Method::TopKThenTopP { k, p, temperature }
        };
        let vocabulary = 0..tokenizer.vocabulary() as TokenId;
        let personal = vocabulary.clone().filter(|token| line::is_personal(tokenizer.bytes(*token))).collect();
        let line_ends: Vec<TokenId> =
            vocabulary.filter(|token| matches!(tokenizer.bytes(*token).first(), Some(b'\n' | b'?'))).collect();
        let last_line_ends = line_ends.iter().copied().filter(|token| tokenizer.bytes(*token) == b"\n").collect();
        let chance = LogitsProcessor::from_sampling(sampling.seed, method);
        Self { chance, sampling, line_ends, last_line_ends, favoured, personal }
    }

    /// The next token, and the logarithm of its likelihood before any wish, among what is allowed; `scenario` is what was
    /// written of the present one, `written` the answer's tokens so far.
    pub(super) fn next(
        &mut self,
        mut logits: Vec<f32>,
        allowed: &SimpleVob,
        scenario: &str,
        written: &[TokenId],
    ) -> candle_core::Result<(TokenId, f32)> {
        for (token, logit) in logits.iter_mut().enumerate() {
            if token >= allowed.len() || !allowed.is_allowed(token as TokenId) {
                *logit = f32::NEG_INFINITY;
            }
        }
        let unwished = logits.clone();
        self.discourage_repeats(&mut logits, written);
        if self.sampling.nudges == Nudges::PersonsAndLines {
            let line = scenario.rsplit('\n').next().unwrap_or_default();
            add(&mut logits, &self.line_ends, line::end_bias(line));
            add(&mut logits, &self.last_line_ends, line::scenario_end_bias(scenario));
        }
        if self.sampling.nudges != Nudges::None {
            add(&mut logits, &self.personal, -HURRY);
        }
        if written.len() >= self.sampling.hurry_after {
            add(&mut logits, &self.line_ends, HURRY);
            add(&mut logits, &self.last_line_ends, HURRY);
        }
        self.favoured.retain(|token| !written.contains(token));
        add(&mut logits, &self.favoured, self.sampling.favour);
        let logits = Tensor::new(logits, &Device::Cpu)?;
        let token = self.chance.sample(&logits)?;
        Ok((token, likelihood(&unwished, token)))
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

/// The logarithm of a token's likelihood.
fn likelihood(logits: &[f32], token: TokenId) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
    logits.get(token as usize).map_or(f32::NEG_INFINITY, |logit| logit - largest - total.ln())
}

fn add(logits: &mut [f32], tokens: &[TokenId], bias: f32) {
    for token in tokens {
        if let Some(logit) = logits.get_mut(*token as usize) {
            *logit += bias;
        }
    }
}
