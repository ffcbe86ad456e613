//! The words of Gherkin in each language, as in the official `gherkin-languages.json` (the crate `gherkin` has them too but
//! keeps them to itself).
//!
//! Of each keyword's variants the first one is written; all are read. Longer variants that end with the first word of what
//! is said ("Étant donné que", "Et qu'") need no place of their own: what they say beyond the shorter one is kept as the
//! beginning of the step, so that it survives reading and writing.

use super::{Keyword, Language};

/// The words of one language. The first of each is the one that is written.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// "Feature".
    pub feature: &'static [&'static str],
    /// "Background": known, so that it can be refused by name.
    pub background: &'static [&'static str],
    /// "Rule": known, so that it can be refused by name.
    pub rule: &'static [&'static str],
    /// "Scenario".
    pub scenario: &'static [&'static str],
    /// "Scenario Outline".
    pub outline: &'static [&'static str],
    /// "Examples".
    pub examples: &'static [&'static str],
    given: &'static [&'static str],
    when: &'static [&'static str],
    then: &'static [&'static str],
    and: &'static [&'static str],
    but: &'static [&'static str],
}

impl Language {
    /// Its words of Gherkin.
    pub fn dialect(self) -> &'static Dialect {
        match self {
            Language::En => &EN,
            Language::De => &DE,
            Language::Fr => &FR,
            Language::Es => &ES,
            Language::Pt => &PT,
            Language::Nl => &NL,
            Language::It => &IT,
            Language::Pl => &PL,
        }
    }
}

impl Dialect {
    /// A step keyword as it is written, without a space behind it: "Angenommen".
    pub fn step(&self, keyword: Keyword) -> &'static str {
        self.steps(keyword).first().copied().unwrap_or_default()
    }

    /// All variants of a step keyword, the written one first.
    pub fn steps(&self, keyword: Keyword) -> &'static [&'static str] {
        match keyword {
            Keyword::Given => self.given,
            Keyword::When => self.when,
            Keyword::Then => self.then,
            Keyword::And => self.and,
            Keyword::But => self.but,
        }
    }

    /// "Szenario", or "Szenariogrundriss" for an outline.
    pub fn scenario_word(&self, outline: bool) -> &'static str {
        let words = if outline { self.outline } else { self.scenario };
        words.first().copied().unwrap_or_default()
    }

    /// Whether a line is "Feature: …".
    pub fn is_feature(&self, line: &str) -> bool {
        after_colon(line, self.feature).is_some()
    }

    /// What stands behind "Feature:", "Scenario:", "Examples:" and their like; none where a line begins with none of them.
    pub fn after_heading<'line>(&self, line: &'line str) -> Option<&'line str> {
        [self.feature, self.scenario, self.outline, self.examples].iter().find_map(|words| after_colon(line, words))
    }

    /// Whether a line is "Background:".
    pub fn is_background(&self, line: &str) -> bool {
        after_colon(line, self.background).is_some()
    }

    /// Whether a line is "Scenario: …", of an outline or not.
    pub fn is_scenario(&self, line: &str) -> bool {
        after_colon(line, self.scenario).is_some() || after_colon(line, self.outline).is_some()
    }

    /// Whether a line is "Examples:".
    pub fn is_examples(&self, line: &str) -> bool {
        after_colon(line, self.examples).is_some()
    }

    /// The keyword that a line begins with, in any variant, and what the line says behind it; none when it begins with none.
    pub fn split_step<'line>(&self, line: &'line str) -> Option<(Keyword, &'line str)> {
        let line = line.trim();
        let found = Keyword::ALL.into_iter().flat_map(|keyword| {
            self.steps(keyword).iter().filter_map(move |variant| {
                let rest = line.strip_prefix(variant)?;
                let ends = variant.ends_with('\'') || rest.is_empty() || rest.starts_with([' ', '\t']);
                ends.then(|| (variant.len(), keyword, rest.trim_start()))
            })
        });
        found.max_by_key(|(length, ..)| *length).map(|(_, keyword, rest)| (keyword, rest))
    }
}

/// What stands behind "Scenario:", when a line begins with one of these words and a colon.
pub(super) fn after_colon<'line>(line: &'line str, words: &[&str]) -> Option<&'line str> {
    let line = line.trim();
    words.iter().find_map(|word| line.strip_prefix(word)?.trim_start().strip_prefix(':')).map(str::trim)
}

const EN: Dialect = Dialect {
    feature: &["Feature", "Business Need", "Ability"],
    background: &["Background"],
    rule: &["Rule"],
    scenario: &["Scenario", "Example"],
    outline: &["Scenario Outline", "Scenario Template"],
    examples: &["Examples", "Scenarios"],
    given: &["Given"],
    when: &["When"],
    then: &["Then"],
    and: &["And"],
    but: &["But"],
};

const DE: Dialect = Dialect {
    feature: &["Funktionalität", "Funktion"],
    background: &["Grundlage", "Hintergrund", "Voraussetzungen", "Vorbedingungen"],
    rule: &["Regel", "Rule"],
    scenario: &["Szenario", "Beispiel"],
    outline: &["Szenariogrundriss", "Szenarien"],
    examples: &["Beispiele"],
    given: &["Angenommen", "Gegeben sei", "Gegeben seien"],
    when: &["Wenn"],
    then: &["Dann"],
    and: &["Und"],
    but: &["Aber"],
};

const FR: Dialect = Dialect {
    feature: &["Fonctionnalité"],
    background: &["Contexte"],
    rule: &["Règle"],
    scenario: &["Scénario", "Exemple"],
    outline: &["Plan du scénario", "Plan du Scénario"],
    examples: &["Exemples"],
    given: &[
        "Étant donné",
        "Étant donnée",
        "Étant donnés",
        "Étant données",
        "Etant donné",
        "Etant donnée",
        "Etant donnés",
        "Etant données",
        "Soit",
        "Sachant",
    ],
    when: &["Quand", "Lorsque", "Lorsqu'"],
    then: &["Alors", "Donc"],
    and: &["Et"],
    but: &["Mais"],
};

const ES: Dialect = Dialect {
    feature: &["Característica", "Necesidad del negocio", "Requisito"],
    background: &["Antecedentes"],
    rule: &["Regla", "Regla de negocio"],
    scenario: &["Escenario", "Ejemplo"],
    outline: &["Esquema del escenario"],
    examples: &["Ejemplos"],
    given: &["Dado", "Dada", "Dados", "Dadas"],
    when: &["Cuando"],
    then: &["Entonces"],
    and: &["Y", "E"],
    but: &["Pero"],
};

const PT: Dialect = Dialect {
    feature: &["Funcionalidade", "Característica", "Caracteristica"],
    background: &["Contexto", "Cenário de Fundo", "Cenario de Fundo", "Fundo"],
    rule: &["Regra"],
    scenario: &["Cenário", "Cenario", "Exemplo"],
    outline: &["Esquema do Cenário", "Esquema do Cenario", "Delineação do Cenário", "Delineacao do Cenario"],
    examples: &["Exemplos", "Cenários", "Cenarios"],
    given: &["Dado", "Dada", "Dados", "Dadas"],
    when: &["Quando"],
    then: &["Então", "Entao"],
    and: &["E"],
    but: &["Mas"],
};

const NL: Dialect = Dialect {
    feature: &["Functionaliteit"],
    background: &["Achtergrond"],
    rule: &["Regel", "Rule"],
    scenario: &["Scenario", "Voorbeeld"],
    outline: &["Abstract Scenario"],
    examples: &["Voorbeelden"],
    given: &["Gegeven", "Stel"],
    when: &["Als", "Wanneer"],
    then: &["Dan"],
    and: &["En"],
    but: &["Maar"],
};

const IT: Dialect = Dialect {
    feature: &["Funzionalità", "Esigenza di Business", "Abilità"],
    background: &["Contesto"],
    rule: &["Regola"],
    scenario: &["Scenario", "Esempio"],
    outline: &["Schema dello scenario"],
    examples: &["Esempi"],
    given: &["Dato", "Data", "Dati", "Date"],
    when: &["Quando"],
    then: &["Allora"],
    and: &["E", "Ed"],
    but: &["Ma"],
};

const PL: Dialect = Dialect {
    feature: &["Właściwość", "Funkcja", "Aspekt", "Potrzeba biznesowa"],
    background: &["Założenia"],
    rule: &["Reguła", "Zasada"],
    scenario: &["Scenariusz", "Przykład"],
    outline: &["Szablon scenariusza"],
    examples: &["Przykłady"],
    given: &["Zakładając", "Zakładając,", "Mając"],
    when: &["Jeżeli", "Jeśli", "Gdy", "Kiedy"],
    then: &["Wtedy"],
    and: &["I", "Oraz"],
    but: &["Ale"],
};
