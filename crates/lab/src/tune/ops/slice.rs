//! The values of a tensor in the processor's memory.

use std::ops::{Deref, Range};

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor};

/// Read access to all values of a tensor; `G` is candle's lock on them.
struct Slice<G> {
    guard: G,
    range: Range<usize>,
}

/// The values, in order.
///
/// # Errors
/// When the tensor is not f32, not contiguous, or on another device.
pub(crate) fn slice(tensor: &Tensor) -> Result<impl Deref<Target = [f32]>> {
    let (guard, layout) = tensor.storage_and_layout();
    let range = match &*guard {
        Storage::Cpu(storage) => {
            storage.as_slice::<f32>()?;
            range(layout)?
        }
        _ => candle_core::bail!("the tensor is not on the CPU"),
    };
    Ok(Slice { guard, range })
}

/// The same for what candle hands to an operation.
///
/// # Errors
/// As [`slice`].
pub(crate) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    Ok(&storage.as_slice::<f32>()?[range(layout)?])
}

fn range(layout: &Layout) -> Result<Range<usize>> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(from..to),
        None => candle_core::bail!("the tensor is not contiguous"),
    }
}

impl<G: Deref<Target = Storage>> Deref for Slice<G> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.guard {
            Storage::Cpu(CpuStorage::F32(values)) => &values[self.range.clone()],
            _ => &[],
        }
    }
}
