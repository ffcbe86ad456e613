//! The dialects of Gherkin that answers come in, as the official list of languages has them: what a feature is called there,
//! and the words that lines begin with. The parser keeps its own list to itself.

/// One language's words.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// As in `# language: de`.
    pub(crate) code: &'static str,
    /// Begins a feature, without its colon.
    feature: &'static str,
    /// Begin a scenario.
    pub(crate) scenarios: &'static [&'static str],
    /// Begin an outline.
    outlines: &'static [&'static str],
    /// Begin a table of examples.
    tables: &'static [&'static str],
    /// Begin a step that says of which kind it is.
    steps: &'static [&'static str],
    /// Begin a step that goes on with the kind before it.
    joiners: &'static [&'static str],
}

const ENGLISH: Dialect = Dialect {
    code: "en",
    feature: "Feature",
    scenarios: &["Scenario"],
    outlines: &["Scenario Outline", "Scenario Template"],
    tables: &["Examples", "Scenarios"],
    steps: &["Given ", "When ", "Then "],
    joiners: &["And ", "But "],
};

const OTHERS: [Dialect; 7] = [
    Dialect {
        code: "de",
        feature: "Funktionalität",
        scenarios: &["Szenario"],
        outlines: &["Szenariogrundriss", "Szenarien"],
        tables: &["Beispiele"],
        steps: &["Angenommen ", "Gegeben sei ", "Gegeben seien ", "Wenn ", "Dann "],
        joiners: &["Und ", "Aber "],
    },
    Dialect {
        code: "fr",
        feature: "Fonctionnalité",
        scenarios: &["Scénario"],
        outlines: &["Plan du scénario", "Plan du Scénario"],
        tables: &["Exemples"],
        steps: &["Soit ", "Sachant ", "Etant donné", "Étant donné", "Quand ", "Lorsque ", "Lorsqu'", "Alors ", "Donc "],
        joiners: &["Et ", "Et qu'", "Mais ", "Mais qu'"],
    },
    Dialect {
        code: "es",
        feature: "Característica",
        scenarios: &["Escenario"],
        outlines: &["Esquema del escenario"],
        tables: &["Ejemplos"],
        steps: &["Dado ", "Dada ", "Dados ", "Dadas ", "Cuando ", "Entonces "],
        joiners: &["Y ", "E ", "Pero "],
    },
    Dialect {
        code: "pt",
        feature: "Funcionalidade",
        scenarios: &["Cenário", "Cenario"],
        outlines: &["Esquema do Cenário", "Delineação do Cenário"],
        tables: &["Exemplos", "Cenários"],
        steps: &["Dado ", "Dada ", "Dados ", "Dadas ", "Quando ", "Então ", "Entao "],
        joiners: &["E ", "Mas "],
    },
    Dialect {
        code: "nl",
        feature: "Functionaliteit",
        scenarios: &["Scenario"],
        outlines: &["Abstract Scenario"],
        tables: &["Voorbeelden"],
        steps: &["Gegeven ", "Stel ", "Als ", "Wanneer ", "Dan "],
        joiners: &["En ", "Maar "],
    },
    Dialect {
        code: "it",
        feature: "Funzionalità",
        scenarios: &["Scenario"],
        outlines: &["Schema dello scenario"],
        tables: &["Esempi"],
        steps: &["Dato ", "Data ", "Dati ", "Date ", "Quando ", "Allora "],
        joiners: &["E ", "Ma "],
    },
    Dialect {
        code: "pl",
        feature: "Właściwość",
        scenarios: &["Scenariusz"],
        outlines: &["Szablon scenariusza"],
        tables: &["Przykłady"],
        steps: &["Zakładając", "Mając ", "Jeżeli ", "Jeśli ", "Gdy ", "Kiedy ", "Wtedy "],
        joiners: &["Oraz ", "I ", "Ale "],
    },
];

/// Any of them goes on.
const ANY_STEP: &str = "*";

impl Dialect {
    /// The dialect of a language; English for one that is not among them.
    pub(crate) fn of(language: &str) -> &'static Self {
        const KNOWN: &[Dialect] = &OTHERS;
        const FIRST: &Dialect = &ENGLISH;
        KNOWN.iter().find(|dialect| dialect.code == language).unwrap_or(FIRST)
    }

    /// What a text says of itself in a line `# language: de` before its first scenario.
    pub(crate) fn named_in(text: &str) -> Option<&'static Self> {
        let comment = |line: &str| {
            let said = line.trim().strip_prefix('#')?.trim().strip_prefix("language")?.trim().strip_prefix(':')?.trim();
            (!said.is_empty()).then(|| Self::of(said))
        };
        text.lines().take_while(|line| line.trim().is_empty() || line.trim().starts_with('#')).find_map(comment)
    }

    /// The lines that make a feature of bare scenarios.
    pub(crate) fn head(&self, name: &str) -> String {
        format!("# language: {}\n{}: {name}\n\n", self.code, self.feature)
    }

    /// Whether a line begins a feature.
    pub(crate) fn is_feature(&self, line: &str) -> bool {
        line.trim_start().strip_prefix(self.feature).is_some_and(|rest| rest.starts_with(':'))
    }

    /// Whether a line begins a scenario or an outline.
    pub(crate) fn is_scenario(&self, line: &str) -> bool {
        begins(line, self.scenarios) || begins(line, self.outlines)
    }

    /// Whether a keyword is that of an outline.
    pub(crate) fn is_outline(&self, keyword: &str) -> bool {
        self.outlines.contains(&keyword.trim())
    }

    /// Whether a line begins a table of examples.
    pub(crate) fn is_table(&self, line: &str) -> bool {
        begins(line, self.tables)
    }

    /// Whether a line is a step.
    pub(crate) fn is_step(&self, line: &str) -> bool {
        self.steps.iter().chain(self.joiners).any(|start| line.starts_with(start))
    }

    /// Whether the keyword of a step goes on with the kind before it.
    pub(crate) fn joins(&self, keyword: &str) -> bool {
        let keyword = keyword.trim();
        // "Et que" and its like are one keyword for the parser.
        let same = |joiner: &&str| {
            keyword.strip_prefix(joiner.trim()).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
        };
        keyword == ANY_STEP || self.joiners.iter().any(same)
    }
}

fn begins(line: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| line.trim_start().strip_prefix(start).is_some_and(|rest| rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use gherkin::GherkinEnv;

    use super::*;

    #[test]
    fn the_official_parser_knows_every_word() {
        for dialect in OTHERS.iter().chain([&ENGLISH]) {
            let steps: String = dialect.steps.iter().map(|step| format!("  {} x\n", step.trim())).collect();
            let joined: String = dialect.joiners.iter().map(|step| format!("  {} x\n", step.trim())).collect();
            for scenario in dialect.scenarios.iter().chain(dialect.outlines) {
                let table = format!("\n  {}:\n    | a |\n    | b |\n", dialect.tables[0]);
                let text = format!("{}{scenario}: A\n{steps}{joined}{table}", dialect.head("x"));
                let feature = gherkin::Feature::parse(&text, GherkinEnv::default());
                let feature = feature.unwrap_or_else(|error| unreachable!("{text}\n{error}"));
                assert_eq!(feature.scenarios[0].steps.len(), dialect.steps.len() + dialect.joiners.len(), "{text}");
                let joins: Vec<bool> =
                    feature.scenarios[0].steps.iter().map(|step| dialect.joins(&step.keyword)).collect();
                let expected = [vec![false; dialect.steps.len()], vec![true; dialect.joiners.len()]].concat();
                assert_eq!(joins, expected, "{text}");
            }
        }
    }

    #[test]
    fn a_text_names_its_language_before_its_first_scenario_alone() {
        assert_eq!(Dialect::named_in("\n# language: fr\nFonctionnalité: x").unwrap().code, "fr");
        assert!(Dialect::named_in("Scenario: A\n# language: fr").is_none());
        assert_eq!(Dialect::of("tlh").code, "en");
    }
}
