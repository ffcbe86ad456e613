//! Choosing the next token: grammar first, then soft wishes, then chance with a seed.

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as Method};
use toktrie::{SimpleVob, TokenId};

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
    /// From so many words on, each further word makes the end of the line likelier.
    pub soft_line_words: usize,
}

/// Added to the logit of a line end for each word beyond `soft_line_words`.
const LINE_END_BIAS: f32 = 0.8;

pub(super) struct Sampler {
    chance: LogitsProcessor,
    sampling: Sampling,
    /// Tokens that begin with a line break.
    line_ends: Vec<TokenId>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling, tokenizer: &Tokenizer) -> Self {
        let method = if sampling.temperature <= 0.0 {
            Method::ArgMax
        } else {
            let Sampling { top_k: k, top_p: p, temperature, .. } = sampling;
            Method::TopKThenTopP { k, p, temperature }
        };
        let vocabulary = 0..tokenizer.vocabulary() as TokenId;
        let line_ends = vocabulary.filter(|token| tokenizer.bytes(*token).first() == Some(&b'\n')).collect();
        Self { chance: LogitsProcessor::from_sampling(sampling.seed, method), sampling, line_ends }
    }

    /// The next token; `line` is what was written of the present line, `written` the answer's tokens so far.
    pub(super) fn next(
        &mut self,
        mut logits: Vec<f32>,
        allowed: &SimpleVob,
        line: &str,
        written: &[TokenId],
    ) -> candle_core::Result<TokenId> {
        self.discourage_repeats(&mut logits, written);
        let words = line.split_whitespace().count();
        let beyond = words.saturating_sub(self.sampling.soft_line_words);
        for token in &self.line_ends {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit += beyond as f32 * LINE_END_BIAS;
            }
        }
        for (token, logit) in logits.iter_mut().enumerate() {
            if token >= allowed.len() || !allowed.is_allowed(token as TokenId) {
                *logit = f32::NEG_INFINITY;
            }
        }
        let logits = Tensor::new(logits, &Device::Cpu)?;
        self.chance.sample(&logits)
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
