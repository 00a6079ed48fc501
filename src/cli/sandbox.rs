//! `juben sandbox` — the sandbox as a server of its own.

use super::{Common, apis::catalog_of};
use crate::{Error, error::Kind, sandbox};
use clap::Args;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// Serve the sandbox: a stand-in for the platforms, with its state in memory
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  juben sandbox --port 18080\n  curl -s http://127.0.0.1:18080/cgi-bin/stable_token \\\n    -d '{\"grant_type\":\"client_credential\",\"appid\":\"wx1234567890abcdef\",\"secret\":\"sandbox-secret\"}'"
)]
pub(super) struct Sandbox {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 18080)]
    port: u16,
}

const WELCOME: &str = "  WeChat  appid wx1234567890abcdef, secret sandbox-secret
  Polyv   appId jb7Kq2Zx9T, secret 9f8e7d6c5b4a39281706f5e4d3c2b1a0; userid a1b2c3d4e5, secretkey JbSecret01
  what it received: GET /_sandbox/requests
Ctrl-C stops it.
";

impl Sandbox {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let catalog = catalog_of(common)?;
        let apis: Vec<String> = catalog.own().map(|(name, _)| name.to_owned()).collect();
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
            Error::new(Kind::Usage, format!("cannot listen on {address}: {error}")).hint("give another port by --port")
        })?;
        let stop = CancellationToken::new();
        let failed = |error: std::io::Error| Error::new(Kind::Network, format!("the sandbox did not start: {error}"));
        let options = sandbox::Options { catalog, ..sandbox::Options::default() };
        let sandbox = sandbox::Sandbox::start(listener, options, stop.clone()).map_err(failed)?;
        let url = sandbox.url();
        let own =
            apis.iter().map(|name| format!("  [[api]]  {name} at {url}/{name}, answered by its document alone\n"));
        super::write_out(&format!("sandbox at {url}\n{}{WELCOME}", own.collect::<String>()))?;
        super::asked_to_stop().await;
        stop.cancel();
        Ok(())
    }
}
