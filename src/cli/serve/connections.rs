//! HTTP connections with limits: one that says nothing, or too little for too long, is closed.

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The head of a request must have come by then; so long may a connection be idle, too.
const HEAD: Duration = Duration::from_secs(10);

/// A request must have been answered by then.
const WHOLE: Duration = Duration::from_secs(30);

/// So many connections at once.
const MOST: usize = 1024;

/// What is being answered when it ends has so long.
const GRACE: Duration = Duration::from_secs(5);

/// Answer until it is told to stop.
pub(super) async fn serve(listener: &TcpListener, router: Router, stop: CancellationToken) {
    let router = router.layer(from_fn(in_time));
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MOST));
    while let Some(Ok(place)) = stop.run_until_cancelled(places.clone().acquire_owned()).await {
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
        let Ok((stream, _)) = accepted else {
            // Such as too many open files: it passes.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            connection(stream, router, stop).await;
            drop(place);
        });
    }
    connections.close();
    timeout(GRACE, connections.wait()).await.ok();
}

/// What goes wrong with one is the other side's trouble.
async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok();
        }
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    timeout(WHOLE, next.run(request)).await.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}
