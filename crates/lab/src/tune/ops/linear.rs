//! A frozen linear layer with LoRA beside it: y = x Wᵀ + bias + s · (x Aᵀ) Bᵀ.
//!
//! Several layers that read the same input (q, k and v; gate and up) are one with several parts: their W lie below each
//! other, so do their A; each part has a B of its own.
//!
//! Source: "LoRA: Low-Rank Adaptation of Large Language Models".

use candle_core::Result;

use super::frozen::Frozen;
use super::pool::{Buffer, Pool};
use super::product::{Matrix, Target, Threads, Write, product};

/// Sizes of a layer and where its LoRA parameters lie in a flat list: A [adapted parts · rank, width], then B
/// [part's width, rank] of each adapted part in order.
#[derive(Clone, Debug)]
pub(crate) struct Adapted {
    /// Of the input.
    pub(crate) width: usize,
    pub(crate) parts: Vec<Part>,
    pub(crate) rank: usize,
    /// s.
    pub(crate) scale: f32,
}

/// Some of the outputs.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) width: usize,
    /// Whether it has LoRA.
    pub(crate) adapted: bool,
}

/// Where an adapted part lies.
pub(crate) struct Place {
    /// Its first output.
    pub(crate) output: usize,
    pub(crate) width: usize,
    /// Its first column of x Aᵀ, and row of A.
    pub(crate) inner: usize,
    /// Its B in the parameters.
    pub(crate) b: std::ops::Range<usize>,
}

impl Adapted {
    /// Of the result.
    pub(crate) fn outputs(&self) -> usize {
        self.parts.iter().map(|part| part.width).sum()
    }

    /// Width of x Aᵀ.
    pub(crate) fn inner(&self) -> usize {
        self.rank * self.parts.iter().filter(|part| part.adapted).count()
    }

    /// How many numbers A and the Bs are.
    pub(crate) fn parameters(&self) -> usize {
        self.places().last().map_or(0, |place| place.b.end)
    }

    /// The adapted parts.
    pub(crate) fn places(&self) -> Vec<Place> {
        let (mut output, mut inner, mut b) = (0, 0, self.inner() * self.width);
        let mut places = Vec::new();
        for part in &self.parts {
            if part.adapted {
                let end = b + part.width * self.rank;
                places.push(Place { output, width: part.width, inner, b: b..end });
                (inner, b) = (inner + self.rank, end);
            }
            output += part.width;
        }
        places
    }

    /// Writes the result for x [n, width] to `y` [n, outputs], or adds it to what stands there (a bias, a residual).
    ///
    /// # Errors
    /// When the weights are not on the CPU.
    pub(crate) fn forward(&self, given: Given, y: &mut [f32], write: Write, pool: &Pool) -> Result<()> {
        let Given { x, weight, parameters } = given;
        weight.forward(x, y, write)?;
        let inner = self.inner();
        if inner > 0 {
            let h = self.thin(Matrix::new(x, self.width), parameters, pool);
            for place in self.places() {
                let b = Matrix::new(&parameters[place.b], self.rank);
                let h = Matrix::new(&h, inner).columns(place.inner, self.rank);
                let target = Target::new(y, self.outputs()).columns(place.output, place.width);
                product(target, Write::Add, self.scale, h, b.t(), Threads::All);
            }
        }
        Ok(())
    }

    /// x Aᵀ.
    fn thin(&self, x: Matrix, parameters: &[f32], pool: &Pool) -> Buffer {
        let inner = self.inner();
        let a = Matrix::new(&parameters[..inner * self.width], self.width);
        let mut h = pool.take(x.count() * inner);
        product(Target::new(&mut h, inner), Write::Set, 1.0, x, a.t(), Threads::All);
        h
    }

    /// From the gradient `dy` of the result: that of the parameters into `d_parameters`, that of x into `dx` when wanted.
    ///
    /// # Errors
    /// When the weights are not on the CPU.
    pub(crate) fn backward(
        &self,
        given: Given,
        dy: &[f32],
        d_parameters: &mut [f32],
        mut dx: Option<&mut [f32]>,
        pool: &Pool,
    ) -> Result<()> {
        let Given { x, weight, parameters } = given;
        if let Some(dx) = dx.as_deref_mut() {
            weight.backward(dy, dx, Write::Set)?;
        }
        let inner = self.inner();
        if inner == 0 {
            return Ok(());
        }
        let (x, dy) = (Matrix::new(x, self.width), Matrix::new(dy, self.outputs()));
        let h = self.thin(x, parameters, pool);
        let mut dh = pool.take(h.len());
        for place in self.places() {
            let b = Matrix::new(&parameters[place.b.clone()], self.rank);
            let dy = dy.columns(place.output, place.width);
            let target = Target::new(&mut dh, inner).columns(place.inner, self.rank);
            product(target, Write::Set, self.scale, dy, b, Threads::All);
            let h = Matrix::new(&h, inner).columns(place.inner, self.rank);
            let target = Target::new(&mut d_parameters[place.b], self.rank);
            product(target, Write::Set, self.scale, dy.t(), h, Threads::All);
        }
        let dh = Matrix::new(&dh, inner);
        let target = Target::new(&mut d_parameters[..inner * self.width], self.width);
        product(target, Write::Set, 1.0, dh.t(), x, Threads::All);
        if let Some(dx) = dx {
            let a = Matrix::new(&parameters[..inner * self.width], self.width);
            product(Target::new(dx, self.width), Write::Add, 1.0, dh, a, Threads::All);
        }
        Ok(())
    }
}

/// What both passes start from.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// [n, width]
    pub(crate) x: &'a [f32],
    /// [outputs, width]
    pub(crate) weight: &'a Frozen,
    pub(crate) parameters: &'a [f32],
}
