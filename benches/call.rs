//! What one call costs inside the process: an engine, a call with its answer, and a listing as script values.
//! `cargo bench` runs it; the figures are medians, to be compared with each other only.

use juben::{
    catalog::Catalog,
    client::{Client, Options, decode},
    config::Config,
    engine::{self, Sources},
    host::{Arguments, Host},
    store::Store,
};
use rhai::Map;
use std::{
    hint::black_box,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[allow(clippy::print_stdout)]
fn main() {
    let runtime = Runtime::new().unwrap();
    let config = Config::parse(&settings(&serve(listing(1)))).unwrap();
    let host = host(&runtime, &config);
    let listing = listing(100);
    let call = || {
        let operation = host.client.operation("drama.list_media").unwrap();
        let fields = Map::from_iter([("offset".into(), 0_i64.into()), ("limit".into(), 1_i64.into())]);
        runtime.block_on(host.client.call(&operation, fields, &Options::default())).unwrap()
    };
    let rows: [(&str, &dyn Fn()); 5] = [
        ("an engine of Rhai alone", &|| drop(black_box(rhai::Engine::new()))),
        ("an engine of juben", &|| drop(black_box(engine::build(&host, &config.limits, &Sources::default())))),
        ("a call: check, send, decode one record", &|| drop(black_box(call()))),
        ("100 records as serde_json::Value", &|| {
            drop(black_box(serde_json::from_slice::<serde_json::Value>(&listing).unwrap()));
        }),
        ("100 records as script values", &|| drop(black_box(decode(&listing).unwrap()))),
    ];
    for ((name, _), median) in rows.iter().zip(medians(&rows)) {
        println!("{name:<40} {:>9.1} µs", median.as_secs_f64() * 1e6);
    }
}

/// All rows take turns, so that they see the same machine.
fn medians(rows: &[(&str, &dyn Fn())]) -> Vec<Duration> {
    const ROUNDS: usize = 400;
    let mut times = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for _ in 0..ROUNDS {
        for ((_, work), times) in rows.iter().zip(&mut times) {
            let begin = Instant::now();
            work();
            times.push(begin.elapsed());
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[ROUNDS / 2]
    };
    times.into_iter().map(median).collect()
}

fn host(runtime: &Runtime, config: &Config) -> Arc<Host> {
    Arc::new(Host {
        client: Arc::new(Client::new(Catalog::builtin(), config).direct()),
        store: Arc::new(Store::in_memory()),
        runtime: runtime.handle().clone(),
        cancel: Default::default(),
        deadline: None,
        folder: Default::default(),
        arguments: Arguments::default(),
        output: Box::new(|_| {}),
        account: Default::default(),
        called: Default::default(),
        engine: Default::default(),
        job: None,
        own: Default::default(),
    })
}

fn settings(url: &str) -> String {
    format!(
        r#"
        default_account = "mock"
        [account.mock]
        platform = "wechat"
        appid = "wx1234567890abcdef"
        secret = "cmd:echo mock"
        base_url = "{url}"
        "#
    )
}

/// A page of so many media files, of 15 fields each.
fn listing(records: i64) -> Vec<u8> {
    let record = |id: i64| {
        serde_json::json!({
            "media_id": 28_918_028_650_i64 + id, "create_time": 1_700_000_000 + id, "expire_time": 1_700_604_800 + id,
            "drama_id": 20_000, "file_size": "12345678", "duration": 60 + id, "name": format!("第{id}集 雨夜归人"),
            "description": "A short drama episode used for measurements.",
            "cover_url": format!("https://cdn.example.invalid/20301/{id}/cover.jpg?sign=9f86d081884c7d659a2feaa0c55ad015"),
            "original_url": format!("https://cdn.example.invalid/20301/{id}/original.mp4?sign=a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            "mp4_url": format!("https://cdn.example.invalid/20301/{id}/v.f30.mp4?sign=60303ae22b998861bce3b28f33eec1be"),
            "hls_url": format!("https://cdn.example.invalid/20301/{id}/v.f230.m3u8?sign=fcde2b2edba56bf408601fb721fe9b5c"),
            "width": 1080, "height": 1920,
            "audit_detail": { "status": id % 4, "create_time": 1_700_000_000, "audit_time": 1_700_000_600, "reason": "" },
        })
    };
    let records: Vec<_> = (0..records).map(record).collect();
    serde_json::json!({ "errcode": 0, "errmsg": "ok", "media_info_list": records }).to_string().into_bytes()
}

/// A server that gives a token to whoever asks for one, and this page to all others.
fn serve(page: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let page = page.clone();
            thread::spawn(move || answer(stream.unwrap(), &page));
        }
    });
    url
}

/// Answer the requests of one connection until it is closed.
fn answer(stream: TcpStream, page: &[u8]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let token = br#"{"access_token":"token","expires_in":7200}"#;
        let body = if first.contains("stable_token") { token.as_slice() } else { page };
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        reader.get_mut().write_all(&[head.as_bytes(), body].concat()).ok()?;
    }
}
