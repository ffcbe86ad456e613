//! Descriptions to begin with, and what can be read in them afterwards.

use serde_json::{Value, json};

/// A paragraph of plain text.
pub fn paragraph(text: &str) -> Value {
    json!({"type": "paragraph", "content": [{"type": "text", "text": text}]})
}

/// A story with nearly everything that people put into a description, in a wilful order.
pub fn rich_description() -> Value {
    let text = |text: &str| json!({"type": "text", "text": text});
    let cell = |kind: &str, words: &str| json!({"type": kind, "attrs": {}, "content": [paragraph(words)]});
    let row = |kind: &str, a: &str, b: &str| json!({"type": "tableRow", "content": [cell(kind, a), cell(kind, b)]});
    json!({"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [
            text("As a shopper, I want to return a parcel, so that I get my money back. Ask "),
            {"type": "mention", "attrs": {"id": "712020:0000b0b0", "text": "@Bob", "accessLevel": ""}},
            text(" "),
            {"type": "emoji", "attrs": {"shortName": ":package:", "id": "1f4e6", "text": "📦"}},
            {"type": "hardBreak"},
            {"type": "text", "text": "policy", "marks": [{"type": "link", "attrs": {"href": "https://example.com/returns?a=1&b=2"}}, {"type": "strong"}]},
            {"type": "inlineCard", "attrs": {"url": "https://example.atlassian.net/browse/SHOP-9"}},
            {"type": "status", "attrs": {"text": "DRAFT", "color": "yellow", "localId": "s-1", "style": ""}},
            {"type": "date", "attrs": {"timestamp": "1735689600000"}},
        ]},
        {"type": "heading", "attrs": {"level": 2}, "content": [text("Rules")]},
        {"type": "bulletList", "content": [
            {"type": "listItem", "content": [paragraph("A parcel can be returned within 30 days after delivery."),
                {"type": "orderedList", "attrs": {"order": 3}, "content": [
                    {"type": "listItem", "content": [paragraph("Opened cosmetics are refused.")]}]}]},
            {"type": "listItem", "content": [paragraph("The refund goes to the card that paid.")]},
            // Alice, as another app wrote her down: without her name.
            {"type": "listItem", "content": [{"type": "paragraph", "content": [
                {"type": "mention", "attrs": {"id": "712020:000a11ce-5a1c-4c1e-9d5b-0242ac120002"}},
                text(" approves refunds above 500 euros."),
            ]}]},
        ]},
        {"type": "table", "attrs": {"isNumberColumnEnabled": false, "layout": "default", "localId": "t-1"}, "content": [
            row("tableHeader", "Plan", "Days"), row("tableCell", "Basic | Plus", "30")]},
        {"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph("Gift cards are never refunded.")]},
        {"type": "expand", "attrs": {"title": "Out of scope"}, "content": [paragraph("Exchanges.")]},
        {"type": "codeBlock", "attrs": {"language": "json"}, "content": [text("{\"days\": 30}")]},
        {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [
            {"type": "media", "attrs": {"type": "file", "id": "6e7c7f2c-dd7a-499c-bceb-6f32bfbf30b5", "collection": "c", "alt": "label.png", "width": 300, "height": 200}}]},
        {"type": "taskList", "attrs": {"localId": "l-1"}, "content": [
            {"type": "taskItem", "attrs": {"localId": "i-1", "state": "DONE"}, "content": [text("Talk to finance")]}]},
        {"type": "rule"},
        paragraph("مرحبا — a line that people put at the end."),
    ]})
}

/// The text of every Gherkin code block of a document.
pub fn gherkin_blocks(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(document, &mut |node| {
        let language = node.pointer("/attrs/language").and_then(Value::as_str);
        if node.get("type") == Some(&json!("codeBlock")) && language == Some("gherkin") {
            found.push(texts(node));
        }
    });
    found
}

/// All text of a document, joined.
pub fn texts(document: &Value) -> String {
    let mut all = String::new();
    collect(document, &mut |node| all.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default()));
    all
}

fn collect(node: &Value, visit: &mut dyn FnMut(&Value)) {
    visit(node);
    for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
        collect(child, visit);
    }
}
