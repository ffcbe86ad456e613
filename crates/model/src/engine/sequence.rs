//! One answer on its way: what is written, where it stands in its grammar, and what comes next.

use std::sync::Arc;

use super::mask::{Grammars, Mask};
use super::request::{Answer, Likelihood, Request, Script, Stopped};
use super::sampler::{Marks, Sampler};
use crate::decoder::Branch;
use crate::tokenizer::Tokenizer;

pub(super) struct Sequence {
    /// The prompt behind the trunk, and what is written.
    pub(super) branch: Branch,
    /// Tokens that the model has not read yet.
    pub(super) pending: Vec<u32>,
    /// What the model thinks of the next token, when nothing is pending.
    pub(super) logits: Vec<f32>,
    script: Box<dyn Script>,
    mask: Option<Mask>,
    sampler: Sampler,
    limit: usize,
    written: Written,
    /// Of each part of the script.
    chosen: Vec<Chosen>,
    done: bool,
}

/// Tokens that the model chose (the others were the only ones allowed), and the sum of the logarithms of their likelihood.
#[derive(Clone, Copy, Default)]
struct Chosen {
    tokens: usize,
    likelihood: f32,
}

impl Chosen {
    fn mean(self) -> f32 {
        self.likelihood / self.tokens.max(1) as f32
    }
}

/// What was written so far.
#[derive(Default)]
struct Written {
    tokens: Vec<u32>,
    bytes: Vec<u8>,
    /// Bytes that were taken as text.
    taken: usize,
}

impl Sequence {
    /// `branch` holds the request's prompt, as far as the trunk does not.
    pub(super) fn new(request: Request, branch: Branch, marks: Arc<Marks>) -> Self {
        let Request { script, sampling, favoured, limit, .. } = request;
        let sampler = Sampler::new(sampling, favoured, marks);
        let (pending, written, logits) = (Vec::new(), Written::default(), Vec::new());
        Self { branch, pending, logits, script, mask: None, sampler, limit, written, chosen: Vec::new(), done: false }
    }

    /// Chooses what comes next; afterwards tokens are pending, or the answer is complete.
    pub(super) fn advance(&mut self, grammars: &Grammars, tokenizer: &Tokenizer) -> Result<(), Stopped> {
        while self.pending.is_empty() && !self.done {
            let mask = match &mut self.mask {
                Some(mask) => mask,
                none => match self.script.next(&self.written.text()) {
                    Some(grammar) => {
                        self.chosen.push(Chosen::default());
                        none.insert(grammars.start(&grammar).map_err(Stopped::Failed)?)
                    }
                    None => {
                        self.done = true;
                        break;
                    }
                },
            };
            let forced = mask.forced();
            if !forced.is_empty() {
                self.write(forced, tokenizer);
                break;
            }
            if mask.finished() {
                self.mask = None;
                continue;
            }
            if self.written.tokens.len() >= self.limit {
                return Err(Stopped::Endless(self.limit));
            }
            let allowed = mask.allowed().map_err(Stopped::Failed)?;
            let (scenario, written) = (self.written.scenario(), &self.written.tokens);
            let (next, likelihood) = self
                .sampler
                .next(&self.logits, &allowed, &scenario, written)
                .map_err(|error| Stopped::Failed(error.to_string()))?;
            if let Some(part) = self.chosen.last_mut() {
                part.tokens += 1;
                part.likelihood += likelihood;
            }
            mask.write(next).map_err(Stopped::Failed)?;
            if mask.finished() && tokenizer.bytes(next).is_empty() {
                self.mask = None;
                continue;
            }
            self.write(vec![next], tokenizer);
        }
        Ok(())
    }

    fn write(&mut self, tokens: Vec<u32>, tokenizer: &Tokenizer) {
        for token in &tokens {
            self.written.tokens.push(*token);
            self.written.bytes.extend_from_slice(tokenizer.bytes(*token));
        }
        self.pending = tokens;
    }

    /// Nothing more is to be written.
    pub(super) fn done(&self) -> bool {
        self.done
    }

    /// Tokens written so far.
    pub(super) fn len(&self) -> usize {
        self.written.tokens.len()
    }

    /// Whole characters that were not taken yet.
    pub(super) fn fresh(&mut self) -> Option<String> {
        self.written.fresh()
    }

    pub(super) fn into_answer(self) -> Answer {
        let sum = |sum: Chosen, part: &Chosen| Chosen {
            tokens: sum.tokens + part.tokens,
            likelihood: sum.likelihood + part.likelihood,
        };
        let whole = self.chosen.iter().fold(Chosen::default(), sum).mean();
        let likelihood = Likelihood { whole, parts: self.chosen.iter().map(|part| part.mean()).collect() };
        Answer { text: self.written.text(), tokens: self.written.tokens.len(), likelihood }
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// What follows the last blank line.
    fn scenario(&self) -> String {
        let start = self.bytes.windows(2).rposition(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
        String::from_utf8_lossy(&self.bytes[start..]).into_owned()
    }

    fn fresh(&mut self) -> Option<String> {
        let rest = &self.bytes[self.taken..];
        let whole = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = std::str::from_utf8(&rest[..whole]).ok().filter(|text| !text.is_empty())?.to_owned();
        self.taken += whole;
        Some(text)
    }
}
