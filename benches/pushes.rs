//! How soon pushes are answered when a thousand come each second; each is on the disk by then.
//! `cargo bench --bench pushes` runs it; the disk counts, so name a folder on it by JUBEN_BENCH.

use futures_util::future::join_all;
use jiff::Timestamp;
use juben::{
    events::{Receiver, Sender, Wechat, router},
    message::sign,
    secret::Secret,
    store::{EventFilter, Store},
};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    time::{Instant, sleep_until},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const A_SECOND: u32 = 1000;
const SECONDS: u32 = 10;
const TOKEN: &str = "jubenToken01";

#[tokio::main]
#[allow(clippy::print_stdout)]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = folder();
    let store = Arc::new(Store::at(folder.path()));
    let address = serve(store.clone()).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    // The connections and the tables are there before it counts.
    join_all((1..=64).map(|number| push(&http, &address, -number, Instant::now()))).await;

    let begin = Instant::now();
    let pushes = (0..A_SECOND * SECONDS).map(|number| {
        let (http, address, planned) =
            (http.clone(), address.clone(), begin + Duration::from_secs(1) / A_SECOND * number);
        tokio::spawn(async move { push(&http, &address, number.into(), planned).await })
    });
    let mut took: Vec<Duration> = join_all(pushes).await.into_iter().map(Result::unwrap).collect();
    let lasted = begin.elapsed().as_secs_f64();
    took.sort();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    let kept = store.events(&EventFilter::default()).await.unwrap().len() - 64;
    println!(
        "{} pushes answered in {lasted:.1} s, {kept} kept: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms (allowed: p99 200 ms)",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

async fn serve(store: Arc<Store>) -> String {
    let wechat = Wechat {
        appids: vec!["wx1234567890abcdef".to_owned()],
        token: Secret::new(TOKEN),
        key: None,
        window: Duration::from_secs(600),
    };
    let receiver =
        Receiver { path: "/events/main".to_owned(), account: "main".to_owned(), sender: Sender::Wechat(wechat) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(vec![receiver], store, || {});
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/events/main")
}

/// Push an event when it is planned; how long after that it was answered.
async fn push(http: &reqwest::Client, address: &str, number: i64, planned: Instant) -> Duration {
    sleep_until(planned).await;
    let sent = Timestamp::now().as_second().to_string();
    let signature = sign(&[TOKEN, &sent, "874512369"]);
    let body = format!(
        "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oJubenSystem0001</FromUserName>\
         <CreateTime>{sent}</CreateTime><MsgType>event</MsgType><Event>secvod_upload_event</Event>\
         <upload_event><media_id>{number}</media_id><errcode>0</errcode></upload_event></xml>"
    );
    let url = format!("{address}?signature={signature}&timestamp={sent}&nonce=874512369");
    let answer = http.post(url).header("content-type", "text/xml").body(body).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "success");
    planned.elapsed()
}

fn folder() -> TempDir {
    match std::env::var_os("JUBEN_BENCH") {
        Some(place) => tempfile::tempdir_in(place).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}
