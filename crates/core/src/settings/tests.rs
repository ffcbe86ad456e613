#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use secrecy::ExposeSecret;

use super::*;

fn settings(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("brine.toml");
    fs::write(&path, toml).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::from_sources(Some(&path), environment)
}

fn problems(toml: &str, environment: &[(&str, &str)]) -> Vec<String> {
    settings(toml, environment).expect_err("refused").problems
}

#[test]
fn the_defaults_are_complete() {
    let settings = Settings::from_sources(None, []).unwrap();
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8930");
    assert_eq!(settings.data_dir, Path::new(".brine"));
    assert_eq!(settings.connect.allowed_sites, ["*.atlassian.net", "*.jira.com"]);
    assert_eq!(settings.model.name, None, "the machine decides");
    assert_eq!((settings.model.adapter, settings.model.max_adapters), (None, 2));
    assert_eq!(settings.model.threads, None);
    let jobs = JobsSettings {
        lease_seconds: 20,
        max_attempts: 5,
        max_crashes: 2,
        workers: 2,
        retry_base_seconds: 60,
        drain_seconds: 30,
    };
    assert_eq!(settings.jobs, jobs);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let toml = "data_dir = '/srv/brine'\n[jobs]\nworkers = 3\nmax_attempts = 7\n[model]\nthreads = 4";
    let environment = [
        ("BRINE_WORKERS", "8"),
        ("BRINE_ALLOWED_SITES", "*.atlassian.net, 127.0.0.1:*"),
        ("BRINE_MODEL", "12345"),
        ("BRINE_ADAPTER", ""),
        ("BRINE_SOMETHING_ELSE", "x"),
    ];
    let settings = settings(toml, &environment).unwrap();
    assert_eq!(settings.data_dir, Path::new("/srv/brine"));
    assert_eq!((settings.jobs.workers, settings.jobs.max_attempts, settings.jobs.lease_seconds), (8, 7, 20));
    assert_eq!(settings.connect.allowed_sites, ["*.atlassian.net", "127.0.0.1:*"]);
    assert_eq!((settings.model.name.as_deref(), settings.model.adapter), (Some("12345"), None));
    assert_eq!(settings.model.threads, Some(4));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_field_bound_and_value() {
    let toml = "[jobs]\nworkers = 0\nworker = 2\n[model]\ndeadline_seconds = ''\n[serwer]\nbind = 1";
    let environment = [("BRINE_BIND", "8930"), ("BRINE_LEASE_SECONDS", "soon"), ("BRINE_BASE_URL", "ftp://x")];
    let found = problems(toml, &environment);
    for expected in [
        "jobs.workers (BRINE_WORKERS): must be a number from 1 to 256, got \"0\"",
        "jobs.worker: there is no such setting",
        "serwer: there is no such setting",
        "model.deadline_seconds (BRINE_DEADLINE_SECONDS): must not be empty",
        "server.bind (BRINE_BIND): must be an address and a port such as 127.0.0.1:8930, got \"8930\"",
        "jobs.lease_seconds (BRINE_LEASE_SECONDS): must be a number from 3 to 3600, got \"soon\"",
    ] {
        assert!(found.iter().any(|problem| problem == expected), "{expected:?} in {found:#?}");
    }
    assert!(found.iter().any(|problem| problem.starts_with("server.base_url (BRINE_BASE_URL): must begin with https")));
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for local in ["http://127.0.0.1:1", "http://localhost:8930", "http://[::1]:9"] {
        settings("", &[("BRINE_BASE_URL", local)]).unwrap();
    }
    for other in ["http://brine.example.com", "http://10.0.0.1", "http://localhost.example.com", "https://a:b@c.d"] {
        assert_eq!(problems("", &[("BRINE_BASE_URL", other)]).len(), 1, "{other}");
    }
}

#[test]
fn a_public_address_and_a_site_on_this_machine_are_refused_together() {
    let local_site = ("BRINE_ALLOWED_SITES", "*.atlassian.net,127.0.0.1:*");
    settings("", &[local_site]).unwrap();
    let found = problems("", &[local_site, ("BRINE_BASE_URL", "https://brine.example.com")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("127.0.0.1:*") && found[0].contains("https://brine.example.com"), "{found:?}");
    let keys = ("BRINE_CONNECT_KEYS_URL", "http://localhost:9");
    assert_eq!(problems("", &[keys, ("BRINE_BASE_URL", "https://brine.example.com")]).len(), 1);
}

#[test]
fn sites_are_hosts_and_never_everything() {
    for good in ["*.atlassian.net", "jira.example.com", "localhost:8931", "127.0.0.1:*", "[::1]:80"] {
        settings("", &[("BRINE_ALLOWED_SITES", good)]).unwrap();
    }
    for bad in ["*", "*.net", "https://a.atlassian.net", "a.*.net", "host:x", "*.atlassian.net/x", " , "] {
        assert_eq!(problems("", &[("BRINE_ALLOWED_SITES", bad)]).len(), 1, "{bad}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let missing = Settings::from_sources(Some(Path::new("/nowhere/brine.toml")), []).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/brine.toml"), "{missing}");
    assert!(problems("[jobs", &[])[0].contains("brine.toml"));
}

#[test]
fn a_data_folder_serves_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("data");
    let first = DataDir::lock(&path).unwrap();
    assert!(first.database().starts_with(&path));
    let refused = DataDir::lock(&path).unwrap_err();
    assert!(matches!(refused, DataDirError::InUse(_)), "{refused}");
    assert!(!refused.to_string().contains('\n'));
    drop(first);
    DataDir::lock(&path).unwrap();
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = DataDir::lock(&file.join("data")).unwrap_err();
    assert!(matches!(refused, DataDirError::Unusable { .. }), "{refused}");
}

#[test]
fn apps_of_forge_are_named_in_full_or_by_their_uuid() {
    let id = "8db33809-1f32-48bb-8c52-5877dab48107";
    let full = format!("ari:cloud:ecosystem::app/{id}");
    let read = settings("", &[("BRINE_FORGE_APP_IDS", &format!("{id}, {full}"))]).unwrap();
    assert_eq!(read.forge.app_ids, [full.clone(), full]);
    assert!(Settings::from_sources(None, []).unwrap().forge.app_ids.is_empty(), "none by default");
    for bad in ["ari:cloud:ecosystem::app/", "an app", "ari:cloud:jira::site/x", "https://x"] {
        assert_eq!(problems("", &[("BRINE_FORGE_APP_IDS", bad)]).len(), 1, "{bad}");
    }
    let keys = ("BRINE_FORGE_JWKS_URL", "http://127.0.0.1:9/jwks.json");
    settings("", &[keys]).unwrap();
    assert_eq!(problems("", &[keys, ("BRINE_BASE_URL", "https://brine.example.com")]).len(), 1);
}

#[test]
fn limits_can_be_set_and_lifted() {
    let limits = settings("", &[("BRINE_SITE_PER_SECOND", "0"), ("BRINE_UNPROVEN_PER_SECOND", "7")]).unwrap().limits;
    let expected = Limits {
        site_per_second: None,
        unproven_per_second: Some(7),
        jira_points_per_hour: 65_000,
        jira_points_shared: true,
        jira_background_percent: 80,
        kept_days: 30,
        stories_per_day: None,
        stories_per_run: 10_000,
    };
    assert_eq!(limits, expected);
    assert_eq!(problems("", &[("BRINE_JIRA_BACKGROUND_PERCENT", "0"), ("BRINE_JIRA_POINTS_PER_HOUR", "9")]).len(), 2);
    let limits = settings("", &[("BRINE_STORIES_PER_DAY", "200"), ("BRINE_STORIES_PER_RUN", "50")]).unwrap().limits;
    assert_eq!((limits.stories_per_day, limits.stories_per_run), (Some(200), 50));
    assert_eq!(problems("", &[("BRINE_STORIES_PER_DAY", "many"), ("BRINE_STORIES_PER_RUN", "0")]).len(), 2);
    assert!(!settings("", &[]).unwrap().server.behind_proxy);
    assert!(settings("", &[("BRINE_BEHIND_PROXY", "true")]).unwrap().server.behind_proxy);
    assert!(settings("[server]\nbehind_proxy = true", &[]).unwrap().server.behind_proxy);
    assert_eq!(problems("", &[("BRINE_BEHIND_PROXY", "perhaps"), ("BRINE_KEPT_DAYS", "-1")]).len(), 2);
}

#[test]
fn a_server_that_writes_needs_a_model_name_and_no_password_in_its_address() {
    assert!(Settings::from_sources(None, []).unwrap().model.server.is_none());
    let at = |address| {
        [("BRINE_MODEL_SERVER", address), ("BRINE_MODEL_SERVER_MODEL", "large"), ("BRINE_MODEL_KEY", "s3cret")]
    };
    let server = settings("", &at("http://10.0.0.5:8000/v1")).unwrap().model.server.unwrap();
    assert_eq!((server.address.as_str(), server.model.as_str()), ("http://10.0.0.5:8000/v1", "large"));
    assert!(!format!("{server:?}").contains("s3cret"));
    for wrong in ["ftp://x/v1", "https://me:pw@x/v1", "nowhere"] {
        assert_eq!(problems("", &at(wrong)).len(), 1, "{wrong}");
    }
    assert_eq!(problems("", &[("BRINE_MODEL_SERVER", "http://x/v1")]).len(), 1);
}

#[test]
fn the_key_comes_from_one_place_and_operators_have_an_address_of_their_own() {
    let by_default = Settings::from_sources(None, []).unwrap();
    assert!(matches!(by_default.secret_key, SecretKey::InDataDir));
    assert_eq!(by_default.operations, Operations::Usual("127.0.0.1:8931".parse().unwrap()));
    let both = [("BRINE_SECRET_KEY_FILE", "/run/key"), ("BRINE_SECRET_KEY", "00")];
    assert_eq!(problems("", &both).len(), 1);
    assert!(matches!(settings("", &both[..1]).unwrap().secret_key, SecretKey::File(_)));
    let bind = |value| settings("", &[("BRINE_OPERATIONS_BIND", value)]).unwrap().operations;
    assert_eq!(bind("off"), Operations::Off);
    assert_eq!(bind("0.0.0.0:9000"), Operations::At("0.0.0.0:9000".parse().unwrap()));
    assert_eq!(problems("", &[("BRINE_OPERATIONS_BIND", "9000")]).len(), 1);
}

#[test]
fn the_database_is_a_file_or_postgres_and_its_password_is_never_told() {
    let database = Settings::from_sources(None, []).unwrap().database;
    assert!(database.url.is_none());
    assert_eq!((database.max_connections, database.statement_timeout_seconds), (10, 30));

    let url = "postgres://brine:pa55word@db.example.com:5432/brine?sslmode=require";
    let read = settings("[database]\nmax_connections = 4", &[("BRINE_DATABASE_URL", url)]).unwrap();
    assert_eq!(read.database.url.as_ref().unwrap().expose_secret(), url);
    assert_eq!(read.database.max_connections, 4);
    assert!(!format!("{read:?}").contains("pa55word"));

    for bad in ["mysql://brine:pa55word@db/brine", "pa55word", "sqlite:///srv/pa55word.db", "postgres//u:pa55word@db"] {
        let found = problems("", &[("BRINE_DATABASE_URL", bad)]);
        assert_eq!(found.len(), 1, "{bad}");
        assert!(found[0].starts_with("database.url (BRINE_DATABASE_URL): must "), "{found:?}");
        assert!(!found[0].contains("pa55word"), "{found:?}");
    }
    let bounds =
        [("BRINE_DATABASE_CONNECTIONS", "0"), ("BRINE_DATABASE_TIMEOUT_SECONDS", "0"), ("BRINE_MAX_CRASHES", "0")];
    assert_eq!(problems("", &bounds).len(), 3);
}
