//! Which of the kept examples are wanted, and on which side of the split each stands.

use std::collections::HashMap;

use brine_core::clock::Millis;
use brine_core::ids::{IssueId, ProjectKey, TenantId};
use brine_core::store::Example;
use sha2::{Digest, Sha256};

/// What is asked for.
pub(super) struct Wanted {
    pub(super) project: Option<ProjectKey>,
    pub(super) since: Option<Millis>,
    pub(super) edited_only: bool,
    pub(super) hold_out: Option<f64>,
}

/// An example with the name that its pair gets.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) example: Example,
}

/// What was chosen of all that is kept.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) kept: usize,
    pub(super) train: Vec<Named>,
    pub(super) dev: Vec<Named>,
}

impl Chosen {
    /// Chooses among a site's examples, which come in the order of acceptance: of each issue only the newest counts.
    pub(super) fn add(&mut self, tenant: &TenantId, kept: Vec<Example>, wanted: &Wanted) {
        self.kept += kept.len();
        let newest: HashMap<IssueId, usize> =
            kept.iter().enumerate().map(|(place, example)| (example.issue.clone(), place)).collect();
        for (place, example) in kept.into_iter().enumerate() {
            if newest.get(&example.issue) != Some(&place) || !wanted.fits(&example) {
                continue;
            }
            let digest: [u8; 32] = Sha256::digest(format!("{tenant}/{}", example.issue)).into();
            let side = if wanted.holds_out(&digest) { &mut self.dev } else { &mut self.train };
            side.push(Named { id: format!("team-{}", hex::encode(&digest[..6])), example });
        }
    }
}

impl Wanted {
    fn fits(&self, example: &Example) -> bool {
        self.project.as_ref().is_none_or(|project| *project == example.project)
            && self.since.is_none_or(|since| example.accepted_at >= since)
            && (example.edited || !self.edited_only)
    }

    /// By site and issue alone, so that a later export leaves every issue on its side.
    fn holds_out(&self, digest: &[u8; 32]) -> bool {
        let place = digest.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.hold_out.is_some_and(|share| (place as f64) < share * u64::MAX as f64)
    }
}

#[cfg(test)]
mod tests {
    use brine_core::jobs::Provenance;

    use super::*;

    fn example(issue: u32, accepted_at: Millis) -> Example {
        let provenance = Provenance {
            model: "small".to_owned(),
            adapter: None,
            prompt: "rule@1".to_owned(),
            seed: 0,
            brine: "0".to_owned(),
        };
        Example {
            issue: IssueId::new(issue.to_string()),
            project: ProjectKey::new("SHOP"),
            summary: "x".to_owned(),
            description: String::new(),
            written: String::new(),
            accepted: String::new(),
            edited: issue.is_multiple_of(2),
            by_person: true,
            provenance,
            accepted_at,
        }
    }

    fn wanted() -> Wanted {
        Wanted { project: None, since: None, edited_only: false, hold_out: None }
    }

    fn chosen(wanted: &Wanted, kept: Vec<Example>) -> Chosen {
        let mut chosen = Chosen::default();
        chosen.add(&TenantId::new("t"), kept, wanted);
        chosen
    }

    #[test]
    fn of_an_issue_the_newest_counts_and_filters_hold() {
        let kept = || vec![example(1, 1), example(2, 2), example(1, 3)];
        let times = |wanted: &Wanted| -> Vec<Millis> {
            chosen(wanted, kept()).train.iter().map(|named| named.example.accepted_at).collect()
        };
        assert_eq!(times(&wanted()), [2, 3]);
        assert_eq!(times(&Wanted { since: Some(3), ..wanted() }), [3]);
        assert_eq!(times(&Wanted { edited_only: true, ..wanted() }), [2]);
        assert!(times(&Wanted { project: Some(ProjectKey::new("BANK")), ..wanted() }).is_empty());
    }

    #[test]
    fn the_split_is_by_issue_about_as_asked_and_always_the_same() {
        let kept = || (0..1000).map(|issue| example(issue, i64::from(issue))).collect::<Vec<_>>();
        let split = |share| chosen(&Wanted { hold_out: Some(share), ..wanted() }, kept());
        let ids = |side: &[Named]| side.iter().map(|named| named.id.clone()).collect::<Vec<_>>();
        let first = split(0.2);
        assert!((150..250).contains(&first.dev.len()), "{}", first.dev.len());
        assert_eq!(first.dev.len() + first.train.len(), 1000);
        assert_eq!(ids(&first.dev), ids(&split(0.2).dev));
        let more = ids(&split(0.3).dev);
        assert!(ids(&first.dev).iter().all(|id| more.contains(id)), "a larger share only adds to it");
    }
}
