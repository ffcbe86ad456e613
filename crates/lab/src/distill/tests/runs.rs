//! Whole runs with a teacher that answers by heart: what is kept, what is asked again, and how a run ends.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use brine_core::clock::Clock;
use brine_core::story::Story;
use tokio_util::sync::CancellationToken;

use super::super::*;
use super::{GOOD, case, written};
use crate::data::{self, Pair};

/// Answers by the story's summary, one for each seed from 0 on; others have the last one.
struct ByHeart {
    answers: HashMap<String, Vec<Result<String, TeacherError>>>,
    asked: Mutex<Vec<(String, u64)>>,
    identity: Identity,
    /// Ends the run when this story is asked for.
    stop_at: Option<String>,
}

impl Teacher for ByHeart {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn write(&self, story: &Story, seed: u64, cancel: &CancellationToken) -> Result<Written, TeacherError> {
        self.asked.lock().unwrap().push((story.summary().to_owned(), seed));
        if self.stop_at.as_deref() == Some(story.summary()) {
            cancel.cancel();
            return Err(TeacherError::Stopped);
        }
        let answers = &self.answers[story.summary()];
        let place = usize::try_from(seed).unwrap().min(answers.len() - 1);
        answers[place].clone().map(|text| written(&text))
    }
}

/// A folder with stories that are all alike but for their summaries.
struct Bench {
    folder: tempfile::TempDir,
    teacher: ByHeart,
    options: Options,
    against: Vec<std::path::PathBuf>,
}

fn bench(answers: &[(&str, &[&str])]) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let pair = |(summary, _): &(&str, &[&str])| Pair {
        id: summary.to_lowercase(),
        summary: (*summary).to_owned(),
        ..case("").pair
    };
    data::write(&folder.path().join("stories.jsonl"), &answers.iter().map(pair).collect::<Vec<_>>()).unwrap();
    let answer = |text: &&str| match text.strip_prefix("no answer: ") {
        Some(reason) => Err(TeacherError::NoAnswer(reason.to_owned())),
        None => Ok((*text).to_owned()),
    };
    let answers =
        answers.iter().map(|(name, texts)| ((*name).to_owned(), texts.iter().map(answer).collect())).collect();
    let identity = Identity {
        teacher: "heart".to_owned(),
        adapter: None,
        prompt: "teacher@1".to_owned(),
        print: "heart".to_owned(),
    };
    Bench {
        folder,
        teacher: ByHeart { answers, asked: Mutex::default(), identity, stop_at: None },
        options: Options { seed: 0, samples: 1, filters: Filters { cover: 0.6, facts: None }, limit: None },
        against: Vec::new(),
    }
}

impl Bench {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self) -> Result<Summary, DistillError> {
        let work = Work::read(&self.path("stories.jsonl"), &self.against)?;
        let files = Files::new(self.path("pairs.jsonl"), None);
        let (clock, cancel) = (Clock::system(), CancellationToken::new());
        let run = Run {
            work: &work,
            teacher: &self.teacher,
            options: self.options,
            files: &files,
            clock: &clock,
            cancel: &cancel,
        };
        run.write(|_| ()).await
    }

    /// What was asked since the last call.
    fn asked(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.teacher.asked.lock().unwrap())
    }

    fn pairs(&self) -> Vec<Pair> {
        data::read(&self.path("pairs.jsonl")).unwrap()
    }
}

fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_passes_becomes_a_pair_and_the_rest_is_kept_with_its_reason() {
    let bench = bench(&[("A", &[GOOD]), ("B", &["I can't help."])]);
    let summary = bench.run().await.unwrap();
    assert_eq!((summary.accepted, summary.rejected[&Reason::NoCriteria]), (1, 1));
    let pair = &bench.pairs()[0];
    assert_eq!((pair.id.as_str(), pair.criteria.as_str()), ("a", GOOD.trim_end()));
    let from: Provenance = serde_json::from_value(pair.provenance.clone().unwrap()).unwrap();
    assert_eq!((from.teacher.as_str(), from.prompt.as_str(), from.seed, from.sample), ("heart", "teacher@1", 0, 0));
    assert_eq!((from.brine.as_str(), from.date.len()), (env!("CARGO_PKG_VERSION"), 10));
    let rejected = &lines(&bench.path("pairs.rejected.jsonl"))[0];
    assert_eq!((&rejected["id"], &rejected["reason"]), (&"b".into(), &"no-criteria".into()));
    assert_eq!(rejected["answer"], "I can't help.");
}

#[tokio::test]
async fn the_best_sample_is_kept_and_a_perfect_one_ends_the_search() {
    let short = GOOD.replacen("Support unlocks a locked gift card", "Support unlocks", 1);
    let mut bench = bench(&[("A", &["no", &short, "no", "no"]), ("B", &["no", GOOD, GOOD, GOOD])]);
    bench.options.samples = 4;
    bench.run().await.unwrap();
    let of = |name: &str| bench.pairs().into_iter().find(|pair| pair.id == name).unwrap().provenance.unwrap();
    assert_eq!((&of("a")["sample"], &of("a")["seed"]), (&1.into(), &1.into()));
    assert_eq!(of("b")["sample"], 1);
    assert_eq!(bench.asked().iter().filter(|(name, _)| name == "B").count(), 2);
}

#[tokio::test]
async fn a_run_goes_on_where_it_was_killed() {
    let bench = bench(&[("A", &[GOOD]), ("B", &["no"]), ("C", &[GOOD])]);
    bench.run().await.unwrap();
    assert_eq!(bench.asked().len(), 3);
    let summary = bench.run().await.unwrap();
    assert_eq!((summary.accepted, summary.rejected.len(), bench.asked().len()), (2, 1, 0), "nothing is left to do");

    let path = bench.path("pairs.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 40]).unwrap();
    bench.run().await.unwrap();
    assert_eq!(bench.asked(), [("C".to_owned(), 0)]);
    assert_eq!(std::fs::read_to_string(&path).unwrap().len(), text.len());
}

#[tokio::test]
async fn a_stopped_run_keeps_what_is_done() {
    let mut bench = bench(&[("A", &[GOOD]), ("B", &[GOOD]), ("C", &[GOOD])]);
    bench.teacher.stop_at = Some("B".to_owned());
    let summary = bench.run().await.unwrap();
    assert!(summary.stopped);
    assert_eq!((summary.accepted, bench.asked().len()), (1, 2));
    bench.teacher.stop_at = None;
    assert_eq!(bench.run().await.unwrap().accepted, 3);
}

#[tokio::test]
async fn results_of_other_stories_or_options_are_left_alone() {
    let mut bench = bench(&[("A", &[GOOD])]);
    bench.run().await.unwrap();
    let before = std::fs::read_to_string(bench.path("pairs.jsonl")).unwrap();
    bench.options.limit = Some(7);
    assert!(bench.run().await.is_ok(), "more stories are no other run");
    bench.options.seed = 7;
    assert!(matches!(bench.run().await, Err(DistillError::OtherRun { line: 1, .. })));
    bench.options.seed = 0;
    bench.teacher.identity.print = "other".to_owned();
    assert!(matches!(bench.run().await, Err(DistillError::OtherRun { .. })));
    assert_eq!(std::fs::read_to_string(bench.path("pairs.jsonl")).unwrap(), before);

    std::fs::copy(bench.path("stories.jsonl"), bench.path("pairs.jsonl")).unwrap();
    assert!(matches!(bench.run().await, Err(DistillError::OtherRun { .. })), "stories are not written over");
}

#[tokio::test]
async fn stories_that_leak_are_not_asked_for() {
    let mut bench = bench(&[("A", &[GOOD])]);
    bench.against.push(bench.path("dev.jsonl"));
    std::fs::copy(bench.path("stories.jsonl"), bench.path("dev.jsonl")).unwrap();
    assert_eq!(bench.run().await.unwrap().rejected[&Reason::Leak], 1);
    assert!(bench.asked().is_empty());
}

#[tokio::test]
async fn stories_without_an_answer_are_tried_again_and_three_in_a_row_end_the_run() {
    let mut bench = bench(&[("A", &["no answer: late"]), ("B", &[GOOD]), ("C", &["no answer: late"])]);
    let summary = bench.run().await.unwrap();
    assert_eq!((summary.accepted, summary.lost, summary.lost_reason.as_deref()), (1, 2, Some("late")));
    bench.asked();
    bench.run().await.unwrap();
    assert_eq!(bench.asked().len(), 2);

    bench.teacher.answers.insert("B".to_owned(), vec![Err(TeacherError::NoAnswer("down".to_owned()))]);
    std::fs::remove_file(bench.path("pairs.jsonl")).unwrap();
    let error = bench.run().await.unwrap_err();
    assert!(matches!(error, DistillError::GivenUp { stories: 3, .. }) && !error.is_input(), "{error}");
    bench.teacher.answers.insert("A".to_owned(), vec![Err(TeacherError::Unusable("no key".to_owned()))]);
    assert!(bench.run().await.unwrap_err().is_input());
}

#[tokio::test]
async fn lists_of_stories_that_make_no_sense_are_refused() {
    let bench = bench(&[("A", &[GOOD])]);
    let path = bench.path("stories.jsonl");
    let line = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{line}{line}")).unwrap();
    assert!(bench.run().await.unwrap_err().to_string().contains("two stories are called"));
    std::fs::write(&path, "\n").unwrap();
    assert!(bench.run().await.unwrap_err().to_string().contains("there is no story"));
}
