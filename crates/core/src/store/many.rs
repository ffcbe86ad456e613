//! Many jobs made at once: what webhooks ask for, when they come by the hundred in a second. A commit costs a flush of the disk, and
//! a statement the way to the server and back; together they cost that once.
//!
//! Only the plain case is done here: deliveries that nobody has seen, issues that nobody drafts. Anything else is left out and
//! goes through [`Store::create_job`] one by one.
//!
//! The jobs go to the database as one value, a list in JSON, so that there is one statement however many they are. On Postgres
//! it is all there is: it commits by itself, and nothing is asked before it. Rows are made in the order of their names, jobs
//! before deliveries, as [`Store::create_job`] makes one of each: so no two who do that wait for each other. Tenants are held once
//! for all of a statement's rows (see [`super::unreferenced`]).

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use sqlx::any::AnyRow;

use super::codec::{Fields, json, told, word};
use super::{Created, NewJob, Store, StoreError};
use crate::clock::Millis;
use crate::ids::{AccountId, JobId};
use crate::jobs::{Job, JobState, Progress, Task};

/// A job to be made, with the id that it will have.
struct Plain {
    place: usize,
    id: JobId,
    new: NewJob,
    delivery: String,
}

/// The same as the statements know it.
#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    tenant: &'a str,
    delivery: &'a str,
    issue: &'a str,
    key: &'a str,
    project: String,
    task: String,
    class: String,
    account: Option<&'a str>,
    person: Option<String>,
    cost: u32,
}

// Deliveries are counted, because Postgres would make a join of NOT EXISTS, and go on reading the whole table after it has grown: the plan
// of a prepared statement is kept.
macro_rules! insert_jobs {
    ($told:literal, $known:literal) => {
        concat!(
            "INSERT INTO jobs (id, tenant_id, issue_id, issue_key, project_key, task, class, requested_by, requested_by_name,
                 cost, kind, state, attempts, max_attempts, run_after, fence, lease_until, progress, created_at)
             SELECT id, tenant, issue, key, project, task, class, account, person, cost, 'draft', 'queued', 0,
                 CAST($2 AS BIGINT), CAST($3 AS BIGINT), 0, 0, $4, CAST($3 AS BIGINT)
             FROM ",
            $told,
            " WHERE (SELECT COUNT(*) FROM deliveries WHERE tenant_id = told.tenant AND delivery = told.delivery) = 0",
            $known,
            " ORDER BY tenant, issue
             ON CONFLICT DO NOTHING RETURNING id"
        )
    };
}

const POSTGRES: &str = concat!(
    "WITH told AS (SELECT id, tenant, delivery, issue, key, project, task, class, account, person, cost
         FROM json_to_recordset(CAST($1 AS JSON)) AS list (id TEXT, tenant TEXT, delivery TEXT, issue TEXT, key TEXT, project TEXT,
             task TEXT, class TEXT, account TEXT, person TEXT, cost BIGINT)),
     homes AS (SELECT id FROM tenants WHERE id IN (SELECT tenant FROM told) ORDER BY id FOR KEY SHARE),
     made AS (",
    insert_jobs!("told", " AND tenant IN (SELECT id FROM homes)"),
    "),
     noted AS (INSERT INTO deliveries (tenant_id, delivery, job_id, seen_at)
         SELECT tenant, delivery, id, CAST($3 AS BIGINT) FROM told WHERE id IN (SELECT id FROM made)
         ORDER BY tenant, delivery
         RETURNING job_id)
     SELECT string_agg(job_id, ' ') AS ids FROM noted"
);

const SQLITE_JOBS: &str = insert_jobs!(
    "(SELECT value ->> 'id' AS id, value ->> 'tenant' AS tenant, value ->> 'delivery' AS delivery, value ->> 'issue' AS issue,
             value ->> 'key' AS key, value ->> 'project' AS project, value ->> 'task' AS task, value ->> 'class' AS class,
             value ->> 'account' AS account, value ->> 'person' AS person, value ->> 'cost' AS cost
         FROM json_each($1)) AS told",
    ""
);

const SQLITE_DELIVERIES: &str = "INSERT INTO deliveries (tenant_id, delivery, job_id, seen_at)
     SELECT value ->> 'tenant', value ->> 'delivery', value ->> 'id', $2 FROM json_each($1)
     WHERE value ->> 'id' IN (SELECT value FROM json_each($3))";

impl Store {
    /// Makes the jobs that deliveries ask for, in as few steps as can be. Answers in the order of `all`; each by itself, so that
    /// one that cannot be made does not stand in the way of the others.
    pub async fn create_jobs(&self, all: Vec<NewJob>) -> Vec<Result<Created, StoreError>> {
        let mut answers: Vec<Option<Result<Created, StoreError>>> = all.iter().map(|_| None).collect();
        // When it fails as a whole, each is told its own reason below.
        for (place, job) in self.create_plain(&all).await.unwrap_or_default() {
            if let Some(answer) = answers.get_mut(place) {
                *answer = Some(Ok(Created::New(job)));
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

    pub(super) async fn create_plain(&self, all: &[NewJob]) -> Result<Vec<(usize, Job)>, StoreError> {
        let plain = plain(all);
        if plain.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let list = json(&plain.iter().map(Told::from).collect::<Vec<_>>());
        let made = if self.on_postgres() {
            self.create_on_postgres(&list, now).await?
        } else {
            self.create_on_sqlite(&list, now).await?
        };
        let made = plain.into_iter().filter(|one| made.contains(one.id.as_str()));
        Ok(made.map(|one| (one.place, self.as_made(now, one))).collect())
    }

    /// The ids of those that were made.
    async fn create_on_postgres(&self, list: &str, now: Millis) -> Result<HashSet<String>, StoreError> {
        // One that the server has closed is found out by the statement itself, which saves asking before.
        let mut connection = match self.pool.try_acquire() {
            Some(idle) => idle,
            None => self.pool.acquire().await?,
        };
        self.ask_the_time(&mut connection).await?;
        let row = sqlx::query(POSTGRES)
            .bind(list)
            .bind(i64::from(self.max_attempts))
            .bind(now)
            .bind(json(&Progress::Queued { ahead: 0 }))
            .fetch_one(&mut *connection)
            .await?;
        let ids: Option<String> = Fields::new("deliveries", &row).get("ids")?;
        Ok(ids.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
    }

    async fn create_on_sqlite(&self, list: &str, now: Millis) -> Result<HashSet<String>, StoreError> {
        let mut write = self.write().await?;
        let rows = sqlx::query(SQLITE_JOBS)
            .bind(list)
            .bind(i64::from(self.max_attempts))
            .bind(now)
            .bind(json(&Progress::Queued { ahead: 0 }))
            .fetch_all(write.connection())
            .await?;
        let made = rows.iter().map(id).collect::<Result<HashSet<String>, _>>()?;
        sqlx::query(SQLITE_DELIVERIES).bind(list).bind(now).bind(json(&made)).execute(write.connection()).await?;
        write.commit().await?;
        Ok(made)
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

fn id(row: &AnyRow) -> Result<String, StoreError> {
    Fields::new("jobs", row).get("id")
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

impl<'a> From<&'a Plain> for Told<'a> {
    fn from(plain: &'a Plain) -> Self {
        let Plain { id, new, delivery, .. } = plain;
        Self {
            id: id.as_str(),
            tenant: new.tenant.as_str(),
            delivery,
            issue: new.issue_id.as_str(),
            key: new.issue_key.as_str(),
            project: new.issue_key.project().to_string(),
            task: json(&new.task),
            class: word(&new.class),
            account: new.requested_by.as_ref().map(AccountId::as_str),
            person: new.requested_by_name.as_deref().map(told),
            cost: new.task.cost(),
        }
    }
}
