//! A migration that is added counts as a change of this crate, which embeds the folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
