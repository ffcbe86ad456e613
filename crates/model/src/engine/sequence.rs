//! One answer on its way: what is written, where it stands in its grammar, and what comes next.

use std::sync::Arc;

use super::mask::{Grammars, Mask};
use super::request::{Answer, Request, Script, Stopped};
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
    done: bool,
}

/// What was written so far.
#[derive(Default)]
struct Written {
    tokens: Vec<u32>,
    /// Of the present line.
    line_tokens: usize,
    bytes: Vec<u8>,
    /// Bytes that were taken as text.
    taken: usize,
}

impl Sequence {
    /// `branch` holds the request's prompt, as far as the trunk does not.
    pub(super) fn new(request: Request, branch: Branch, marks: Arc<Marks>) -> Self {
        let Request { script, sampling, limit, .. } = request;
        let sampler = Sampler::new(sampling, marks);
        let (pending, written, logits) = (Vec::new(), Written::default(), Vec::new());
        Self { branch, pending, logits, script, mask: None, sampler, limit, written, done: false }
    }

    /// Chooses what comes next; afterwards tokens are pending, or the answer is complete.
    pub(super) fn advance(&mut self, grammars: &Grammars, tokenizer: &Tokenizer) -> Result<(), Stopped> {
        while self.pending.is_empty() && !self.done {
            let mask = match &mut self.mask {
                Some(mask) => mask,
                none => match self.script.next(&self.written.text()) {
                    Some(grammar) => none.insert(grammars.start(&grammar).map_err(Stopped::Failed)?),
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
            let next = self
                .sampler
                .next(&self.logits, &allowed, self.written.tokens.len(), self.written.line_tokens)
                .map_err(|error| Stopped::Failed(error.to_string()))?;
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
            let bytes = tokenizer.bytes(*token);
            self.written.line_tokens = if bytes.contains(&b'\n') { 0 } else { self.written.line_tokens + 1 };
            self.written.bytes.extend_from_slice(bytes);
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
        Answer { text: self.written.text(), tokens: self.written.tokens.len() }
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
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
