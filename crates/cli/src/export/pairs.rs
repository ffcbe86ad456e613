//! An example becomes a pair: redacted, and only when it is still a story with criteria afterwards.

use brine_core::adf;
use brine_core::gherkin;
use brine_core::redact::{Counts, Redactor, Words};
use brine_core::store::Example;
use brine_core::story::Story;
use brine_lab::data::Pair;

use super::select::Named;

/// What became of the examples.
pub(super) struct Made {
    words: Words,
    pub(super) counts: Counts,
    pub(super) left_out: usize,
}

impl Made {
    pub(super) fn new(words: Words) -> Self {
        Self { words, counts: Counts::default(), left_out: 0 }
    }

    pub(super) fn pairs(&mut self, examples: &[Named]) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for named in examples {
            match self.pair(named) {
                Some(pair) => pairs.push(pair),
                None => self.left_out += 1,
            }
        }
        pairs
    }

    fn pair(&mut self, Named { id, example }: &Named) -> Option<Pair> {
        let mut redactor = Redactor::new(&self.words);
        let (summary, description) = (redactor.text(&example.summary), redactor.text(&example.description));
        let criteria = gherkin::parse(&redactor.criteria(&example.accepted)).ok()?;
        let (criteria, language) = (criteria.body(), criteria.language);
        let written = redactor.criteria(&example.written);
        Story::new(&summary, &description).ok()?;
        self.counts.add(redactor.counts());
        let provenance = provenance(example, written);
        let domain = example.project.to_string();
        let (id, provenance) = (id.clone(), Some(provenance));
        Some(Pair { id, domain, language, summary, description, criteria, provenance, ..Pair::default() })
    }
}

/// Where the pair is from. What the model wrote is there only when it differs from what was accepted.
fn provenance(example: &Example, written: String) -> serde_json::Value {
    let by = &example.provenance;
    serde_json::json!({
        "source": "accepted",
        "accepted": adf::iso_date(example.accepted_at),
        "by": if example.by_person { "person" } else { "automatic" },
        "edited": example.edited,
        "written": example.edited.then_some(written),
        "model": by.model,
        "adapter": by.adapter,
        "prompt": by.prompt,
        "brine": by.brine,
    })
}
