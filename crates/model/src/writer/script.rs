//! The order in which a set is written: quote, scenario, quote, scenario …, questions; and what each part may hold, given
//! what was written before.

use std::fmt::Write;

use brine_core::gherkin::form::{FEWEST_SCENARIOS, MOST_QUESTIONS};
use brine_core::gherkin::grammar::{self, After, QUESTION, RULE, is_asked_again};
use brine_core::gherkin::{Dialect, Keyword, Language, Scenario, Tag};

use super::quotes::Quotes;
use crate::engine::Script;

/// A set that is longer than this is brought to its end.
const MOST_BYTES: usize = 3_600;
/// Sentences that a scenario may quote.
const QUOTES: usize = 2;

/// What a set must keep to.
pub(super) struct Wanted {
    /// At most so many scenarios.
    pub(super) most: usize,
    /// At least so many questions.
    pub(super) questions: usize,
    pub(super) language: Language,
}

/// Writes a set: 3 to `most` scenarios, the first a happy path, at least one negative and one edge case, then up to three
/// questions.
pub(super) struct SetScript {
    wanted: Wanted,
    quotes: Quotes,
    /// Runs of digits in the story.
    numbers: Vec<String>,
    part: Part,
    /// Where the present part, and the present scenario's keyword, begin in what was written.
    from: usize,
    scenario: Head,
    written: Vec<Head>,
    quoted: usize,
    missing: Vec<Tag>,
    asked: Vec<String>,
    /// One scenario is wanted and nothing behind it.
    alone: bool,
}

/// What is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Start,
    Opened,
    Quote,
    Given,
    Event,
    Outcome,
    Examples,
    Question,
    Done,
}

/// A scenario so far.
#[derive(Clone, Default)]
pub(super) struct Head {
    start: usize,
    outline: bool,
    title: String,
    given: String,
    event: String,
}

impl Head {
    /// Of a scenario that stands already.
    pub(super) fn of(scenario: &Scenario, dialect: &Dialect) -> Self {
        let (mut given, mut event) = (String::new(), String::new());
        for step in &scenario.steps {
            if step.keyword == Keyword::When {
                event.clone_from(&step.text);
                break;
            }
            let _ = writeln!(given, "  {} {}", dialect.step(step.keyword), step.text);
        }
        let _ = write!(given, "  {}", dialect.step(Keyword::When));
        Self { title: scenario.title.clone(), given, event, ..Self::default() }
    }
}

impl SetScript {
    pub(super) fn new(wanted: Wanted, quotes: Quotes, story: &str) -> Self {
        Self {
            wanted,
            quotes,
            numbers: grammar::digits(story),
            part: Part::Start,
            from: 0,
            scenario: Head::default(),
            written: Vec::new(),
            quoted: 0,
            missing: vec![Tag::Negative, Tag::EdgeCase],
            asked: Vec::new(),
            alone: false,
        }
    }

    /// Writes one scenario, of any kind, beside those that stand.
    pub(super) fn alone(language: Language, quotes: Quotes, story: &str, standing: Vec<Head>) -> Self {
        let wanted = Wanted { most: standing.len() + 1, questions: 0, language };
        let set = Self::new(wanted, quotes, story);
        Self { written: standing, missing: Vec::new(), alone: true, ..set }
    }

    /// The tags that the next scenario may have.
    fn tags(&self) -> Vec<Tag> {
        let places = self.wanted.most.saturating_sub(self.written.len());
        match self.written.len() {
            _ if self.alone => Tag::ALL.to_vec(),
            0 => vec![Tag::HappyPath],
            _ if !self.missing.is_empty() && self.missing.len() >= places => self.missing.clone(),
            _ => Tag::ALL.to_vec(),
        }
    }

    /// What may come behind the scenario that is being written.
    fn after(&self, written: usize) -> After {
        if self.alone {
            return After { end: true, ..After::default() };
        }
        let scenarios = self.written.len() + 1;
        let complete = scenarios >= usize::from(FEWEST_SCENARIOS) && self.missing.is_empty();
        let room = scenarios < self.wanted.most && written < MOST_BYTES;
        let scenario = if complete { room && self.quotes.some_are_open() } else { true };
        After { scenario, question: complete, end: complete && self.wanted.questions == 0 }
    }

    fn quote(&mut self) -> String {
        self.part = Part::Quote;
        let more = self.quoted + 1 < QUOTES;
        grammar::quote(&self.quotes.open(), more, &self.tags(), self.wanted.language.dialect())
    }

    fn titles(&self) -> Vec<&str> {
        self.written.iter().map(|head| head.title.as_str()).collect()
    }

    /// The part behind the one that was just written.
    fn follow(&mut self, written: &str) -> Option<String> {
        let piece = written.get(self.from..).unwrap_or_default();
        let dialect = self.wanted.language.dialect();
        match self.part {
            Part::Start => {
                self.part = Part::Opened;
                Some(grammar::start())
            }
            Part::Opened => Some(self.quote()),
            Part::Quote => {
                let (sentence, rest) = piece.split_once('\n')?;
                self.quotes.take(sentence.trim_start());
                self.quoted += 1;
                if rest == RULE {
                    return Some(self.quote());
                }
                self.quoted = 0;
                let tag = rest.lines().next().and_then(Tag::from_name)?;
                self.missing.retain(|missing| *missing != tag);
                let outline = rest.ends_with(&format!("\n{}:", dialect.scenario_word(true)));
                self.scenario = Head { start: written.len(), outline, ..Head::default() };
                self.part = Part::Given;
                Some(grammar::given(outline, &self.titles(), dialect))
            }
            Part::Given => {
                let (title, given) = piece.split_once('\n')?;
                let head = &mut self.scenario;
                (head.title, head.given) = (title.trim().to_owned(), given.to_owned());
                self.part = Part::Event;
                let same = self.written.iter().filter(|other| other.given == self.scenario.given);
                let events: Vec<&str> = same.map(|other| other.event.as_str()).collect();
                let placed = !grammar::columns(piece).is_empty();
                Some(grammar::event(self.scenario.outline, placed, &events, dialect))
            }
            Part::Event => {
                self.scenario.event = piece.split_once('\n')?.0.trim().to_owned();
                self.part = Part::Outcome;
                let said = written.get(self.scenario.start..).unwrap_or_default();
                let mut numbers = self.numbers.clone();
                numbers.extend(grammar::digits(said).into_iter().filter(|number| !self.numbers.contains(number)));
                let columns = if self.scenario.outline { grammar::columns(said) } else { Vec::new() };
                Some(grammar::outcome(&self.scenario.event, &numbers, &columns, self.after(written.len()), dialect))
            }
            Part::Outcome if self.scenario.outline => {
                self.part = Part::Examples;
                let columns = grammar::columns(written.get(self.scenario.start..).unwrap_or_default());
                Some(grammar::examples(&columns, self.after(written.len())))
            }
            Part::Outcome | Part::Examples => {
                self.written.push(std::mem::take(&mut self.scenario));
                self.behind(piece)
            }
            Part::Question => {
                let question = piece.lines().next().unwrap_or_default().trim();
                let again = self.asked.iter().any(|asked| is_asked_again(question, asked));
                self.asked.push(question.to_owned());
                // A circle: nothing new will come. What was begun of it is left out when the answer is read.
                if again && self.asked.len() >= self.wanted.questions {
                    self.part = Part::Done;
                    return None;
                }
                self.behind(piece)
            }
            Part::Done => None,
        }
    }

    /// What the model chose to go on with.
    fn behind(&mut self, piece: &str) -> Option<String> {
        if piece.ends_with(RULE) {
            return Some(self.quote());
        }
        if piece.ends_with(QUESTION) {
            self.part = Part::Question;
            let asked: Vec<&str> = self.asked.iter().map(String::as_str).collect();
            let must = asked.len() + 1 < self.wanted.questions.min(MOST_QUESTIONS);
            return Some(grammar::question(&asked, must));
        }
        self.part = Part::Done;
        None
    }
}

impl Script for SetScript {
    fn next(&mut self, written: &str) -> Option<String> {
        let grammar = self.follow(written);
        self.from = written.len();
        grammar
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
