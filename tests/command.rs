//! The real binary as a test runs it: exit code, standard output and standard error, exactly.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// One start of `juben`; what a test does not name must be empty.
pub struct Juben {
    command: Command,
    folder: tempfile::TempDir,
}

/// What it did.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Juben {
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_juben"));
        command.args(arguments).current_dir(folder.path()).stdin(Stdio::null());
        // Nothing of the machine that runs the tests may reach them.
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder.path());
        Juben { command, folder }
    }

    /// A file in the folder that it is started in.
    pub fn file(self, name: &str, content: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Start it in the repository, where `scripts/` is.
    pub fn in_repository(mut self) -> Self {
        self.command.current_dir(env!("CARGO_MANIFEST_DIR"));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    pub fn run(mut self) -> Ended {
        let Output { status, stdout, stderr } = self.command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
    }

    /// It ends well and prints this.
    #[track_caller]
    pub fn prints(self, stdout: &str) {
        let ended = self.run();
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, stdout, ""));
    }

    /// It ends with this code, prints nothing and says this.
    #[track_caller]
    pub fn fails(self, code: i32, stderr: &str) {
        let ended = self.run();
        assert_eq!((ended.stderr.trim(), ended.stdout.as_str(), ended.code), (stderr.trim(), "", code));
    }
}
