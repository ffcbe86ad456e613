//! One answer, token by token, and the memory of the last prompt.

use std::time::Instant;

use super::mask::Grammars;
use super::request::{Answer, Event, Request, Stopped};
use super::sampler::Sampler;
use crate::decoder::Decoder;
use crate::tokenizer::Tokenizer;

/// Prompts are read in blocks of so many tokens, at the same places every time, and reused by whole blocks. So a reused
/// block holds exactly what reading it again would give, and the same story gives the same bytes whatever came before.
const BLOCK: usize = 64;

/// The model with its memory.
pub(super) struct Session {
    decoder: Decoder,
    tokenizer: Tokenizer,
    grammars: Grammars,
    /// The tokens whose keys and values the decoder holds, in whole blocks from the start.
    held: Vec<u32>,
}

/// What was written so far.
#[derive(Default)]
struct Written {
    tokens: Vec<u32>,
    bytes: Vec<u8>,
    /// Bytes that were sent as text.
    sent: usize,
}

impl Session {
    pub(super) fn new(decoder: Decoder, tokenizer: Tokenizer) -> Result<Self, String> {
        let grammars = Grammars::new(&tokenizer)?;
        Ok(Self { decoder, tokenizer, grammars, held: Vec::new() })
    }

    /// Writes the answer. Events before `Finished` go to the request's channel; a caller who has left is as good as a
    /// cancelled request.
    pub(super) fn answer(&mut self, request: &mut Request) -> Result<Answer, Stopped> {
        let room = self.decoder.room();
        let tokens = request.prompt.len();
        if tokens == 0 || tokens + request.limit > room {
            return Err(Stopped::TooLong { tokens, room: room.saturating_sub(request.limit) });
        }
        let (mut logits, read) = self.read(request)?;
        let _ = request.events.send(Event::Read { tokens: read });
        let mut sampler = Sampler::new(request.sampling, std::mem::take(&mut request.favoured), &self.tokenizer);
        let mut written = Written::default();
        while let Some(grammar) = request.script.next(&written.text()) {
            let mut mask = self.grammars.start(&grammar).map_err(Stopped::Failed)?;
            loop {
                let forced = mask.forced();
                if !forced.is_empty() {
                    logits = self.write(request, &mut written, &forced)?;
                }
                if mask.finished() {
                    break;
                }
                if written.tokens.len() >= request.limit {
                    return Err(Stopped::Endless(request.limit));
                }
                let allowed = mask.allowed().map_err(Stopped::Failed)?;
                let next =
                    sampler.next(logits.clone(), &allowed, &written.scenario(), &written.tokens).map_err(failed)?;
                mask.write(next).map_err(Stopped::Failed)?;
                if mask.finished() && self.tokenizer.bytes(next).is_empty() {
                    break;
                }
                logits = self.write(request, &mut written, &[next])?;
            }
        }
        Ok(Answer { text: written.text(), tokens: written.tokens.len() })
    }

    /// Drops the memory of the last prompt.
    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    /// Reads the prompt, as far as it is not held already; gives the logits after it and the number of tokens read.
    fn read(&mut self, request: &Request) -> Result<(Vec<f32>, usize), Stopped> {
        let prompt = &request.prompt;
        let same = self.held.iter().zip(prompt).take_while(|(held, new)| held == new).count();
        // The last token is always read: its logits are wanted.
        let start = same.min(prompt.len() - 1) / BLOCK * BLOCK;
        self.held.truncate(start);
        let mut logits = Vec::new();
        let mut at = start;
        for block in prompt[start..].chunks(BLOCK) {
            go_on(request)?;
            logits = self.decoder.forward(block, at).map_err(failed)?;
            at += block.len();
            if block.len() == BLOCK {
                self.held.extend(block);
            }
        }
        Ok((logits, prompt.len() - start))
    }

    /// Writes `tokens` and gives the logits after them.
    fn write(&mut self, request: &Request, written: &mut Written, tokens: &[u32]) -> Result<Vec<f32>, Stopped> {
        go_on(request)?;
        let at = request.prompt.len() + written.tokens.len();
        if at + tokens.len() > self.decoder.room() {
            return Err(Stopped::Endless(written.tokens.len()));
        }
        // What is written lies behind the prompt's whole blocks, which stay held.
        let logits = self.decoder.forward(tokens, at).map_err(failed)?;
        for token in tokens {
            written.tokens.push(*token);
            written.bytes.extend_from_slice(self.tokenizer.bytes(*token));
        }
        if let Some(text) = written.fresh()
            && request.events.send(Event::Text(text)).is_err()
        {
            return Err(Stopped::Cancelled);
        }
        Ok(logits)
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

    /// Whole characters that were not sent yet.
    fn fresh(&mut self) -> Option<String> {
        let rest = &self.bytes[self.sent..];
        let whole = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = std::str::from_utf8(&rest[..whole]).ok().filter(|text| !text.is_empty())?.to_owned();
        self.sent += whole;
        Some(text)
    }
}

/// Ends the work when its caller has had enough.
fn go_on(request: &Request) -> Result<(), Stopped> {
    if request.cancel.is_cancelled() {
        Err(Stopped::Cancelled)
    } else if Instant::now() >= request.deadline {
        Err(Stopped::Deadline)
    } else {
        Ok(())
    }
}

fn failed(error: candle_core::Error) -> Stopped {
    Stopped::Failed(error.to_string())
}
