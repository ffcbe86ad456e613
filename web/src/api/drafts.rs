//! A draft in a person's hands: editing and accepting it.

use actix_web::{HttpResponse, web};
use brine_core::adf;
use brine_core::gherkin::{self, Basis, Criteria};
use brine_core::ids::{DraftId, IssueId};
use brine_core::jobs::{Class, DraftState, Target, Task};
use brine_core::store::NewJob;
use brine_core::story::Story;
use serde::Deserialize;
use serde_json::json;

use super::accepted;
use crate::body::Body;
use crate::door::{Desk, PersonCaller, Right};
use crate::refusal::Refusal;
use crate::view::DraftView;

/// The whole text of a draft, as a person left it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    text: String,
    version: i64,
}

/// Replaces the draft's text; text that is no Gherkin is refused with its line. It stays in the draft's language unless it
/// names another one.
pub(crate) async fn edit(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<Edit>,
) -> Result<HttpResponse, Refusal> {
    let Body(edit) = body;
    let draft = caller.desk.draft(&DraftId::new(path.into_inner())).await?;
    caller.require(&Right::Edit(&draft.issue_id)).await?;
    must_be_open(draft.state)?;
    let mut criteria = gherkin::parse_in(&edit.text, draft.criteria.language)
        .map_err(|error| Refusal::NotGherkin { line: error.line, message: error.message })?;
    let story = read_story(&caller.desk, &draft.issue_id).await?;
    ground_new(&mut criteria, &story);
    let findings = gherkin::check(&criteria, &story);
    let draft = caller.desk.edit_draft(&draft.id, edit.version, &criteria, &findings, &caller.user).await?;
    Ok(HttpResponse::Ok().json(json!({ "draft": DraftView::from(draft) })))
}

/// One scenario that a person wants anew, or besides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    version: i64,
    /// Index of the one to write anew.
    place: Option<usize>,
    /// Index of a sentence that no scenario covers.
    sentence: Option<usize>,
    wish: Option<String>,
}

/// Characters of a wish.
const LONGEST_WISH: usize = 300;

/// Asks for one scenario: anew in place of another, for a sentence that none covers, or as a person wishes. The draft with
/// it takes the place of this one.
pub(crate) async fn scenario(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<Wanted>,
) -> Result<HttpResponse, Refusal> {
    let Body(Wanted { version, place, sentence, wish }) = body;
    let draft = caller.desk.draft(&DraftId::new(path.into_inner())).await?;
    caller.require(&Right::Edit(&draft.issue_id)).await?;
    must_be_open(draft.state)?;
    if draft.version != version || place.is_some_and(|place| place >= draft.criteria.scenarios.len()) {
        return Err(Refusal::Conflict("This draft was changed in the meantime. Reload to see it.".to_owned()));
    }
    let open = |index| draft.findings.iter().any(|finding| finding.sentence == Some(index));
    if sentence.is_some_and(|index| place.is_some() || !open(index)) {
        return Err(Refusal::Malformed(
            "sentence must be one that no scenario covers, and stand without place.".to_owned(),
        ));
    }
    let wish = one_line(wish)?;
    if place.is_none() && sentence.is_none() && wish.is_none() {
        return Err(Refusal::Malformed("Say which scenario: place, sentence or wish.".to_owned()));
    }
    if caller.desk.last_job_of_issue(&draft.issue_id).await?.is_some_and(|job| !job.state.is_final()) {
        return Err(Refusal::Conflict("Brine is at work on this issue. Wait until it is done.".to_owned()));
    }
    let facts = caller.desk.issue_facts(&draft.issue_id).await?;
    // Seeds travel through JavaScript, which holds whole numbers up to 2^53 exactly.
    let seed = draft.provenance.seed.wrapping_add(1) % (1 << 53);
    let job = NewJob {
        tenant: caller.desk.tenant().clone(),
        issue_id: draft.issue_id,
        issue_key: facts.key,
        task: Task::Scenario { draft: draft.id, version, place, sentence, wish, seed },
        class: Class::Interactive,
        requested_by: Some(caller.user.clone()),
        requested_by_name: None,
        delivery: None,
        anew: false,
    };
    let job = caller.desk.create_job(job).await?;
    Ok(accepted(&caller.desk, job).await)
}

/// The words with single spaces between them; nothing is no wish.
fn one_line(wish: Option<String>) -> Result<Option<String>, Refusal> {
    let wish = wish
        .map(|wish| wish.replace(char::is_control, " ").split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|wish| !wish.is_empty());
    match &wish {
        Some(wish) if wish.chars().count() > LONGEST_WISH => {
            Err(Refusal::Malformed(format!("A wish has at most {LONGEST_WISH} characters.")))
        }
        _ => Ok(wish),
    }
}

/// What a person decided.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Decision {
    version: i64,
    target: Option<Target>,
    #[serde(default)]
    replace_edited: bool,
}

/// Lets the draft go to Jira: the decision and the job that writes it are stored together.
pub(crate) async fn accept(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<Decision>,
) -> Result<HttpResponse, Refusal> {
    let Body(decision) = body;
    let draft = caller.desk.draft(&DraftId::new(path.into_inner())).await?;
    caller.require(&Right::Browse(&draft.issue_id)).await?;
    let facts = caller.desk.issue_facts(&draft.issue_id).await?;
    let settings = caller.desk.project_settings(&facts.project).await?;
    let target = match (settings.target, decision.target) {
        (Target::Draft, _) | (_, Some(Target::Draft)) => {
            let message = "This project keeps criteria as drafts. A project administrator can change that.";
            return Err(Refusal::Forbidden(message));
        }
        (kept, asked) => asked.unwrap_or(kept),
    };
    if target == Target::Field && settings.field.is_none() {
        let message = "No field is chosen for criteria. A project administrator can do that.";
        return Err(Refusal::Conflict(message.to_owned()));
    }
    caller.require(&Right::to_write(target, &draft.issue_id)).await?;
    must_be_open(draft.state)?;
    let publish = NewJob {
        tenant: caller.desk.tenant().clone(),
        issue_id: draft.issue_id.clone(),
        issue_key: facts.key,
        task: Task::Publish {
            draft: draft.id.clone(),
            target,
            field: settings.field.filter(|_| target == Target::Field),
            replace_edited: decision.replace_edited,
        },
        class: Class::Interactive,
        requested_by: Some(caller.user.clone()),
        requested_by_name: None,
        delivery: None,
        anew: false,
    };
    let job = caller.desk.accept_draft(&draft.id, decision.version, &caller.user, publish).await?;
    Ok(accepted(&caller.desk, job).await)
}

fn must_be_open(state: DraftState) -> Result<(), Refusal> {
    match state {
        DraftState::Open => Ok(()),
        DraftState::Accepted => Err(Refusal::Conflict("This draft was already accepted. Reload to see it.".to_owned())),
        DraftState::Replaced => {
            Err(Refusal::Conflict("A newer draft has taken this one's place. Reload to see it.".to_owned()))
        }
    }
}

/// The story as the person wrote it: our own section is not part of it.
async fn read_story(desk: &Desk, issue: &IssueId) -> Result<Story, Refusal> {
    let jira = desk.jira();
    let issue = jira.issue(issue).await?;
    let names = match &issue.description {
        // As in the worker, the story can be read without them.
        Some(document) => jira.names_in(document).await.unwrap_or_default(),
        None => adf::Names::new(),
    };
    adf::story(&issue.summary, issue.description.as_ref(), &names)
        .map_err(|error| Refusal::Conflict(format!("The story cannot be read any more: {error}.")))
}

/// Finds the sentence behind every scenario, but leaves `@assumption` where the person wrote it.
fn ground_new(criteria: &mut Criteria, story: &Story) {
    let assumed: Vec<bool> = criteria.scenarios.iter().map(|s| s.basis == Basis::Assumption).collect();
    gherkin::ground(criteria, story);
    for (scenario, assumed) in criteria.scenarios.iter_mut().zip(assumed) {
        if assumed {
            scenario.basis = Basis::Assumption;
        }
    }
}
