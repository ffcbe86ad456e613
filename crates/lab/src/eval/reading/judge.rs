//! A language model as the reader: any server that speaks the protocol of chat completions is asked for one number at a time,
//! by the rubric that people read. What it said is on the disk before the next question, so that a broken run goes on.

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use brine_core::prompt::{Message, Role};
use brine_model::remote::{ChatServer, ChatSettings, Patience, RemoteError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::super::EvalError;
use super::super::case::Case;
use super::key::{Entry, Key};
use super::rows::{Reader, Row};
use super::rubric::Kind;
use super::sheet;

/// The environment variable that holds the server's key.
pub const JUDGE_KEY: &str = "BRINE_JUDGE_KEY";

/// An answer that is no row is asked for again so often.
const TRIES: u64 = 3;
/// So many numbers without an answer, one after the other, end the run.
const LOST_IN_A_ROW: usize = 5;

/// Which server reads, and how it is asked.
#[derive(Debug)]
pub struct JudgeSettings {
    /// What the chat completions stand below, as in `http://localhost:8080/v1`.
    pub address: String,
    /// As the server calls it.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// Longest time from a request to the end of its answer.
    pub deadline: Duration,
    /// With a server that is busy or down.
    pub patience: Patience,
    /// Questions at a time.
    pub parallel: usize,
}

/// What the reading took in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Questions, with those that had to be asked again.
    pub questions: u64,
    /// Tokens that the server counted in them.
    pub read: u64,
    /// Tokens that it counted in its answers.
    pub written: u64,
    /// Numbers that it gave no usable answer to.
    pub lost: usize,
}

/// A reader behind a server.
pub struct Judge {
    server: Arc<ChatServer>,
    name: String,
    parallel: usize,
}

/// A line of the file of answers.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Of model, rubric, story and text: an answer is used again only when all are still the same.
    print: String,
    #[serde(flatten)]
    row: Row,
}

/// The key, when the environment has one.
pub fn judge_key_from_environment() -> Option<SecretString> {
    let key = std::env::var(JUDGE_KEY).ok()?;
    let key = key.trim();
    (!key.is_empty()).then(|| SecretString::from(key))
}

/// One question.
struct Question {
    entry: Entry,
    kind: Kind,
    rules: usize,
    messages: Vec<Message>,
    print: String,
}

/// What became of it.
struct Told {
    question: Question,
    row: Result<Row, RemoteError>,
    spent: Spent,
}

impl Judge {
    /// Gets ready; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key can't be used.
    pub fn new(settings: JudgeSettings) -> Result<Self, EvalError> {
        let named = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
        let name = settings.model.chars().map(named).collect();
        let server = ChatServer::new(ChatSettings {
            address: settings.address,
            model: settings.model,
            key: settings.key,
            key_variable: JUDGE_KEY,
            deadline: settings.deadline,
            patience: settings.patience,
        });
        let server = Arc::new(server.map_err(|error| EvalError::Judge(error.to_string()))?);
        Ok(Self { server, name, parallel: settings.parallel.max(1) })
    }

    /// The key can be read on its way: there is one, and neither TLS nor a server on this machine.
    pub fn key_in_the_clear(&self) -> bool {
        self.server.key_in_the_clear()
    }

    /// Reads everything that no earlier run has read; the answers lie in `folder`, in a file called after the model.
    ///
    /// # Errors
    /// When the server can't be used or stops answering, or the file can't be written. What was answered by then is kept.
    pub async fn read(
        &self,
        key: &Key,
        cases: &[Case],
        folder: &Path,
        cancel: &CancellationToken,
        mut on: impl FnMut(usize, usize),
    ) -> Result<(Reader, Spent), EvalError> {
        let questions: Vec<Question> = key.to_read().filter_map(|entry| self.question(entry, cases)).collect();
        let of = questions.len();
        let mut answers = Answers::open(folder.join(format!("judge-{}.jsonl", self.name)))?;
        let mut reader = Reader { name: self.name.clone(), ..Reader::default() };
        let mut left = Vec::new();
        for question in questions {
            match answers.kept.remove(&question.print) {
                Some(row) => {
                    drop(reader.rows.insert(question.entry.number, Row { number: question.entry.number, ..row }))
                }
                None => left.push(question),
            }
        }
        let mut left = left.into_iter();
        let mut asked = JoinSet::new();
        let (mut spent, mut in_a_row) = (Spent::default(), 0);
        loop {
            while asked.len() < self.parallel
                && let Some(question) = left.next()
            {
                asked.spawn(ask(self.server.clone(), question, cancel.clone()));
            }
            on(of - left.len() - asked.len(), of);
            let Some(told) = asked.join_next().await else { break };
            let Told { question, row, spent: more } = told.map_err(|error| EvalError::Judge(error.to_string()))?;
            spent.add(more);
            match row {
                Ok(row) => {
                    in_a_row = 0;
                    answers.add(&question.print, &row)?;
                    reader.rows.insert(row.number, row);
                }
                Err(RemoteError::NoAnswer(reason)) => {
                    spent.lost += 1;
                    in_a_row += 1;
                    if in_a_row == LOST_IN_A_ROW {
                        let reason =
                            format!("{in_a_row} numbers in a row had no answer ({reason}); the same command goes on");
                        return Err(EvalError::Judge(reason));
                    }
                }
                Err(error) => return Err(EvalError::Judge(error.to_string())),
            }
        }
        Ok((reader, spent))
    }

    fn question(&self, entry: &Entry, cases: &[Case]) -> Option<Question> {
        let kind = Kind::of(&entry.task)?;
        let case = cases.iter().find(|case| case.pair.id == entry.story)?;
        let rules = match &entry.task {
            super::key::Task::Rules { rules, .. } => rules.len(),
            _ => 0,
        };
        let system = format!("{}\n\nAnswer with one JSON object and nothing else:\n{}", kind.rubric(), plain(kind));
        let user = sheet::asked(case, &entry.task);
        let print = format!("{}\n{system}\n{user}\n{}", self.server.model(), entry.number);
        let print = hex::encode(&Sha256::digest(print.as_bytes())[..8]);
        let turn = |role, content| Message { role, content };
        let messages = vec![turn(Role::System, system), turn(Role::User, user)];
        Some(Question { entry: entry.clone(), kind, rules, messages, print })
    }
}

/// The form of an answer; who is asked one thing at a time needs no number.
fn plain(kind: Kind) -> String {
    kind.example().replace("\"number\": 12, ", "")
}

async fn ask(server: Arc<ChatServer>, question: Question, cancel: CancellationToken) -> Told {
    let mut spent = Spent::default();
    let schema = question.kind.schema(question.rules);
    let mut last = String::new();
    for seed in 0..TRIES {
        spent.questions += 1;
        let reply = match server.ask_json(&question.messages, &schema, seed, &cancel).await {
            Ok(reply) => reply,
            Err(error) => return Told { question, row: Err(error), spent },
        };
        spent.read += reply.read_tokens.unwrap_or(0);
        spent.written += reply.written_tokens.unwrap_or(0);
        match row_in(&reply.text, &question.entry) {
            Ok(row) => return Told { question, row: Ok(row), spent },
            Err(reason) => last = reason,
        }
    }
    let row = Err(RemoteError::NoAnswer(format!("it gave no usable answer {TRIES} times: {last}")));
    Told { question, row, spent }
}

/// The row in an answer, which may stand in a fence or behind thoughts. What is wrong with it is told without its text.
fn row_in(text: &str, entry: &Entry) -> Result<Row, String> {
    let text = text.rsplit_once("</think>").map_or(text, |(_, said)| said);
    let inner = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| text.get(from..=to));
    let mut value: Value = inner.and_then(|inner| serde_json::from_str(inner).ok()).ok_or("there is no JSON object")?;
    if let Some(object) = value.as_object_mut() {
        object.insert("number".to_owned(), entry.number.into());
    }
    let row: Row = serde_json::from_value(value).map_err(|_| "a field holds something else than was asked for")?;
    row.fits(&entry.task).map(|()| row)
}

/// The file of answers.
struct Answers {
    path: PathBuf,
    file: File,
    kept: HashMap<String, Row>,
}

impl Answers {
    /// Opens the file; a last line that was cut off is dropped.
    fn open(path: PathBuf) -> Result<Self, EvalError> {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(EvalError::file(path)(error)),
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Kept>(line).ok());
        let kept = lines.map(|kept| (kept.print, kept.row)).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(EvalError::file(&path))?;
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(file).map_err(EvalError::file(&path))?;
        }
        Ok(Self { path, file, kept })
    }

    /// It is on the disk when this returns.
    fn add(&mut self, print: &str, row: &Row) -> Result<(), EvalError> {
        let kept = Kept { print: print.to_owned(), row: row.clone() };
        let line = serde_json::to_string(&kept).map_err(EvalError::file(&self.path))?;
        writeln!(self.file, "{line}").and_then(|()| self.file.sync_data()).map_err(EvalError::file(&self.path))
    }
}

impl Spent {
    fn add(&mut self, more: Self) {
        self.questions += more.questions;
        self.read += more.read;
        self.written += more.written;
    }
}
