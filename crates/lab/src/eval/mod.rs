//! Measures of written criteria, by arm, with intervals.
