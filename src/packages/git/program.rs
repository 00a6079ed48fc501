//! Runs the program `git`, which asks nothing, and ends with whoever waits for it.

use crate::{Error, error::Kind};
use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// How long one use of git may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What would send git to another repository than the one it is told.
pub(in crate::packages) const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_COMMON_DIR",
    "GIT_CEILING_DIRECTORIES",
];

/// What always goes before the command: nothing that a repository brings runs, and only these ways lead to one.
const SAFE: [&str; 10] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "fetch.recurseSubmodules=false",
    "-c",
    "gc.auto=0",
    "-c",
    "http.lowSpeedLimit=1000",
    "-c",
    "http.lowSpeedTime=30",
];
pub(super) const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Run git in a bare repository.
pub(super) async fn git<W: AsRef<OsStr>>(
    folder: &Path,
    words: impl IntoIterator<Item = W>,
    input: Option<Stdio>,
) -> Result<Output, Error> {
    let mut command = Command::new("git");
    command.args(SAFE).arg("--git-dir").arg(folder).args(words);
    MISLEADING.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", PROTOCOLS).env("LC_ALL", "C");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
    }
    command.stdin(input.unwrap_or_else(Stdio::null)).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C is for juben, which ends all that git has started.
    #[cfg(unix)]
    command.process_group(0);
    command.kill_on_drop(cfg!(not(unix)));
    let child = command.spawn().map_err(|error| unavailable(&error))?;
    let mut group = Group::of(child.id());
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    match output {
        Ok(output) => {
            group.has_ended();
            output.map_err(|error| unavailable(&error))
        }
        Err(_) => Err(Error::new(Kind::Network, format!("git took longer than {} s", PATIENCE.as_secs()))
            .hint("try again; whether the server answers: git ls-remote, with that address, says")),
    }
}

/// Why git cannot be run.
pub(in crate::packages) fn unavailable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(Kind::Config, "the program `git` is not there, which reads and writes git repositories")
                .hint("install git, or use the package from a folder or an archive. A run does not need it")
        }
        _ => Error::new(Kind::File, format!("git cannot be run: {error}")),
    }
}

/// Git and what it has started. Dropped before their end, they are told to end, with a moment to tidy up.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn of(id: Option<u32>) -> Group {
        Group(id.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())))
    }

    fn has_ended(&mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        use rustix::process::{Signal, WaitOptions, kill_process_group, waitpid};
        const MOMENT: Duration = Duration::from_secs(1);
        let Some(leader) = self.0 else { return };
        let begun = std::time::Instant::now();
        kill_process_group(leader, Signal::TERM).ok();
        while matches!(waitpid(Some(leader), WaitOptions::NOHANG), Ok(None)) && begun.elapsed() < MOMENT {
            std::thread::sleep(Duration::from_millis(5));
        }
        kill_process_group(leader, Signal::KILL).ok();
    }
}

/// Elsewhere it ends with its handle.
#[cfg(not(unix))]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_: Option<u32>) -> Group {
        Group
    }

    fn has_ended(&mut self) {}
}
