//! The learning rate over a run.

/// How much of the highest rate holds at `progress` (0 to 1): a straight rise during `warm_up`, then half a cosine to zero.
pub(crate) fn share(progress: f64, warm_up: f64) -> f64 {
    let progress = progress.clamp(0.0, 1.0);
    if progress < warm_up {
        return progress / warm_up;
    }
    let fall = (progress - warm_up) / (1.0 - warm_up).max(f64::EPSILON);
    0.5 * (1.0 + (std::f64::consts::PI * fall).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_then_falls_to_zero() {
        assert!(share(0.0, 0.1) < 1e-9 && (share(0.05, 0.1) - 0.5).abs() < 1e-9);
        assert!((share(0.1, 0.1) - 1.0).abs() < 1e-9 && (share(0.55, 0.1) - 0.5).abs() < 1e-9);
        assert!(share(1.0, 0.1) < 1e-9 && share(2.0, 0.1) < 1e-9);
        assert!((share(0.0, 0.0) - 1.0).abs() < 1e-9);
    }
}
