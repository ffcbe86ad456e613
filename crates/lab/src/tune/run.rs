//! A run: steps, checkpoints, measurements, from the start or from where it was left.

use std::path::{Path, PathBuf};
use std::time::Instant;

use brine_model::Rotary;

use super::adapter::{self, Origin};
use super::checkpoint::{self, Mark};
use super::corpus::Corpus;
use super::error::TuneError;
use super::from;
use super::journal::{Entry, Journal};
use super::meter::Meter;
use super::network::Network;
use super::report;
use super::schedule::share;
use super::settings::Settings;
use super::trainer::{Pace, Trainer, fresh};

/// All that a run is made of.
pub struct Run<'a> {
    /// How.
    pub settings: &'a Settings,
    /// SHA-256 of the base's file, in hex.
    pub base_sha256: &'a str,
    /// How the base pairs the values of its heads.
    pub rotary: Rotary,
    /// What to learn.
    pub train: &'a Corpus,
    /// What to measure on; may be empty.
    pub dev: &'a Corpus,
    /// Where adapter, checkpoint, journal, chart and report go.
    pub folder: &'a Path,
    /// Begin with the weights of the adapter in this folder instead of random ones.
    pub from: Option<&'a Path>,
    /// Go on from the folder's checkpoint.
    pub resume: bool,
    /// Asked before each step: whether to save a checkpoint and stop.
    pub stop: &'a dyn Fn() -> bool,
}

/// How a run came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// All steps were made; adapter and report are there.
    Finished(Summary),
    /// It was stopped; it can go on from the checkpoint after this step.
    Stopped {
        /// Made so far.
        step: usize,
    },
}

/// A finished run in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Made.
    pub steps: usize,
    /// Read.
    pub tokens: usize,
    /// Of training.
    pub seconds: f64,
    /// Mean over the last tenth of the steps, in nats a token.
    pub loss: f64,
    /// Before and after, when there is dev data.
    pub dev_losses: Option<(f64, f64)>,
    /// The adapter's folder.
    pub folder: PathBuf,
}

impl Run<'_> {
    /// Trains.
    ///
    /// # Errors
    /// When the run can't start, a file can't be written, or the loss is no number any more. The last checkpoint stays.
    pub fn train(&self, network: &Network) -> Result<Ended, TuneError> {
        std::fs::create_dir_all(self.folder).map_err(|cause| TuneError::io(self.folder, cause))?;
        let mut mark = Mark {
            data: self.train.fingerprint(),
            settings: self.settings.fingerprint(),
            base: self.base_sha256.to_owned(),
            ..Mark::default()
        };
        let start = match self.from {
            Some(folder) => from::read(folder, network, self.rotary, self.settings, self.base_sha256)?,
            None => adapter::start(network.plan(), network.layers(), self.settings.seed),
        };
        let state = if self.resume {
            let (found, state) = checkpoint::read(self.folder, &mark, &start)?;
            mark = found;
            state
        } else {
            let occupied = ["adapter_model.safetensors"].map(|file| self.folder.join(file));
            if checkpoint::path(self.folder).exists() || occupied.iter().any(|path| path.exists()) {
                return Err(TuneError::Occupied(self.folder.to_owned()));
            }
            fresh(start)
        };
        let mut journal = Journal::open(self.folder, mark.step)?;
        let mut trainer = Trainer::new(network, state, self.settings.accumulate)?;
        let ended = self.steps(&mut trainer, &mut mark, &mut journal)?;
        self.save(&trainer, &mark, network)?;
        if !ended {
            return Ok(Ended::Stopped { step: mark.step });
        }
        let summary = Summary {
            steps: mark.step,
            tokens: mark.tokens,
            seconds: mark.seconds,
            loss: journal.recent_loss((mark.step / 10).max(1)).unwrap_or(f64::NAN),
            dev_losses: journal.dev_losses(),
            folder: self.folder.to_owned(),
        };
        report::write(self, &summary, &journal.entries)?;
        let left = checkpoint::path(self.folder);
        std::fs::remove_file(&left).map_err(|cause| TuneError::io(left, cause))?;
        Ok(Ended::Finished(summary))
    }

    /// Makes the steps; false when it was stopped before the last one.
    fn steps(&self, trainer: &mut Trainer, mark: &mut Mark, journal: &mut Journal) -> Result<bool, TuneError> {
        let settings = self.settings;
        let per_epoch = self.train.trees.len().div_ceil(settings.accumulate);
        let all = (per_epoch as f64 * settings.epochs).ceil() as usize;
        let limit = if settings.max_minutes > 0.0 { settings.max_minutes * 60.0 } else { f64::INFINITY };
        let meter = Meter::new(all, mark);
        let mut saved = Instant::now();
        if mark.step == 0 {
            self.measure(trainer, mark, journal, &meter)?;
        }
        while mark.step < all && mark.seconds < limit {
            if (self.stop)() {
                return Ok(false);
            }
            let began = Instant::now();
            let order = self.train.order(settings.seed, mark.step / per_epoch);
            let from = mark.step % per_epoch * settings.accumulate;
            let batch = &order[from..(from + settings.accumulate).min(order.len())];
            let trees: Vec<_> = batch.iter().map(|place| &self.train.trees[*place]).collect();
            let progress = ((mark.step + 1) as f64 / (all + 1) as f64).max(mark.seconds / limit);
            let rate = settings.learning_rate * share(progress, settings.warm_up, settings.cool_down);
            let pace = Pace { rate, decay: settings.weight_decay, clip: settings.clip };
            let made = trainer.step(&trees, &pace)?.map_err(|what| TuneError::Astray {
                what,
                step: mark.step + 1,
                learning_rate: settings.learning_rate,
            })?;
            mark.step += 1;
            mark.tokens += trees.iter().map(|tree| tree.tokens.len()).sum::<usize>();
            mark.seconds += began.elapsed().as_secs_f64();
            journal.write(Entry::Step {
                step: mark.step,
                loss: made.loss,
                targets: trees.iter().map(|tree| tree.targets.len()).sum(),
                rate,
                gradient: made.gradient,
                tokens: mark.tokens,
                seconds: mark.seconds,
            })?;
            meter.step(mark, journal.recent_loss(20).unwrap_or(made.loss), all, limit);
            if mark.step.is_multiple_of(per_epoch) || mark.step == all || mark.seconds >= limit {
                self.measure(trainer, mark, journal, &meter)?;
            }
            if saved.elapsed().as_secs_f64() >= settings.checkpoint_minutes * 60.0 {
                checkpoint::write(self.folder, mark, &trainer.state)?;
                saved = Instant::now();
            }
        }
        Ok(true)
    }

    fn measure(&self, trainer: &Trainer, mark: &Mark, journal: &mut Journal, meter: &Meter) -> Result<(), TuneError> {
        let trees = &self.dev.trees[..self.dev.trees.len().min(self.settings.dev_trees)];
        if trees.is_empty() {
            return Ok(());
        }
        meter.say("measuring");
        journal.write(Entry::Dev { step: mark.step, loss: trainer.measure(trees)? })
    }

    /// The checkpoint, and the adapter as it is by now.
    fn save(&self, trainer: &Trainer, mark: &Mark, network: &Network) -> Result<(), TuneError> {
        checkpoint::write(self.folder, mark, &trainer.state)?;
        let origin = Origin { base_sha256: self.base_sha256, steps: mark.step, examples: self.train.lessons };
        adapter::write(self.folder, network.plan(), self.rotary, &trainer.state.parameters, self.settings, &origin)
    }
}
