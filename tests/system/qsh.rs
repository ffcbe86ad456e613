//! The query string hash of Brine beside those of Atlassian's packages for Node and Python, on 20,000 random requests each.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use brine_core::jira::qsh::query_string_hash;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::json;

const REQUESTS: usize = 20_000;
const UNRESERVED: &str = "abcXYZ019-._~";
/// What is encoded in one place or another, and letters beyond ASCII.
const ODD: &str = "!*'()&=+,;:/?@[]{}|\\^`\"<>#% $éß宮駿ｶ";
/// Beyond 16 bits: Python puts it in another place than Java and JavaScript, which compare 16-bit units.
const ASTRAL: &str = "😀";

const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// As some clients encode: more is left as it is.
const KEEP_MORE: &AsciiSet = &KEEP
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b':')
    .remove(b'@')
    .remove(b'/')
    .remove(b'?');

struct Request {
    method: &'static str,
    path: String,
    query: String,
}

/// What requests are made of.
struct Maker {
    random: StdRng,
    keys: Vec<char>,
    values: Vec<char>,
}

impl Maker {
    fn new(keys: &str, values: &str) -> Self {
        Self { random: StdRng::seed_from_u64(7), keys: keys.chars().collect(), values: values.chars().collect() }
    }

    fn word(&mut self, of_keys: bool, least: usize, most: usize) -> String {
        let length = self.random.random_range(least..=most);
        let letters = if of_keys { &self.keys } else { &self.values };
        (0..length).filter_map(|_| letters.choose(&mut self.random)).collect()
    }

    /// One of the ways in which clients encode the same text.
    fn encoded(&mut self, text: &str) -> String {
        match self.random.random_range(0..4) {
            0 => utf8_percent_encode(text, KEEP).to_string().to_lowercase(),
            1 => utf8_percent_encode(text, KEEP_MORE).to_string().replace("%20", "+"),
            _ => utf8_percent_encode(text, KEEP).to_string(),
        }
    }

    fn request(&mut self) -> Request {
        let method = ["GET", "get", "POST", "PUT", "DELETE"].choose(&mut self.random).copied().unwrap_or("GET");
        let mut path: String = (0..self.random.random_range(0..4))
            .map(|_| {
                let word = self.word(false, 1, 4).replace(['/', ';', ':', '?'], "x");
                format!("/{}", utf8_percent_encode(&word, KEEP_MORE))
            })
            .collect();
        if path.is_empty() || self.random.random_ratio(1, 5) {
            path.push('/');
        }
        let mut keys: Vec<String> = (0..self.random.random_range(0..6)).map(|_| self.word(true, 1, 3)).collect();
        if let (true, Some(again)) = (self.random.random_ratio(1, 3), keys.first().cloned()) {
            keys.push(again);
        }
        let mut pairs: Vec<String> = keys
            .iter()
            .map(|key| {
                let value = self.word(false, 0, 5);
                let (key, value) = (self.encoded(key), self.encoded(&value));
                if self.random.random_ratio(1, 20) { key } else { format!("{key}={value}") }
            })
            .collect();
        if self.random.random_ratio(1, 5) {
            pairs.push("jwt=x.y.z".to_owned());
        }
        Request { method, path, query: pairs.join("&") }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The hashes that another program makes of the requests.
fn hashes_by(program: &mut Command, requests: &[Request]) -> Result<Vec<String>> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut into = child.stdin.take().context("no standard input")?;
    let lines: String = requests
        .iter()
        .map(|one| format!("{}\n", json!({"method": one.method, "path": one.path, "query": one.query})))
        .collect();
    let writing = std::thread::spawn(move || into.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{program:?} fails: `make test` installs what it needs");
    writing.join().map_err(|_| anyhow::anyhow!("writing broke off"))??;
    let hashes: Vec<String> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    ensure!(hashes.len() == requests.len(), "{} hashes of {} requests", hashes.len(), requests.len());
    Ok(hashes)
}

fn by_node(requests: &[Request]) -> Result<Vec<String>> {
    hashes_by(Command::new("node").arg("node/atlassian/qsh.mjs").current_dir(folder()), requests)
}

/// Requests of which what Brine signs is not the other's hash, and of which Brine does not take it.
fn differences(requests: &[Request], theirs: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut signs_otherwise, mut refuses) = (Vec::new(), Vec::new());
    for (Request { method, path, query }, theirs) in requests.iter().zip(theirs) {
        let ours = query_string_hash(method, path, query, "");
        let shown = format!("{method} {path}?{query}");
        if !ours.accepts(theirs) {
            refuses.push(shown.clone());
        }
        if ours.signing() != theirs {
            signs_otherwise.push(shown);
        }
    }
    (signs_otherwise, refuses)
}

fn made(keys: &str, values: &str) -> Vec<Request> {
    let mut maker = Maker::new(keys, values);
    (0..REQUESTS).map(|_| maker.request()).collect()
}

#[test]
fn what_atlassians_node_package_signs_is_taken_whatever_the_keys_are() -> Result<()> {
    let all = format!("{UNRESERVED}{ODD}{ASTRAL}");
    let requests = made(&all, &all);
    let (signs_otherwise, refuses) = differences(&requests, &by_node(&requests)?);
    ensure!(refuses.is_empty(), "{} are refused, such as {:?}", refuses.len(), &refuses[..refuses.len().min(5)]);
    // It sorts keys before they are encoded, Jira afterwards: with such keys both orders have to be seen.
    ensure!(signs_otherwise.len() > REQUESTS / 100, "only {} requests tell the orders apart", signs_otherwise.len());
    Ok(())
}

#[test]
fn with_keys_such_as_ours_atlassians_node_package_and_brine_sign_alike() -> Result<()> {
    let requests = made(UNRESERVED, &format!("{UNRESERVED}{ODD}{ASTRAL}"));
    let (signs_otherwise, _) = differences(&requests, &by_node(&requests)?);
    ensure!(signs_otherwise.is_empty(), "{} differ: {:?}", signs_otherwise.len(), signs_otherwise.first());
    Ok(())
}

#[test]
fn atlassians_python_package_and_brine_sign_alike() -> Result<()> {
    let all = format!("{UNRESERVED}{ODD}");
    let requests = made(&all, &all);
    let packages = folder().join("python/packages");
    let mut python = Command::new("python3");
    python.arg("python/qsh.py").env("PYTHONPATH", packages).current_dir(folder());
    let (signs_otherwise, _) = differences(&requests, &hashes_by(&mut python, &requests)?);
    ensure!(signs_otherwise.is_empty(), "{} differ: {:?}", signs_otherwise.len(), signs_otherwise.first());
    Ok(())
}
