//! Whole documents as Jira holds them, and what the model is given of them.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::super::story;
use super::{Names, to_text, unnamed};
use crate::story::{LineKind, Story};

fn heading(words: &str) -> Value {
    json!({"type": "heading", "attrs": {"level": 2}, "content": [text(words)]})
}

fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}

fn bold(words: &str) -> Value {
    json!({"type": "text", "text": words, "marks": [{"type": "strong"}]})
}

fn paragraph(content: &[Value]) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn list(items: &[&str]) -> Value {
    let item = |words: &&str| json!({"type": "listItem", "content": [paragraph(&[text(words)])]});
    json!({"type": "bulletList", "content": items.iter().map(item).collect::<Vec<_>>()})
}

fn table(head: &str, rows: &[[&str; 3]]) -> Value {
    let row = |kind: &str, cells: &[&str]| {
        let cell = |words: &&str| json!({"type": kind, "attrs": {}, "content": [paragraph(&[text(words)])]});
        json!({"type": "tableRow", "content": cells.iter().map(cell).collect::<Vec<_>>()})
    };
    let (first, rest) = rows.split_first().unwrap();
    let mut made = vec![row(head, first)];
    made.extend(rest.iter().map(|cells| row("tableCell", cells)));
    json!({"type": "table", "content": made})
}

fn read(nodes: &[Value], names: &Names) -> Story {
    story("Upload limits by plan", Some(&json!({"type": "doc", "version": 1, "content": nodes})), names).unwrap()
}

fn sentences(story: &Story) -> Vec<(LineKind, String)> {
    story.sentences().into_iter().skip(1).map(|sentence| (sentence.kind, sentence.text)).collect()
}

const ANN: &str = "712020:5f3c1b7e";

fn mention(words: Option<&str>) -> Value {
    json!({"type": "mention", "attrs": {"id": ANN, "text": words}})
}

#[test]
fn a_page_of_many_kinds_has_the_form_that_people_type() {
    let tasks = json!({"type": "taskList", "content": [
        {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("Ask legal")]},
        {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [text("Uploads by guests are refused")]},
    ]});
    let story = read(
        &[
            heading("Goal"),
            paragraph(&[text("An owner sees the limits.")]),
            paragraph(&[text("They are:")]),
            table(
                "tableHeader",
                &[["Plan", "Largest file", "Files a day"], ["Free", "5 MB", "10"], ["Team", "", "500"]],
            ),
            heading("Errors"),
            list(&["A file that is too large is refused.", "Nothing is kept of it."]),
            json!({"type": "codeBlock", "attrs": {"language": "json"}, "content": [text("{\n  \"size\": 7\n}")]}),
            paragraph(&[bold("Out of scope")]),
            tasks,
            json!({"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph(&[text("Counts restart at midnight.")])]}),
            json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "shot.png"}}]}),
        ],
        &Names::new(),
    );
    assert_eq!(
        story.description(),
        "Goal\nAn owner sees the limits.\nThey are:\n\nPlan | Largest file | Files a day\nFree | 5 MB | 10\nTeam |  | 500\n\n\
         Errors\n- A file that is too large is refused.\n- Nothing is kept of it.\n\nCode (json):\n  {\n    \"size\": 7\n  }\n\n\
         Out of scope\n- [x] Ask legal\n- [ ] Uploads by guests are refused\n\nWarning: Counts restart at midnight.\n\n\
         [attachment: shot.png]"
    );
    let rules: Vec<String> =
        story.sentences().into_iter().filter(|s| s.can_be_rule()).map(|sentence| sentence.text).collect();
    assert_eq!(
        rules,
        [
            "Upload limits by plan",
            "An owner sees the limits.",
            "Plan: Free | Largest file: 5 MB | Files a day: 10",
            "Plan: Team | Files a day: 500",
            "A file that is too large is refused.",
            "Nothing is kept of it.",
            "Uploads by guests are refused",
            "Warning: Counts restart at midnight.",
        ]
    );
}

#[test]
fn a_table_without_names_of_columns_gives_its_cells() {
    let rows = [["a", "1", "x"], ["b", "2", "y"]];
    let story = read(&[table("tableCell", &rows)], &Names::new());
    let row = |text: &str| (LineKind::TableRow, text.to_owned());
    assert_eq!(sentences(&story), [row("a | 1 | x"), row("b | 2 | y")]);
}

#[test]
fn whoever_is_mentioned_has_a_name_or_is_a_person() {
    let approves = paragraph(&[mention(None), text(" approves every discount within 1 day.")]);
    let doc = json!({"type": "doc", "content": [approves, {"type": "panel", "content": [paragraph(&[mention(Some("@Ann Lee")), mention(Some(ANN))])]}]});
    assert_eq!(unnamed(&doc), [ANN]);
    assert_eq!(to_text(&doc), "a person approves every discount within 1 day.\n\n@Ann Lee a person");
    let names = Names::from([(ANN.to_owned(), "Priya Shah".to_owned())]);
    let story = story("Approve", Some(&doc), &names).unwrap();
    assert_eq!(story.description(), "@Priya Shah approves every discount within 1 day.\n\n@Ann Lee @Priya Shah");
}

#[test]
fn who_and_until_when_is_no_rule_and_who_does_what_is_one() {
    let date = json!({"type": "date", "attrs": {"timestamp": "1798761600000"}});
    let status = json!({"type": "status", "attrs": {"text": "READY FOR DEV"}});
    let names = Names::from([(ANN.to_owned(), "Ann Lee".to_owned())]);
    let story = read(
        &[
            paragraph(&[text("Owner: "), mention(None), text(", due "), date.clone(), text(" "), status, text(".")]),
            paragraph(&[mention(None)]),
            paragraph(&[mention(None), text(" approves each discount.")]),
            paragraph(&[text("The old list is valid until "), date]),
        ],
        &names,
    );
    assert_eq!(
        sentences(&story),
        [
            (LineKind::Meta, "Owner: @Ann Lee, due 2027-01-01 READY FOR DEV."),
            (LineKind::Meta, "@Ann Lee"),
            (LineKind::Prose, "@Ann Lee approves each discount."),
            (LineKind::Prose, "The old list is valid until 2027-01-01"),
        ]
        .map(|(kind, text)| (kind, text.to_owned()))
    );
}

#[test]
fn markup_that_was_pasted_into_paragraphs_is_read_as_well() {
    let lines = ["## Rules", "* **One** rule", "* [the list](https://a.example/l)", "||Plan||Files||", "|Free|3|"];
    let story = read(&lines.map(|line| paragraph(&[text(line)])), &Names::new());
    assert_eq!(story.description(), "Rules\n- One rule\n- the list (https://a.example/l)\n\nPlan | Files\nFree | 3");
}
