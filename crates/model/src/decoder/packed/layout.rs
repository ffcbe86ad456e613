//! How weights lie in memory: eight rows side by side, four columns of each after the other, so that one vector of 32 bytes
//! holds four columns of eight rows and a product with it needs no sums across a vector.
//!
//! Source of the file's formats: GGML's `ggml-quants` (blocks of 32 values with a half-precision scale; "K" super-blocks of
//! 256 values whose parts have small integer scales under a common one).

use std::ops::Range;

use candle_core::quantized::GgmlDType;
use candle_core::quantized::ggml_file::qtensor_from_ggml;
use candle_core::{Device, Result};

use super::activations::BLOCK;
use super::math;

/// Rows that lie side by side.
pub(super) const ROWS: usize = 8;
/// Columns of a super-block.
const SUPER: usize = 256;

/// A format of weights in memory. All keep the file's values exactly but the last one, which takes any other format over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Q4_K: super-blocks of 8 × (4 × 32 bytes of nibbles), 8 × 8 scales, 8 × 8 minima, 8 scales of scales, 8 of minima.
    FourK,
    /// Q5_0: blocks of 4 × 32 bytes of nibbles, 32 bytes of fifth bits, 8 scales.
    Five,
    /// Q6_K: super-blocks of 8 × (4 × 32 bytes of nibbles, 2 × 32 bytes of upper bits), 16 × 8 scales, 8 scales of scales.
    SixK,
    /// Q8_0, and what is requantised to it: blocks of 8 × 32 bytes, 8 scales.
    Eight,
}

impl Kind {
    /// The format that a file's tensor is kept in; none when it has too odd a width.
    pub(super) fn of(dtype: GgmlDType, columns: usize) -> Option<Self> {
        match dtype {
            _ if !columns.is_multiple_of(BLOCK) => None,
            GgmlDType::Q4K => Some(Self::FourK),
            GgmlDType::Q6K => Some(Self::SixK),
            GgmlDType::Q5_0 => Some(Self::Five),
            _ => Some(Self::Eight),
        }
    }

    /// Columns and bytes of eight rows' smallest piece.
    pub(super) const fn unit(self) -> (usize, usize) {
        match self {
            Self::FourK => (SUPER, 8 * 128 + 64 + 64 + 16 + 16),
            Self::Five => (BLOCK, 128 + 32 + 16),
            Self::SixK => (SUPER, 8 * 192 + 128 + 16),
            Self::Eight => (BLOCK, 256 + 16),
        }
    }

    /// Bytes of eight rows of so many columns.
    pub(super) fn group_bytes(self, columns: usize) -> usize {
        let (width, bytes) = self.unit();
        columns / width * bytes
    }
}

/// A tensor as it lies in a file.
#[derive(Clone, Copy)]
pub(super) struct Tensor<'a> {
    pub(super) dtype: GgmlDType,
    pub(super) columns: usize,
    pub(super) bytes: &'a [u8],
}

impl Tensor<'_> {
    pub(super) fn rows(&self) -> usize {
        self.bytes.len() / self.row_bytes()
    }

    /// Bytes of a row.
    pub(super) fn row_bytes(&self) -> usize {
        self.columns / self.dtype.block_size() * self.dtype.type_size()
    }

    /// Some rows as f32.
    pub(super) fn read(&self, rows: Range<usize>) -> Result<Vec<f32>> {
        let shape = vec![rows.len(), self.columns];
        let bytes = &self.bytes[rows.start * self.row_bytes()..rows.end * self.row_bytes()];
        let tensor = qtensor_from_ggml(self.dtype, bytes, shape, &Device::Cpu)?;
        tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()
    }
}

/// Writes the rows from `row` on, eight at most, into `out`, which must be zero before.
pub(super) fn pack(kind: Kind, tensor: &Tensor, row: usize, out: &mut [u8]) -> Result<()> {
    let rows = row..(row + ROWS).min(tensor.rows());
    let (width, bytes) = kind.unit();
    let exact = kind != Kind::Eight || tensor.dtype == GgmlDType::Q8_0;
    if !exact {
        let values = tensor.read(rows)?;
        for (lane, values) in values.chunks_exact(tensor.columns).enumerate() {
            for (values, out) in values.chunks_exact(BLOCK).zip(out.chunks_exact_mut(bytes)) {
                requantise(values, lane, out);
            }
        }
        return Ok(());
    }
    let size = width / tensor.dtype.block_size() * tensor.dtype.type_size();
    for (lane, row) in rows.enumerate() {
        let from = &tensor.bytes[row * tensor.row_bytes()..(row + 1) * tensor.row_bytes()];
        for (from, out) in from.chunks_exact(size).zip(out.chunks_exact_mut(bytes)) {
            match kind {
                Kind::FourK => four_k(from, lane, out),
                Kind::Five => five(from, lane, out),
                Kind::SixK => six_k(from, lane, out),
                Kind::Eight => eight(from, lane, out),
            }
        }
    }
    Ok(())
}

/// Puts four columns of each vector to their row's place.
fn spread(columns: &[u8], lane: usize, out: &mut [u8]) {
    for (four, vector) in columns.chunks_exact(4).zip(out.chunks_exact_mut(4 * ROWS)) {
        vector[4 * lane..4 * lane + 4].copy_from_slice(four);
    }
}

/// Of 32 values the low nibbles: the first 16 values below, the last 16 above.
fn nibbles(values: &[u8; BLOCK]) -> [u8; BLOCK / 2] {
    std::array::from_fn(|column| values[column] & 15 | (values[column + 16] & 15) << 4)
}

/// A number of two bytes at a row's place.
fn put_half(half: &[u8], lane: usize, out: &mut [u8]) {
    out[2 * lane..2 * lane + 2].copy_from_slice(half);
}

fn four_k(from: &[u8], lane: usize, out: &mut [u8]) {
    let (head, nibble_pairs) = from.split_at(16);
    let packed = &head[4..];
    for block in 0..SUPER / BLOCK {
        let pairs = &nibble_pairs[block / 2 * BLOCK..][..BLOCK];
        let shift = block % 2 * 4;
        let values = std::array::from_fn(|column| pairs[column] >> shift & 15);
        spread(&nibbles(&values), lane, &mut out[block * 128..(block + 1) * 128]);
        let (scale, minimum) = if block < 4 {
            (packed[block] & 63, packed[block + 4] & 63)
        } else {
            let low = packed[block + 4];
            (low & 15 | packed[block - 4] >> 6 << 4, low >> 4 | packed[block] >> 6 << 4)
        };
        out[1024 + block * ROWS + lane] = scale;
        out[1088 + block * ROWS + lane] = minimum;
    }
    put_half(&head[..2], lane, &mut out[1152..1168]);
    put_half(&head[2..4], lane, &mut out[1168..]);
}

fn five(from: &[u8], lane: usize, out: &mut [u8]) {
    let mut fifth = u32::from_le_bytes([from[2], from[3], from[4], from[5]]);
    // The file pairs its nibbles as we do.
    spread(&from[6..], lane, &mut out[..128]);
    for vector in 0..8 {
        for column in 0..4 {
            out[128 + 4 * lane + column] |= ((fifth & 1) as u8) << vector;
            fifth >>= 1;
        }
    }
    put_half(&from[..2], lane, &mut out[160..]);
}

fn six_k(from: &[u8], lane: usize, out: &mut [u8]) {
    let (low, rest) = from.split_at(128);
    let (high, rest) = rest.split_at(64);
    for block in 0..SUPER / BLOCK {
        let (half, quarter) = (block / 4, block % 4);
        let low = &low[half * 64 + quarter % 2 * BLOCK..][..BLOCK];
        let high = &high[half * BLOCK..][..BLOCK];
        let values = std::array::from_fn(|column| low[column] >> (quarter / 2 * 4) & 15);
        let out = &mut out[block * 192..(block + 1) * 192];
        spread(&nibbles(&values), lane, &mut out[..128]);
        for vector in 0..8 {
            for column in 0..4 {
                let upper = high[4 * vector + column] >> (2 * quarter) & 3;
                out[128 + vector / 4 * 32 + 4 * lane + column] |= upper << (2 * (vector % 4));
            }
        }
    }
    for (part, scale) in rest[..16].iter().enumerate() {
        out[1536 + part * ROWS + lane] = *scale;
    }
    put_half(&rest[16..], lane, &mut out[1664..]);
}

fn eight(from: &[u8], lane: usize, out: &mut [u8]) {
    spread(&from[2..], lane, &mut out[..256]);
    put_half(&from[..2], lane, &mut out[256..]);
}

fn requantise(values: &[f32], lane: usize, out: &mut [u8]) {
    let largest = values.iter().fold(0f32, |largest, value| largest.max(value.abs()));
    let half = math::to_half(largest / 127.0);
    let scale = math::from_half(half);
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let mut bytes = [0u8; BLOCK];
    for (value, byte) in values.iter().zip(&mut bytes) {
        *byte = (value * inverse).round_ties_even().clamp(-127.0, 127.0) as i8 as u8;
    }
    spread(&bytes, lane, &mut out[..256]);
    put_half(&half.to_le_bytes(), lane, &mut out[256..]);
}
