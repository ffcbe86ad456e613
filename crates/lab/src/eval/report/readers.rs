//! What readers said, as small tables that the page and the Markdown show alike.

use serde::Serialize;

use super::super::bootstrap::{Estimate, Resamples};
use super::super::case::Case;
use super::super::measures::Measure;
use super::super::reading::Readings;
use super::super::table::{Table, weighted};

/// Seed of the resamples.
const SEED: u64 = 23;
/// Kinds of stories that are neatly written; the others are as Jira really holds them.
const TIDY: [&str; 6] = ["", "as-a", "prose", "rules", "messy", "thin"];

/// A table of words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Grid {
    /// Above it.
    pub(super) title: &'static str,
    /// Names of the columns.
    pub(super) head: Vec<String>,
    /// As many cells each.
    pub(super) rows: Vec<Vec<String>>,
}

/// None when nobody read.
pub(super) fn grids(table: &Table) -> Vec<Grid> {
    let Some(readings) = &table.readings else { return Vec::new() };
    let all = [by_kind(table), by_reader(table, readings), choices(readings), readers(readings), agreement(readings)];
    all.into_iter().filter(|grid| !grid.rows.is_empty()).collect()
}

/// What a story is counted among.
fn group(case: &Case) -> &str {
    match case.pair.language.code() {
        "" | "en" if TIDY.contains(&case.pair.kind.as_str()) => "tidy",
        "" | "en" => "new kinds",
        language => language,
    }
}

fn arms(table: &Table) -> impl Iterator<Item = String> {
    table.columns.iter().map(|column| column.arm.name.clone())
}

fn head(first: &[&str], rest: impl Iterator<Item = String>) -> Vec<String> {
    first.iter().map(|name| (*name).to_owned()).chain(rest).collect()
}

fn by_kind(table: &Table) -> Grid {
    let mut groups: Vec<&str> = table.cases.iter().map(group).collect();
    groups.sort_by_key(|group| (group.len() == 2, *group != "tidy", group.to_owned()));
    groups.dedup();
    let mut rows = Vec::new();
    for group_name in groups {
        let places: Vec<usize> = table
            .cases
            .iter()
            .enumerate()
            .filter(|(_, case)| group(case) == group_name)
            .map(|(place, _)| place)
            .collect();
        let resamples = Resamples::new(places.len(), SEED);
        for measure in Measure::ALL.iter().copied().filter(|measure| measure.of_readers()) {
            let cell = |column: &super::super::Column| {
                let values = weighted(&column.stories, measure);
                let here: Vec<_> = places.iter().map(|place| values.get(*place).copied().flatten()).collect();
                let count: f64 = here.iter().flatten().map(|(_, weight)| weight).sum();
                resamples.weighted(&here).map_or_else(|| "–".to_owned(), |estimate| shown(measure, estimate, count))
            };
            let cells: Vec<String> = table.columns.iter().map(cell).collect();
            if cells.iter().any(|cell| cell != "–") {
                let title = measure.title().trim_start_matches("readers: ").to_owned();
                rows.push([vec![group_name.to_owned(), title], cells].concat());
            }
        }
    }
    Grid { title: "By kind of story", head: head(&["stories", "measure"], arms(table)), rows }
}

fn shown(measure: Measure, estimate: Estimate, count: f64) -> String {
    let bare = |value: f64| measure.shown(value).trim_end_matches(" %").to_owned();
    let (low, high) = (bare(estimate.low), bare(estimate.high));
    format!("{} ({low}–{high}; {} stories, {count:.0} read)", measure.shown(estimate.value), estimate.stories)
}

fn by_reader(table: &Table, readings: &Readings) -> Grid {
    let row = |reader: &str| {
        let mean = |arm: &str| {
            let tallies = table.cases.iter().filter_map(|case| readings.points(reader, arm, &case.pair.id));
            let (sum, count) = tallies.fold((0.0, 0.0), |(sum, count), tally| (sum + tally.sum, count + tally.count));
            if count > 0.0 { format!("{:.1}", sum / count) } else { "–".to_owned() }
        };
        head(&[reader], arms(table).map(|arm| mean(&arm)))
    };
    let rows = readings.readers().map(row).collect();
    Grid { title: "Points, reader by reader (of what was written)", head: head(&["reader"], arms(table)), rows }
}

fn choices(readings: &Readings) -> Grid {
    let row = |pair: &super::super::reading::Chosen| {
        let values: Vec<_> = pair.stories.iter().map(|share| Some((*share, 1.0))).collect();
        let share = Resamples::new(values.len(), SEED).weighted(&values);
        let share = share.map_or_else(String::new, |share| {
            format!("{:.0} % ({:.0}–{:.0})", share.value * 100.0, share.low * 100.0, share.high * 100.0)
        });
        let counts = [pair.won, pair.tied, pair.lost].map(|count| count.to_string());
        let [won, tied, lost] = counts;
        vec![pair.arm.clone(), pair.against.clone(), won, tied, lost, share]
    };
    let rows = readings.chosen.iter().map(row).collect();
    let names = ["arm", "against", "chosen", "no preference", "other chosen", "share chosen"];
    Grid { title: "Which set readers would rather start from", head: head(&names, std::iter::empty()), rows }
}

fn readers(readings: &Readings) -> Grid {
    let row = |one: &super::super::reading::Attention| {
        let twice = readings.repeats.iter().find(|repeats| repeats.reader == one.reader);
        let (same, apart) = twice.map_or_else(
            || ("–".to_owned(), "–".to_owned()),
            |twice| (format!("{:.0} % of {}", twice.same * 100.0, twice.scenarios), format!("{:.2}", twice.apart)),
        );
        let counted = if one.dropped { "no: did not read closely" } else { "yes" };
        let seen = format!("{} of {}", one.seen, one.of);
        vec![one.reader.clone(), seen, same, apart, one.unread.to_string(), counted.to_owned()]
    };
    let rows = readings.attention.iter().map(row).collect();
    let names = ["reader", "saw what was wrong on purpose", "same points twice", "points apart", "unread", "counted"];
    Grid { title: "The readers", head: head(&names, std::iter::empty()), rows }
}

fn agreement(readings: &Readings) -> Grid {
    let row = |pair: &super::super::reading::Agreement| {
        let correlation = pair.correlation.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        let [same, turned] = [pair.same, pair.turned].map(|share| format!("{:.0} %", share * 100.0));
        let (count, apart) = (pair.scenarios.to_string(), format!("{:.2}", pair.apart));
        vec![format!("{} and {}", pair.reader, pair.other), count, same, apart, correlation, turned]
    };
    let rows = readings.agreement.iter().map(row).collect();
    let names = ["readers", "scenarios", "same points", "points apart", "correlation", "same on \"turned\""];
    Grid { title: "Whether readers agree", head: head(&names, std::iter::empty()), rows }
}
