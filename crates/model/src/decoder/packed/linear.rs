//! Matrices that inputs are multiplied with, their biases and what an adapter adds.

use std::arch::x86_64::*;
use std::ops::Range;
use std::sync::Arc;

use super::activations::Activations;
use super::kernel::Kernel;
use super::layout::{Kind, ROWS};
use super::lora::Lora;
use super::math;
use super::share::{Shared, share};

/// A tensor of the file, packed.
pub(super) struct Packed {
    pub(super) kind: Kind,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// All tensors of the model.
    pub(super) area: Arc<memmap2::Mmap>,
    /// Where this one lies.
    pub(super) at: usize,
}

/// One of several matrices that share their input.
pub(super) struct Part {
    pub(super) weights: Packed,
    pub(super) lora: Option<Lora>,
    /// [rows]
    pub(super) bias: Option<Vec<f32>>,
}

/// An input: [lines, columns], as it is and quantised.
pub(super) struct Input<'a> {
    pub(super) plain: &'a [f32],
    pub(super) quantised: &'a Activations,
    pub(super) kernel: Kernel,
}

/// What becomes of a product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It replaces what was there.
    Set,
    /// It is added to it.
    Add,
}

impl Packed {
    /// Eight rows.
    fn group(&self, number: usize) -> &[u8] {
        let bytes = self.kind.group_bytes(self.columns);
        &self.area[self.at + number * bytes..self.at + (number + 1) * bytes]
    }

    fn groups(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }

    fn bytes(&self) -> usize {
        self.groups() * self.kind.group_bytes(self.columns)
    }
}

impl Part {
    /// A · x of the adapter, [rank, lines]; nothing without one.
    fn down(&self, input: &Input) -> Vec<f32> {
        let Some(lora) = &self.lora else { return Vec::new() };
        let mut down = vec![0f32; lora.rank() * input.quantised.lines()];
        lora.down(input.plain, &mut down);
        down
    }

    /// The products of eight rows with each line.
    #[target_feature(enable = "avx2,fma,f16c")]
    fn group(&self, number: usize, input: &Input, down: &[f32], sums: &mut [__m256]) {
        sums.fill(_mm256_setzero_ps());
        // SAFETY: a part is only made where the kernel's instructions are.
        #[allow(unsafe_code)]
        unsafe {
            (input.kernel)(self.weights.kind, self.weights.group(number), input.quantised, sums);
        }
        if let Some(lora) = &self.lora {
            lora.up(number, down, sums);
        }
        if let Some(bias) = &self.bias {
            let bias = load(&bias[number * ROWS..]);
            for sum in sums {
                *sum = _mm256_add_ps(*sum, bias);
            }
        }
    }

    /// Some groups' rows, into the columns from `first` on of `out` [lines, width].
    #[target_feature(enable = "avx2,fma,f16c")]
    fn groups(
        &self,
        groups: Range<usize>,
        input: &Input,
        down: &[f32],
        (out, width, first): (&Shared, usize, usize),
        put: Put,
    ) {
        let mut sums = vec![_mm256_setzero_ps(); input.quantised.lines()];
        for group in groups {
            self.group(group, input, down, &mut sums);
            let rows = ROWS.min(self.weights.rows - group * ROWS);
            for (line, sum) in sums.iter().enumerate() {
                // SAFETY: these rows of this line are this group's alone.
                #[allow(unsafe_code)]
                let out = unsafe { out.part(line * width + first + group * ROWS, rows) };
                let sum = if put == Put::Add { _mm256_add_ps(*sum, load(out)) } else { *sum };
                store(sum, out);
            }
        }
    }
}

/// The products of `parts` with an input, side by side: `out` [lines, sum of rows].
pub(super) fn product(parts: &[Part], input: &Input, out: &mut [f32], put: Put) {
    let lines = input.quantised.lines();
    let width = out.len() / lines.max(1);
    let downs: Vec<Vec<f32>> = parts.iter().map(|part| part.down(input)).collect();
    let (groups, bytes) = parts
        .iter()
        .fold((0, 0), |(groups, bytes), part| (groups + part.weights.groups(), bytes + part.weights.bytes()));
    let out = Shared::new(out);
    share(groups, bytes * lines, |range| {
        let (mut before, mut first) = (0, 0);
        for (part, down) in parts.iter().zip(&downs) {
            let count = part.weights.groups();
            let own = range.start.max(before)..range.end.min(before + count);
            if !own.is_empty() {
                // SAFETY: parts are only made where these instructions are.
                #[allow(unsafe_code)]
                unsafe {
                    part.groups(own.start - before..own.end - before, input, down, (&out, width, first), put);
                }
            }
            before += count;
            first += part.weights.rows;
        }
    });
}

/// silu(gate · x) × (up · x): `out` [lines, rows].
pub(super) fn gated([gate, up]: &[Part; 2], input: &Input, out: &mut [f32]) {
    let lines = input.quantised.lines();
    let downs = [gate.down(input), up.down(input)];
    let (rows, bytes) = (gate.weights.rows, 2 * gate.weights.bytes());
    let out = Shared::new(out);
    #[target_feature(enable = "avx2,fma,f16c")]
    fn run(range: Range<usize>, [gate, up]: [&Part; 2], downs: &[Vec<f32>; 2], input: &Input, out: &Shared) {
        let mut sums = vec![_mm256_setzero_ps(); input.quantised.lines()];
        let mut others = sums.clone();
        let width = gate.weights.rows;
        for group in range {
            gate.group(group, input, &downs[0], &mut sums);
            up.group(group, input, &downs[1], &mut others);
            let rows = ROWS.min(width - group * ROWS);
            for (line, (gate, up)) in sums.iter().zip(&others).enumerate() {
                // SAFETY: these rows of this line are this group's alone.
                #[allow(unsafe_code)]
                let out = unsafe { out.part(line * width + group * ROWS, rows) };
                store(_mm256_mul_ps(math::silu(*gate), *up), out);
            }
        }
    }
    share(rows.div_ceil(ROWS), bytes * lines, |range| {
        // SAFETY: parts are only made where these instructions are.
        #[allow(unsafe_code)]
        unsafe {
            run(range, [gate, up], &downs, input, &out);
        }
    });
}

/// Eight values, or as many as there are and zeros.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn load(from: &[f32]) -> __m256 {
    let mut values = [0f32; ROWS];
    let from = if let Some(eight) = from.first_chunk::<ROWS>() {
        eight
    } else {
        values[..from.len()].copy_from_slice(from);
        &values
    };
    // SAFETY: there are eight.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_loadu_ps(from.as_ptr())
    }
}

/// As many of eight values as `out` takes.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn store(values: __m256, out: &mut [f32]) {
    let mut eight = [0f32; ROWS];
    // SAFETY: there is room for eight.
    #[allow(unsafe_code)]
    unsafe {
        _mm256_storeu_ps(eight.as_mut_ptr(), values);
    }
    let count = out.len().min(ROWS);
    out[..count].copy_from_slice(&eight[..count]);
}
