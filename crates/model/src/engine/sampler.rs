//! Choosing the next token: out of what the grammar allows, by chance with a seed; lines and answers that grow too long are
//! brought to their end.

use std::sync::Arc;

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
    /// A line of so many tokens ends as soon as its grammar lets it.
    pub line_tokens: usize,
    /// From so many tokens on, all lines do.
    pub hurry_after: usize,
}

/// Stronger than any wish of the model.
const HURRY: f32 = 100.0;

/// Tokens of a vocabulary that end a line.
pub(super) struct Marks {
    line_ends: Vec<TokenId>,
}

impl Marks {
    pub(super) fn of(tokenizer: &Tokenizer) -> Self {
        let vocabulary = 0..tokenizer.vocabulary() as TokenId;
        let ends = |token: &TokenId| matches!(tokenizer.bytes(*token).first(), Some(b'\n'));
        Self { line_ends: vocabulary.filter(ends).collect() }
    }
}

pub(super) struct Sampler {
    chance: LogitsProcessor,
    sampling: Sampling,
    marks: Arc<Marks>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling, marks: Arc<Marks>) -> Self {
        let method = if sampling.temperature <= 0.0 {
            Method::ArgMax
        } else {
            let Sampling { top_k: k, top_p: p, temperature, .. } = sampling;
            Method::TopKThenTopP { k, p, temperature }
        };
        let chance = LogitsProcessor::from_sampling(sampling.seed, method);
        Self { chance, sampling, marks }
    }

    /// The next token among what is allowed; `written` are the answer's tokens so far, `line` those of the present line.
    pub(super) fn next(
        &mut self,
        logits: &[f32],
        allowed: &SimpleVob,
        written: usize,
        line: usize,
    ) -> candle_core::Result<TokenId> {
        let hurry = written >= self.sampling.hurry_after || line >= self.sampling.line_tokens;
        let mut candidates: Vec<(TokenId, f32)> = Vec::new();
        allowed.iter_set_entries(|token| {
            if let Some(logit) = logits.get(token) {
                candidates.push((token as TokenId, *logit));
            }
        });
        if hurry {
            let ends = |token: &TokenId| self.marks.line_ends.binary_search(token).is_ok();
            candidates.iter_mut().filter(|(token, _)| ends(token)).for_each(|(_, logit)| *logit += HURRY);
        }
        // Looking at the whole vocabulary for each token costs more than it changes.
        let kept = self.sampling.top_k.max(1);
        if candidates.len() > kept {
            candidates.select_nth_unstable_by(kept, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            candidates.truncate(kept);
        }
        candidates.sort_unstable_by_key(|(token, _)| *token);
        let values: Vec<f32> = candidates.iter().map(|(_, logit)| *logit).collect();
        if values.is_empty() {
            candle_core::bail!("the grammar allows no token");
        }
        let chosen = self.chance.sample(&Tensor::new(values, &Device::Cpu)?)?;
        match candidates.get(chosen as usize) {
            Some((token, _)) => Ok(*token),
            None => candle_core::bail!("the grammar allows no token"),
        }
    }
}
