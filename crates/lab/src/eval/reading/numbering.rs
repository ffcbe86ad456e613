//! Numbers and sheets: what is read where, and a second time where.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::super::case::Case;
use super::items::{Group, ONE_IN};
use super::key::{Entry, Key, Task};

/// Scenarios on a sheet; what belongs to one story stays together.
const SCENARIOS: usize = 60;
/// Sets, or pairs of sets, on a sheet.
const SETS: usize = 20;
/// So many of one story stand together a second time: each group shows its story anew.
const AGAIN_OF_A_STORY: usize = 4;

/// Gives everything its number, in the order in which it is read.
#[derive(Default)]
pub(super) struct Numbering(pub(super) Key);

impl Numbering {
    pub(super) fn add(&mut self, sheet: Option<&str>, case: &Case, task: Task) -> u32 {
        let number = self.0.entries.len() as u32 + 1;
        let (sheet, story) = (sheet.map(str::to_owned), case.pair.id.clone());
        self.0.entries.push(Entry { number, sheet, story, task });
        number
    }

    /// Sheets of scenarios. What is read again stands half of all sheets further on.
    pub(super) fn scenarios(&mut self, groups: Vec<Group<'_>>, chance: &mut StdRng) {
        let mut again_due = groups.iter().map(|group| group.tasks.len()).sum::<usize>() / ONE_IN;
        let mut sheets: Vec<Vec<Group<'_>>> = vec![Vec::new()];
        let mut filled = 0;
        for group in groups.into_iter().filter(|group| !group.tasks.is_empty()) {
            if filled > 0 && filled + group.tasks.len() > SCENARIOS {
                sheets.push(Vec::new());
                filled = 0;
            }
            filled += group.tasks.len();
            if let Some(sheet) = sheets.last_mut() {
                sheet.push(group);
            }
        }
        let mut again: Vec<(usize, &Case, Vec<Task>)> = Vec::new();
        let mut from: Vec<(usize, &Group<'_>)> = sheets
            .iter()
            .enumerate()
            .flat_map(|(sheet, groups)| groups.iter().map(move |group| (sheet, group)))
            .collect();
        from.shuffle(chance);
        for (sheet, group) in from {
            let own: Vec<&Task> = group.tasks.iter().filter(|task| matches!(task, Task::Scenario { .. })).collect();
            let count = own.len().min(AGAIN_OF_A_STORY).min(again_due);
            again_due -= count;
            let tasks = own.choose_multiple(chance, count).map(|task| (*task).clone()).collect();
            again.push(((sheet + sheets.len().div_ceil(2)) % sheets.len(), group.case, tasks));
        }
        // Numbers of the first places must be known before those of the second.
        let mut order: Vec<(usize, &Case, Vec<Task>, bool)> = Vec::new();
        for (place, groups) in sheets.iter().enumerate() {
            order.extend(groups.iter().map(|group| (place, group.case, group.tasks.clone(), false)));
            let here = again.iter().filter(|(sheet, _, tasks)| *sheet == place && !tasks.is_empty());
            order.extend(here.map(|(_, case, tasks)| (place, *case, tasks.clone(), true)));
        }
        let mut repeats = Vec::new();
        for (place, case, tasks, second) in order {
            let sheet = format!("scenarios-{:02}", place + 1);
            for task in tasks {
                let number = self.add(Some(&sheet), case, task);
                repeats.extend(second.then_some(number));
            }
        }
        for number in repeats {
            self.point_back(number);
        }
    }

    /// Says of what stands there a second time where it stands first.
    fn point_back(&mut self, number: u32) {
        let found = |entries: &[Entry]| {
            let (story, text, arm, place) = match entries.iter().find(|entry| entry.number == number) {
                Some(Entry { story, task: Task::Scenario { text, arm, place, .. }, .. }) => (story, text, arm, place),
                _ => return None,
            };
            let same = |entry: &&Entry| {
                let same = matches!(&entry.task, Task::Scenario { text: t, arm: a, place: p, .. } if t == text && a == arm && p == place);
                same && entry.story == *story && entry.number != number
            };
            entries.iter().find(same).map(|entry| entry.number)
        };
        let Some(first) = found(&self.0.entries) else { return };
        for entry in self.0.entries.iter_mut().filter(|entry| entry.number == number) {
            if let Task::Scenario { again, .. } = &mut entry.task {
                *again = Some(first);
            }
        }
    }

    /// Sheets of whole sets.
    pub(super) fn sheets(&mut self, name: &str, groups: Vec<Group<'_>>) {
        let (mut sheet, mut filled) = (1, 0);
        for group in groups {
            if filled > 0 && filled + group.tasks.len() > SETS {
                sheet += 1;
                filled = 0;
            }
            filled += group.tasks.len();
            let name = format!("{name}-{sheet:02}");
            for task in group.tasks {
                self.add(Some(&name), group.case, task);
            }
        }
    }
}
