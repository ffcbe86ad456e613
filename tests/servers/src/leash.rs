//! A server program that ends with the process that started it, even when that is killed: a shell between the two waits for
//! the end of its standard input, which nobody but us can write to. When we say nothing before that end, we are gone, and the
//! shell also clears away the server's folder.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

// The shell gives what runs in the background an empty standard input, hence the copy of its own.
const SCRIPT: &str = r#"exec 3<&0 </dev/null
signal=$1; folder=$2; shift 2
"$@" 3<&- & server=$!
trap '' INT TERM
{ read -r keep <&3; kill -"$signal" "$server"
  if [ -z "$keep" ]; then
    while kill -0 "$server"; do sleep 0.1; done
    cd / && rm -rf "$folder"
  fi; } >/dev/null 2>&1 &
wait "$server" "#;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Leash {
    shell: Child,
}

impl Leash {
    /// Starts a program, which `signal` is to end, and which writes what it says into the file `log` of its folder.
    pub(crate) fn start(
        program: &Path,
        signal: &str,
        user: Option<u32>,
        folder: &Path,
        args: &[&OsStr],
    ) -> Result<Self> {
        let said = std::fs::File::create(folder.join("log"))?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh", signal]).arg(folder).arg(program).args(args);
        command.stdin(Stdio::piped()).stdout(said.try_clone()?).stderr(said);
        become_user(&mut command, user);
        let shell = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
        Ok(Self { shell })
    }

    /// Waits until `ready` says so.
    pub(crate) fn until(&mut self, log: &Path, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            let ended = self.shell.try_wait()?;
            let slow = start.elapsed() > PATIENCE;
            ensure!(ended.is_none() && !slow, "a server did not start: {}", std::fs::read_to_string(log)?);
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        if let Some(mut words) = self.shell.stdin.take() {
            let _ = words.write_all(b"keep the folder\n");
        }
        let _ = self.shell.wait();
    }
}

/// Postgres refuses to be run by root.
#[cfg(unix)]
pub(crate) fn become_user(command: &mut Command, user: Option<u32>) {
    use std::os::unix::process::CommandExt;
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
}
