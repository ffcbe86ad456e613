//! Documents and values for the tests of this module.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Attribution, criteria_nodes};
use crate::gherkin::{Criteria, parse};

/// Two scenarios, one of them an assumption, and a question.
pub(super) fn criteria() -> Criteria {
    let text = "@happy-path\nScenario: Right PIN opens the card\n  Given a gift card\n  When the holder enters the right PIN\n  Then the card is open\n\n\
                @negative @assumption\nScenario: Wrong PIN is refused\n  Given a gift card\n  When the holder enters a wrong PIN\n  Then the card stays shut\n\n\
                # Question: Who may unlock a card?\n";
    parse(text).unwrap_or_default()
}

pub(super) fn attribution() -> Attribution {
    Attribution { model: "smollm2-135m".into(), adapter: None, prompt: "set@1".into(), date: "2026-11-23".into() }
}

/// Sections as Brine writes them: with and without scenarios and questions.
pub(super) fn section() -> impl Strategy<Value = Vec<Value>> {
    (0..=2_usize, vec("[ -~é]{0,12}", 0..3), "[a-z]{1,8}").prop_map(|(scenarios, questions, model)| {
        let mut set = criteria();
        set.scenarios.truncate(scenarios);
        set.questions = questions;
        criteria_nodes(&set, &Attribution { model, ..attribution() })
    })
}

/// Any JSON value, with a liking for the keys and kinds of ADF in places where they do not belong.
pub(super) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        kind().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let key = prop_oneof![
            prop::sample::select(vec!["type", "content", "attrs", "marks", "text", "order", "rowspan", "colspan"])
                .prop_map(str::to_owned),
            ".{0,4}",
        ];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((key, inner.clone()), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
            (kind(), vec(inner.clone(), 0..4), option::of(inner))
                .prop_map(|(kind, content, attrs)| json!({"type": kind, "content": content, "attrs": attrs})),
        ]
    })
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "doc",
        "paragraph",
        "heading",
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "inlineCard",
        "blockCard",
        "embedCard",
        "status",
        "date",
        "media",
        "mediaSingle",
        "mediaGroup",
        "mediaInline",
        "bulletList",
        "orderedList",
        "listItem",
        "table",
        "tableRow",
        "tableHeader",
        "tableCell",
        "panel",
        "expand",
        "nestedExpand",
        "taskList",
        "taskItem",
        "decisionList",
        "decisionItem",
        "layoutSection",
        "layoutColumn",
        "blockquote",
        "codeBlock",
        "rule",
        "placeholder",
        "extension",
        "bodiedExtension",
        "inlineExtension",
        "syncBlock",
        "bodiedSyncBlock",
        "caption",
        "unheardOf",
    ])
}

/// A person's document: well formed, without a section of ours.
pub(super) fn doc() -> impl Strategy<Value = Value> {
    blocks().prop_map(|nodes| json!({"type": "doc", "version": 1, "content": nodes}))
}

/// A person's top-level nodes. Rules and Gherkin of their own are among them, which look like the ends and the inside of
/// our section.
pub(super) fn blocks() -> impl Strategy<Value = Vec<Value>> {
    vec(block(), 0..7)
}

fn block() -> impl Strategy<Value = Value> {
    let flat = prop_oneof![
        4 => inline().prop_map(|content| json!({"type": "paragraph", "content": content})),
        2 => (1..=6_u8, inline()).prop_map(|(level, content)| json!({"type": "heading", "attrs": {"level": level}, "content": content})),
        1 => "[a-zA-Z |]{1,20}".prop_map(|code| json!({"type": "codeBlock", "attrs": {"language": "gherkin"}, "content": [{"type": "text", "text": code}]})),
        1 => Just(json!({"type": "rule"})),
    ];
    flat.prop_recursive(3, 16, 3, |inner| {
        let some = vec(inner, 1..3);
        prop_oneof![
            (some.clone(), 0..9_u64).prop_map(|(blocks, order)| {
                let items: Vec<Value> =
                    blocks.into_iter().map(|block| json!({"type": "listItem", "content": [block]})).collect();
                json!({"type": "orderedList", "attrs": {"order": order}, "content": items})
            }),
            (some.clone(), 1..4_u64).prop_map(|(blocks, span)| {
                let cells: Vec<Value> = blocks
                    .into_iter()
                    .map(|block| json!({"type": "tableCell", "attrs": {"rowspan": span}, "content": [block]}))
                    .collect();
                let row = json!({"type": "tableRow", "content": cells});
                json!({"type": "table", "content": [row, {"type": "tableRow", "content": []}]})
            }),
            some.clone().prop_map(|blocks| json!({"type": "panel", "attrs": {"panelType": "note"}, "content": blocks})),
            some.prop_map(|blocks| json!({"type": "expand", "attrs": {"title": "More"}, "content": blocks})),
        ]
    })
}

fn inline() -> impl Strategy<Value = Vec<Value>> {
    let node = prop_oneof![
        4 => ("[a-zA-Zéß0-9 .|]{1,12}", option::of(prop::sample::select(vec!["em", "strong", "strike", "code"]))).prop_map(|(text, mark)| match mark {
            Some(mark) => json!({"type": "text", "text": text, "marks": [{"type": mark}]}),
            None => json!({"type": "text", "text": text}),
        }),
        1 => Just(json!({"type": "hardBreak"})),
        1 => Just(json!({"type": "mention", "attrs": {"id": "5b1", "text": "@Ann"}})),
    ];
    vec(node, 0..4)
}

/// The document after a visit of Jira's editor in which the person changed nothing: see `hash.rs`.
pub(super) fn touched_by_the_editor(node: &Value, seed: u64) -> Value {
    // A small mixer (SplitMix64): each node gets other choices, and the same seed the same ones.
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let Some(fields) = node.as_object() else { return node.clone() };
    let mut fields = fields.clone();
    let is_text = node["type"] == "text";
    if mixed & 1 == 1 && !is_text {
        let attrs = fields.entry("attrs").or_insert_with(|| Value::Object(Map::new()));
        if let Some(attrs) = attrs.as_object_mut() {
            attrs.insert("localId".into(), json!(format!("{mixed:x}")));
        }
    }
    if mixed & 2 == 2 {
        fields.entry("marks").or_insert_with(|| json!([]));
    }
    if let Some(children) = fields.get("content").and_then(Value::as_array) {
        let touched = children.iter().zip(1..).flat_map(|(child, place)| {
            let child = touched_by_the_editor(child, mixed.wrapping_add(place));
            if mixed & 4 == 4 { cut_in_two(child) } else { vec![child] }
        });
        fields.insert("content".into(), touched.collect());
    }
    if fields.get("content").is_some_and(|content| *content == json!([])) && mixed & 8 == 8 {
        fields.remove("content");
    }
    Value::Object(fields)
}

fn cut_in_two(node: Value) -> Vec<Value> {
    let Some(text) = node["text"].as_str().filter(|text| text.chars().count() > 1) else { return vec![node] };
    let (head, tail) = text.split_at(text.ceil_char_boundary(text.len() / 2));
    [head, tail]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| {
            let mut half = node.clone();
            half["text"] = json!(part);
            half
        })
        .collect()
}
