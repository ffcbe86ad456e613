//! The learning rate over a run: a rise, a plateau, a fall. What a run is at on its plateau does not hang on how long it
//! is to be, so it can be made longer, or be ended early by a fall of its own.
//!
//! Source: "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations" (Hägele et al. 2024).

/// How much of the highest rate holds at `progress` (0 to 1): a straight rise during `warm_up`, a straight fall to zero
/// during the last `cool_down`.
pub(crate) fn share(progress: f64, warm_up: f64, cool_down: f64) -> f64 {
    let (progress, left) = (progress.clamp(0.0, 1.0), (1.0 - progress).clamp(0.0, 1.0));
    let rise = if progress < warm_up { progress / warm_up } else { 1.0 };
    let fall = if left < cool_down { left / cool_down } else { 1.0 };
    rise.min(fall)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_stays_and_falls_to_zero() {
        let near = |progress: f64, wanted: f64| (share(progress, 0.1, 0.2) - wanted).abs() < 1e-9;
        assert!(near(0.0, 0.0) && near(0.05, 0.5) && near(0.1, 1.0));
        assert!(near(0.5, 1.0) && near(0.8, 1.0) && near(0.9, 0.5));
        assert!(near(1.0, 0.0) && near(2.0, 0.0));
        assert!((share(0.0, 0.0, 0.0) - 1.0).abs() < 1e-9 && (share(1.0, 0.0, 0.0) - 1.0).abs() < 1e-9);
        assert!((share(0.25, 0.0, 1.0) - 0.75).abs() < 1e-9);
    }
}
