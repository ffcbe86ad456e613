//! Stories, criteria and drafts to test with.

use brine_core::gherkin::{self, Basis, Criteria, Finding, Rule};
use brine_core::ids::{DraftId, IssueId, IssueKey, JobId, TenantId};
use brine_core::jobs::{Draft, DraftState, Job, Provenance};
use brine_core::story::Story;

pub(crate) const SUMMARY: &str = "Gift cards are locked after wrong PINs";
pub(crate) const STORY: &str = "A gift card is locked after three wrong PINs. The holder is told by mail.";

pub(crate) const TEXT: &str = "\
@happy-path
Scenario: Right PIN opens the gift card
  Given a gift card that is not locked
  When the holder enters the right PIN
  Then the gift card is open for payment

@negative
Scenario: Third wrong PIN locks the gift card
  Given a gift card with two wrong PINs
  When the holder enters a wrong PIN
  Then the gift card is locked
  And the holder is told by mail

@edge-case @assumption
Scenario Outline: Count of wrong PINs decides on the lock
  Given a gift card with <wrong> wrong PINs
  When the holder enters a wrong PIN
  Then the gift card is <state>

  Examples:
    | wrong | state  |
    | 1     | open   |
    | 2     | locked |

# Question: Who may unlock a gift card?
";

pub(crate) fn story() -> Story {
    Story::new(SUMMARY, STORY).unwrap()
}

pub(crate) fn criteria() -> Criteria {
    let mut criteria = gherkin::parse(TEXT).unwrap();
    criteria.scenarios[1].basis =
        Basis::Sentence { index: 1, text: "A gift card is locked after three wrong PINs.".to_owned() };
    criteria
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        model: "smollm2-135m".to_owned(),
        adapter: None,
        prompt: "set@1".to_owned(),
        seed: 0,
        brine: "0.1.0".to_owned(),
    }
}

pub(crate) fn finding(scenario: Option<usize>) -> Finding {
    Finding { rule: Rule::Coverage, scenario, step: None, sentence: None, message: "Something to look at.".to_owned() }
}

/// A draft of no stored job, for views.
pub(crate) fn draft() -> Draft {
    Draft {
        id: DraftId::make(),
        tenant: TenantId::make(),
        job: JobId::make(),
        issue_id: IssueId::new("10001"),
        issue_key: IssueKey::new("SHOP-1"),
        criteria: criteria(),
        findings: Vec::new(),
        notes: Vec::new(),
        provenance: provenance(),
        story_hash: "h".to_owned(),
        state: DraftState::Open,
        version: 1,
        edited_by: None,
        created_at: 1,
        updated_at: 1,
    }
}

/// The draft that `job` would write.
pub(crate) fn draft_of(job: &Job) -> Draft {
    Draft {
        tenant: job.tenant.clone(),
        job: job.id.clone(),
        issue_id: job.issue_id.clone(),
        issue_key: job.issue_key.clone(),
        ..draft()
    }
}
