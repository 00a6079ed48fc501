//! A script as a test writes it: run in this process against a sandbox of its own.

use crate::{package::LIBRARY, rights::Allowed};
use juben::{
    Error,
    catalog::Catalog,
    client::{Client, decode, encode},
    config::Config,
    engine::{self, Piece, Sources},
    error::Kind,
    host::{Arguments, Host, Job, Line},
    packages::{Installed, Package},
    rights::{Grant, Guard, Part},
    sandbox::{Options, Sandbox},
    store::Store,
};
use std::{
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_util::sync::CancellationToken;

pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A sandbox on a free port, with the well-known accounts; it stops when it is dropped.
pub struct Server {
    pub sandbox: Sandbox,
    stop: CancellationToken,
}

impl Server {
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        RUNTIME.block_on(Self::here(options))
    }

    /// In the runtime, and so the time, of the test itself.
    pub async fn here(options: Options) -> Self {
        let stop = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sandbox = Sandbox::start(listener, options, stop.clone()).unwrap();
        Server { sandbox, stop }
    }

    /// The operations that it was asked for, tokens left out.
    pub fn operations(&self) -> Vec<String> {
        let operations = self.sandbox.requests().into_iter().filter_map(|request| request.operation);
        operations.filter(|operation| !operation.contains("token")).collect()
    }

    /// Those that fetched a token.
    pub fn token_calls(&self) -> usize {
        self.sandbox.requests().len() - self.operations().len()
    }

    /// A client of its accounts.
    pub fn client(&self) -> Client {
        Client::new(Catalog::builtin(), &self.config()).direct()
    }

    /// A configuration whose accounts are those of the sandbox, with pauses too short to notice.
    pub fn config(&self) -> Config {
        Config::parse(&self.toml()).unwrap()
    }

    /// The same as a `juben.toml`.
    pub fn toml(&self) -> String {
        let url = self.sandbox.url();
        format!(
            r#"
            default_account = "sandbox"
            [account.sandbox]
            platform = "wechat"
            appid = "wx1234567890abcdef"
            secret = "cmd:echo sandbox-secret"
            base_url = "{url}"
            [account.sandbox-polyv]
            platform = "polyv"
            appid = "jb7Kq2Zx9T"
            secret = "cmd:echo 9f8e7d6c5b4a39281706f5e4d3c2b1a0"
            userid = "a1b2c3d4e5"
            secretkey = "cmd:echo JbSecret01"
            writetoken = "cmd:echo sandbox-writetoken"
            base_url = "{url}"
            [http]
            backoff_ms = 1
            timeout = 5
            "#
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One call without a script; the fields are JSON.
pub async fn call(client: &Client, operation: &str, fields: &str) -> Result<rhai::Map, Error> {
    let fields = decode(fields.as_bytes()).unwrap().cast::<rhai::Map>();
    let operation = client.operation(operation)?;
    client.call(&operation, fields, &Default::default()).await
}

/// A script and what it is run with.
pub struct Script {
    text: String,
    folder: tempfile::TempDir,
    server: Arc<Server>,
    store: Arc<Store>,
    arguments: Arguments,
    job: Option<Job>,
    packages: Vec<Package>,
}

/// What a run did.
pub struct Outcome {
    pub result: Result<rhai::Dynamic, Error>,
    pub printed: String,
    pub logged: String,
}

impl Script {
    pub fn new(text: &str) -> Self {
        Self::on(&Arc::new(Server::start()), text)
    }

    /// Run against a sandbox that the test holds.
    pub fn on(server: &Arc<Server>, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::at(folder.path().join(".state")));
        Script {
            text: text.to_owned(),
            folder,
            server: server.clone(),
            store,
            arguments: Arguments::default(),
            job: None,
            packages: Vec::new(),
        }
    }

    /// What it may do when each piece of it is granted this.
    pub fn guard(&self, grant: &Grant) -> Result<Guard, Error> {
        self.guard_with(Some(grant))
    }

    /// What it may do when everything is granted that its text asks for.
    pub fn guard_of_its_text(&self) -> Result<Guard, Error> {
        self.guard_with(None)
    }

    fn guard_with(&self, grant: Option<&Grant>) -> Result<Guard, Error> {
        let script = engine::Script { name: "test.rhai".into(), text: self.text.clone() };
        let pieces = engine::parts(&script, &LIBRARY, self.folder.path().to_owned(), &self.sources())?;
        let part = |piece: Piece| Part {
            needs: piece.needs().from_folder(self.folder.path()),
            name: piece.name,
            grant: grant.cloned(),
        };
        Ok(Guard::new(pieces.into_iter().map(part).collect()))
    }

    fn sources(&self) -> Sources {
        Sources::of(Arc::new(Installed::new(self.packages.clone())))
    }

    /// A file of the repository, such as `scripts/renew_grants.rhai`, with the files beside it.
    pub fn file_of_repository(server: &Arc<Server>, path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self::on(server, &text).beside_those_of(Path::new(path).parent().unwrap())
    }

    /// With copies of the files of a folder of the repository.
    pub fn beside_those_of(self, folder: &Path) -> Self {
        copy(folder, self.folder.path());
        self
    }

    /// A file beside the script.
    pub fn file(self, name: &str, content: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// The same with another text: its files and its state stay.
    pub fn with_text(mut self, text: &str) -> Self {
        self.text = text.to_owned();
        self
    }

    /// With packages to import.
    pub fn packages(mut self, packages: &Installed) -> Self {
        self.packages = packages.packages().to_vec();
        self
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// As by `--arg name=value`.
    pub fn arg(mut self, name: &str, value: &str) -> Self {
        self.arguments.named.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As a run of that job.
    pub fn of_job(mut self, name: &str) -> Self {
        self.job = Some(Job { name: name.to_owned(), run: 1, event: None });
        self
    }

    #[track_caller]
    pub fn run(&self) -> Outcome {
        self.run_with(self.server.client(), &self.server.config())
    }

    /// Whatever a test runs keeps to the rights that can be read off it.
    #[track_caller]
    pub fn run_with(&self, client: Client, config: &Config) -> Outcome {
        let (catalog, before) = (client.catalog().clone(), self.server.sandbox.requests().len());
        let outcome = self.run_freely(client, config);
        let called = self.server.sandbox.requests().into_iter().skip(before).filter_map(|request| request.operation);
        let beyond = Allowed::of(&self.text, self.folder(), &catalog).beyond(called);
        assert!(beyond.is_empty(), "{beyond:?} is beyond the rights of this script:\n{}", self.text);
        outcome
    }

    /// The same without looking at its rights.
    pub fn run_freely(&self, client: Client, config: &Config) -> Outcome {
        let lines = Arc::new(Mutex::new((String::new(), String::new())));
        let script = engine::Script { name: "test.rhai".into(), text: self.text.clone() };
        let Arguments { positional, named, .. } = self.arguments.clone();
        let find = engine::finder(self.folder.path().to_owned(), self.sources().packages().clone());
        let arguments = match script.arguments(positional, named, &find) {
            Ok(arguments) => arguments,
            Err(error) => return Outcome { result: Err(error), printed: String::new(), logged: String::new() },
        };
        let kept = Arc::clone(&lines);
        let host = Host {
            client: Arc::new(client),
            store: self.store.clone(),
            runtime: RUNTIME.handle().clone(),
            cancel: CancellationToken::new(),
            deadline: None,
            folder: self.folder.path().to_owned(),
            arguments,
            output: Box::new(move |line| {
                let mut kept = kept.lock().unwrap();
                match line {
                    Line::Printed(text) => kept.0 += &format!("{text}\n"),
                    Line::Logged(_, text) => kept.1 += &format!("{text}\n"),
                    Line::Progress(_) | Line::Finished(_) | Line::Abandoned => {}
                }
            }),
            account: Mutex::default(),
            called: Mutex::default(),
            engine: Default::default(),
            job: self.job.clone(),
            own: Default::default(),
        };
        let sources = self.sources();
        // Reading them is what lets packages be imported; what they would be refused for is not looked at.
        let _ = engine::parts(&script, &LIBRARY, self.folder.path().to_owned(), &sources);
        let work = engine::run(script, Arc::new(host), config.limits.clone(), sources);
        let result = RUNTIME.block_on(work);
        let (printed, logged) = lines.lock().unwrap().clone();
        Outcome { result, printed, logged }
    }

    /// The result as JSON is this.
    #[track_caller]
    pub fn returns(self, expected: &str) {
        match self.run().result {
            Ok(value) => assert_eq!(encode(&value).unwrap(), expected),
            Err(error) => panic!("{error}\n{error:?}"),
        }
    }

    /// It ends with an error of that kind.
    #[track_caller]
    pub fn throws(self, kind: Kind) -> Error {
        match self.run().result {
            Ok(value) => panic!("it returned {value:?}"),
            Err(error) => {
                assert_eq!(error.kind, kind, "{error:?}");
                error
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &copied),
            false => assert!(std::fs::copy(&path, copied).is_ok()),
        }
    }
}
