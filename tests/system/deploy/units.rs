//! The machine in the cloud: user data, and the units of systemd.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::tools::{packages, passes, tool, yaml};
use super::{deploy, root};

/// The most that `systemd-analyze security` may find exposed, in tenths; 100 is a service without any protection. The worker
/// has to reach the card.
const EXPOSED: [(&str, u32); 3] =
    [("brine-web.service", 15), ("brine-worker@.service", 22), ("brine-backup.service", 15)];
/// Where Debian and others keep the units that ours refer to.
const SYSTEM_UNITS: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/// The root of a machine on which ours are installed.
fn machine() -> Result<TempDir> {
    let machine = tempfile::tempdir()?;
    let at = |path: &str| -> Result<PathBuf> {
        let folder = machine.path().join(path);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    let units = at("etc/systemd/system")?;
    for entry in std::fs::read_dir(deploy().join("aws"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "service" || extension == "timer") {
            std::fs::copy(&path, units.join(path.file_name().context("a name")?))?;
        }
    }
    for (folder, program) in [("usr/local/bin", "brine"), ("usr/local/lib/brine", "backup.sh")] {
        let program = at(folder)?.join(program);
        std::fs::copy(deploy().join("aws/backup.sh"), program)?;
    }
    let theirs = SYSTEM_UNITS.iter().map(Path::new).find(|folder| folder.is_dir());
    let theirs = theirs.context("systemd's own units are missing: install the package systemd")?;
    for folder in SYSTEM_UNITS {
        let place = at(folder.trim_start_matches('/'))?;
        for entry in std::fs::read_dir(theirs)? {
            let entry = entry?;
            if entry.path().is_file() {
                std::fs::copy(entry.path(), place.join(entry.file_name()))?;
            }
        }
    }
    Ok(machine)
}

fn analyze(verb: &str, machine: &Path) -> Command {
    let mut command = Command::new("systemd-analyze");
    command.arg(verb).arg(format!("--root={}", machine.display()));
    command
}

#[test]
fn systemd_takes_the_units_without_a_word() -> Result<()> {
    let machine = machine()?;
    let units = ["brine-web.service", "brine-worker@1.service", "brine-backup.service", "brine-backup.timer"];
    let said = passes(analyze("verify", machine.path()).args(units))?;
    ensure!(said.trim().is_empty(), "{said}");
    // A name that systemd does not know is no error to it, but it says so.
    let file = machine.path().join("etc/systemd/system/brine-web.service");
    let text = std::fs::read_to_string(&file)?.replace("ProtectHome=", "ProtectHomes=");
    std::fs::write(&file, text)?;
    let said = passes(analyze("verify", machine.path()).arg("brine-web.service"))?;
    ensure!(said.contains("ProtectHomes"), "a wrong unit is taken, too: {said}");
    Ok(())
}

#[test]
fn the_services_are_shut_in() -> Result<()> {
    let machine = machine()?;
    for (unit, most) in EXPOSED {
        let file = machine.path().join("etc/systemd/system").join(unit);
        let mut command = analyze("security", machine.path());
        passes(command.arg("--offline=true").arg(format!("--threshold={most}")).arg(file))?;
    }
    Ok(())
}

#[test]
fn a_service_may_stop_for_longer_than_jobs_have_to_finish() -> Result<()> {
    for unit in ["brine-web.service", "brine-worker@.service"] {
        let text = std::fs::read_to_string(deploy().join("aws").join(unit))?;
        let seconds = text.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).context("TimeoutStopSec")?;
        ensure!(seconds.parse::<u32>()? > 30, "{unit}");
    }
    Ok(())
}

#[test]
fn cloud_init_takes_the_user_data() -> Result<()> {
    let schema = packages().join("cloud-config.json");
    ensure!(
        schema.is_file(),
        "{} is missing: run make {}",
        schema.display(),
        "tests/python/packages/cloud-config.json"
    );
    let file = deploy().join("aws/user-data.yaml");
    ensure!(std::fs::read_to_string(&file)?.starts_with("#cloud-config\n"), "cloud-init looks at the first line");
    passes(tool("check-jsonschema")?.arg("--schemafile").arg(schema).arg(&file))?;
    let data = yaml(&file)?;
    let script = data.pointer("/runcmd/1/0").and_then(Value::as_str).context("no script")?;
    let here = root().join(script.strip_prefix("/opt/brine/").context("the source lies in /opt/brine")?);
    ensure!(here.is_file(), "{script} is not in the source");
    Ok(())
}
