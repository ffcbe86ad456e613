//! The innermost loop: six lines times some panels over one block of the contraction, all sums in registers.
//!
//! The sums are whole numbers and exact, so every version gives the same bits.

use super::layout::{LINES, PANEL};

/// What a tile reads and where it writes.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Pairs along the contraction.
    pub(super) steps: usize,
    /// [panels, steps, 16 outputs, 2]
    pub(super) weights: *const i16,
    /// [steps, 6 lines, 2]
    pub(super) values: *const i16,
    /// Of the lines, 6.
    pub(super) line_scales: *const f32,
    /// Of the outputs, [panels, 16].
    pub(super) output_scales: *const f32,
    /// The first line's first output.
    pub(super) target: *mut f32,
    /// From line to line of the target.
    pub(super) stride: usize,
    /// Lines that the target has, 1 to 6.
    pub(super) lines: usize,
    /// Whether the products are added to what stands in the target.
    pub(super) add: bool,
}

/// Which instructions the processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any.
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with VNNI, which every processor with AVX-512-BF16 has too; `vpdpwssd` is as fast as `vdpbf16ps` or faster,
    /// and more exact.
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

impl Kind {
    /// All that this processor can do, the best one first.
    pub(super) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
                all.push(Self::Vnni);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self::Avx2);
            }
        }
        all.push(Self::Plain);
        all
    }

    /// # Safety
    /// All that `tile` points to must be there for `panels` panels, and the target be nobody else's.
    #[allow(unsafe_code)]
    pub(super) unsafe fn run(self, tile: Tile, panels: usize) {
        // SAFETY: as promised; `self` was found by `all`.
        unsafe {
            match self {
                Self::Plain => each::<1>(tile, panels, |tile| plain(tile)),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => each::<1>(tile, panels, |tile| avx2(tile)),
                #[cfg(target_arch = "x86_64")]
                Self::Vnni => {
                    each::<2>(tile, panels / 2 * 2, |tile| vnni::<2>(tile));
                    if panels % 2 == 1 {
                        vnni::<1>(tile.panel(panels - 1));
                    }
                }
            }
        }
    }
}

impl Tile {
    /// Asks for the target's memory ahead of time: its lines lie far apart, so that the processor can't foresee them.
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    #[inline(always)]
    fn fetch(&self, panels: usize) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        for line in 0..self.lines {
            let start = self.target.wrapping_add(line * self.stride);
            for place in (0..panels * PANEL).step_by(PANEL).chain([panels * PANEL - 1]) {
                // SAFETY: nothing is read; the processor does what it likes with an address.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(place).cast()) };
            }
        }
    }

    /// The same lines with a panel further on.
    #[allow(unsafe_code)]
    pub(super) unsafe fn panel(self, panel: usize) -> Self {
        // SAFETY: the caller has so many panels.
        unsafe {
            Self {
                weights: self.weights.add(panel * self.steps * PANEL * 2),
                output_scales: self.output_scales.add(panel * PANEL),
                target: self.target.add(panel * PANEL),
                ..self
            }
        }
    }
}

#[allow(unsafe_code)]
#[inline(always)]
unsafe fn each<const N: usize>(tile: Tile, panels: usize, run: impl Fn(Tile)) {
    for panel in (0..panels).step_by(N) {
        // SAFETY: the caller has so many panels.
        run(unsafe { tile.panel(panel) });
    }
}

#[allow(unsafe_code)]
unsafe fn plain(tile: Tile) {
    let mut sums = [[0i32; PANEL]; LINES];
    // SAFETY: the caller has all that the tile points to.
    unsafe {
        for step in 0..tile.steps {
            for (line, sums) in sums.iter_mut().enumerate() {
                let values = tile.values.add((step * LINES + line) * 2);
                for (output, sum) in sums.iter_mut().enumerate() {
                    let weights = tile.weights.add((step * PANEL + output) * 2);
                    let product = |at: usize| i32::from(*weights.add(at)) * i32::from(*values.add(at));
                    *sum += product(0) + product(1);
                }
            }
        }
        for (line, sums) in sums.iter().enumerate().take(tile.lines) {
            for (output, sum) in sums.iter().enumerate() {
                let target = tile.target.add(line * tile.stride + output);
                let before = if tile.add { *target } else { 0.0 };
                let scaled = *sum as f32 * *tile.line_scales.add(line);
                *target = scaled.mul_add(*tile.output_scales.add(output), before);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[allow(unsafe_code)]
unsafe fn avx2(tile: Tile) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm256_setzero_si256(); 2]; LINES];
    let (mut weights, mut values) = (tile.weights, tile.values);
    tile.fetch(1);
    // SAFETY: the caller has all that the tile points to.
    unsafe {
        for _ in 0..tile.steps {
            let first = _mm256_loadu_si256(weights.cast());
            let second = _mm256_loadu_si256(weights.add(16).cast());
            for (line, sums) in sums.iter_mut().enumerate() {
                let pair = _mm256_set1_epi32(values.cast::<i32>().add(line).read_unaligned());
                sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(first, pair));
                sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(second, pair));
            }
            weights = weights.add(2 * PANEL);
            values = values.add(2 * LINES);
        }
        let scales = [_mm256_loadu_ps(tile.output_scales), _mm256_loadu_ps(tile.output_scales.add(8))];
        for (line, sums) in sums.iter().enumerate().take(tile.lines) {
            let line_scale = _mm256_set1_ps(*tile.line_scales.add(line));
            for (half, (sums, scales)) in sums.iter().zip(scales).enumerate() {
                let target = tile.target.add(line * tile.stride + half * 8);
                let before = if tile.add { _mm256_loadu_ps(target) } else { _mm256_setzero_ps() };
                let scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(*sums), line_scale);
                _mm256_storeu_ps(target, _mm256_fmadd_ps(scaled, scales, before));
            }
        }
    }
}

/// `N` panels at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
#[allow(unsafe_code)]
unsafe fn vnni<const N: usize>(tile: Tile) {
    use std::arch::x86_64::*;
    let mut sums = [[_mm512_setzero_si512(); N]; LINES];
    let (mut weights, mut values) = (tile.weights, tile.values);
    tile.fetch(N);
    // SAFETY: the caller has all that the tile points to.
    unsafe {
        for _ in 0..tile.steps {
            let mut panels = [_mm512_setzero_si512(); N];
            for (panel, to) in panels.iter_mut().enumerate() {
                *to = _mm512_loadu_si512(weights.add(panel * tile.steps * PANEL * 2).cast());
            }
            for (line, sums) in sums.iter_mut().enumerate() {
                let pair = _mm512_set1_epi32(values.cast::<i32>().add(line).read_unaligned());
                for (sum, panel) in sums.iter_mut().zip(panels) {
                    *sum = _mm512_dpwssd_epi32(*sum, panel, pair);
                }
            }
            weights = weights.add(2 * PANEL);
            values = values.add(2 * LINES);
        }
        for (line, sums) in sums.iter().enumerate().take(tile.lines) {
            let line_scale = _mm512_set1_ps(*tile.line_scales.add(line));
            for (panel, sums) in sums.iter().enumerate() {
                let target = tile.target.add(line * tile.stride + panel * PANEL);
                let before = if tile.add { _mm512_loadu_ps(target) } else { _mm512_setzero_ps() };
                let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(*sums), line_scale);
                let scales = _mm512_loadu_ps(tile.output_scales.add(panel * PANEL));
                _mm512_storeu_ps(target, _mm512_fmadd_ps(scaled, scales, before));
            }
        }
    }
}
