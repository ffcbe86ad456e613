#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::json;

use super::super::{criteria_nodes, samples};
use super::*;

fn ours() -> Vec<Value> {
    criteria_nodes(&samples::criteria(), &samples::attribution())
}

fn doc(parts: &[&[Value]]) -> Value {
    document(parts.concat())
}

fn words(text: &str) -> Value {
    paragraph(text)
}

fn titled(level: u8, text: &str) -> Value {
    json!({"type": "heading", "attrs": {"level": level}, "content": [{"type": "text", "text": text}]})
}

fn rule() -> Value {
    json!({"type": "rule"})
}

/// Our section's nodes as `find` sees them.
fn found(doc: &Value) -> Vec<Value> {
    nodes_of(doc, &find(doc).expect("the section is found"))
}

#[test]
fn a_missing_description_becomes_a_document() {
    for empty in [None, Some(Value::Null)] {
        assert_eq!(replace_or_append(empty.as_ref(), ours()), document(ours()));
    }
    let bare = json!({"type": "doc", "version": 1});
    assert_eq!(replace_or_append(Some(&bare), ours()), document(ours()));
    let plain = json!("First line\r\n\nSecond line");
    let written = replace_or_append(Some(&plain), ours());
    assert_eq!(without(&written), document(vec![words("First line"), words("Second line")]));
}

#[test]
fn text_after_the_section_is_never_taken_for_ours() {
    let note = [words("Agreed with Ann."), rule(), words("More.")];
    let written = doc(&[&[words("Story")], &ours(), &note]);
    assert_eq!(found(&written), ours());
    assert_eq!(without(&written), doc(&[&[words("Story")], &note]));
}

#[test]
fn without_its_closing_rule_the_section_ends_at_its_attribution() {
    let mut open = ours();
    open.pop();
    let written = doc(&[&open, &[words("Agreed with Ann."), rule(), words("More.")]]);
    assert_eq!(found(&written), open);
    assert_eq!(without(&written), doc(&[&[words("Agreed with Ann."), rule(), words("More.")]]));
}

#[test]
fn without_rule_and_attribution_it_ends_after_what_looks_like_ours() {
    let mut open = ours();
    open.truncate(open.len() - 2);
    let written = doc(&[&open, &[words("Agreed with Ann.")]]);
    assert_eq!(found(&written), open);
    let only_code = &ours()[..2];
    assert_eq!(found(&doc(&[only_code, &[words("Agreed with Ann.")]])), only_code);
    let only_heading = &ours()[..1];
    assert_eq!(found(&doc(&[only_heading, &[words("Agreed with Ann.")]])), only_heading);
}

#[test]
fn the_next_heading_of_the_same_or_a_higher_level_ends_it() {
    let heading = &ours()[..1];
    for (level, inside) in [(1, 1), (2, 1), (3, 3)] {
        let written = doc(&[heading, &[titled(level, "Scope"), rule(), words("More.")]]);
        assert_eq!(found(&written).len(), inside, "level {level}");
    }
}

#[test]
fn a_note_inside_the_section_belongs_to_it() {
    let mut edited = ours();
    edited.insert(1, words("Ann: we do only the first one in this sprint."));
    let written = doc(&[&[words("Story")], &edited, &[words("More.")]]);
    assert_eq!(found(&written), edited);
    assert_ne!(content_hash(&edited), content_hash(&ours()));
    edited.truncate(edited.len() - 2);
    assert_eq!(found(&doc(&[&edited, &[words("More.")]])), edited);
}

#[test]
fn a_heading_that_a_person_refitted_is_still_ours() {
    let heading = json!({"type": "heading", "attrs": {"level": 4, "localId": "x"}, "content": [
        {"type": "text", "text": " acceptance ", "marks": [{"type": "strong"}]}, {"type": "text", "text": "criteria  (Brine) "},
    ]});
    let mut moved = ours();
    moved[0] = heading;
    let written = doc(&[&[titled(1, "Goal"), titled(3, "Details")], &moved, &[titled(4, "Notes"), words("More.")]]);
    assert_eq!(found(&written), moved);
    for known in ["✅ Acceptance criteria (Brine)", "ACCEPTANCE CRITERIA (BRINE) – agreed"] {
        assert_eq!(found(&document(vec![titled(2, known)])).len(), 1, "{known}");
    }
    for other in ["Acceptance criteria", "Our Acceptance criteria (Brine)", "Acceptance criteria (Bräne)"] {
        assert_eq!(find(&document(vec![titled(2, other), words("by hand")])), None, "{other}");
    }
}

#[test]
fn a_section_inside_an_expand_is_replaced_there() {
    let inside =
        |nodes: &[&[Value]]| json!({"type": "expand", "attrs": {"title": "Criteria"}, "content": nodes.concat()});
    let written = document(vec![words("Story"), inside(&[&[words("a")], &ours(), &[words("b")]])]);
    assert_eq!(found(&written), ours());
    let newer = vec![ours()[0].clone(), words("new"), rule()];
    let replaced = replace_or_append(Some(&written), newer.clone());
    assert_eq!(replaced, document(vec![words("Story"), inside(&[&[words("a")], &newer, &[words("b")]])]));
    assert_eq!(without(&replaced), document(vec![words("Story"), inside(&[&[words("a")], &[words("b")]])]));
}

#[test]
fn a_copy_is_left_alone_by_a_write_and_left_out_of_the_story() {
    let written = doc(&[&ours(), &[words("between")], &ours()]);
    let replaced = replace_or_append(Some(&written), ours()[..1].to_vec());
    assert_eq!(children(&replaced)[2..], children(&written)[ours().len() + 1..]);
    assert_eq!(without(&written), document(vec![words("between")]));
}

#[test]
fn a_section_of_another_document_has_no_nodes_here() {
    let long = doc(&[&[words("a"), words("b")], &ours()]);
    let section = find(&long).expect("the section is found");
    assert!(nodes_of(&document(vec![words("a")]), &section).is_empty());
}

proptest! {
    #[test]
    fn writing_twice_is_writing_once(story in samples::doc(), nodes in samples::section()) {
        let once = replace_or_append(Some(&story), nodes.clone());
        prop_assert_eq!(found(&once), nodes.clone());
        prop_assert_eq!(&replace_or_append(Some(&once), nodes), &once);
    }

    #[test]
    fn only_our_section_changes(before in samples::blocks(), after in samples::blocks(), old in samples::section(), new in samples::section()) {
        let written = doc(&[&before, &old, &after]);
        let replaced = replace_or_append(Some(&written), new.clone());
        prop_assert_eq!(&replaced, &doc(&[&before, &new, &after]));
        prop_assert_eq!(without(&replaced), doc(&[&before, &after]));
    }

    #[test]
    fn it_is_found_wherever_it_is_moved(around in samples::blocks(), nodes in samples::section(), place in any::<prop::sample::Index>(), level in 1..=6_u8) {
        let place = place.index(around.len() + 1);
        let mut moved = nodes.clone();
        moved[0]["attrs"]["level"] = json!(level);
        let written = doc(&[&around[..place], &moved, &around[place..]]);
        prop_assert_eq!(found(&written), moved);
        prop_assert_eq!(without(&written), document(around));
    }

    #[test]
    fn the_editor_does_not_make_it_look_edited(story in samples::doc(), nodes in samples::section(), seed in any::<u64>()) {
        let touched = samples::touched_by_the_editor(&replace_or_append(Some(&story), nodes.clone()), seed);
        prop_assert_eq!(content_hash(&found(&touched)), content_hash(&nodes));
    }

    #[test]
    fn a_person_s_document_passes_untouched(story in samples::doc()) {
        prop_assert_eq!(find(&story), None);
        prop_assert_eq!(without(&story), story);
    }

    #[test]
    fn nothing_of_ours_is_left_in_any_value(value in samples::json(), nodes in samples::section()) {
        let written = replace_or_append(Some(&value), nodes.clone());
        prop_assert_eq!(found(&written), nodes);
        let rest = without(&written);
        prop_assert_eq!(find(&rest), None);
        prop_assert_eq!(without(&rest), rest);
    }
}
