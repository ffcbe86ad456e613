//! The list of measures: name, meaning, unit, which way is better, and whether the measure looks at the story at all.

use serde::Serialize;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A lost answer counts 0.
    Higher,
    /// A lost answer counts 1, or the whole deadline.
    Lower,
    /// Told, not judged.
    Neither,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 1, shown as a percentage; the mean over stories, so that each story weighs the same.
    Share,
    /// The median over stories.
    Seconds,
    /// The median over stories.
    Count,
    /// 0 to 10; the mean over scenarios.
    Points,
}

macro_rules! measures {
    ($($name:ident, $id:literal, $direction:ident, $unit:ident, $content:literal, $title:literal;)*) => {
        /// One measure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $(#[doc = $title] $name,)*
        }

        impl Measure {
            /// All of them, in the order of the tables.
            pub const ALL: &[Measure] = &[$(Measure::$name),*];

            /// Short name, for files and baselines.
            pub fn id(self) -> &'static str {
                match self { $(Measure::$name => $id),* }
            }

            /// What it says, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Measure::$name => $title),* }
            }

            /// Which way is better.
            pub fn direction(self) -> Direction {
                match self { $(Measure::$name => Direction::$direction),* }
            }

            /// What it counts.
            pub fn unit(self) -> Unit {
                match self { $(Measure::$name => Unit::$unit),* }
            }

            /// It compares the criteria with the story, so that another story's criteria must come out last. The others
            /// look at the form or the cost alone and can't tell shuffled criteria from right ones.
            pub fn of_content(self) -> bool {
                match self { $(Measure::$name => $content),* }
            }
        }
    };
}

measures! {
    Points, "points", Higher, Points, true, "readers: points of a scenario, 0 to 10";
    Turned, "turned", Lower, Share, false, "readers: scenarios that turn a rule round";
    NoRule, "no-rule", Lower, Share, false, "readers: scenarios made of what is no rule";
    Empty, "empty", Lower, Share, false, "readers: scenarios whose outcome says nothing";
    RulesRight, "rules-right", Higher, Share, true, "readers: rules that the set has right";
    RulesWrong, "rules-wrong", Lower, Share, false, "readers: rules that the set has wrong";
    RulesMissing, "rules-missing", Lower, Share, true, "readers: rules that the set leaves out";
    Gates, "gates", Higher, Share, false, "all gates passed";
    Parses, "parses", Higher, Share, false, "gate: parses as the user gets it";
    ParsesRepaired, "parses-repaired", Neither, Share, false, "parses once chat talk and Markdown are taken off";
    OneWhen, "one-when", Higher, Share, false, "gate: one When in each scenario";
    StepOrder, "step-order", Higher, Share, false, "gate: Given, When, Then in this order";
    Variables, "outline-variables", Higher, Share, false, "gate: outline variables used";
    OneTag, "one-tag", Higher, Share, false, "gate: one tag a scenario";
    CaseKinds, "case-kinds", Higher, Share, false, "gate: a happy path, a negative and an edge case";
    Dialect, "dialect", Higher, Share, false, "gate: keywords of the story's language";
    Facts, "facts", Higher, Share, true, "F: facts covered";
    Precision, "precision", Higher, Share, true, "P: scenarios that speak of the story";
    Unsupported, "unsupported", Lower, Share, true, "U: scenarios with an outcome that the story does not support";
    Traps, "traps", Higher, Share, true, "T: limits held on both sides";
    Deletion, "deletion", Higher, Share, false, "M: a deleted sentence's scenario goes";
    Addition, "addition", Higher, Share, false, "M: an added sentence gets a scenario";
    Rewording, "rewording", Higher, Share, false, "M: scenarios that stay when a sentence is reworded";
    Duplicates, "duplicates", Lower, Share, false, "D: scenarios nearly the same as an earlier one";
    RepeatedSteps, "repeated-steps", Lower, Share, false, "D: events and outcomes that stand in an earlier scenario";
    InterfaceWords, "interface-words", Lower, Share, true, "S: steps with interface words that the story does not use";
    ThinQuestions, "thin-questions", Higher, Share, false, "Q: thin stories that end with questions";
    AnsweredQuestions, "answered-questions", Lower, Share, false, "Q: questions that the story answers";
    FullQuestions, "full-questions", Neither, Share, false, "Q: stories that are not thin and end with questions";
    Repeatable, "repeatable", Higher, Share, false, "R: second run is the same byte for byte";
    Lost, "lost", Lower, Share, false, "answers lost: failed, timed out, empty or unreadable";
    FirstSeconds, "first-seconds", Lower, Seconds, false, "L: seconds to the first scenario";
    Seconds, "seconds", Lower, Seconds, false, "L: seconds to all scenarios";
    WrittenTokens, "written-tokens", Neither, Count, false, "L: tokens written";
    Scenarios, "scenarios", Neither, Count, false, "scenarios in a set";
}

impl Measure {
    /// The measure of this short name.
    pub fn from_id(id: &str) -> Option<Measure> {
        Self::ALL.iter().copied().find(|measure| measure.id() == id)
    }

    /// Shown in charts and in the table of differences.
    pub fn headline(self) -> bool {
        use Measure::*;
        matches!(
            self,
            Points
                | Turned
                | RulesRight
                | Gates
                | Facts
                | Precision
                | Unsupported
                | Traps
                | Duplicates
                | RepeatedSteps
                | InterfaceWords
                | ThinQuestions
                | FirstSeconds
                | Seconds
        )
    }

    /// Only readers can tell; the mean is over scenarios (or rules), so that a long set weighs more than a short one.
    pub fn of_readers(self) -> bool {
        use Measure::*;
        matches!(self, Points | Turned | NoRule | Empty | RulesRight | RulesWrong | RulesMissing)
    }

    /// A value as a reader wants it: "41.2 %", "3.4 s", "210".
    pub fn shown(self, value: f64) -> String {
        match self.unit() {
            Unit::Share => format!("{:.1} %", value * 100.0),
            Unit::Seconds => format!("{value:.2} s"),
            Unit::Count | Unit::Points => format!("{value:.1}"),
        }
    }
}

impl Serialize for Measure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
