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
