//! ADF as the issue page shows it, and as plain text.

use std::fmt::Write as _;

use serde_json::Value;

use super::time::page_time;

/// HTML of a document; every text is escaped.
pub(crate) fn to_html(node: &Value) -> String {
    let mut html = String::new();
    write_node(node, &mut html);
    html
}

/// The text alone, a line for each block.
pub(crate) fn to_plain_text(node: &Value) -> String {
    let mut text = String::new();
    write_text(node, &mut text);
    text.trim_end().to_owned()
}

fn write_text(node: &Value, out: &mut String) {
    if let Some(text) = node.get("text").and_then(Value::as_str) {
        out.push_str(text);
    }
    for child in children(node) {
        write_text(child, out);
    }
    if matches!(kind(node), "paragraph" | "heading" | "codeBlock" | "hardBreak") {
        out.push('\n');
    }
}

/// Makes text safe inside HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn attr<'a>(node: &'a Value, name: &str) -> &'a str {
    node.get("attrs").and_then(|attrs| attrs.get(name)).and_then(Value::as_str).unwrap_or_default()
}

fn write_node(node: &Value, out: &mut String) {
    let level = node.pointer("/attrs/level").and_then(Value::as_u64).unwrap_or(3).clamp(1, 6);
    match kind(node) {
        "text" => write_marked(node, out),
        "paragraph" => wrap("<p>", "</p>", node, out),
        "heading" => wrap(&format!("<h{level}>"), &format!("</h{level}>"), node, out),
        "bulletList" => wrap("<ul>", "</ul>", node, out),
        "orderedList" => {
            let start = node.pointer("/attrs/order").and_then(Value::as_u64).unwrap_or(1);
            wrap(&format!("<ol start=\"{start}\">"), "</ol>", node, out);
        }
        "listItem" => wrap("<li>", "</li>", node, out),
        "taskList" | "decisionList" => wrap("<ul class=\"tasks\">", "</ul>", node, out),
        "taskItem" if attr(node, "state") == "DONE" => wrap("<li>☑ ", "</li>", node, out),
        "taskItem" => wrap("<li>☐ ", "</li>", node, out),
        "decisionItem" => wrap("<li>⤷ ", "</li>", node, out),
        "blockquote" => wrap("<blockquote>", "</blockquote>", node, out),
        "codeBlock" => {
            let open = format!("<pre data-language=\"{}\"><code>", escape(attr(node, "language")));
            wrap(&open, "</code></pre>", node, out);
        }
        "panel" => wrap(&format!("<div class=\"panel {}\">", escape(attr(node, "panelType"))), "</div>", node, out),
        "expand" | "nestedExpand" => {
            let open = format!("<details open><summary>{}</summary>", escape(attr(node, "title")));
            wrap(&open, "</details>", node, out);
        }
        "table" => wrap("<table><tbody>", "</tbody></table>", node, out),
        "tableRow" => wrap("<tr>", "</tr>", node, out),
        "tableHeader" => wrap("<th>", "</th>", node, out),
        "tableCell" => wrap("<td>", "</td>", node, out),
        "rule" => out.push_str("<hr>"),
        "hardBreak" => out.push_str("<br>"),
        "mention" => chip("mention", attr(node, "text"), out),
        "status" => chip("status", attr(node, "text"), out),
        "date" => {
            let day = page_time(attr(node, "timestamp").parse().unwrap_or_default());
            chip("date", day.split(' ').next().unwrap_or_default(), out);
        }
        "emoji" if attr(node, "text").is_empty() => out.push_str(&escape(attr(node, "shortName"))),
        "emoji" => out.push_str(&escape(attr(node, "text"))),
        "inlineCard" | "blockCard" | "embedCard" => chip("card", attr(node, "url"), out),
        "media" | "mediaInline" => chip("media", &format!("attachment {}", attr(node, "alt")), out),
        _ => wrap("", "", node, out),
    }
}

fn wrap(open: &str, close: &str, node: &Value, out: &mut String) {
    out.push_str(open);
    for child in children(node) {
        write_node(child, out);
    }
    out.push_str(close);
}

fn chip(class: &str, text: &str, out: &mut String) {
    // Writing into a string can't fail.
    let _ = write!(out, "<span class=\"chip {class}\">{}</span>", escape(text));
}

fn write_marked(node: &Value, out: &mut String) {
    let mut html = escape(node.get("text").and_then(Value::as_str).unwrap_or_default());
    for mark in node.get("marks").and_then(Value::as_array).into_iter().flatten() {
        let tag = match kind(mark) {
            "strong" => "strong",
            "em" => "em",
            "code" => "code",
            "strike" => "s",
            "underline" => "u",
            "link" => "a",
            _ => continue,
        };
        html = format!("<{tag}>{html}</{tag}>");
    }
    out.push_str(&html);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_become_html_and_text_is_escaped() {
        let doc = json!({"type": "doc", "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "A & <b>"}]},
            {"type": "codeBlock", "attrs": {"language": "gherkin"}, "content": [{"type": "text", "text": "Given \"x\""}]},
            {"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "paragraph", "content": [
                {"type": "text", "text": "bold", "marks": [{"type": "strong"}]}, {"type": "hardBreak"},
                {"type": "mention", "attrs": {"id": "1", "text": "@Ann"}}]}]},
            {"type": "neverHeardOf", "content": [{"type": "text", "text": "kept"}]},
        ]});
        assert_eq!(
            to_html(&doc),
            "<h2>A &amp; &lt;b&gt;</h2>\
             <pre data-language=\"gherkin\"><code>Given &quot;x&quot;</code></pre>\
             <div class=\"panel info\"><p><strong>bold</strong><br><span class=\"chip mention\">@Ann</span></p></div>kept"
        );
        assert_eq!(to_plain_text(&doc), "A & <b>\nGiven \"x\"\nbold\n\nkept");
    }
}
