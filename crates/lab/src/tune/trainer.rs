//! One step of training, and the loss without training.

use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::adam::{Adam, length};
use super::checkpoint::State;
use super::error::TuneError;
use super::network::Network;
use super::ops::slice::slice;
use super::tree::Tree;

/// A network that learns.
pub(crate) struct Trainer<'a> {
    network: &'a Network,
    pub(crate) state: State,
    /// The parameters on the device.
    variables: Vec<Var>,
    gradients: Vec<Vec<f32>>,
}

/// How to make a step.
pub(crate) struct Pace {
    pub(crate) rate: f64,
    pub(crate) decay: f64,
    pub(crate) clip: f64,
}

/// What a step came upon.
pub(crate) struct Made {
    /// Mean over the learned tokens, in nats.
    pub(crate) loss: f64,
    /// Length of the gradient before clipping.
    pub(crate) gradient: f64,
}

impl<'a> Trainer<'a> {
    pub(crate) fn new(network: &'a Network, state: State) -> Result<Self, TuneError> {
        let variables = variables(network, &state.parameters)?;
        let gradients = state.parameters.iter().map(|list| vec![0.0; list.len()]).collect();
        Ok(Self { network, state, variables, gradients })
    }

    /// Learns from these trees. Nothing is changed when loss or gradient is no number: the one that is not is given then.
    pub(crate) fn step(&mut self, trees: &[&Tree], pace: &Pace) -> Result<Result<Made, &'static str>, TuneError> {
        let targets: usize = trees.iter().map(|tree| tree.targets.len()).sum();
        let mut sum = 0.0;
        self.gradients.par_iter_mut().for_each(|list| list.fill(0.0));
        for tree in trees {
            let loss = self.network.loss(tree, &self.variables, true)?;
            let value = f64::from(loss.to_scalar::<f32>()?);
            if !value.is_finite() {
                return Ok(Err("loss"));
            }
            sum += value;
            let found = (loss * (1.0 / targets as f64))?.backward()?;
            for (list, variable) in self.gradients.iter_mut().zip(&self.variables) {
                if let Some(gradient) = found.get(variable) {
                    add(list, gradient)?;
                }
            }
        }
        let gradient = length(&self.gradients);
        if !gradient.is_finite() {
            return Ok(Err("gradient"));
        }
        let factor = if gradient > pace.clip { pace.clip / gradient } else { 1.0 };
        let State { parameters, adam } = &mut self.state;
        adam.step(parameters, &self.gradients, factor as f32, pace.rate, pace.decay);
        self.variables = variables(self.network, parameters)?;
        Ok(Ok(Made { loss: sum / targets as f64, gradient }))
    }

    /// The mean loss over the learned tokens of these trees, in nats.
    pub(crate) fn measure(&self, trees: &[Tree]) -> Result<f64, TuneError> {
        let (mut sum, mut targets) = (0.0, 0);
        for tree in trees {
            sum += f64::from(self.network.loss(tree, &self.variables, false)?.to_scalar::<f32>()?);
            targets += tree.targets.len();
        }
        Ok(sum / targets.max(1) as f64)
    }
}

/// A state to start from.
pub(crate) fn fresh(parameters: Vec<Vec<f32>>) -> State {
    State { adam: Adam::new(&parameters), parameters }
}

fn variables(network: &Network, parameters: &[Vec<f32>]) -> candle_core::Result<Vec<Var>> {
    let variable = |list: &Vec<f32>| Var::from_tensor(&Tensor::from_slice(list, list.len(), network.device())?);
    parameters.iter().map(variable).collect()
}

fn add(list: &mut [f32], gradient: &Tensor) -> candle_core::Result<()> {
    let gradient = gradient.to_device(&candle_core::Device::Cpu)?;
    let values = slice(&gradient)?;
    list.iter_mut().zip(values.iter()).for_each(|(sum, value)| *sum += value);
    Ok(())
}
