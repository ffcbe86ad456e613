//! The page: charts, the table, differences and every story, in one file that needs nothing else.

use minijinja::{Environment, context};
use serde::Serialize;

use super::super::EvalError;
use super::super::bootstrap::Estimate;
use super::super::control::Verdict;
use super::super::measures::Measure;
use super::super::table::Table;
use super::charts;
use super::markdown::{about, better, signed};
use super::readers;

const PAGE: &str = include_str!("report.html.j2");

#[derive(Serialize)]
struct Line {
    title: &'static str,
    better: &'static str,
    cells: Vec<Cell>,
    verdict: String,
    thrown_out: bool,
}

#[derive(Serialize)]
struct Cell {
    value: String,
    interval: String,
    stories: usize,
}

#[derive(Serialize)]
struct Chart {
    title: &'static str,
    better: &'static str,
    thrown_out: bool,
    svg: String,
}

#[derive(Serialize)]
struct Pair {
    arms: String,
    lines: Vec<(&'static str, String, String, bool, usize)>,
}

#[derive(Serialize)]
struct Story<'a> {
    id: &'a str,
    summary: &'a str,
    arms: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    arm: &'a str,
    facts: String,
    missing: &'a [String],
    unsupported: &'a [String],
    lost: &'a Option<String>,
}

fn failed(error: minijinja::Error) -> EvalError {
    EvalError::Report(format!("{error:#}"))
}

/// The whole page.
pub(super) fn page(table: &Table, command: &str) -> Result<String, EvalError> {
    let thrown_out = |measure: Measure| matches!(table.verdicts.get(&measure), Some(Verdict::ThrownOut(_)));
    let lines: Vec<Line> = table
        .measures()
        .map(|measure| Line {
            title: measure.title(),
            better: better(measure),
            cells: table.columns.iter().map(|column| cell(measure, column.estimates.get(&measure))).collect(),
            verdict: table.verdicts.get(&measure).map(Verdict::shown).unwrap_or_default(),
            thrown_out: thrown_out(measure),
        })
        .collect();
    let headlines = table.measures().filter(|measure| measure.headline());
    let charts: Vec<Chart> = headlines
        .map(|measure| {
            let (title, better, thrown_out) = (measure.title(), better(measure), thrown_out(measure));
            Ok(Chart { title, better, thrown_out, svg: charts::bars(table, measure)? })
        })
        .collect::<Result<_, EvalError>>()?;
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    // The name's ending switches escaping on.
    environment.add_template("report.html", PAGE).map_err(failed)?;
    let arms: Vec<&str> = table.columns.iter().map(|column| column.arm.name.as_str()).collect();
    let values = context! {
        about => about(table, command),
        arms,
        lines,
        charts,
        strip => charts::fact_strip(table)?,
        grids => readers::grids(table),
        pairs => pairs(table),
        stories => stories(table),
    };
    environment.get_template("report.html").and_then(|page| page.render(values)).map_err(failed)
}

fn cell(measure: Measure, estimate: Option<&Estimate>) -> Cell {
    let none = || Cell { value: "–".to_owned(), interval: String::new(), stories: 0 };
    estimate.map_or_else(none, |estimate| Cell {
        value: measure.shown(estimate.value),
        interval: format!("{} to {}", measure.shown(estimate.low), measure.shown(estimate.high)),
        stories: estimate.stories,
    })
}

fn pairs(table: &Table) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for difference in &table.differences {
        let arms = format!("{} − {}", difference.arm, difference.against);
        let (measure, estimate) = (difference.measure, &difference.estimate);
        let interval = format!("{} to {}", signed(measure, estimate.low), signed(measure, estimate.high));
        let line = (measure.title(), signed(measure, estimate.value), interval, estimate.clear(), estimate.stories);
        match pairs.last_mut().filter(|pair| pair.arms == arms) {
            Some(pair) => pair.lines.push(line),
            None => pairs.push(Pair { arms, lines: vec![line] }),
        }
    }
    pairs
}

fn stories(table: &Table) -> Vec<Story<'_>> {
    let told = |place: usize| {
        table.columns.iter().filter_map(move |column| {
            let story = column.stories.get(place)?;
            let facts = story.values.get(&Measure::Facts).map(|value| Measure::Facts.shown(*value));
            Some(Told {
                arm: &column.arm.name,
                facts: facts.unwrap_or_default(),
                missing: &story.missing,
                unsupported: &story.unsupported,
                lost: &story.lost,
            })
        })
    };
    table
        .cases
        .iter()
        .enumerate()
        .map(|(place, case)| Story { id: &case.pair.id, summary: case.story.summary(), arms: told(place).collect() })
        .collect()
}
