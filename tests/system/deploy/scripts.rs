//! The scripts, looked at by shellcheck and run.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use brine_servers::Postgres;

use super::tools::{passes, tool};
use super::{deploy, root};

#[test]
fn shellcheck_has_nothing_against_our_scripts() -> Result<()> {
    let mut scripts = Vec::new();
    for folder in [deploy(), deploy().join("aws"), root().join("scripts")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "sh") {
                ensure!(path.metadata()?.permissions().mode() & 0o111 != 0, "{} cannot be run", path.display());
                scripts.push(path);
            }
        }
    }
    ensure!(scripts.len() > 5, "where are the scripts? {scripts:?}");
    passes(tool("shellcheck")?.args(scripts)).map(drop)
}

#[test]
fn secrets_are_made_once_and_for_nobody_else() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let secrets = folder.path().join("secrets");
    let read = |name: &str| std::fs::read_to_string(secrets.join(name));
    passes(Command::new(deploy().join("secrets.sh")).arg(&secrets))?;
    let (key, password, settings) = (read("secret_key")?, read("database_password")?, read("settings.toml")?);
    assert_eq!(hex::decode(&key)?.len(), 32, "the form that Brine takes");
    let settings: toml::Table = settings.parse()?;
    let url = settings["database"]["url"].as_str().context("no url")?;
    assert_eq!(url::Url::parse(url)?.password(), Some(password.as_str()));
    assert_eq!(secrets.metadata()?.permissions().mode() & 0o777, 0o700);
    passes(Command::new(deploy().join("secrets.sh")).arg(&secrets))?;
    assert_eq!((read("secret_key")?, read("database_password")?), (key, password), "what is there stays");
    Ok(())
}

/// Answers one request with this status.
fn one_answer(status: &'static str) -> Result<(std::thread::JoinHandle<Result<String>>, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let answer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut request = Vec::new();
        let mut bytes = [0; 512];
        while !request.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut bytes)?;
            ensure!(read > 0, "the request broke off");
            request.extend_from_slice(&bytes[..read]);
        }
        stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())?;
        Ok(String::from_utf8(request)?)
    });
    Ok((answer, port))
}

fn is_healthy(port: u16) -> Result<bool> {
    let mut check = Command::new(deploy().join("healthcheck.sh"));
    Ok(check.env("BRINE_OPERATIONS_BIND", format!("0.0.0.0:{port}")).output()?.status.success())
}

#[test]
fn the_health_check_says_what_readyz_says() -> Result<()> {
    for (status, healthy) in [("200 OK", true), ("503 Service Unavailable", false), ("404 Not Found", false)] {
        let (answer, port) = one_answer(status)?;
        assert_eq!(is_healthy(port)?, healthy, "{status}");
        let request = answer.join().ok().context("no answer was given")??;
        ensure!(request.starts_with("GET /readyz HTTP/1.1\r\n"), "{request}");
    }
    let nobody = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    ensure!(!is_healthy(nobody)?, "nobody listens, and all is well");
    Ok(())
}

fn backup(folder: &Path, database: &str) -> Command {
    let mut command = Command::new(deploy().join("aws/backup.sh"));
    command.arg(folder).env("BRINE_BACKUP_DATABASE", database);
    command
}

fn dumps(folder: &Path) -> Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn a_backup_can_be_restored_and_old_ones_go() -> Result<()> {
    let (server, folder) = (Postgres::start()?, tempfile::tempdir()?);
    let (database, other) = (server.database()?, server.database()?);
    server.sql(&database, "CREATE TABLE jobs (id TEXT PRIMARY KEY); INSERT INTO jobs VALUES ('a'), ('b')")?;
    for day in 10..30 {
        std::fs::write(folder.path().join(format!("brine-202601{day}T023000Z.dump")), "old")?;
    }
    std::fs::write(folder.path().join("notes.txt"), "not ours")?;

    passes(&mut backup(folder.path(), &database))?;
    let left = dumps(folder.path())?;
    assert_eq!(left.len(), 15, "fourteen dumps, and what is not ours: {left:?}");
    assert_eq!(
        left.first().map(String::as_str),
        Some("brine-20260117T023000Z.dump"),
        "the newest thirteen of the old ones"
    );
    let newest = left.iter().rfind(|name| name.ends_with(".dump")).context("no dump")?;
    let mut restore = Command::new("pg_restore");
    restore.args(["--no-owner", "--single-transaction", "--exit-on-error", "--dbname", &other]);
    passes(restore.arg(folder.path().join(newest)))?;
    assert_eq!(server.sql(&other, "SELECT COUNT(*) FROM jobs")?.trim(), "2");
    Ok(())
}

#[test]
fn a_backup_that_fails_says_so_and_leaves_the_others_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let kept: Vec<String> = (10..30).map(|day| format!("brine-202601{day}T023000Z.dump")).collect();
    for name in &kept {
        std::fs::write(folder.path().join(name), "old")?;
    }
    let output = backup(folder.path(), "postgresql://brine@127.0.0.1:1/brine").output()?;
    ensure!(!output.status.success(), "no database, and all is well");
    assert_eq!(dumps(folder.path())?, kept);
    Ok(())
}
