//! Wiki markup within a line. Code between backticks stays as it is.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::hints::Hints;
use super::links::{attachment, link};
use super::pattern;
use crate::story::kind::Line;

static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"`+[^`]*`+"));
static MONOSPACED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{([^{}]+)\}\}"));
static INLINE_CODE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\{code(?::[^{}]*)?\}(.+?)\{code\}|\{noformat\}(.+?)\{noformat\}"));
static COLOUR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{color:[^{}]*\}(.*?)\{color\}"));
static PERSON: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[~(accountid:)?([^\[\]\s|]+)\]"));
static FILE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[\^([^\[\]|]+\.[A-Za-z0-9]{1,5})\]"));
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\[([^\[\]|]+)\|((?:[a-z]+://|mailto:|#)[^\[\]|\s]*)(?:\|[^\[\]]*)?\]"));
static BARE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[((?:https?|ftp)://[^\[\]|\s]+)\](\(?)"));
static PICTURE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(^|[\s|(])!([^\s!|][^!|]*\.[A-Za-z0-9]{2,5})(?:\|[^!]*)?!"));

pub(super) fn read(mut lines: Vec<Line>, hints: Hints) -> Vec<Line> {
    for line in lines.iter_mut().filter(|line| line.kind.is_none()) {
        if line.text.contains(['{', '[', '!']) {
            line.text = outside_code(&line.text, |text| plain(text, hints));
        }
    }
    lines
}

fn outside_code(line: &str, read: impl Fn(&str) -> String) -> String {
    let mut made = String::new();
    let mut end = 0;
    for code in CODE.find_iter(line) {
        made.push_str(&read(&line[end..code.start()]));
        made.push_str(code.as_str());
        end = code.end();
    }
    made.push_str(&read(&line[end..]));
    made
}

fn plain(text: &str, hints: Hints) -> String {
    let text = INLINE_CODE.replace_all(text, |found: &Captures| {
        found.get(1).or(found.get(2)).map_or(String::new(), |code| code.as_str().to_owned())
    });
    let text = COLOUR.replace_all(&text, "$1");
    let text = PERSON.replace_all(&text, |found: &Captures| match found.get(1) {
        Some(_) => "a person".to_owned(),
        None => format!("@{}", &found[2]),
    });
    let text = FILE.replace_all(&text, |found: &Captures| attachment(&found[1], ""));
    let text = NAMED.replace_all(&text, |found: &Captures| link(&found[1], &found[2]));
    // With a parenthesis behind it, it is Markdown's.
    let text = BARE.replace_all(&text, |found: &Captures| match &found[2] {
        "" => found[1].to_owned(),
        _ => found[0].to_owned(),
    });
    let text = PICTURE.replace_all(&text, |found: &Captures| {
        let (name, address) = if found[2].contains("://") { ("", &found[2]) } else { (&found[2], "") };
        format!("{}{}", &found[1], attachment(name, address))
    });
    // In a Markdown text, and in a template for mails, such braces are a placeholder's.
    if hints.markdown && !hints.wiki {
        return text.into_owned();
    }
    MONOSPACED.replace_all(&text, "$1").into_owned()
}
