//! How fast the arithmetic of a model is on this machine.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::adapter::Adapter;
use crate::decoder::{Branch, Decoder, GgufFile};
use crate::engine;
use crate::error::ModelError;

/// Tokens of the prompt that is read, and of the pieces that it is read in.
const PROMPT: usize = 256;
const BLOCK: usize = 64;
/// Tokens of each answer.
const ANSWER: usize = 32;

/// Figures of one model; rates are tokens a second, of all answers together.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    /// Until the weights were there.
    pub load: Duration,
    /// Of a prompt of 256 tokens, in blocks of 64.
    pub prompt: f64,
    /// Of one answer behind that prompt.
    pub one: f64,
    /// Of four answers side by side.
    pub four: f64,
    /// Of tokens that come sixteen at a time, because nothing else is allowed.
    pub forced: f64,
    /// Of one answer behind 700 tokens.
    pub late: f64,
}

impl Speed {
    /// Loads the model and has it read and write tokens that mean nothing; the best of three tries each.
    ///
    /// # Errors
    /// As of [`crate::Engine::start`].
    pub fn measure(path: &Path, adapter: Option<&Adapter>) -> Result<Self, ModelError> {
        let start = Instant::now();
        let file = GgufFile::open(path)?;
        let mut decoder = Decoder::load(&file, path, adapter, engine::ROOM, &engine::device()?)?;
        let load = start.elapsed();
        let pool = rayon::ThreadPoolBuilder::new().build();
        let pool = pool.map_err(|error| ModelError::unusable(path, format!("no threads: {error}")))?;
        Ok(pool.install(|| run(&mut decoder, load))?)
    }
}

fn run(decoder: &mut Decoder, load: Duration) -> candle_core::Result<Speed> {
    let prompt = best(PROMPT, || read(decoder, PROMPT))?;
    let one = best(ANSWER, || answer(decoder, PROMPT, 1, ANSWER, 1))?;
    let four = best(4 * ANSWER, || answer(decoder, PROMPT, 4, ANSWER, 1))?;
    let forced = best(4 * 16, || answer(decoder, PROMPT, 1, 4, 16))?;
    read(decoder, 700)?;
    let late = best(ANSWER, || answer(decoder, 700, 1, ANSWER, 1))?;
    Ok(Speed { load, prompt, one, four, forced, late })
}

fn best(tokens: usize, mut work: impl FnMut() -> candle_core::Result<()>) -> candle_core::Result<f64> {
    let mut rate = 0f64;
    for _ in 0..3 {
        let start = Instant::now();
        work()?;
        rate = rate.max(tokens as f64 / start.elapsed().as_secs_f64());
    }
    Ok(rate)
}

/// Some token, always the same.
fn token(number: usize) -> u32 {
    (number * 37 % 5000) as u32 + 1000
}

fn read(decoder: &mut Decoder, count: usize) -> candle_core::Result<()> {
    let tokens: Vec<u32> = (0..count).map(token).collect();
    for (number, block) in tokens.chunks(BLOCK).enumerate() {
        decoder.read(block, number * BLOCK)?;
    }
    Ok(())
}

/// Some answers of so many steps, each of so many tokens.
fn answer(decoder: &Decoder, trunk: usize, answers: usize, steps: usize, tokens: usize) -> candle_core::Result<()> {
    let mut branches: Vec<Branch> = (0..answers).map(|_| decoder.branch()).collect();
    for step in 0..steps {
        let next: Vec<u32> = (0..answers * tokens).map(|number| token(step + number)).collect();
        let mut pieces: Vec<(&mut Branch, &[u32])> = branches.iter_mut().zip(next.chunks(tokens)).collect();
        decoder.extend(trunk, &mut pieces)?;
    }
    Ok(())
}
