//! A frozen linear layer with LoRA beside it: y = x Wᵀ + bias + s · (x Aᵀ) Bᵀ.
//!
//! Several layers that read the same input (q, k and v; gate and up) are one with several parts: their W lie below each
//! other, so do their A; each part has a B of its own.
//!
//! Source: "LoRA: Low-Rank Adaptation of Large Language Models".

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

    /// Writes the result to `y` [n, outputs], or adds it to what stands there (a bias, a residual); gives x Aᵀ [n, inner],
    /// which `backward` wants.
    pub(crate) fn forward(&self, given: Forward, y: &mut [f32], write: Write, pool: &Pool) -> Buffer {
        let Forward { x, weight, parameters } = given;
        let (outputs, inner) = (self.outputs(), self.inner());
        let x = Matrix::new(x, self.width);
        product(Target::new(y, outputs), write, 1.0, x, Matrix::new(weight, self.width).t(), Threads::All);
        let mut h = pool.take(x.count() * inner);
        if inner > 0 {
            let a = Matrix::new(&parameters[..inner * self.width], self.width);
            product(Target::new(&mut h, inner), Write::Set, 1.0, x, a.t(), Threads::All);
        }
        for place in self.places() {
            let b = Matrix::new(&parameters[place.b], self.rank);
            let h = Matrix::new(&h, inner).columns(place.inner, self.rank);
            let y = Target::new(y, outputs).columns(place.output, place.width);
            product(y, Write::Add, self.scale, h, b.t(), Threads::All);
        }
        h
    }

    /// From the gradient `dy` of the result: that of the parameters into `d_parameters`, that of x into `dx` when wanted.
    pub(crate) fn backward(&self, given: Backward, d_parameters: &mut [f32], dx: Option<&mut [f32]>, pool: &Pool) {
        let Backward { x, weight, parameters, h, dy } = given;
        let (outputs, inner) = (self.outputs(), self.inner());
        let (x, dy) = (Matrix::new(x, self.width), Matrix::new(dy, outputs));
        let mut dh = pool.take(h.len());
        for place in self.places() {
            let b = Matrix::new(&parameters[place.b.clone()], self.rank);
            let dy = dy.columns(place.output, place.width);
            let target = Target::new(&mut dh, inner).columns(place.inner, self.rank);
            product(target, Write::Set, self.scale, dy, b, Threads::All);
            let h = Matrix::new(h, inner).columns(place.inner, self.rank);
            let target = Target::new(&mut d_parameters[place.b], self.rank);
            product(target, Write::Set, self.scale, dy.t(), h, Threads::All);
        }
        if inner > 0 {
            let target = Target::new(&mut d_parameters[..inner * self.width], self.width);
            product(target, Write::Set, 1.0, Matrix::new(&dh, inner).t(), x, Threads::All);
        }
        let Some(dx) = dx else { return };
        product(Target::new(dx, self.width), Write::Set, 1.0, dy, Matrix::new(weight, self.width), Threads::All);
        if inner > 0 {
            let a = Matrix::new(&parameters[..inner * self.width], self.width);
            product(Target::new(dx, self.width), Write::Add, 1.0, Matrix::new(&dh, inner), a, Threads::All);
        }
    }
}

/// What the forward pass starts from.
pub(crate) struct Forward<'a> {
    /// [n, width]
    pub(crate) x: &'a [f32],
    /// [outputs, width]
    pub(crate) weight: &'a [f32],
    pub(crate) parameters: &'a [f32],
}

/// What the backward pass starts from.
pub(crate) struct Backward<'a> {
    /// [n, width]
    pub(crate) x: &'a [f32],
    /// [outputs, width]
    pub(crate) weight: &'a [f32],
    pub(crate) parameters: &'a [f32],
    /// What `forward` gave.
    pub(crate) h: &'a [f32],
    /// [n, outputs]
    pub(crate) dy: &'a [f32],
}
