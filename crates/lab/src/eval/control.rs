//! The trial of the measures themselves: one that looks at the story must put another story's criteria last.

use std::collections::BTreeMap;

use super::arm::Kind;
use super::bootstrap::Resamples;
use super::measures::{Direction, Measure};
use super::table::{Column, statistic, values};

/// What the controls say of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Shuffled criteria come out last.
    Holds,
    /// They do not: the measure's values say nothing here.
    ThrownOut(String),
    /// Shuffled criteria come out last, but within chance: more stories are needed to tell.
    Undecided(String),
    /// It looks at the form or the cost alone, which shuffling leaves as it is.
    OfForm,
    /// There is no shuffled arm, or no reference.
    NotTried,
}

impl Verdict {
    /// In a word or two.
    pub fn shown(&self) -> String {
        match self {
            Verdict::Holds => "holds".to_owned(),
            Verdict::ThrownOut(reason) => format!("THROWN OUT: {reason}"),
            Verdict::Undecided(reason) => format!("undecided: {reason}"),
            Verdict::OfForm => "form only".to_owned(),
            Verdict::NotTried => "not tried".to_owned(),
        }
    }
}

/// Tries every measure.
///
/// Lost answers are left out here: they have the worst value of everything by decree, and would make any measure look
/// bad (a model that writes nothing) or good (a shuffled file with gaps). A reference that is no better than shuffled throws
/// a measure out; another arm does only if it lies behind shuffled by more than chance, because two arms that know
/// nothing of the story can come out in any order.
pub(crate) fn verdicts(columns: &[Column], resamples: &Resamples) -> BTreeMap<Measure, Verdict> {
    Measure::ALL.iter().map(|measure| (*measure, verdict(*measure, columns, resamples))).collect()
}

fn verdict(measure: Measure, columns: &[Column], resamples: &Resamples) -> Verdict {
    if !measure.of_content() {
        return Verdict::OfForm;
    }
    let shuffled = columns.iter().find(|column| column.arm.kind == Kind::Shuffled);
    let reference = columns.iter().any(|column| column.arm.kind == Kind::Reference);
    let (Some(shuffled), true) = (shuffled, reference) else { return Verdict::NotTried };
    let sign = if measure.direction() == Direction::Lower { -1.0 } else { 1.0 };
    let kept = |column: &Column| -> Vec<Option<f64>> {
        let values = values(&column.stories, measure).into_iter().zip(&column.stories);
        values.map(|(value, story)| value.filter(|_| story.lost.is_none()).map(|value| sign * value)).collect()
    };
    let last = kept(shuffled);
    if last.iter().all(Option::is_none) {
        return Verdict::NotTried;
    }
    let mut verdict = Verdict::Holds;
    for column in columns.iter().filter(|column| column.arm.kind != Kind::Shuffled) {
        let name = &column.arm.name;
        let Some(lead) = resamples.difference(&kept(column), &last, statistic(measure)) else { continue };
        if column.arm.kind == Kind::Reference && lead.value <= 0.0 {
            return Verdict::ThrownOut(format!("{name} is no better than {}", shuffled.arm.name));
        }
        if column.arm.kind == Kind::Reference && lead.low <= 0.0 {
            let stories = lead.stories;
            verdict = Verdict::Undecided(format!("{stories} stories can't tell {name} from {}", shuffled.arm.name));
        }
        if lead.high < 0.0 {
            return Verdict::ThrownOut(format!("{name} comes out behind {}", shuffled.arm.name));
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::super::arm::Arm;
    use super::super::measures::Judgement;
    use super::*;

    fn column(name: &str, kind: Kind, measure: Measure, values: &[Option<f64>]) -> Column {
        let story = |value: &Option<f64>| Judgement {
            values: [(measure, value.unwrap_or(0.0))].into(),
            lost: value.is_none().then(|| "lost".to_owned()),
            ..Judgement::default()
        };
        let stories = values.iter().map(story).collect();
        Column { arm: Arm { name: name.to_owned(), kind }, stories, estimates: BTreeMap::new() }
    }

    fn tried(measure: Measure, reference: &[f64], shuffled: &[f64], other: &[Option<f64>]) -> Verdict {
        let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        let columns = [
            column("human", Kind::Reference, measure, &some(reference)),
            column("shuffled", Kind::Shuffled, measure, &some(shuffled)),
            column("other", Kind::Template, measure, other),
        ];
        verdicts(&columns, &Resamples::new(reference.len(), 1))[&measure].clone()
    }

    const GOOD: [f64; 6] = [0.9, 1.0, 0.8, 1.0, 0.7, 0.9];
    const BAD: [f64; 6] = [0.0, 0.1, 0.0, 0.2, 0.0, 0.1];

    #[test]
    fn a_measure_holds_when_shuffled_comes_last_in_its_own_direction() {
        let other = GOOD.map(Some);
        assert_eq!(tried(Measure::Facts, &GOOD, &BAD, &other), Verdict::Holds);
        assert!(matches!(tried(Measure::Facts, &BAD, &GOOD, &other), Verdict::ThrownOut(_)));
        assert_eq!(tried(Measure::Unsupported, &BAD, &GOOD, &BAD.map(Some)), Verdict::Holds);
        assert!(matches!(tried(Measure::Unsupported, &GOOD, &BAD, &other), Verdict::ThrownOut(_)));
    }

    #[test]
    fn a_tie_throws_it_out_and_so_does_an_arm_clearly_behind() {
        assert!(matches!(tried(Measure::Facts, &GOOD, &GOOD, &GOOD.map(Some)), Verdict::ThrownOut(_)));
        let verdict = tried(Measure::Facts, &GOOD, &[0.5; 6], &BAD.map(Some));
        assert_eq!(verdict, Verdict::ThrownOut("other comes out behind shuffled".to_owned()));
    }

    #[test]
    fn too_few_stories_decide_nothing() {
        let (reference, shuffled) = ([1.0, 0.2, 0.4], [0.9, 0.3, 0.1]);
        let verdict = tried(Measure::Facts, &reference, &shuffled, &reference.map(Some));
        assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
    }

    #[test]
    fn lost_answers_do_not_throw_a_measure_out() {
        assert_eq!(tried(Measure::Facts, &GOOD, &BAD, &[None; 6]), Verdict::Holds);
    }

    #[test]
    fn measures_of_form_are_not_tried() {
        assert_eq!(tried(Measure::Duplicates, &BAD, &BAD, &BAD.map(Some)), Verdict::OfForm);
    }
}
