//! adf.
