//! What lies in `deploy/`, judged by the tools of those who made its formats, and its scripts run for real where they can be:
//! there is no container engine and no cloud here. What a tool is missing for is a failure, never a pass.

mod compose;
mod scripts;
mod settings;
mod tools;
mod units;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

fn deploy() -> PathBuf {
    root().join("deploy")
}
