//! The way to a platform: proxies, and certificates that the system does not know.

use crate::script::{RUNTIME, call};
use juben::{catalog::Catalog, client::Client, config::Config, error::Kind};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener as Listener,
    sync::Arc,
    thread::JoinHandle,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

const TOKEN: &str = r#"{"access_token":"T","expires_in":7200}"#;
const ASK: &str = "platform.get_stable_access_token";

fn client(base_url: &str, http: &str) -> Client {
    let config = format!(
        "[account.a]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nsecret = \"cmd:echo s\"\n\
         base_url = \"{base_url}\"\n[http]\nretries = 0\ntimeout = 5\n{http}"
    );
    Client::new(Catalog::builtin(), &Config::parse(&config).unwrap())
}

/// A proxy for one request; its first line is the result.
fn proxy() -> (u16, JoinHandle<String>) {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let one = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.trim().is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{TOKEN}", TOKEN.len()).unwrap();
        line
    };
    (port, std::thread::spawn(one))
}

#[test]
fn calls_go_through_the_proxy_of_the_configuration() {
    let (port, asked) = proxy();
    let client = client("http://platform.invalid", &format!("proxy = \"http://127.0.0.1:{port}\""));
    RUNTIME.block_on(call(&client, ASK, "{}")).unwrap();
    assert_eq!(asked.join().unwrap(), "POST http://platform.invalid/cgi-bin/stable_token HTTP/1.1\r\n");
}

/// A server with a certificate of its own making; it answers every request with a token.
async fn tls_server() -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    crypto::ring::default_provider().install_default().ok();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{TOKEN}", TOKEN.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (port, made.cert.pem())
}

#[test]
fn a_certificate_is_trusted_when_the_configuration_names_it_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    RUNTIME.block_on(async {
        let (port, pem) = tls_server().await;
        std::fs::write(&path, pem).unwrap();
        let url = format!("https://localhost:{port}");
        call(&client(&url, &format!("ca_file = {path:?}")), ASK, "{}").await.unwrap();
        let error = call(&client(&url, ""), ASK, "{}").await.unwrap_err();
        assert_eq!(error.kind, Kind::Network);
        assert!(error.message.contains("certificate"), "{}", error.message);
    });
}

#[test]
fn a_certificate_file_that_is_not_there_is_named() {
    let error = RUNTIME.block_on(call(&client("https://localhost:1", "ca_file = \"nope.pem\""), ASK, "{}"));
    let error = error.unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert!(error.message.contains("http.ca_file"), "{}", error.message);
}
