//! Answers that are known before: the human reference, the shuffled one, the template filler, and files made elsewhere.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::super::EvalError;
use super::super::answer::Answer;
use super::super::case::Case;
use super::Job;
use super::template;

/// Of files with one set each.
const ENDINGS: [&str; 3] = ["feature", "md", "txt"];

/// Answers by story.
pub(crate) struct Fixed(HashMap<String, Answer>);

impl Fixed {
    pub(super) fn reference(cases: &[Case]) -> Result<Self, EvalError> {
        Ok(Self::of(cases, cases.iter().map(reference).collect::<Result<_, _>>()?))
    }

    /// Rotated by a third of the list, because neighbours in the file often come from one domain; each language by itself,
    /// because another one is told apart without reading.
    pub(super) fn shuffled(cases: &[Case]) -> Result<Self, EvalError> {
        let mut criteria: Vec<String> = cases.iter().map(reference).collect::<Result<_, _>>()?;
        let languages: BTreeSet<&str> = cases.iter().map(|case| case.pair.language.code()).collect();
        for language in languages {
            let own: Vec<usize> = (0..cases.len())
                .filter(|place| cases.get(*place).is_some_and(|case| case.pair.language.code() == language))
                .collect();
            if own.len() < 2 {
                return Err(EvalError::Arms(format!(
                    "a shuffled arm needs at least two stories in each language, and there is one in {language:?}"
                )));
            }
            let mut sets: Vec<String> = own.iter().filter_map(|place| criteria.get(*place).cloned()).collect();
            sets.rotate_left((own.len() / 3).max(1));
            for (place, set) in own.into_iter().zip(sets) {
                if let Some(criteria) = criteria.get_mut(place) {
                    *criteria = set;
                }
            }
        }
        Ok(Self::of(cases, criteria))
    }

    pub(super) fn template(cases: &[Case]) -> Self {
        Self::of(cases, cases.iter().map(|case| template::fill(&case.story)).collect())
    }

    /// A file with an answer a line, or a folder with a file for each story, called after it.
    pub(super) fn outputs(path: &Path, cases: &[Case]) -> Result<Self, EvalError> {
        let answers = if path.is_dir() { in_folder(path, cases)? } else { in_file(path)? };
        let known = |answer: &Answer| cases.iter().any(|case| case.pair.id == answer.id);
        if !answers.iter().any(known) {
            return Err(EvalError::file(path)("no output in it belongs to one of the stories"));
        }
        Ok(Self(answers.into_iter().map(|answer| (answer.id.clone(), answer)).collect()))
    }

    fn of(cases: &[Case], criteria: Vec<String>) -> Self {
        let answer = |case: &Case, criteria| Answer { id: case.pair.id.clone(), criteria, ..Answer::default() };
        Self(
            cases.iter().zip(criteria).map(|(case, criteria)| (case.pair.id.clone(), answer(case, criteria))).collect(),
        )
    }

    pub(super) fn answer(&self, job: &Job) -> Answer {
        self.0.get(&job.id).cloned().unwrap_or_else(|| Answer::lost(&job.id, "there is no output for this story"))
    }
}

fn in_file(path: &Path) -> Result<Vec<Answer>, EvalError> {
    let text = std::fs::read_to_string(path).map_err(EvalError::file(path))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let answer = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| EvalError::file(path)(format!("line {}: {error}", number + 1)))
    };
    lines.map(answer).collect()
}

/// Files of other names are passed over: a story of another set may lie beside these.
fn in_folder(folder: &Path, cases: &[Case]) -> Result<Vec<Answer>, EvalError> {
    let mut answers = Vec::new();
    for case in cases {
        let id = &case.pair.id;
        let paths = ENDINGS.map(|ending| folder.join(format!("{id}.{ending}")));
        let Some(path) = paths.into_iter().find(|path| path.exists()) else { continue };
        let criteria = std::fs::read_to_string(&path).map_err(EvalError::file(path))?;
        answers.push(Answer { id: id.clone(), criteria, ..Answer::default() });
    }
    Ok(answers)
}

fn reference(case: &Case) -> Result<String, EvalError> {
    let criteria = &case.pair.criteria;
    let missing = || EvalError::Story { id: case.pair.id.clone(), reason: "it has no criteria to refer to".to_owned() };
    if criteria.trim().is_empty() { Err(missing()) } else { Ok(criteria.clone()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::super::measures::tests::case;
    use super::*;

    fn job(id: &str) -> Job {
        Job { id: id.to_owned(), story: case("A", "b").story, sample: 0 }
    }

    fn cases(count: usize) -> Vec<Case> {
        let one = |place: usize| {
            let mut pair = case("A story", "b").pair;
            pair.id = place.to_string();
            pair.criteria = format!("criteria of {place}");
            Case::new(pair).unwrap()
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn shuffled_criteria_never_belong_to_their_story() {
        for count in 2..12 {
            let cases = cases(count);
            let shuffled = Fixed::shuffled(&cases).unwrap();
            for case in &cases {
                assert_ne!(shuffled.answer(&job(&case.pair.id)).criteria, case.pair.criteria, "{count}");
            }
        }
        assert!(Fixed::shuffled(&cases(1)).is_err());
        let mut two = cases(5);
        for case in &mut two[..2] {
            case.pair.language = brine_core::gherkin::Language::De;
        }
        let shuffled = Fixed::shuffled(&two).unwrap();
        let of = |id: &str| shuffled.answer(&job(id)).criteria;
        assert_eq!((of("0").as_str(), of("1").as_str()), ("criteria of 1", "criteria of 0"));
        assert!(!["2", "3", "4"].iter().any(|id| of(id).ends_with(['0', '1'])));
    }

    #[test]
    fn a_story_without_an_output_is_lost_not_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.jsonl");
        std::fs::write(&path, "{\"id\": \"0\", \"criteria\": \"x\"}\n\n").unwrap();
        let cases = cases(2);
        let outputs = Fixed::outputs(&path, &cases).unwrap();
        assert_eq!(outputs.answer(&job("0")).criteria, "x");
        assert!(outputs.answer(&job("1")).error.is_some());
        std::fs::write(&path, "{\"id\": \"0\"}\nnonsense\n").unwrap();
        assert!(Fixed::outputs(&path, &cases).err().unwrap().to_string().contains("line 2"));
        std::fs::write(&path, "{\"id\": \"7\", \"criteria\": \"x\"}\n").unwrap();
        assert!(Fixed::outputs(&path, &cases).err().unwrap().to_string().contains("belongs to one of the stories"));
    }

    #[test]
    fn a_folder_holds_a_file_for_each_story() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0.feature"), "x").unwrap();
        std::fs::write(folder.path().join("1.md"), "y").unwrap();
        std::fs::write(folder.path().join("README.md"), "z").unwrap();
        let outputs = Fixed::outputs(folder.path(), &cases(3)).unwrap();
        assert_eq!(outputs.answer(&job("0")).criteria, "x");
        assert_eq!(outputs.answer(&job("1")).criteria, "y");
        assert!(outputs.answer(&job("2")).error.is_some());
    }

    #[test]
    fn a_story_without_criteria_is_no_reference() {
        assert!(Fixed::reference(&[case("A", "b")]).is_err());
    }
}
