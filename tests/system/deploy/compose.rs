//! The image and the services around it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use super::deploy;
use super::tools::{passes, tool, yaml};

fn services() -> Result<Map<String, Value>> {
    let compose = yaml(&deploy().join("compose.yaml"))?;
    compose.get("services").and_then(Value::as_object).cloned().context("no services")
}

#[test]
fn the_compose_files_are_what_the_compose_specification_allows() -> Result<()> {
    let files = ["compose.yaml", "compose.cuda.yaml"].map(|name| deploy().join(name));
    passes(tool("check-jsonschema")?.args(["--builtin-schema", "vendor.compose-spec"]).args(files)).map(drop)
}

#[test]
fn hadolint_has_nothing_against_the_image() -> Result<()> {
    passes(tool("hadolint")?.arg(deploy().join("Dockerfile"))).map(drop)
}

#[test]
fn no_port_but_webs_is_published() -> Result<()> {
    let services = services()?;
    let published: Vec<&String> =
        services.iter().filter(|(_, one)| one.get("ports").is_some()).map(|(name, _)| name).collect();
    assert_eq!(published, ["web"]);
    assert_eq!(services["web"]["ports"], serde_json::json!(["${BRINE_PUBLISH:-127.0.0.1:8930}:8930"]));
    for name in ["postgres", "redis"] {
        assert_eq!(services[name]["networks"], serde_json::json!(["inside"]), "{name} is reached from inside alone");
    }
    Ok(())
}

#[test]
fn every_service_is_watched_limited_and_runs_without_rights() -> Result<()> {
    for (name, service) in services()? {
        let text = |pointer: &str| service.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        ensure!(!matches!(text("/user").as_str(), "" | "0" | "root"), "{name} runs as root");
        ensure!(service["cap_drop"] == serde_json::json!(["ALL"]), "{name} keeps capabilities");
        ensure!(text("/security_opt/0") == "no-new-privileges:true", "{name} may gain privileges");
        ensure!(!text("/deploy/resources/limits/memory").is_empty(), "{name} may use all of the memory");
        let restart = text("/restart");
        if name == "model" {
            // It ends by itself; those that need it wait for that.
            ensure!(restart == "on-failure");
        } else {
            ensure!(restart == "unless-stopped", "{name} stays down when it fell");
            ensure!(service.pointer("/healthcheck/test/0") == Some(&"CMD".into()), "{name} is not watched");
        }
    }
    Ok(())
}

#[test]
fn brine_starts_when_what_it_needs_is_healthy_and_has_time_to_drain() -> Result<()> {
    let services = services()?;
    for (name, needs) in [("web", "postgres redis"), ("worker", "model postgres redis")] {
        let waits = services[name]["depends_on"].as_object().context("no depends_on")?;
        let waited_for: BTreeSet<&str> = waits.keys().map(String::as_str).collect();
        assert_eq!(waited_for, needs.split(' ').collect(), "{name}");
        for (other, how) in waits {
            let wanted = if other == "model" { "service_completed_successfully" } else { "service_healthy" };
            assert_eq!(how["condition"], wanted, "{name} and {other}");
        }
        // Jobs in work have 30 seconds.
        assert_eq!(services[name]["stop_grace_period"], "45s");
    }
    Ok(())
}

#[test]
fn redis_never_drops_a_job_by_itself_and_secrets_come_as_files() -> Result<()> {
    let services = services()?;
    let words: Vec<&str> =
        services["redis"]["command"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(words.windows(2).any(|pair| pair == ["--maxmemory-policy", "noeviction"]), "{words:?}");
    for (name, service) in &services {
        for (variable, value) in service["environment"].as_object().into_iter().flatten() {
            let secret = variable.contains("PASSWORD") || variable.contains("SECRET") || variable.contains("KEY");
            let file =
                variable.ends_with("_FILE") && value.as_str().is_some_and(|path| path.starts_with("/run/secrets/"));
            ensure!(!secret || file, "{name}: {variable} is not a file");
        }
    }
    Ok(())
}
