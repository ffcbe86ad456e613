//! Many jobs made in one transaction: what webhooks ask for, when they come by the hundred in a second. A commit costs a flush of
//! the disk, and a statement the way to the server and back; together they cost that once.
//!
//! Only the plain case is done here: deliveries that nobody has seen, issues that nobody drafts. Anything else is left out and
//! goes through [`Store::create_job`] one by one.
//!
//! Deadlocks are impossible here, too: rows are made in the order of their names, deliveries before jobs, as in
//! [`Store::create_job`], which makes one of each.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::codec::{Fields, json, told, word};
use super::{Created, NewJob, Store, StoreError};
use crate::clock::Millis;
use crate::ids::JobId;
use crate::jobs::{Job, JobState, Progress, Task};

/// Rows of one statement: SQLite takes 32,766 values, and a statement is prepared for each number of rows.
const ROWS: usize = 64;

/// A job to be made, with the id that it will have.
struct Plain {
    place: usize,
    id: JobId,
    new: NewJob,
    delivery: String,
}

impl Store {
    /// Makes the jobs that deliveries ask for, in as few steps as can be. Answers in the order of `all`; each by itself, so that
    /// one that cannot be made does not stand in the way of the others.
    pub async fn create_jobs(&self, all: Vec<NewJob>) -> Vec<Result<Created, StoreError>> {
        let mut answers: Vec<Option<Result<Created, StoreError>>> = all.iter().map(|_| None).collect();
        if all.len() > 1 {
            // When it fails as a whole, each is told its own reason below.
            for (place, job) in self.create_plain(&all).await.unwrap_or_default() {
                if let Some(answer) = answers.get_mut(place) {
                    *answer = Some(Ok(Created::New(job)));
                }
            }
        }
        let mut done = Vec::with_capacity(all.len());
        for (answer, new) in answers.into_iter().zip(all) {
            done.push(match answer {
                Some(answer) => answer,
                None => self.create_job(new).await,
            });
        }
        done
    }

    async fn create_plain(&self, all: &[NewJob]) -> Result<Vec<(usize, Job)>, StoreError> {
        let mut plain = plain(all);
        if plain.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let mut write = self.write().await?;
        let mut made = Vec::with_capacity(plain.len());
        plain.sort_by(|a, b| (&a.new.tenant, &a.delivery).cmp(&(&b.new.tenant, &b.delivery)));
        let fresh = note_deliveries(write.connection(), now, &plain).await?;
        plain.retain(|one| fresh.contains(one.id.as_str()));
        plain.sort_by(|a, b| (&a.new.tenant, &a.new.issue_id).cmp(&(&b.new.tenant, &b.new.issue_id)));
        let inserted = self.insert_jobs(write.connection(), now, &plain).await?;
        for one in plain {
            if inserted.contains(one.id.as_str()) {
                made.push((one.place, self.as_made(now, one)));
            } else {
                // The issue is being drafted already: what is to be done about that is for `create_job`, from the beginning.
                sqlx::query("DELETE FROM deliveries WHERE tenant_id = $1 AND delivery = $2")
                    .bind(one.new.tenant.as_str())
                    .bind(one.delivery)
                    .execute(write.connection())
                    .await?;
            }
        }
        write.commit().await?;
        Ok(made)
    }

    /// The ids of those that were made.
    async fn insert_jobs(
        &self,
        connection: &mut AnyConnection,
        now: Millis,
        plain: &[Plain],
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut inserted = BTreeSet::new();
        for some in portions(plain) {
            let values = |first: usize| {
                let mut list = String::from("(");
                for value in first + 1..=first + 10 {
                    list.push_str(&format!("${value}, "));
                }
                list + "'draft', 'queued', 0, $1, $2, 0, 0, $3, $2)"
            };
            let sql = format!(
                "INSERT INTO jobs (id, tenant_id, issue_id, issue_key, project_key, task, class, requested_by,
                     requested_by_name, cost, kind, state, attempts, max_attempts, run_after, fence, lease_until, progress,
                     created_at)
                 VALUES {} ON CONFLICT DO NOTHING RETURNING id",
                rows(some.len(), 10, |first| values(first + 2))
            );
            let mut query = sqlx::query(AssertSqlSafe(sql))
                .bind(i64::from(self.max_attempts))
                .bind(now)
                .bind(json(&Progress::Queued { ahead: 0 }));
            for Plain { id, new, .. } in some {
                query = query
                    .bind(id.as_str())
                    .bind(new.tenant.as_str())
                    .bind(new.issue_id.as_str())
                    .bind(new.issue_key.as_str())
                    .bind(new.issue_key.project().to_string())
                    .bind(json(&new.task))
                    .bind(word(&new.class))
                    .bind(new.requested_by.as_ref().map(ToString::to_string))
                    .bind(new.requested_by_name.as_deref().map(told))
                    .bind(i64::from(new.task.cost()));
            }
            inserted.extend(ids(&query.fetch_all(&mut *connection).await?, "jobs", "id")?);
        }
        Ok(inserted)
    }

    /// The row as it was just written.
    fn as_made(&self, now: Millis, one: Plain) -> Job {
        let new = one.new;
        Job {
            id: one.id,
            tenant: new.tenant,
            project: new.issue_key.project(),
            issue_id: new.issue_id,
            issue_key: new.issue_key,
            task: new.task,
            class: new.class,
            state: JobState::Queued,
            requested_by: new.requested_by,
            requested_by_name: new.requested_by_name,
            attempts: 0,
            max_attempts: self.max_attempts,
            run_after: now,
            fence: 0,
            lease_until: 0,
            progress: Progress::Queued { ahead: 0 },
            error: None,
            provenance: None,
            draft: None,
            created_at: now,
            started_at: None,
            finished_at: None,
        }
    }
}

/// The ids of the jobs whose deliveries nobody has seen.
async fn note_deliveries(
    connection: &mut AnyConnection,
    now: Millis,
    plain: &[Plain],
) -> Result<BTreeSet<String>, StoreError> {
    let mut fresh = BTreeSet::new();
    for some in portions(plain) {
        let sql = format!(
            "INSERT INTO deliveries (tenant_id, delivery, job_id, seen_at) VALUES {}
             ON CONFLICT DO NOTHING RETURNING job_id",
            rows(some.len(), 3, |first| format!("(${}, ${}, ${}, $1)", first + 1, first + 2, first + 3))
        );
        // The text holds numbers of values alone.
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now);
        for one in some {
            query = query.bind(one.new.tenant.as_str()).bind(&one.delivery).bind(one.id.as_str());
        }
        fresh.extend(ids(&query.fetch_all(&mut *connection).await?, "deliveries", "job_id")?);
    }
    Ok(fresh)
}

/// Drafts that a delivery asks for; of several that name the same delivery or the same issue, the first.
fn plain(all: &[NewJob]) -> Vec<Plain> {
    let (mut deliveries, mut issues) = (BTreeSet::new(), BTreeSet::new());
    let candidates = all.iter().enumerate().filter_map(|(place, new)| {
        let delivery = new.delivery.as_ref()?;
        let is_draft = matches!(new.task, Task::Draft { .. });
        let is_first = deliveries.insert((&new.tenant, delivery)) && issues.insert((&new.tenant, &new.issue_id));
        (is_draft && is_first).then(|| Plain { place, id: JobId::make(), new: new.clone(), delivery: delivery.clone() })
    });
    candidates.collect()
}

/// So few sizes that each statement is soon prepared: 64, 32, … 1.
fn portions(mut rest: &[Plain]) -> Vec<&[Plain]> {
    let mut portions = Vec::new();
    while !rest.is_empty() {
        let size = ROWS.min(1 << rest.len().ilog2());
        let (some, others) = rest.split_at(size);
        portions.push(some);
        rest = others;
    }
    portions
}

/// The lists of values of so many rows. The first value of a row is number `1 + width × row + 1`: number 1 is for all.
fn rows(count: usize, width: usize, list: impl Fn(usize) -> String) -> String {
    (0..count).map(|row| list(1 + row * width)).collect::<Vec<_>>().join(", ")
}

fn ids(rows: &[AnyRow], table: &'static str, column: &'static str) -> Result<Vec<String>, StoreError> {
    rows.iter().map(|row| Fields::new(table, row).get(column)).collect()
}
