//! The little of JQL that apps like Brine use: clauses joined by AND, and an order.

use super::state::Issue;

/// A parsed query.
#[derive(Debug, Default)]
pub(crate) struct Query {
    clauses: Vec<Clause>,
    /// True when the newest come first.
    pub(crate) descending: bool,
}

#[derive(Debug)]
struct Clause {
    field: Field,
    test: Test,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Project,
    IssueType,
    Key,
    Id,
    Description,
    Labels,
}

#[derive(Debug)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Empty,
    NotEmpty,
}

/// Parses, or says what Jira would say.
pub(crate) fn parse(jql: &str) -> Result<Query, String> {
    let words = words(jql)?;
    let mut words = words.as_slice();
    let mut query = Query::default();
    while let Some(word) = words.first() {
        if word.eq_ignore_ascii_case("order") {
            query.descending = words.iter().any(|word| word.eq_ignore_ascii_case("desc"));
            break;
        }
        if !query.clauses.is_empty() {
            if !word.eq_ignore_ascii_case("and") {
                return Err(format!("Error in the JQL Query: Expecting 'AND' but got '{word}'."));
            }
            words = words.get(1..).unwrap_or_default();
        }
        let (clause, rest) = clause(words)?;
        query.clauses.push(clause);
        words = rest;
    }
    Ok(query)
}

impl Query {
    /// Whether the query narrows anything: Jira refuses those that don't.
    pub(crate) fn is_bounded(&self) -> bool {
        !self.clauses.is_empty()
    }

    pub(crate) fn matches(&self, issue: &Issue) -> bool {
        self.clauses.iter().all(|clause| clause.matches(issue))
    }
}

impl Clause {
    fn matches(&self, issue: &Issue) -> bool {
        let values: Vec<String> = match self.field {
            Field::Project => vec![issue.project.clone()],
            Field::IssueType => vec![issue.issue_type.clone()],
            Field::Key => vec![issue.key.clone()],
            Field::Id => vec![issue.id.to_string()],
            Field::Description => issue.description.iter().map(super::adf_html::to_plain_text).collect(),
            Field::Labels => issue.labels.clone(),
        };
        let hit = |wanted: &[String]| values.iter().any(|value| wanted.iter().any(|w| w.eq_ignore_ascii_case(value)));
        match &self.test {
            Test::In(wanted) => hit(wanted),
            Test::NotIn(unwanted) => !hit(unwanted),
            Test::Empty => values.is_empty(),
            Test::NotEmpty => !values.is_empty(),
        }
    }
}

fn clause(words: &[String]) -> Result<(Clause, &[String]), String> {
    let text = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let name = text(0);
    let field = match name.to_lowercase().as_str() {
        "project" => Field::Project,
        "issuetype" | "type" => Field::IssueType,
        "key" | "issuekey" | "issue" => Field::Key,
        "id" => Field::Id,
        "description" => Field::Description,
        "labels" => Field::Labels,
        _ => return Err(format!("Field '{name}' does not exist or you do not have permission to view it.")),
    };
    let rest = |taken: usize| words.get(taken..).unwrap_or_default();
    let end_of_list = words.iter().position(|word| word == ")");
    let list = |from: usize, to: usize| {
        let inside = words.get(from..to).unwrap_or_default();
        inside.iter().filter(|word| *word != ",").cloned().collect::<Vec<_>>()
    };
    let (test, taken) = match (text(1).to_lowercase().as_str(), text(2).to_lowercase().as_str(), end_of_list) {
        ("=", value, _) if !value.is_empty() => (Test::In(vec![text(2).into()]), 3),
        ("!=", value, _) if !value.is_empty() => (Test::NotIn(vec![text(2).into()]), 3),
        ("is", "not", _) if text(3).eq_ignore_ascii_case("empty") => (Test::NotEmpty, 4),
        ("is", "empty", _) => (Test::Empty, 3),
        ("in", "(", Some(end)) => (Test::In(list(3, end)), end + 1),
        ("not", "in", Some(end)) => (Test::NotIn(list(4, end)), end + 1),
        _ => return Err(format!("Error in the JQL Query: the clause on '{name}' is not understood.")),
    };
    Ok((Clause { field, test }, rest(taken)))
}

fn words(jql: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = jql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match chars.next() {
                        Some(next) if next == c => break,
                        Some(next) => word.push(next),
                        None => return Err("Error in the JQL Query: a quote is not closed.".into()),
                    }
                }
                words.push(word);
            }
            '(' | ')' | ',' | '=' => words.push(c.to_string()),
            '!' if chars.next_if_eq(&'=').is_some() => words.push("!=".into()),
            _ => {
                let mut word = c.to_string();
                while let Some(next) = chars.next_if(|next| !next.is_whitespace() && !"()=,!\"'".contains(*next)) {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    Ok(words)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::state::State;
    use super::*;

    #[test]
    fn clauses_narrow_and_mistakes_are_named() {
        let mut state = State::new();
        state.add_project("SHOP", "Web shop");
        let story = state.add_issue("SHOP", "Story", "One", None, "alice");
        let hits = |jql: &str| parse(jql).unwrap().matches(&story);
        assert!(hits("project = SHOP AND issuetype in (Story, \"Task\") ORDER BY created DESC"));
        assert!(hits("key=SHOP-1 and description is empty"));
        assert!(!hits("project != SHOP"));
        assert!(!hits("issuetype not in (Story)"));
        assert!(parse("project = SHOP order by key desc").unwrap().descending);
        assert!(!parse("order by key").unwrap().is_bounded());
        assert!(parse("mood = good").unwrap_err().contains("Field 'mood' does not exist"));
        assert!(parse("project = SHOP OR key = X").unwrap_err().contains("AND"));
    }
}
