//! `make chaos`: every case of trouble with real processes, and a table of what came of it. Ends with 1 when anything was lost
//! or doubled. `BRINE_OTHER_BIN` names the program of another version, which then works beside. Arguments: `--short` for a few jobs a case, and words that the names of the wanted cases hold.

use std::process::ExitCode;

use brine_tests::chaos::{self, Form, Row};
use indicatif::ProgressBar;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let form = if arguments.iter().any(|argument| argument == "--short") { Form::Short } else { Form::Full };
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let names: Vec<&str> = chaos::names(form)
        .into_iter()
        .filter(|name| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())))
        .collect();
    let bar = ProgressBar::new(names.len() as u64);
    let mut good = !names.is_empty();
    println!("{}", Row::heads());
    for name in names {
        bar.set_message(name);
        match chaos::run(name, form).await {
            Ok(row) => {
                good &= row.outcome.is_kept();
                bar.suspend(|| println!("{row}"));
            }
            Err(error) => {
                good = false;
                bar.suspend(|| println!("{name}: {error:#}"));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if std::env::var_os(chaos::OTHER_VERSION).is_none() {
        println!("not run: another version beside; name its program in {}", chaos::OTHER_VERSION);
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
