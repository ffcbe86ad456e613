//! Taking back our last write: what stood there before stands there again, with the mark that belonged to it.
//!
//! Each step can be repeated. While there is no earlier mark to go back to, a small stone takes the mark's place in the
//! request that empties the place, and is taken away last.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::subtasks::{Stood, born_by, hash_now};
use super::{BEFORE_KEY, Before, IssueWriter, JiraError, Mark, PROPERTY_KEY, content, field};
use crate::adf::document;
use crate::adf::section::{self, content_hash};
use crate::ids::{DraftId, FieldId, IssueId};
use crate::jobs::Destination;

/// What taking back came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// Nothing of that draft stands in Jira any more.
    Done,
    /// A person has edited what we wrote: nothing was changed.
    Edited,
    /// Newer criteria stand there: nothing was changed.
    Newer,
}

/// Takes back what was written of a draft. With `replace_edited`, also what a person has changed in it.
pub async fn withdraw<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    draft: &DraftId,
    replace_edited: bool,
) -> Result<Withdrawn, JiraError> {
    let property = writer.property(issue, PROPERTY_KEY).await?;
    let before = Before::read(writer, issue).await?;
    let Some(mark) = property.as_ref().and_then(|value| Mark::read_on(value, issue)) else {
        return without_mark(writer, issue, property.is_some(), replace_edited).await;
    };
    let is_back = |before: &Before| before.mark.as_ref() == Some(&mark);
    if mark.draft != *draft && before.as_ref().is_some_and(is_back) {
        // An earlier attempt came so far, but could not hear of it.
        return Ok(Withdrawn::Done);
    }
    let Some(destination) = mark.destination().filter(|_| mark.draft == *draft) else { return Ok(Withdrawn::Newer) };
    let before = before.filter(|before| before.job == mark.job);
    let (earlier, stood) = before.map_or((None, None), |before| (before.mark, before.stood));
    let mut undo = Undo { writer, issue, mark, earlier, stood, replace_edited };
    let done = match &destination {
        Destination::Description => undo.description().await?,
        Destination::Comment => undo.comment().await?,
        Destination::Field(field) => undo.field(field).await?,
        Destination::Subtasks => undo.subtasks().await?,
    };
    if !done {
        return Ok(Withdrawn::Edited);
    }
    undo.tidy().await?;
    Ok(Withdrawn::Done)
}

/// Where somebody deleted the mark, only a section shows whether something of ours stands there.
async fn without_mark<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    is_stone: bool,
    replace_edited: bool,
) -> Result<Withdrawn, JiraError> {
    let doc = writer.description(issue).await?;
    if let Some(doc) = doc.filter(|doc| !is_stone && section::find(doc).is_some()) {
        if !replace_edited {
            return Ok(Withdrawn::Edited);
        }
        let emptied = section::replace_or_append(Some(&doc), Vec::new());
        writer.edit(issue, fields("description", emptied), &[(PROPERTY_KEY, stone())]).await?;
    }
    writer.delete_property(issue, PROPERTY_KEY).await?;
    writer.delete_property(issue, BEFORE_KEY).await?;
    Ok(Withdrawn::Done)
}

struct Undo<'a, W: ?Sized> {
    writer: &'a W,
    issue: &'a IssueId,
    mark: Mark,
    /// The mark to go back to.
    earlier: Option<Mark>,
    stood: Option<Value>,
    replace_edited: bool,
}

impl<W: IssueWriter + ?Sized> Undo<'_, W> {
    async fn description(&self) -> Result<bool, JiraError> {
        let doc = self.writer.description(self.issue).await?;
        let found = doc.as_ref().and_then(|doc| section::find(doc).map(|found| (doc, section::nodes_of(doc, &found))));
        let Some((doc, nodes)) = found else { return self.put_mark().await.map(|()| true) };
        if !self.may_replace(&nodes) {
            return Ok(false);
        }
        let old = self.stood.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        let new = section::replace_or_append(Some(doc), old);
        let new = if content(&new).is_empty() { Value::Null } else { new };
        self.writer.edit(self.issue, fields("description", new), &[(PROPERTY_KEY, self.mark_to_put())]).await?;
        Ok(true)
    }

    async fn field(&self, field: &FieldId) -> Result<bool, JiraError> {
        let now = field::read(self.writer, self.issue, field).await?;
        let nodes = now.value.as_ref().map(field::as_nodes).unwrap_or_default();
        // A person has emptied it.
        if nodes.is_empty() {
            return self.put_mark().await.map(|()| true);
        }
        if !self.may_replace(&nodes) {
            return Ok(false);
        }
        let old = self.stood.clone().unwrap_or_default();
        self.writer.edit(self.issue, fields(field.as_str(), old), &[(PROPERTY_KEY, self.mark_to_put())]).await?;
        Ok(true)
    }

    async fn comment(&self) -> Result<bool, JiraError> {
        let Some(id) = &self.mark.comment_id else { return self.put_mark().await.map(|()| true) };
        if let Some(body) = self.writer.comment(self.issue, id).await? {
            let nodes = content(&body);
            let old = self.stood.as_ref().and_then(Value::as_array);
            let is_back = old.is_some_and(|old| content_hash(old) == content_hash(&nodes));
            if !is_back && !self.may_replace(&nodes) {
                return Ok(false);
            }
            match old {
                Some(_) if is_back => {}
                Some(old) => self.writer.update_comment(self.issue, id, document(old.clone())).await?,
                None => self.writer.delete_comment(self.issue, id).await?,
            }
        }
        self.put_mark().await?;
        Ok(true)
    }

    async fn subtasks(&mut self) -> Result<bool, JiraError> {
        let mut ours = Vec::new();
        for made in &self.mark.subtasks {
            let Some(now) = self.writer.subtask(&made.id).await?.filter(|now| now.is_below(self.issue)) else {
                continue;
            };
            // What an earlier attempt has put back names no job of ours any more.
            let is_ours = born_by(&now).as_ref() == Some(&self.mark.job);
            if is_ours && !self.replace_edited && (now.is_touched || hash_now(&now) != made.hash) {
                return Ok(false);
            }
            ours.push(now);
        }
        let stood: Vec<Stood> =
            self.stood.as_ref().and_then(|stood| Deserialize::deserialize(stood).ok()).unwrap_or_default();
        for now in ours.iter().filter(|now| stood.iter().all(|old| old.id != now.id)) {
            self.writer.delete_subtask(&now.id).await?;
        }
        for old in stood {
            self.put_back(old).await?;
        }
        self.put_mark().await?;
        Ok(true)
    }

    /// A sub-task as it was; one that is gone is made anew.
    async fn put_back(&mut self, old: Stood) -> Result<(), JiraError> {
        let property = json!({ "restored": self.mark.job, "was": old.id });
        if let Some(now) = self.writer.subtask(&old.id).await? {
            if born_by(&now).is_none() || !now.is_below(self.issue) {
                return Ok(());
            }
            return self.writer.edit_subtask(&old.id, &old.summary, old.description, property).await;
        }
        let id = match self.made_anew(&property).await? {
            Some(id) => id,
            None => {
                let description = old.description.unwrap_or_else(|| document(Vec::new()));
                self.writer.add_subtask(self.issue, &old.summary, description, property).await?
            }
        };
        let Some(earlier) = &mut self.earlier else { return Ok(()) };
        for made in earlier.subtasks.iter_mut().filter(|made| made.id == old.id) {
            made.id = id.clone();
        }
        Ok(())
    }

    /// The sub-task that an earlier attempt has made anew.
    async fn made_anew(&self, property: &Value) -> Result<Option<IssueId>, JiraError> {
        for id in self.writer.subtask_ids(self.issue).await? {
            let now = self.writer.subtask(&id).await?;
            if now.is_some_and(|now| now.property.as_ref() == Some(property)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn may_replace(&self, nodes: &[Value]) -> bool {
        self.replace_edited || content_hash(nodes) == self.mark.content_hash
    }

    fn mark_to_put(&self) -> Value {
        self.earlier.as_ref().map_or_else(stone, Mark::value)
    }

    async fn put_mark(&self) -> Result<(), JiraError> {
        self.writer.set_property(self.issue, PROPERTY_KEY, self.mark_to_put()).await
    }

    /// Last of all, what was only needed on the way. What was before stays where an earlier mark is back: it tells an attempt
    /// that follows this one that all is done, and counts for no other mark.
    async fn tidy(&self) -> Result<(), JiraError> {
        if self.earlier.is_some() {
            return Ok(());
        }
        self.writer.delete_property(self.issue, PROPERTY_KEY).await?;
        self.writer.delete_property(self.issue, BEFORE_KEY).await
    }
}

/// No mark, and nobody else's.
fn stone() -> Value {
    json!({ "withdrawn": true })
}

fn fields(name: &str, value: Value) -> Map<String, Value> {
    [(name.to_owned(), value)].into_iter().collect()
}
