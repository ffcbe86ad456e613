//! Lessons of one story as a tree: what they have in common is read once, then each goes its own way and sees the common
//! start and itself.

use std::ops::Range;

/// One lesson as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The conversation up to the model's turn; at least one token.
    pub prompt: Vec<u32>,
    /// What the model must say, with the token that ends its turn.
    pub completion: Vec<u32>,
}

/// Several lessons in one run of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The common start, then the branches one after the other.
    pub tokens: Vec<u32>,
    /// How the tokens hang together.
    pub shape: Shape,
    /// The rows whose next token is learned, in order.
    pub rows: Vec<u32>,
    /// The next token at each of `rows`.
    pub targets: Vec<u32>,
}

/// Which tokens of a tree see which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Tokens of the common start.
    pub prefix: usize,
    /// The branches' rows; they follow the prefix and each other without gaps.
    pub branches: Vec<Range<usize>>,
}

impl Shape {
    /// All tokens.
    pub fn len(&self) -> usize {
        self.branches.last().map_or(self.prefix, |branch| branch.end)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each row stands in its own text: branches go on from the prefix.
    pub fn positions(&self) -> Vec<u32> {
        let branches = self.branches.iter().flat_map(|branch| self.prefix..self.prefix + branch.len());
        (0..self.prefix).chain(branches).map(|position| position as u32).collect()
    }
}

/// The trees of one story's lessons, none longer than `most` tokens, and how many lessons did not fit even alone.
pub(crate) fn grow(lessons: &[Sequence], most: usize) -> (Vec<Tree>, usize) {
    let prefix = common(lessons);
    let branch = |lesson: &Sequence| lesson.prompt.len() + lesson.completion.len() - prefix;
    let (fitting, dropped): (Vec<&Sequence>, Vec<&Sequence>) =
        lessons.iter().partition(|lesson| prefix + branch(lesson) <= most);
    let mut trees = Vec::new();
    let mut waiting: Vec<&Sequence> = Vec::new();
    let mut length = prefix;
    for lesson in fitting {
        if length + branch(lesson) > most {
            trees.push(join(&waiting, prefix));
            waiting.clear();
            length = prefix;
        }
        length += branch(lesson);
        waiting.push(lesson);
    }
    if !waiting.is_empty() {
        trees.push(join(&waiting, prefix));
    }
    (trees, dropped.len())
}

/// How many tokens all prompts begin with. The last token of every prompt stays in its branch: it is where the first
/// learned token is predicted, and that one differs from branch to branch.
fn common(lessons: &[Sequence]) -> usize {
    let Some(first) = lessons.first() else { return 0 };
    let shared = |lesson: &Sequence| first.prompt.iter().zip(&lesson.prompt).take_while(|(a, b)| a == b).count();
    let most = lessons.iter().map(|lesson| lesson.prompt.len().saturating_sub(1)).min().unwrap_or(0);
    lessons.iter().map(shared).min().unwrap_or(0).min(most)
}

fn join(lessons: &[&Sequence], prefix: usize) -> Tree {
    let mut tokens: Vec<u32> = lessons.first().map_or(Vec::new(), |lesson| lesson.prompt[..prefix].to_vec());
    let (mut branches, mut rows, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for lesson in lessons {
        let start = tokens.len();
        tokens.extend(&lesson.prompt[prefix..]);
        let first = tokens.len() - 1;
        tokens.extend(&lesson.completion);
        branches.push(start..tokens.len());
        rows.extend((first..first + lesson.completion.len()).map(|row| row as u32));
        targets.extend(&lesson.completion);
    }
    Tree { tokens, shape: Shape { prefix, branches }, rows, targets }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(prompt: &[u32], completion: &[u32]) -> Sequence {
        Sequence { prompt: prompt.to_vec(), completion: completion.to_vec() }
    }

    #[test]
    fn the_common_start_is_read_once() {
        let lessons = [lesson(&[1, 2, 3], &[7, 9]), lesson(&[1, 2, 4, 5], &[8, 9])];
        let (trees, dropped) = grow(&lessons, 100);
        assert_eq!((trees.len(), dropped), (1, 0));
        assert_eq!(trees[0].tokens, [1, 2, 3, 7, 9, 4, 5, 8, 9]);
        assert_eq!(trees[0].shape, Shape { prefix: 2, branches: vec![2..5, 5..9] });
        assert_eq!(trees[0].shape.positions(), [0, 1, 2, 3, 4, 2, 3, 4, 5]);
        assert_eq!(trees[0].rows, [2, 3, 6, 7]);
        assert_eq!(trees[0].targets, [7, 9, 8, 9]);
    }

    #[test]
    fn equal_prompts_keep_their_last_token_each() {
        let (trees, _) = grow(&[lesson(&[1, 2], &[7]), lesson(&[1, 2], &[8])], 100);
        assert_eq!(trees[0].tokens, [1, 2, 7, 2, 8]);
        assert_eq!(trees[0].rows, [1, 3]);
    }

    #[test]
    fn long_trees_are_split_and_what_fits_nowhere_is_counted() {
        let long = lesson(&[1, 2], &[0; 9]);
        let lessons = [lesson(&[1, 2], &[7, 7]), lesson(&[1, 3], &[8, 8]), long, lesson(&[1, 4], &[9])];
        let (trees, dropped) = grow(&lessons, 7);
        assert_eq!(dropped, 1);
        let tokens: Vec<&[u32]> = trees.iter().map(|tree| tree.tokens.as_slice()).collect();
        assert_eq!(tokens, [&[1, 2, 7, 7, 3, 8, 8][..], &[1, 4, 9]]);
        assert_eq!(grow(&[], 7), (Vec::new(), 0));
    }
}
