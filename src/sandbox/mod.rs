//! A server that answers as the platforms do, from the same catalog, with its state in memory.
//!
//! A request goes `connection` → `server` → `endpoint` (which operation) → `wire` (its fields) → `state`, which asks
//! `auth` who calls, counts the call (`quota`), compares its fields with the catalog (`shapes`), lets a model answer
//! (`novel`, `drama`, `platform`, `polyv`) and wraps the answer (`envelope`). For an API of the user's a `stub` answers
//! by its document alone. `control` is the sandbox's own side door; `push` tells a receiver what happens by itself.

mod auth;
mod china;
mod clock;
mod connection;
mod control;
mod convert;
mod documents;
mod drama;
mod endpoint;
mod envelope;
mod faults;
mod grants;
mod journal;
mod life;
mod model;
mod multipart;
mod novel;
mod options;
mod pieces;
mod platform;
mod polyv;
mod push;
mod quota;
mod saved;
mod server;
mod shapes;
mod signature;
mod state;
mod stub;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod told;
mod wire;
mod world;

pub use clock::{check_moment, check_speed};
pub use faults::{Fault, FaultKind};
pub use grants::Grant;
pub use journal::Received;
pub use life::{Life, Ruling, Verdict};
pub use options::{Account, Authorizer, Options, Push};
pub use told::Told;

use axum::{Router, extract::DefaultBodyLimit};
use connection::{Faulty, Peer};
use endpoint::Endpoints;
use push::Pusher;
use server::Shared;
use state::State;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A sandbox that serves until its stop token is cancelled.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<io::Result<()>>,
    /// The task that delivers events, if there is a receiver.
    pushing: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Serve on this listener, in a task of the current runtime, until `stop` is cancelled.
    pub fn start(listener: TcpListener, options: Options, stop: CancellationToken) -> io::Result<Sandbox> {
        let address = listener.local_addr()?;
        let push = options.push.clone();
        let shared = Arc::new(Shared {
            endpoints: Endpoints::of(&options.catalog),
            state: Mutex::new(State::new(options)?),
            stop: stop.clone(),
        });
        let pusher = push.map(|push| Pusher::new(shared.clone(), push)).transpose()?;
        let service = Router::new()
            .fallback(server::handle)
            .layer(DefaultBodyLimit::max(multipart::LARGEST))
            .with_state(shared.clone())
            .into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(Faulty(listener), service).with_graceful_shutdown(stop.cancelled_owned());
        let pushing = pusher.map(|pusher| tokio::spawn(pusher.run()));
        Ok(Sandbox { address, shared, serving: tokio::spawn(serving.into_future()), pushing })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of all platforms, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Wait until it has stopped and its last connection has closed.
    pub async fn stopped(self) -> io::Result<()> {
        if let Some(pushing) = self.pushing {
            pushing.await.map_err(io::Error::other)?;
        }
        self.serving.await.map_err(io::Error::other)?
    }

    /// The requests that it received, the oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state().journal.all()
    }

    /// Forget the requests that it received.
    pub fn forget_requests(&self) {
        self.shared.state().journal.clear();
    }

    /// Its time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.shared.state().clock.now()
    }

    /// Move its clock forward.
    pub fn advance(&self, seconds: i64) {
        self.shared.state().advance(seconds);
    }

    /// Let the next matching calls go wrong.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state().faults.add(faults);
    }

    /// From now on no call meets a fault.
    pub fn clear_faults(&self) {
        self.shared.state().faults.clear();
    }

    /// Let a mini program lose the category that grants need.
    pub fn drop_category(&self, appid: &str) {
        self.shared.state().without_category().insert(appid.to_owned());
    }

    /// Write all that calls read and change, as JSON.
    pub fn dump(&self, out: impl io::Write) -> io::Result<()> {
        self.shared.state().dump(out)
    }

    /// How long things take, and how reviews end, from now on.
    pub fn live(&self, life: Life) {
        *self.shared.state().life() = life;
    }

    /// Begin again, as at the start.
    pub fn reset(&self) {
        self.shared.state().reset();
    }
}
