#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::story::{LineKind, Story};

fn read_text(text: &str) -> String {
    read(text.split('\n').map(Line::open).collect()).into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_no_markup_stays_as_it_is() {
    for text in [
        "2 * 3 * 4",
        "2*3*4 = 24",
        "a|b",
        "GET | POST",
        "file_name_x and MY_CONST_NAME",
        "__init__.py calls __main__",
        "# of items",
        "Show # of items per page: 20",
        "[Bin finder] New list [draft]",
        "choose [on|off]",
        "a < b and b > c",
        "> 5 MB is refused",
        "<Describe the goal here>",
        "Hello {name} and ${id}",
        "{note} is what the mail says",
        "It must match `[a-z0-9-]{16,64}`".replace('`', "").as_str(),
        "Wow! Really! Yes.",
        "C:\\temp\\x and \\d+\\.\\d",
        "x~y~z, ~5 minutes, 1^2^3",
        "-5 °C to +5 °C",
        "NEW -> REJECTED",
        "@Ann Lee, see AB-12.",
        "a\n\nb\n    deep",
        " | Judge | Clerk\nNotes | read | \n",
        "~~~\nnever closed",
        "*.jpg, *.png",
        "f(*args, **kwargs)",
        "3. item\n\n12. item",
        "* 5 < 6".replace('*', "-").as_str(),
    ] {
        assert_eq!(read_text(text), text);
    }
}

#[test]
fn headings_of_both_kinds_are_bare() {
    let lines = read("# Title\n## Context ##\ntext\nh3. Rules\nDone\n====\n".lines().map(Line::open).collect());
    let headings: Vec<&str> =
        lines.iter().filter(|line| line.kind == Some(LineKind::Heading)).map(|line| line.text.as_str()).collect();
    assert_eq!(headings, ["Title", "Context", "Rules", "Done"]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn lists_have_one_mark() {
    assert_eq!(
        read_text("* one\n** two\n*** three\n- four\n• five\n# a\n## b\n## c\n# d\n#* e"),
        "- one\n  - two\n    - three\n- four\n- five\n1. a\n  1. b\n  2. c\n2. d\n  - e"
    );
    assert_eq!(
        read_text("* [ ] open\n- [X] closed\n[ ] bare\n[x] bare too\n☑ drawn"),
        "- [ ] open\n- [x] closed\n- [ ] bare\n- [x] bare too\n- [x] drawn"
    );
}

#[test]
fn tables_of_both_kinds_become_joined_cells() {
    let expected = "Plan | Largest file\nFree | 3 MB\nTeam | a\\|b\n\nafter";
    for text in [
        "| Plan | Largest file |\n|:---|---:|\n| **Free** | 3 MB |\n| Team | a\\|b |\n\nafter",
        "Plan | Largest file\n--- | ---\nFree | 3 MB\nTeam | a\\|b\n\nafter",
        "||Plan||Largest file||\n|Free|3 MB|\n|Team|a\\|b|\n\nafter",
        "||*Plan*|| Largest\nfile ||\n|Free|3\nMB|\n|_Team_|a\\|b|\n\nafter",
    ] {
        assert_eq!(read_text(text), expected);
        let kinds: Vec<_> = read(text.lines().map(Line::open).collect()).iter().map(|line| line.kind).collect();
        assert_eq!(kinds[..3], [LineKind::TableHeader, LineKind::TableRow, LineKind::TableRow].map(Some));
    }
    assert_eq!(read_text("|a|\n|b| c"), "|a|\n|b| c");
    assert_eq!(read_text("||Name|Ann||\n|Age|7|"), "Name | Ann\nAge | 7");
}

#[test]
fn code_is_announced_and_set_off() {
    let expected = "Code (json):\n  {\n    \"a\": \"*b*\"\n  }\nafter";
    for text in [
        "```json\n{\n  \"a\": \"*b*\"\n}\n```\nafter",
        "~~~~ json title\n{\n\n  \"a\": \"*b*\"\n}\n~~~~\nafter",
        "{code:json}\n{\n  \"a\": \"*b*\"\n}\n{code}\nafter",
        "{code:title=a.json|language=json}{\n  \"a\": \"*b*\"\n}{code}after",
        expected,
    ] {
        assert_eq!(read_text(text), expected, "{text}");
    }
    assert_eq!(read_text("- one\n  ```\n  x = 1\n    y\n  ```\n- two"), "- one\n  Code:\n    x = 1\n      y\n- two");
    assert_eq!(read_text("{noformat}\n*a*\n{noformat}"), "Code:\n  *a*");
    assert_eq!(read_text("Call {code}ls *{code} or {noformat}rm{noformat}."), "Call ls * or rm.");
}

#[test]
fn frames_say_what_they_are_and_comments_are_gone() {
    assert_eq!(read_text("{warning}\nOld app.\n{warning}\nb"), "Warning: Old app.\nb");
    assert_eq!(read_text("{note:title=Mind} a {note}"), "Note: Mind\n a");
    assert_eq!(read_text("{tip}\n* x\n{tip}"), "Tip:\n- x");
    assert_eq!(
        read_text("{panel:title=Limits|borderStyle=solid}\nAt most 3.\n{panel}\n{quote}said{quote}\n{panel}x"),
        "Limits\nAt most 3.\nsaid\n{panel}x"
    );
    assert_eq!(read_text("a <!-- how\nto fill in --> b\n<!-- all -->\nc"), "a \n b\nc");
}

#[test]
fn marks_within_lines_go_and_links_say_where_they_lead() {
    for (text, expected) in [
        ("**Actual:** 137.65, *must*, _may_ and `GET /x_y_z`", "Actual: 137.65, must, may and GET /x_y_z"),
        ("~~at most 3~~ at most 5", " at most 5"),
        ("*As a* lead *I want* more", "As a lead I want more"),
        ("see [the rules](https://a.example/r \"t\").", "see the rules (https://a.example/r)."),
        ("see [the *rules*|https://a.example/r].", "see the rules (https://a.example/r)."),
        ("[https://a.example/r] [a.example|https://a.example]", "https://a.example/r a.example"),
        ("<https://a.example/r> [here](#top)", "https://a.example/r here"),
        ("![Mock-up](x/y.png) ![](https://a.example/s.png?v=1)", "[attachment: Mock-up] [attachment: s.png]"),
        (
            "!rack_overview.png|thumbnail! !https://a.example/b.gif!",
            "[attachment: rack_overview.png] [attachment: b.gif]",
        ),
        ("[^price list.pdf] by [~accountid:5b:1] and [~jo]", "[attachment: price list.pdf] by a person and @jo"),
        ("{color:#ff0000}red{color} h2. {{GET /x}} [a|https://b.example]", "red h2. GET /x a (https://b.example)"),
        ("`{{name}}` and `[^a.b]`", "{{name}} and [^a.b]"),
        ("one<br/>two", "one two"),
    ] {
        assert_eq!(read_text(text), expected);
    }
    assert_eq!(read_text("h2. Mail\nUse {{mono}}"), "Mail\nUse mono");
    assert_eq!(read_text("## Mail\nHello {{name}}"), "Mail\nHello {{name}}");
}

/// Everything that stands for itself in both kinds of markup.
fn plain_line() -> impl Strategy<Value = String> {
    "[a-zA-Zäß0-9.,;:?%€()/@ =+-]{0,40}"
}

proptest! {
    #[test]
    fn any_text_is_read_and_reading_again_changes_nothing_that_matters(text in "[a-zA-Z0-9 *_`~|\\[\\](){}#!<>:.\\n\\\\-]{0,200}") {
        let once = read_text(&text);
        read_text(&once);
        let _ = Story::new("A summary", &text).map(|story| story.sentences());
    }

    #[test]
    fn any_unicode_is_read(text in any::<String>()) {
        let _ = Story::from_text(text.as_bytes());
    }

    #[test]
    fn lines_without_marks_stay(lines in proptest::collection::vec(plain_line(), 0..6)) {
        let lines = lines.iter().map(|line| line.trim_start_matches(['-', '+', '=', ' ', '.']));
        let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(read_text(&text), text.clone());
    }

    #[test]
    fn no_word_is_lost(words in proptest::collection::vec("[a-z]{1,6}", 1..12), marks in proptest::collection::vec("[*_`|#\\n -]{1,3}|\\n## |\\n\\* |\\nh2\\. |\\n\\|\\||\\n```\\n|\\n> ", 12)) {
        let text: String = words.iter().zip(&marks).map(|(word, mark)| format!("{mark}{word}")).collect();
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let read = read_text(&text);
        // "Code:" announces what was fenced, a number what the wiki counts, and "h2." is the wiki's mark.
        let read = read.replace("Code:", "").replace("h2.", "");
        let kept: String = letters(&read).chars().filter(|c| c.is_alphabetic()).collect();
        prop_assert_eq!(kept, words.concat(), "{:?}", text);
    }
}
