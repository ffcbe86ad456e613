//! `loss.svg`: the loss over the steps.

use plotters::prelude::*;

use super::journal::Entry;

/// An SVG picture: each step's loss, their moving mean, and the dev loss where it was measured.
pub(crate) fn draw(entries: &[Entry]) -> String {
    let mut picture = String::new();
    let steps: Vec<(f64, f64)> = entries.iter().filter_map(step).collect();
    let dev: Vec<(f64, f64)> = entries.iter().filter_map(dev).collect();
    // What can't be drawn (no step was made) leaves an empty picture: the numbers are in the report.
    let area = SVGBackend::with_string(&mut picture, (900, 420)).into_drawing_area();
    let _ = paint(&area, &steps, &dev);
    drop(area);
    picture
}

fn paint(
    area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    steps: &[(f64, f64)],
    dev: &[(f64, f64)],
) -> Result<(), Box<dyn std::error::Error>> {
    area.fill(&WHITE)?;
    let all = || steps.iter().chain(dev);
    let last = all().map(|(step, _)| *step).fold(1.0, f64::max);
    let most = all().map(|(_, loss)| *loss).fold(0.1, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption("loss, nats a token", ("sans-serif", 16))
        .x_label_area_size(36)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..last, 0.0..most * 1.05)?;
    chart.configure_mesh().x_desc("step").light_line_style(WHITE).draw()?;
    chart.draw_series(LineSeries::new(steps.iter().copied(), BLUE.mix(0.25)))?.label("step");
    chart
        .draw_series(LineSeries::new(smooth(steps), BLUE.stroke_width(2)))?
        .label("moving mean")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], BLUE));
    if !dev.is_empty() {
        chart
            .draw_series(dev.iter().map(|at| Circle::new(*at, 4, RED.filled())))?
            .label("dev")
            .legend(|(x, y)| Circle::new((x + 8, y), 4, RED.filled()));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    area.present()?;
    Ok(())
}

fn step(entry: &Entry) -> Option<(f64, f64)> {
    match entry {
        Entry::Step { step, loss, .. } => Some((*step as f64, *loss)),
        Entry::Dev { .. } => None,
    }
}

fn dev(entry: &Entry) -> Option<(f64, f64)> {
    match entry {
        Entry::Dev { step, loss } => Some((*step as f64, *loss)),
        Entry::Step { .. } => None,
    }
}

/// Each point the mean of itself and up to 19 before it.
fn smooth(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mean = |place: usize| {
        let window = &points[place.saturating_sub(19)..=place];
        window.iter().map(|(_, loss)| loss).sum::<f64>() / window.len() as f64
    };
    points.iter().enumerate().map(|(place, (step, _))| (*step, mean(place))).collect()
}
