//! The charts, as SVG that takes the page's text colour: black is what the page's style replaces.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::EvalError;
use super::super::bootstrap::Estimate;
use super::super::measures::{Measure, Unit};
use super::super::table::Table;

const WIDTH: i32 = 620;
const NAMES: i32 = 150;
const FIGURES: i32 = 90;
const ROW: i32 = 26;
const MARGIN: i32 = 22;
const BAR: RGBColor = RGBColor(76, 134, 196);
const GRID: RGBColor = RGBColor(128, 128, 128);
const FONT: (&str, i32) = ("sans-serif", 13);

fn failed(error: impl std::fmt::Display) -> EvalError {
    EvalError::Report(error.to_string())
}

fn text(horizontal: HPos) -> TextStyle<'static> {
    TextStyle::from(FONT).color(&BLACK).pos(Pos::new(horizontal, VPos::Center))
}

/// A bar with its interval for each arm.
pub(super) fn bars(table: &Table, measure: Measure) -> Result<String, EvalError> {
    let rows: Vec<(&str, Option<&Estimate>)> =
        table.columns.iter().map(|column| (column.arm.name.as_str(), column.estimates.get(&measure))).collect();
    let most = match measure.unit() {
        Unit::Share => 1.0,
        Unit::Points => 10.0,
        _ => rows
            .iter()
            .filter_map(|(_, estimate)| Some(estimate.as_ref()?.high))
            .fold(0.0, f64::max)
            .max(f64::MIN_POSITIVE),
    };
    let span = WIDTH - NAMES - FIGURES;
    let x = |value: f64| NAMES + (value / most * f64::from(span)).round() as i32;
    let height = ROW * rows.len() as i32 + MARGIN;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        let bottom = height - MARGIN;
        for mark in [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| share * most) {
            let line = PathElement::new(vec![(x(mark), 0), (x(mark), bottom)], GRID.mix(0.4));
            root.draw(&line).map_err(failed)?;
            let label = Text::new(measure.shown(mark), (x(mark), bottom + MARGIN / 2), text(HPos::Center));
            root.draw(&label).map_err(failed)?;
        }
        for (place, (name, estimate)) in rows.iter().enumerate() {
            let top = place as i32 * ROW;
            let middle = top + ROW / 2;
            root.draw(&Text::new((*name).to_owned(), (NAMES - 8, middle), text(HPos::Right))).map_err(failed)?;
            let figure = estimate.map_or_else(|| "–".to_owned(), |estimate| measure.shown(estimate.value));
            root.draw(&Text::new(figure, (WIDTH - 4, middle), text(HPos::Right))).map_err(failed)?;
            let Some(estimate) = estimate else { continue };
            let bar = [(x(0.0), top + 5), (x(estimate.value), top + ROW - 5)];
            root.draw(&Rectangle::new(bar, BAR.filled())).map_err(failed)?;
            let (low, high) = (x(estimate.low), x(estimate.high));
            for line in [
                vec![(low, middle), (high, middle)],
                vec![(low, middle - 4), (low, middle + 4)],
                vec![(high, middle - 4), (high, middle + 4)],
            ] {
                root.draw(&PathElement::new(line, BLACK.stroke_width(2))).map_err(failed)?;
            }
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// A square for each story and arm, the fuller the more of its facts are covered. None without facts.
pub(super) fn fact_strip(table: &Table) -> Result<Option<String>, EvalError> {
    let stories: Vec<usize> = (0..table.cases.len())
        .filter(|story| table.cases.get(*story).is_some_and(|case| !case.facts.is_empty()))
        .collect();
    if stories.is_empty() {
        return Ok(None);
    }
    let width = ((1100 - NAMES) / stories.len() as i32).clamp(3, 22);
    let height = ROW * table.columns.len() as i32;
    let mut svg = String::new();
    {
        let size = ((NAMES + width * stories.len() as i32 + 4) as u32, height as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        for (row, column) in table.columns.iter().enumerate() {
            let top = row as i32 * ROW;
            let name = Text::new(column.arm.name.clone(), (NAMES - 8, top + ROW / 2), text(HPos::Right));
            root.draw(&name).map_err(failed)?;
            for (place, story) in stories.iter().enumerate() {
                let value = column.stories.get(*story).and_then(|story| story.values.get(&Measure::Facts));
                let left = NAMES + place as i32 * width;
                let square = [(left, top + 2), (left + width - 1, top + ROW - 2)];
                let shade = BAR.mix(value.copied().unwrap_or(0.0));
                root.draw(&Rectangle::new(square, shade.filled())).map_err(failed)?;
                root.draw(&Rectangle::new(square, GRID.mix(0.3))).map_err(failed)?;
            }
        }
        root.present().map_err(failed)?;
    }
    Ok(Some(svg))
}
