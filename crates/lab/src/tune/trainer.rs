//! One step of training, and the loss without training.

use candle_core::Tensor;
use rayon::prelude::*;

use super::adam::{Adam, length};
use super::checkpoint::State;
use super::crew::Crew;
use super::error::TuneError;
use super::network::{Fitted, Network};
use super::ops::slice::slice;
use super::tree::Tree;

/// A network that learns.
pub(crate) struct Trainer<'a> {
    network: &'a Network,
    crew: Crew,
    pub(crate) state: State,
    fitted: Fitted<'a>,
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
    /// A step learns from so many trees.
    pub(crate) fn new(network: &'a Network, state: State, trees: usize) -> Result<Self, TuneError> {
        let fitted = network.fit(&state.parameters)?;
        let gradients = state.parameters.iter().map(|list| vec![0.0; list.len()]).collect();
        Ok(Self { network, crew: Crew::new(trees, network.device(), network.large())?, state, fitted, gradients })
    }

    /// Learns from these trees. Nothing is changed when loss or gradient is no number: the one that is not is given then.
    pub(crate) fn step(&mut self, trees: &[&Tree], pace: &Pace) -> Result<Result<Made, &'static str>, TuneError> {
        let targets: usize = trees.iter().map(|tree| tree.targets.len()).sum();
        let fitted = &self.fitted;
        let work = |tree: &Tree| {
            let loss = fitted.loss(tree, true)?;
            let value = f64::from(loss.to_scalar::<f32>()?);
            let gradients = (loss * (1.0 / targets as f64))?.backward()?;
            let of_list = |variable: &candle_core::Var| gradients.get(variable).cloned();
            Ok((value, fitted.variables.iter().map(of_list).collect::<Vec<Option<Tensor>>>()))
        };
        let (sums, mut sum) = (&mut self.gradients, 0.0);
        sums.iter_mut().for_each(|list| list.fill(0.0));
        // In the order of the trees, so that a run gives the same result on any number of cores.
        self.crew.each(trees, work, |(loss, lists)| {
            sum += loss;
            let lists = sums.par_iter_mut().zip(&lists);
            Ok(lists
                .try_for_each(|(list, gradient)| gradient.as_ref().map_or(Ok(()), |gradient| add(list, gradient)))?)
        })?;
        if !sum.is_finite() {
            return Ok(Err("loss"));
        }
        let gradient = length(&self.gradients);
        if !gradient.is_finite() {
            return Ok(Err("gradient"));
        }
        let factor = if gradient > pace.clip { pace.clip / gradient } else { 1.0 };
        let State { parameters, adam } = &mut self.state;
        adam.step(parameters, &self.gradients, factor as f32, pace.rate, pace.decay);
        self.fitted = self.network.fit(parameters)?;
        Ok(Ok(Made { loss: sum / targets as f64, gradient }))
    }

    /// The mean loss over the learned tokens of these trees, in nats.
    pub(crate) fn measure(&self, trees: &[Tree]) -> Result<f64, TuneError> {
        let loss = |tree: &Tree| Ok(f64::from(self.fitted.loss(tree, false)?.to_scalar::<f32>()?));
        let mut sum = 0.0;
        self.crew.each(&trees.iter().collect::<Vec<_>>(), loss, |loss| {
            sum += loss;
            Ok(())
        })?;
        let targets: usize = trees.iter().map(|tree| tree.targets.len()).sum();
        Ok(sum / targets.max(1) as f64)
    }
}

/// A state to start from.
pub(crate) fn fresh(parameters: Vec<Vec<f32>>) -> State {
    State { adam: Adam::new(&parameters), parameters }
}

fn add(list: &mut [f32], gradient: &Tensor) -> candle_core::Result<()> {
    let gradient = gradient.to_device(&candle_core::Device::Cpu)?;
    let values = slice(&gradient)?;
    list.iter_mut().zip(values.iter()).for_each(|(sum, value)| *sum += value);
    Ok(())
}
