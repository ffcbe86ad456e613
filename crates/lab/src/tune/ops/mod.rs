//! The arithmetic of training, forwards and backwards, on slices of f32 in the processor's memory; and the operations of
//! candle's autograd that are built of it. On other devices the same operations are composed of candle's own.

pub(super) mod attend;
pub(super) mod attention;
pub(super) mod composed;
pub(super) mod entropy;
pub(super) mod exp;
pub(super) mod feed;
pub(super) mod frozen;
pub(super) mod gate;
pub(super) mod linear;
pub(super) mod norm;
pub(super) mod packed;
pub(super) mod pool;
pub(super) mod product;
pub(super) mod slice;
#[cfg(test)]
mod tests;
