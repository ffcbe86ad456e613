//! Lessons as trees of tokens, ready to be trained on.

use std::path::Path;

use brine_model::Base;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};

use super::error::TuneError;
use super::tree::{Sequence, Tree, grow};
use crate::data::{self, Lesson};

/// Trees, and what they were made of.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// In the order of the data.
    pub trees: Vec<Tree>,
    /// Stories.
    pub pairs: usize,
    /// In the trees.
    pub lessons: usize,
    /// Lessons that are longer than a tree may be.
    pub dropped: usize,
}

impl Corpus {
    /// The lessons of the pairs in a JSONL file.
    ///
    /// # Errors
    /// When a line is no pair or gives no lessons.
    pub fn read(path: &Path, base: &Base, max_tokens: usize) -> Result<Self, TuneError> {
        let pairs = data::read(path).map_err(|error| TuneError::Data(error.to_string()))?;
        let mut corpus = Self::default();
        for pair in &pairs {
            let lesson = data::lesson(pair).map_err(|error| TuneError::Data(format!("{}: {error}", path.display())))?;
            corpus.add(&[lesson], base, max_tokens)?;
        }
        if corpus.trees.is_empty() {
            return Err(TuneError::Data(format!(
                "{} gives no lessons of at most {max_tokens} tokens (max_tokens)",
                path.display()
            )));
        }
        Ok(corpus)
    }

    /// Adds the lessons of one story.
    ///
    /// # Errors
    /// When the base's chat template does not run.
    pub fn add(&mut self, lessons: &[Lesson], base: &Base, max_tokens: usize) -> Result<(), TuneError> {
        let sequence = |lesson: &Lesson| {
            let mut completion = base.encode(&lesson.completion);
            completion.push(base.end_of_turn());
            Ok(Sequence { prompt: base.encode_chat(&lesson.prompt)?, completion })
        };
        let sequences = lessons.iter().map(sequence).collect::<Result<Vec<_>, TuneError>>()?;
        self.add_sequences(&sequences, max_tokens.min(base.sizes().context));
        Ok(())
    }

    /// The same for lessons that are tokens already.
    pub fn add_sequences(&mut self, lessons: &[Sequence], max_tokens: usize) {
        let (trees, dropped) = grow(lessons, max_tokens);
        self.trees.extend(trees);
        self.pairs += 1;
        self.lessons += lessons.len() - dropped;
        self.dropped += dropped;
    }

    /// Tokens that are read in one pass.
    pub fn tokens(&self) -> usize {
        self.trees.iter().map(|tree| tree.tokens.len()).sum()
    }

    /// Tokens that are learned in one pass.
    pub fn targets(&self) -> usize {
        self.trees.iter().map(|tree| tree.targets.len()).sum()
    }

    /// Tokens that would be read if every lesson were read from its beginning.
    pub fn unshared_tokens(&self) -> usize {
        let lengths =
            |tree: &Tree| -> usize { tree.shape.branches.iter().map(|branch| tree.shape.prefix + branch.len()).sum() };
        self.trees.iter().map(lengths).sum()
    }

    /// SHA-256 in hex of all trees.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for tree in &self.trees {
            let numbers = [tree.tokens.len(), tree.shape.prefix, tree.rows.len()].map(|number| number as u32);
            let all = numbers.iter().chain(&tree.tokens).chain(&tree.rows).chain(&tree.targets);
            all.for_each(|number| hash.update(number.to_le_bytes()));
        }
        hex::encode(hash.finalize())
    }

    /// The order of the trees in a pass.
    pub(crate) fn order(&self, seed: u64, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.trees.len()).collect();
        // Apart from the numbers that the parameters start with.
        let seed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(epoch as u64);
        order.shuffle(&mut StdRng::seed_from_u64(seed));
        order
    }
}
