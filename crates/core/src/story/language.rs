//! Which language a story is written in.

use whatlang::{Detector, Info, Lang};

use super::{Note, Story};
use crate::language::Language;

/// Letters of prose below which nothing is judged: most of so short a text are names.
const ENOUGH: usize = 24;
/// A language that criteria can't be written in is only believed in a text of so many letters.
const ENOUGH_FOR_ANOTHER: usize = 60;
/// Letters from which a language other than English counts that is only certain not to be English.
const ENOUGH_FOR_A_DUEL: usize = 40;
/// How sure (0 to 1) one of our languages must be among ours in a short text, and in one of [`ENOUGH_FOR_ANOTHER`] letters.
/// Chosen, with [`ENOUGH_FOR_A_DUEL`], so that of 4,987 English texts (the hand-written stories whole, with their first line
/// and by their summary alone, and public backlogs) none is taken for anything else, which is worse than a foreign one that
/// gets English; of the 117 whole stories in our other languages all are known.
const SURE: (f64, f64) = (0.8, 0.65);

/// What a story seems to be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// One that criteria can be written in.
    One(Language),
    /// Another one, by its English name ("Turkish").
    Another(&'static str),
    /// Too short, or too mixed to say.
    Unclear,
}

impl Detected {
    /// What criteria are written in: English where the story's own language can't be.
    pub fn language(self) -> Language {
        match self {
            Self::One(language) => language,
            Self::Another(_) | Self::Unclear => Language::default(),
        }
    }

    /// What is to be said of it, if anything.
    pub fn note(self) -> Option<Note> {
        match self {
            Self::Another(name) => Some(Note::AnotherLanguage { language: name.to_owned() }),
            Self::One(_) | Self::Unclear => None,
        }
    }
}

impl Story {
    /// The language of its prose. Code samples, tables, names and numbers do not count, unless there is little else.
    pub fn language(&self) -> Detected {
        let text = self.text();
        let prose = prose(&text, false);
        if letters(&prose) >= ENOUGH_FOR_ANOTHER {
            return detect(&prose);
        }
        detect(&self::prose(&text, true))
    }
}

/// The likeliest of our languages and the likeliest of all others are held against each other: closely related others (Danish
/// and Norwegian) then need not be told apart to be told from ours.
fn detect(prose: &str) -> Detected {
    let letters = letters(prose);
    if letters < ENOUGH {
        return Detected::Unclear;
    }
    let sure = if letters < ENOUGH_FOR_ANOTHER { SURE.0 } else { SURE.1 };
    let likeliest = |among: Vec<Lang>| Detector::with_allowlist(among).detect(prose);
    let ours = likeliest(Language::ALL.map(code).to_vec());
    let other = likeliest(Lang::all().iter().copied().filter(|lang| of_code(*lang).is_none()).collect());
    // Spanish and Portuguese need not be told apart with certainty either, where neither can be English.
    let is_sure_of = |ours: Info| {
        let against_english = || likeliest(vec![ours.lang(), Lang::Eng]);
        ours.confidence() >= sure
            || ours.lang() != Lang::Eng
                && letters >= ENOUGH_FOR_A_DUEL
                && against_english().is_some_and(|duel| duel.lang() == ours.lang() && duel.is_reliable())
    };
    let (found, is_sure) = match (ours, other) {
        (Some(ours), Some(other)) => match likeliest(vec![ours.lang(), other.lang()]) {
            Some(found) if found.lang() == ours.lang() => (ours.lang(), is_sure_of(ours)),
            Some(found) => (found.lang(), found.is_reliable()),
            None => return Detected::Unclear,
        },
        (Some(ours), None) => (ours.lang(), is_sure_of(ours)),
        // Of a script that none of ours has.
        (None, Some(other)) => (other.lang(), true),
        (None, None) => return Detected::Unclear,
    };
    match of_code(found) {
        Some(language) if is_sure => Detected::One(language),
        None if is_sure && letters >= ENOUGH_FOR_ANOTHER => Detected::Another(name(found)),
        _ => Detected::Unclear,
    }
}

/// Two names are those of linguists.
fn name(lang: Lang) -> &'static str {
    match lang {
        Lang::Cmn => "Chinese",
        Lang::Nob => "Norwegian",
        other => other.eng_name(),
    }
}

fn code(language: Language) -> Lang {
    match language {
        Language::En => Lang::Eng,
        Language::De => Lang::Deu,
        Language::Fr => Lang::Fra,
        Language::Es => Lang::Spa,
        Language::Pt => Lang::Por,
        Language::Nl => Lang::Nld,
        Language::It => Lang::Ita,
        Language::Pl => Lang::Pol,
    }
}

fn of_code(lang: Lang) -> Option<Language> {
    Language::ALL.into_iter().find(|language| code(*language) == lang)
}

/// One of a script without capitals counts as several: a sign of Chinese is a word.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).map(|c| if has_case(c) { 1 } else { 3 }).sum()
}

fn has_case(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// Fences and macros around code in Markdown and in Jira's own markup.
const FENCES: [&str; 4] = ["```", "~~~", "{code", "{noformat"];

/// The words of a text that its author wrote as sentences.
fn prose(text: &str, tables: bool) -> String {
    let mut kept = String::new();
    let mut fenced: Option<&str> = None;
    let mut sample = false;
    for line in text.lines() {
        let bare = line.trim();
        if let Some(fence) = FENCES.into_iter().find(|fence| bare.starts_with(fence)) {
            // `{code}…{code}` on one line.
            let closed = bare.get(fence.len()..).is_some_and(|rest| rest.contains(fence));
            fenced = match fenced {
                Some(open) if open == fence => None,
                None if !closed => Some(fence),
                other => other,
            };
            continue;
        }
        // A code block out of Jira: a line that says so, then lines that are set in.
        sample = if bare.starts_with("Code") && bare.ends_with(':') { true } else { sample && line.starts_with("  ") };
        let table = bare.contains(" | ") || bare.starts_with('|');
        if fenced.is_some() || sample || (table && !tables) {
            continue;
        }
        for word in without_inline_code(bare).split_whitespace().filter_map(word) {
            kept.push_str(word);
            kept.push(' ');
        }
        kept.push('\n');
    }
    kept
}

/// Without what stands between back ticks or in `{{…}}`.
fn without_inline_code(line: &str) -> String {
    let outside = |text: &str, open: &str, close: &str| {
        let mut kept = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(open)
            && let Some((_, after)) = after.split_once(close)
        {
            kept.push_str(before);
            kept.push(' ');
            rest = after;
        }
        kept + rest
    };
    outside(&outside(line, "`", "`"), "{{", "}}")
}

/// A word of letters; none for numbers, abbreviations in capitals, addresses, mentions and the names of program parts.
fn word(token: &str) -> Option<&str> {
    let word = token.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '_' | '/'));
    // Such scripts may have no spaces between words, and no capitals to know names by.
    if word.chars().any(|c| c.is_alphabetic() && !has_case(c)) {
        return Some(word);
    }
    let joined = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’');
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    let is_word = !word.is_empty() && word.chars().all(joined);
    // "PIN", "camelCase"
    let is_name = capitals > 1 || (capitals == 1 && !word.starts_with(char::is_uppercase));
    (is_word && !(is_name && word.chars().count() > 1)).then_some(word)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn of(text: &str) -> Detected {
        Story::from_text(text.as_bytes()).unwrap().language()
    }

    #[test]
    fn stories_are_in_the_language_of_their_prose() {
        for (text, language) in [
            ("As a shopper, I want to cancel my order, so that I get my money back.", Language::En),
            ("Als Kundin möchte ich meine Bestellung stornieren, damit ich mein Geld zurückbekomme.", Language::De),
            ("En tant que client, je veux annuler ma commande afin de récupérer mon argent.", Language::Fr),
            (
                "Como cliente quiero cancelar mi pedido desde la página de la tienda para recuperar el dinero.",
                Language::Es,
            ),
            ("Como cliente, quero cancelar o meu pedido para não perder o meu dinheiro.", Language::Pt),
            ("Als klant wil ik mijn bestelling annuleren zodat ik mijn geld terugkrijg.", Language::Nl),
            ("Come cliente voglio annullare il mio ordine per riavere i miei soldi.", Language::It),
            ("Jako klient chcę anulować swoje zamówienie, żeby odzyskać pieniądze.", Language::Pl),
        ] {
            assert_eq!(of(text).language(), language, "{text}");
            assert!(language == Language::En || of(text) == Detected::One(language), "{text}");
        }
    }

    #[test]
    fn languages_without_criteria_are_named() {
        for (text, name) in [
            ("Bir müşteri olarak siparişimi iptal etmek istiyorum, böylece paramı geri alabilirim.", "Turkish"),
            ("Как покупатель я хочу отменить свой заказ, чтобы вернуть деньги на карту.", "Russian"),
            ("注文をキャンセルする\n顧客として、返金を受けるために、注文をキャンセルしたい。", "Japanese"),
            (
                "Som kunde vil jeg kunne annullere min ordre, så jeg får mine penge tilbage, før pakken er sendt.",
                "Danish",
            ),
            ("Som kund vill jag kunna avbeställa min beställning så att jag får tillbaka mina pengar.", "Swedish"),
        ] {
            assert_eq!(of(text), Detected::Another(name), "{text}");
            assert_eq!((of(text).language(), of(text).note().is_some()), (Language::En, true));
        }
    }

    #[test]
    fn what_is_short_is_unclear_and_gets_english() {
        for text in ["Fix bug", "SHOP-12: NPE in OrderService", "404", "🙂"] {
            assert_eq!((of(text), of(text).language()), (Detected::Unclear, Language::En), "{text}");
        }
    }

    #[test]
    fn code_tables_and_names_do_not_count() {
        let german =
            "Rückgabe im Portal melden\nDie Kundin meldet eine Rückgabe. Sie bekommt ein Etikett per E-Mail.\n";
        let json = "  {\n    \"status\": \"the order is waiting for the customer\",\n    \"message\": \"please wait until we have sent it\"\n  }\n";
        let sql = "select the order from all the orders where the customer has not paid for this one yet\n";
        let table = "state | what the user sees on the page | what they can do with it\nOPEN | the label of the parcel | they can print it\n";
        for noise in [
            format!("Code (json):\n{json}"),
            format!("```sql\n{sql}```\n"),
            format!("{{code:sql}}\n{sql}{{code}}\n"),
            table.to_owned(),
        ] {
            let text = format!("{german}{noise}");
            assert_eq!(of(&text), Detected::One(Language::De), "{text}");
        }
        let after = format!("Export\nCode (json):\n{json}The clerk exports the list of the orders of one day.\n");
        assert_eq!(of(&after), Detected::One(Language::En));
    }

    #[test]
    fn a_story_that_is_a_table_is_judged_by_it() {
        let text = "Preise\nWer bestellt | Was es kostet\nStammkunden | nichts, solange sie im selben Jahr bestellen\n";
        assert_eq!(of(text), Detected::One(Language::De));
    }
}
