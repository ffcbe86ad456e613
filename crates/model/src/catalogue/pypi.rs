//! A file out of a wheel, fetched with the machine's own pip, so that its settings (index, proxy, certificates) hold.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Progress;

/// How often the size of the growing download is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn fetch(
    package: &str,
    version: &str,
    path: &str,
    folder: &Path,
    part: &Path,
    size: u64,
    on: Progress<'_>,
) -> Result<(), String> {
    let wheels = folder.join("wheels");
    std::fs::create_dir_all(&wheels).map_err(|error| error.to_string())?;
    // A wheel that came whole in an earlier run is used again; one that does not open is fetched anew.
    if let Some(wheel) = wheel_in(&wheels, package)
        && unpack(&wheel, path, part).is_ok()
    {
        let _ = std::fs::remove_dir_all(&wheels);
        return Ok(());
    }
    // pip writes into TMPDIR while it downloads: what lies there shows how far it is.
    let growing = tempfile::tempdir_in(folder).map_err(|error| error.to_string())?;
    let mut pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--dest"])
        .arg(&wheels)
        .arg(format!("{package}=={version}"))
        .env("TMPDIR", growing.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_| "python3 is not on this machine; install Python 3 with pip".to_owned())?;
    let stderr = pip.stderr.take();
    let said = tokio::spawn(async move {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut text).await;
        }
        text
    });
    let status = loop {
        tokio::select! {
            status = pip.wait() => break status.map_err(|error| error.to_string())?,
            () = tokio::time::sleep(LOOK) => on(bytes_below(growing.path()).min(size), size),
        }
    };
    if !status.success() {
        let said = said.await.unwrap_or_default();
        let last = said
            .lines()
            .rfind(|line| line.contains("ERROR") || line.contains("No module"))
            .unwrap_or("no reason given");
        return Err(format!("pip failed: {}", last.trim()));
    }
    on(size, size);
    let wheel = wheel_in(&wheels, package).ok_or("pip left no wheel")?;
    unpack(&wheel, path, part)?;
    let _ = std::fs::remove_dir_all(&wheels);
    Ok(())
}

fn wheel_in(folder: &Path, package: &str) -> Option<PathBuf> {
    let prefix = package.replace('-', "_");
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let mut wheels = entries.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&prefix) && name.ends_with(".whl")
    });
    wheels.next()
}

fn unpack(wheel: &Path, path: &str, part: &Path) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("the wheel does not open ({error})");
    let file = File::open(wheel).map_err(|error| broken(&error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken(&error))?;
    let mut entry = archive.by_name(path).map_err(|error| broken(&error))?;
    let mut out = File::create(part).map_err(|error| error.to_string())?;
    std::io::copy(&mut entry, &mut out).map_err(|error| broken(&error))?;
    Ok(())
}

/// Bytes of all files in a folder and below.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
