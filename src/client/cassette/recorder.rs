//! Keeps exchanges: each is in the file as soon as it has ended.

use super::{
    call::{Call, sha256},
    clock::{self, Clock},
    format::{self, Body, Exchange, Fields, Head, LARGEST, Lost, Outcome, Reply},
};
use crate::{
    Error,
    catalog::{Operation, RetryWhen},
    client::{retry::Failure, secrets::Secrets, transport::Received},
    config::Config,
    error::Kind,
    lock::lock,
};
use serde::Serialize;
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Instant,
};

const LONGEST_HEAD: u64 = 1 << 20;

/// A recording that is being made.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    clock: Clock,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// How many exchanges have ended.
    ended: usize,
    secrets: Secrets,
    failed: Option<io::Error>,
}

/// An exchange that has begun. Dropped before its end, it was given up.
struct Open<'a> {
    recorder: &'a Recorder,
    operation: &'a Operation,
    account: &'a str,
    began: Instant,
    fields: Fields,
    /// How many exchanges had ended before it began.
    after: usize,
    ended: bool,
}

impl Recorder {
    /// Begin a recording of a run with this configuration. One that is there is replaced; any other file is not.
    pub fn create(path: &Path, config: &Config, account: Option<&str>) -> Result<Recorder, Error> {
        let started = clock::now();
        let failed = |error: io::Error| unwritten(path, &error);
        if !is_free(path) {
            let message = format!("{} is there already, and is not a recording", path.display());
            return Err(Error::new(Kind::Usage, message).hint("give another name to --record"));
        }
        let mut file = File::create(path).map_err(failed)?;
        forget_files(&format::folder(path)).map_err(failed)?;
        write(&mut file, &Head::new(config, account, started)).map_err(failed)?;
        let state = State { file, ended: 0, secrets: Secrets::default(), failed: None };
        let clock = Clock::starting(started);
        Ok(Recorder { path: path.to_owned(), clock, began: Instant::now(), state: Mutex::new(state) })
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) async fn keep(
        &self,
        call: Call<'_>,
        made: impl Future<Output = Result<Received, Failure>>,
    ) -> Result<Received, Failure> {
        let asked = call.asked(None).await.map_err(|error| Failure::Answered(error, RetryWhen::No))?;
        let mut open = {
            let mut state = lock(&self.state);
            state.secrets.learn_account(call.account);
            for secret in &asked.secrets {
                state.secrets.learn(secret);
            }
            let (after, account) = (state.ended, call.account.name.as_str());
            let (operation, fields) = (call.operation, asked.fields);
            Open { recorder: self, operation, account, began: Instant::now(), fields, after, ended: false }
        };
        let outcome = made.await;
        open.end(&outcome);
        outcome
    }

    /// A recording that could not be written is no recording.
    pub(super) fn ended<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        match &lock(&self.state).failed {
            Some(error) => outcome.and(Err(unwritten(&self.path, error))),
            None => outcome,
        }
    }

    fn body(&self, secrets: &mut Secrets, operation: &Operation, received: &Received) -> io::Result<Body> {
        let bytes = if received.is_file(operation) {
            secrets.hide_bytes(&received.body)
        } else if let Ok(mut value) = serde_json::from_slice::<Value>(&received.body) {
            secrets.hide_reply(&mut value, &operation.reply.secrets);
            let text = value.to_string();
            if text.len() <= LARGEST {
                return Ok(Body::Json(value));
            }
            text.into_bytes()
        } else {
            // Where the secrets stand in it cannot be told.
            let text = match operation.reply.secrets.is_empty() {
                true => secrets.hide_bytes(&received.body),
                false => as_unreadable(&received.body),
            };
            match String::from_utf8(text) {
                Ok(text) if text.len() <= LARGEST => return Ok(Body::Text(text)),
                Ok(text) => text.into_bytes(),
                Err(error) => error.into_bytes(),
            }
        };
        let (folder, hash) = (format::folder(&self.path), sha256(&bytes));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(&hash), bytes)?;
        Ok(Body::File(hash))
    }

    fn reply(&self, secrets: &mut Secrets, operation: &Operation, received: &Received) -> io::Result<Reply> {
        let body = self.body(secrets, operation, received)?;
        Ok(Reply { status: received.status, media: secrets.hide_text(&received.media), body })
    }
}

impl Open<'_> {
    fn end(&mut self, outcome: &Result<Received, Failure>) {
        let mut state = lock(&self.recorder.state);
        self.ended = true;
        let outcome = match outcome {
            Ok(received) => self.recorder.reply(&mut state.secrets, self.operation, received).map(Outcome::Reply),
            Err(Failure::NotSent(error)) => Ok(self.lost(&state.secrets, false, error)),
            Err(Failure::Lost(error)) => Ok(self.lost(&state.secrets, true, error)),
            // Nothing was made of it that could be sent.
            Err(Failure::Answered(..)) => return,
        };
        match outcome {
            Ok(outcome) => self.write(&mut state, outcome),
            Err(error) => state.failed = Some(error),
        }
    }

    fn lost(&self, secrets: &Secrets, sent: bool, error: &Error) -> Outcome {
        Outcome::Failure(Lost {
            sent,
            ms: self.began.elapsed().as_millis() as u64,
            kind: error.kind.name().to_owned(),
            message: secrets.hide_text(&error.message),
            hint: error.hint.clone(),
        })
    }

    fn write(&mut self, state: &mut State, outcome: Outcome) {
        let mut fields = std::mem::take(&mut self.fields);
        state.secrets.hide_fields(&mut fields);
        let seconds = self.recorder.began.elapsed().as_secs();
        let exchange = Exchange {
            operation: self.operation.full_name(),
            request: format!("{} {}", self.operation.method, self.operation.path),
            account: self.account.to_owned(),
            overlaps: state.ended - self.after,
            fields,
            seconds: self.recorder.clock.reached(seconds).then_some(seconds),
            outcome,
        };
        state.ended += 1;
        if let Err(error) = write(&mut state.file, &exchange) {
            state.failed = Some(error);
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.write(&mut lock(&self.recorder.state), Outcome::GivenUp(true));
        }
    }
}

/// Whether there is nothing at this path but perhaps a recording.
fn is_free(path: &Path) -> bool {
    if !path.is_file() {
        return true;
    }
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_HEAD).read_to_end(&mut begin));
    let text = String::from_utf8_lossy(&begin);
    read.is_ok() && (text.trim().is_empty() || format::head(&text, &mut 0).is_some())
}

/// As long as this, and as unreadable for the same reason: a web page, cut off, or no JSON.
fn as_unreadable(body: &[u8]) -> Vec<u8> {
    let cut_off = serde_json::from_slice::<Value>(body).is_err_and(|error| error.is_eof());
    let mut hidden = vec![b'*'; body.len()];
    if let Some(first) = hidden.first_mut() {
        match (body.trim_ascii_start().first(), cut_off) {
            (Some(b'<'), _) => *first = b'<',
            (_, true) => *first = b'"',
            _ => {}
        }
    }
    hidden
}

/// In one piece: who is killed leaves all of it or nothing.
fn write(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// The replies of a recording that is replaced.
fn forget_files(folder: &Path) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.len() == 64 && name.to_string_lossy().chars().all(|it| it.is_ascii_hexdigit()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot write the recording {}: {error}", path.display()))
}
