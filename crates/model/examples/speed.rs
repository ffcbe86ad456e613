//! `cargo run --profile dist -p brine-model --example speed -- MODEL.gguf [FOLDER OF AN ADAPTER]`: how soon a model is ready,
//! how fast it reads and writes, and how much memory it takes. `scripts/compare_llama.py` asks llama.cpp the same.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use brine_model::{Adapter, Engine, Speed};

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let path = arguments.next().ok_or("which model?")?;
    let adapter = arguments.next().map(|folder| Adapter::load(&folder, "given")).transpose()?;
    drop(Engine::start(&path, adapter.as_ref())?);
    println!("ready after {:.2} s", start.elapsed().as_secs_f64());
    println!("most memory until then: {}", most_memory().unwrap_or_default());
    let speed = Speed::measure(&path, adapter.as_ref())?;
    println!("of that, the weights: {:.2} s", speed.load.as_secs_f64());
    println!("prompt: {:.1} tokens/s", speed.prompt);
    println!("one answer: {:.1} tokens/s, behind 700 tokens {:.1}", speed.one, speed.late);
    println!("16 forced tokens at a time: {:.1} tokens/s", speed.forced);
    println!("four answers: {:.1} tokens/s", speed.four);
    println!("most memory: {}", most_memory().unwrap_or_default());
    Ok(())
}

/// As Linux tells it.
fn most_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.0} MiB", kibibytes / 1024.0))
}
