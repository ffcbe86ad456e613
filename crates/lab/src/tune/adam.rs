//! AdamW on lists of parameters in the processor's memory, with its state in the open for checkpoints.
//!
//! Source: "Decoupled Weight Decay Regularization".

use rayon::prelude::*;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// Values that one thread takes at a time.
const CHUNK: usize = 1 << 14;

/// The running means of gradients and their squares, one list for each list of parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adam {
    pub(crate) means: Vec<Vec<f32>>,
    pub(crate) squares: Vec<Vec<f32>>,
    /// Steps made.
    pub(crate) steps: usize,
}

impl Adam {
    pub(crate) fn new(parameters: &[Vec<f32>]) -> Self {
        let zeros: Vec<Vec<f32>> = parameters.iter().map(|list| vec![0.0; list.len()]).collect();
        Self { means: zeros.clone(), squares: zeros, steps: 0 }
    }

    /// One step down the gradients, each times `factor`.
    pub(crate) fn step(
        &mut self,
        parameters: &mut [Vec<f32>],
        gradients: &[Vec<f32>],
        factor: f32,
        rate: f64,
        decay: f64,
    ) {
        self.steps += 1;
        let correction = |beta: f32| 1.0 - f64::from(beta).powi(self.steps.min(i32::MAX as usize) as i32);
        let rate_now = (rate / correction(BETA_1)) as f32;
        let root = (1.0 / correction(BETA_2)).sqrt() as f32;
        let kept = (1.0 - rate * decay) as f32;
        let lists = parameters.iter_mut().zip(gradients).zip(self.means.iter_mut().zip(&mut self.squares));
        for ((parameters, gradients), (means, squares)) in lists {
            let state = means.par_chunks_mut(CHUNK).zip(squares.par_chunks_mut(CHUNK));
            parameters.par_chunks_mut(CHUNK).zip(gradients.par_chunks(CHUNK)).zip(state).for_each(
                |((parameters, gradients), (means, squares))| {
                    for place in 0..parameters.len() {
                        let gradient = gradients[place] * factor;
                        let mean = BETA_1 * means[place] + (1.0 - BETA_1) * gradient;
                        let square = BETA_2 * squares[place] + (1.0 - BETA_2) * gradient * gradient;
                        (means[place], squares[place]) = (mean, square);
                        parameters[place] =
                            parameters[place] * kept - rate_now * mean / (square.sqrt() * root + EPSILON);
                    }
                },
            );
        }
    }
}

/// The length of all gradients taken as one vector.
pub(crate) fn length(gradients: &[Vec<f32>]) -> f64 {
    let square = |values: &[f32]| values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>();
    // Summed in a fixed order: the same run gives the same bits.
    let sums = |list: &Vec<f32>| list.par_chunks(CHUNK).map(square).collect::<Vec<f64>>().iter().sum::<f64>();
    gradients.iter().map(sums).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_as_long_as_the_rate_and_decay_shrinks() {
        let mut parameters = vec![vec![1.0, -2.0, 3.0]];
        let mut adam = Adam::new(&parameters);
        adam.step(&mut parameters, &[vec![5.0, -0.1, 0.0]], 0.5, 0.01, 0.5);
        let wanted = [1.0 * 0.995 - 0.01, -2.0 * 0.995 + 0.01, 3.0 * 0.995];
        assert!(
            parameters[0].iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-5),
            "{parameters:?}"
        );
    }

    #[test]
    fn it_finds_the_lowest_point_of_a_bowl() {
        let mut parameters = vec![vec![4.0f32], vec![-3.0]];
        let mut adam = Adam::new(&parameters);
        for _ in 0..2000 {
            let gradients = vec![vec![2.0 * (parameters[0][0] - 1.0)], vec![parameters[1][0] - 2.0]];
            adam.step(&mut parameters, &gradients, 1.0, 0.02, 0.0);
        }
        assert!((parameters[0][0] - 1.0).abs() < 0.01 && (parameters[1][0] - 2.0).abs() < 0.01, "{parameters:?}");
        assert!((length(&[vec![3.0], vec![4.0, 0.0]]) - 5.0).abs() < 1e-9);
    }
}
