//! What a prompt needs of the command line: who makes the calls, and the sandbox.

use crate::{
    Error,
    client::Client,
    config::Limits,
    engine::{Script, Session, Sources},
    host::Host,
};
use rhai::Dynamic;
use std::{path::Path, sync::Arc};
use tokio_util::sync::CancellationToken;

/// The surroundings of a prompt: the configured accounts, or a sandbox in their place.
pub trait World: Send {
    /// Makes the calls.
    fn client(&self) -> &Arc<Client>;

    /// What one entry may use.
    fn limits(&self) -> Limits;

    /// Write a value where a program reads it.
    fn write(&self, value: &Dynamic) -> Result<(), Error>;

    /// What an entry of a session runs on. When it may not do what it can do, even with those before it, this is the error.
    fn host(
        &mut self,
        entry: &Script,
        session: &Session,
        account: Option<&str>,
        cancel: CancellationToken,
    ) -> Result<Host, Error>;

    /// The script of that path, which may be a package's.
    fn script(&self, path: &Path) -> Result<Script, Error>;

    /// With the packages that entries may import.
    fn sources(&self, texts: &Sources) -> Sources;

    /// The account that was chosen when juben was started, or the default one.
    fn account(&self) -> Option<String>;

    /// Whether a sandbox answers.
    fn is_sandbox(&self) -> bool;

    /// Let a fresh sandbox answer, or the configured accounts again.
    fn switch(&mut self, sandbox: bool) -> Result<(), Error>;

    /// Let the sandbox begin again.
    fn reset(&mut self) -> Result<(), Error>;

    /// Move the sandbox's clock forward by so many seconds. Its time then, in seconds since 1970.
    fn advance(&mut self, seconds: i64) -> Result<i64, Error>;

    /// Read the configuration anew.
    fn reload(&mut self) -> Result<(), Error>;
}
