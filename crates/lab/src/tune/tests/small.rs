//! A model and data that a test can train in a second.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;

use brine_model::{ModelError, Rotary, Sizes};
use candle_core::{Device, Tensor};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::tune::layer::Weights;
use crate::tune::ops::frozen::Precision;
use crate::tune::{Corpus, Ended, Network, Run, Sequence, Settings, TuneError};

struct Small(HashMap<String, Tensor>);

impl Weights for Small {
    fn tensor(&self, name: &str) -> Result<Option<Tensor>, ModelError> {
        Ok(self.0.get(name).cloned())
    }
}

pub(super) fn settings(text: &str) -> Settings {
    let all = "rank = 4\nalpha = 8.0\naccumulate = 2\nepochs = 2\nmax_tokens = 64\ncheckpoint_minutes = 0\n\
               learning_rate = 1e-3\n";
    let mut table: toml::Table = all.parse().unwrap();
    table.extend(text.parse::<toml::Table>().unwrap());
    Settings::parse(&toml::to_string(&table).unwrap()).unwrap()
}

pub(super) fn network(settings: &Settings) -> Network {
    network_of(settings, Precision::Full)
}

/// Always with the same weights.
pub(super) fn network_of(settings: &Settings, precision: Precision) -> Network {
    let sizes = Sizes {
        layers: 2,
        width: 32,
        inner_width: 48,
        heads: 4,
        kv_heads: 2,
        head_width: 8,
        vocabulary: 40,
        norm_epsilon: 1e-5,
        rotary_base: 1000.0,
        rotary: Rotary::Interleaved,
        context: 128,
    };
    let mut random = StdRng::seed_from_u64(5);
    let mut matrix = |rows: usize, columns: usize| {
        let values = (0..rows * columns).map(|_| random.random_range(-0.3f32..0.3)).collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    };
    let ones = || Tensor::ones(32, candle_core::DType::F32, &Device::Cpu).unwrap();
    let mut tensors =
        HashMap::from([("token_embd.weight".to_owned(), matrix(40, 32)), ("output_norm.weight".to_owned(), ones())]);
    for layer in 0..2 {
        let mut put = |part: &str, tensor: Tensor| tensors.insert(format!("blk.{layer}.{part}.weight"), tensor);
        put("attn_norm", ones());
        put("ffn_norm", ones());
        for (part, rows, columns) in [
            ("attn_q", 32, 32),
            ("attn_k", 16, 32),
            ("attn_v", 16, 32),
            ("attn_output", 32, 32),
            ("ffn_gate", 48, 32),
            ("ffn_up", 48, 32),
            ("ffn_down", 32, 48),
        ] {
            put(part, matrix(rows, columns));
        }
    }
    Network::load(&sizes, &Small(tensors), settings, &Device::Cpu, precision).unwrap()
}

/// Six stories of two lessons each: count on from the number that the prompt ends with.
pub(super) fn corpus(first: u32) -> Corpus {
    let mut corpus = Corpus::default();
    for story in 0..6 {
        let start: Vec<u32> = (0..5).map(|place| (first + story * 3 + place) % 40).collect();
        let lesson = |from: u32| Sequence {
            prompt: start.iter().copied().chain([from]).collect(),
            completion: (1..5).map(|step| (from + step) % 40).collect(),
        };
        corpus.add_sequences(&[lesson(story * 2), lesson(story + 9)], 64);
    }
    corpus
}

/// Trains in `folder`; stops before step `most` + 1 of this sitting.
pub(super) fn train(
    folder: &Path,
    settings: &Settings,
    train: &Corpus,
    resume: bool,
    most: usize,
) -> Result<Ended, TuneError> {
    train_from(folder, settings, train, None, resume, most)
}

/// The same, with an adapter's weights at the beginning.
pub(super) fn train_from(
    folder: &Path,
    settings: &Settings,
    train: &Corpus,
    from: Option<&Path>,
    resume: bool,
    most: usize,
) -> Result<Ended, TuneError> {
    let (dev, left) = (corpus(1), Cell::new(most));
    let stop = || left.replace(left.get().saturating_sub(1)) == 0;
    let base_sha256 = "ab";
    Run { settings, base_sha256, rotary: Rotary::Interleaved, train, dev: &dev, folder, from, resume, stop: &stop }
        .train(&network(settings))
}
