//! Settings of a run, out of one TOML file.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::TuneError;

/// The documented default file.
pub const DEFAULT: &str = include_str!("default.toml");

/// See `default.toml`.
const COOL_DOWN: f64 = 0.2;

/// See `default.toml`, which explains each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name in the model catalogue.
    pub base: String,
    /// What the adapter is called.
    pub adapter: String,
    /// Of LoRA.
    pub rank: usize,
    /// LoRA is scaled by alpha / rank.
    pub alpha: f32,
    /// The layers that get LoRA.
    pub targets: Vec<Linear>,
    /// The highest.
    pub learning_rate: f64,
    /// Part of the run in which the learning rate rises.
    pub warm_up: f64,
    /// Part of the run in which it falls.
    #[serde(skip_serializing_if = "is_usual")]
    pub cool_down: f64,
    /// AdamW's.
    pub weight_decay: f64,
    /// The longest gradient.
    pub clip: f64,
    /// Passes over the data.
    pub epochs: f64,
    /// Of training; 0 is no limit.
    pub max_minutes: f64,
    /// Trees a step.
    pub accumulate: usize,
    /// Of a tree.
    pub max_tokens: usize,
    /// Of the start values and the order.
    pub seed: u64,
    /// Between checkpoints.
    pub checkpoint_minutes: f64,
    /// Trees of the dev file that are measured.
    pub dev_trees: usize,
}

/// A linear layer of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Linear {
    /// Queries.
    Q,
    /// Keys.
    K,
    /// Values.
    V,
    /// Attention's output.
    O,
    /// Feed-forward, through the activation.
    Gate,
    /// Feed-forward, beside it.
    Up,
    /// Feed-forward, back.
    Down,
}

impl Linear {
    /// PEFT's name within a layer.
    pub fn peft(self) -> &'static str {
        match self {
            Linear::Q => "self_attn.q_proj",
            Linear::K => "self_attn.k_proj",
            Linear::V => "self_attn.v_proj",
            Linear::O => "self_attn.o_proj",
            Linear::Gate => "mlp.gate_proj",
            Linear::Up => "mlp.up_proj",
            Linear::Down => "mlp.down_proj",
        }
    }
}

impl Linear {
    /// The last part of PEFT's name.
    pub(crate) fn module(self) -> &'static str {
        self.peft().rsplit('.').next().unwrap_or_default()
    }
}

impl Settings {
    /// The settings in `text`, the defaults where it says nothing.
    ///
    /// # Errors
    /// The first key that is unknown, or whose value is out of its bounds.
    pub fn parse(text: &str) -> Result<Self, TuneError> {
        let wrong = |error: toml::de::Error| TuneError::Settings(error.to_string().trim().replace('\n', " "));
        let mut all: toml::Table = DEFAULT.parse().map_err(wrong)?;
        all.extend(text.parse::<toml::Table>().map_err(wrong)?);
        let settings: Self = all.try_into().map_err(wrong)?;
        settings.check()?;
        Ok(settings)
    }

    /// # Errors
    /// The first value that is out of its bounds.
    pub fn check(&self) -> Result<(), TuneError> {
        within("rank", self.rank as f64, 1.0, 512.0)?;
        within("alpha", f64::from(self.alpha), 1e-3, 1e4)?;
        within("number of targets", self.targets.len() as f64, 1.0, 7.0)?;
        within("learning_rate", self.learning_rate, 1e-8, 1.0)?;
        within("warm_up", self.warm_up, 0.0, 0.5)?;
        within("cool_down", self.cool_down, 0.0, 1.0)?;
        within("warm_up and cool_down together", self.warm_up + self.cool_down, 0.0, 1.0)?;
        within("weight_decay", self.weight_decay, 0.0, 1.0)?;
        within("clip", self.clip, 1e-3, 1e3)?;
        within("epochs", self.epochs, 0.01, 1000.0)?;
        within("max_minutes", self.max_minutes, 0.0, 1e6)?;
        within("accumulate", self.accumulate as f64, 1.0, 1024.0)?;
        within("max_tokens", self.max_tokens as f64, 64.0, 8192.0)?;
        within("checkpoint_minutes", self.checkpoint_minutes, 0.0, 1440.0)?;
        within("dev_trees", self.dev_trees as f64, 0.0, 1e6)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.adapter.is_empty() || !self.adapter.chars().all(plain) {
            let bound = "it must be of letters, digits, '-', '_' and '.'";
            return Err(TuneError::Settings(format!("adapter is {:?}; {bound}", self.adapter)));
        }
        for (place, target) in self.targets.iter().enumerate() {
            if self.targets[..place].contains(target) {
                return Err(TuneError::Settings(format!("targets name {target:?} twice")));
            }
        }
        Ok(())
    }

    /// What LoRA is scaled by.
    pub fn scale(&self) -> f32 {
        self.alpha / self.rank as f32
    }

    /// SHA-256 in hex of all that must stay the same when a run goes on: not of how often it is saved or measured, nor of
    /// when it ends.
    pub fn fingerprint(&self) -> String {
        let ends = Self { epochs: 1.0, max_minutes: 0.0, cool_down: COOL_DOWN, ..self.clone() };
        let same = Self { checkpoint_minutes: 0.0, dev_trees: 0, ..ends };
        hex::encode(Sha256::digest(toml::to_string(&same).unwrap_or_default()))
    }
}

/// Left out of fingerprints, so that runs that were begun before there was this setting can go on.
fn is_usual(cool_down: &f64) -> bool {
    (cool_down - COOL_DOWN).abs() < f64::EPSILON
}

fn within(name: &str, value: f64, least: f64, most: f64) -> Result<(), TuneError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(TuneError::Settings(format!("{name} is {value}; it must be from {least} to {most}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_left_out_keeps_its_default() {
        let settings = Settings::parse("rank = 8\ntargets = [\"q\", \"v\"]\n").unwrap();
        assert_eq!((settings.rank, settings.epochs), (8, 1.0));
        assert_eq!(settings.targets, [Linear::Q, Linear::V]);
        assert!((settings.scale() - 4.0).abs() < 1e-6);
    }

    #[test]
    fn unknown_keys_and_values_out_of_bounds_are_refused_by_name() {
        let error = |text: &str| Settings::parse(text).unwrap_err().to_string();
        assert!(error("rang = 8").contains("rang"));
        assert!(error("rank = 0").contains("rank is 0; it must be from 1 to 512"));
        assert!(error("learning_rate = nan").contains("learning_rate is NaN"));
        assert!(error("targets = [\"q\", \"q\"]").contains("twice"));
        assert!(error("warm_up = 0.5\ncool_down = 0.6").contains("together is 1.1"));
        assert!(error("adapter = \"../x\"").contains("adapter is \"../x\""));
    }

    #[test]
    fn the_fingerprint_tells_what_a_run_can_not_go_on_with() {
        let print = |text: &str| Settings::parse(text).unwrap().fingerprint();
        assert_eq!(print(""), print("checkpoint_minutes = 9"));
        assert_eq!(print(""), print("epochs = 3\nmax_minutes = 60\ncool_down = 0.5"));
        assert_ne!(print(""), print("seed = 2"));
    }
}
