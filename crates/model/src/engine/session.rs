//! Answers that are written side by side, token by token, and the memory of the last prompts.

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use tokio::sync::mpsc::UnboundedSender;

use super::mask::Grammars;
use super::request::{Answer, Caller, Event, Request, Stopped};
use super::sampler::Marks;
use super::sequence::Sequence;
use crate::decoder::{Branch, Decoder};
use crate::tokenizer::Tokenizer;

/// Prompts are read in blocks of so many tokens. Where the arithmetic depends on how a text is cut, they begin at the same
/// places every time and are reused as a whole: then a reused block holds exactly what reading it again would give, and the
/// same story gives the same bytes whatever came before.
const BLOCK: usize = 64;
/// So many tokens at most are read in one step of writing: nobody else gets on meanwhile.
const STEP: usize = 64;
/// With fewer answers than this for each thread, the threads share every product.
const GROUP: usize = 6;

/// The model with its memory.
pub(super) struct Session {
    decoder: Decoder,
    tokenizer: Tokenizer,
    grammars: Grammars,
    marks: Arc<Marks>,
    /// The tokens of the trunk that can be reused.
    held: Vec<u32>,
}

impl Session {
    pub(super) fn new(decoder: Decoder, tokenizer: Tokenizer, grammars: Grammars) -> Self {
        let marks = Arc::new(Marks::of(&tokenizer));
        Self { decoder, tokenizer, grammars, marks, held: Vec::new() }
    }

    /// Writes the answers. Events before `Finished` go to the caller's channel; one who has left is as good as one who
    /// cancelled.
    pub(super) fn answer(&mut self, requests: Vec<Request>, caller: &Caller) -> Result<Vec<Answer>, Stopped> {
        let room = self.decoder.room();
        for Request { prompt, limit, .. } in &requests {
            if prompt.is_empty() || prompt.len() + limit > room {
                return Err(Stopped::TooLong { tokens: prompt.len(), room: room.saturating_sub(*limit) });
            }
        }
        let trunk = shared(&requests);
        let read = self.read_trunk(requests.first().map_or(&[], |first| &first.prompt[..trunk]), || go_on(caller))?;
        let (mut sequences, behind) = self.branch_off(requests, trunk)?;
        let _ = caller.events.send(Event::Read { tokens: read + behind });
        // With many answers, each thread does better with some of its own than with a share of every product.
        let groups = (sequences.len() / GROUP).clamp(1, rayon::current_num_threads());
        let size = sequences.len().div_ceil(groups).max(1);
        let mut parts: Vec<(usize, &mut [Sequence])> = sequences.chunks_mut(size).enumerate().collect();
        parts.par_iter_mut().with_max_len(1).try_for_each(|(number, group)| {
            let heard = (*number == 0).then_some(&caller.events);
            self.write(group, trunk, caller, heard)
        })?;
        Ok(sequences.into_iter().map(Sequence::into_answer).collect())
    }

    /// Writes answers to their end, token by token; who hears of the text hears the first one's.
    fn write(
        &self,
        sequences: &mut [Sequence],
        trunk: usize,
        caller: &Caller,
        heard: Option<&UnboundedSender<Event>>,
    ) -> Result<(), Stopped> {
        loop {
            go_on(caller)?;
            let (grammars, tokenizer) = (&self.grammars, &self.tokenizer);
            sequences.par_iter_mut().try_for_each(|sequence| sequence.advance(grammars, tokenizer))?;
            let text = heard.zip(sequences.first_mut().and_then(Sequence::fresh));
            if text.is_some_and(|(heard, text)| heard.send(Event::Text(text)).is_err()) {
                return Err(Stopped::Cancelled);
            }
            if sequences.iter().all(Sequence::done) {
                return Ok(());
            }
            self.step(sequences, trunk)?;
        }
    }

    /// Drops the memory of the last prompts.
    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    /// Reads what prompts will begin with, while nobody waits. What is wrong with it will be told when it is asked for.
    pub(super) fn read_ahead(&mut self, tokens: &[u32]) {
        let fitting = tokens.len().min(self.decoder.room());
        let _ = self.read_trunk(&tokens[..fitting], || Ok(()));
    }

    /// Reads what all prompts begin with, as far as it is not held already; gives the number of tokens read.
    fn read_trunk(&mut self, trunk: &[u32], go_on: impl Fn() -> Result<(), Stopped>) -> Result<usize, Stopped> {
        let same = self.held.iter().zip(trunk).take_while(|(held, new)| held == new).count();
        let exact = self.decoder.exact();
        let start = if exact { same } else { same / BLOCK * BLOCK };
        self.held.truncate(start);
        let mut at = start;
        for block in trunk[start..].chunks(BLOCK) {
            go_on()?;
            self.decoder.read(block, at).map_err(failed)?;
            at += block.len();
            if exact || block.len() == BLOCK {
                self.held.extend(block);
            }
        }
        Ok(trunk.len() - start)
    }

    /// Reads what each prompt has behind the trunk, the same one only once; gives the number of tokens read.
    fn branch_off(&self, requests: Vec<Request>, trunk: usize) -> Result<(Vec<Sequence>, usize), Stopped> {
        let mut prompts: Vec<Vec<u32>> = Vec::new();
        for request in &requests {
            if !prompts.iter().any(|prompt| *prompt == request.prompt[trunk..]) {
                prompts.push(request.prompt[trunk..].to_vec());
            }
        }
        let mut branches: Vec<Branch> = prompts.iter().map(|_| self.decoder.branch()).collect();
        let mut pieces: Vec<(&mut Branch, &[u32])> =
            branches.iter_mut().zip(&prompts).map(|(branch, prompt)| (branch, &prompt[..])).collect();
        let logits = self.decoder.extend(trunk, &mut pieces).map_err(failed)?;
        let mut sequences = Vec::with_capacity(requests.len());
        for request in requests {
            let place = prompts.iter().position(|prompt| *prompt == request.prompt[trunk..]).unwrap_or(0);
            let mut sequence = Sequence::new(request, branches[place].clone(), self.marks.clone());
            sequence.logits.clone_from(&logits[place]);
            sequences.push(sequence);
        }
        Ok((sequences, prompts.iter().map(Vec::len).sum()))
    }

    /// Reads what is pending.
    fn step(&self, sequences: &mut [Sequence], trunk: usize) -> Result<(), Stopped> {
        let mut waiting: Vec<&mut Sequence> =
            sequences.iter_mut().filter(|sequence| !sequence.pending.is_empty()).collect();
        while !waiting.is_empty() {
            let mut tokens = 0;
            let fitting = waiting.iter().take_while(|sequence| {
                tokens += sequence.pending.len();
                tokens <= STEP
            });
            let later = waiting.split_off(fitting.count().max(1));
            let mut now = std::mem::replace(&mut waiting, later);
            if let Some(full) =
                now.iter().find(|one| trunk + one.branch.tokens() + one.pending.len() > self.decoder.room())
            {
                return Err(Stopped::Endless(full.len()));
            }
            let pending: Vec<Vec<u32>> = now.iter_mut().map(|one| std::mem::take(&mut one.pending)).collect();
            let mut pieces: Vec<(&mut Branch, &[u32])> =
                now.iter_mut().zip(&pending).map(|(one, pending)| (&mut one.branch, &pending[..])).collect();
            let logits = self.decoder.extend(trunk, &mut pieces).map_err(failed)?;
            for (one, logits) in now.into_iter().zip(logits) {
                one.logits = logits;
            }
        }
        Ok(())
    }
}

/// How many tokens all prompts begin with alike. The last one of each is left out: its logits are wanted.
fn shared(requests: &[Request]) -> usize {
    let Some((first, others)) = requests.split_first() else { return 0 };
    let most = requests.iter().map(|request| request.prompt.len()).min().unwrap_or(1) - 1;
    let alike = |other: &Request| first.prompt.iter().zip(&other.prompt).take_while(|(a, b)| a == b).count();
    others.iter().map(alike).min().unwrap_or(most).min(most)
}

/// Ends the work when its caller has had enough.
fn go_on(caller: &Caller) -> Result<(), Stopped> {
    if caller.cancel.is_cancelled() {
        Err(Stopped::Cancelled)
    } else if Instant::now() >= caller.deadline {
        Err(Stopped::Deadline)
    } else {
        Ok(())
    }
}

fn failed(error: candle_core::Error) -> Stopped {
    Stopped::Failed(error.to_string())
}
