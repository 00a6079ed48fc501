//! Bodies that cannot be read.

use super::*;
use crate::sandbox::wire;
use axum::{body::Body, extract};

#[tokio::test]
async fn a_body_that_cannot_be_read_gets_its_code() {
    let read = async |body: Vec<u8>| {
        let request = extract::Request::post("/").body(Body::from(body)).unwrap();
        wire::read(endpoint("platform.get_api_quota"), Vec::new(), request).await.defect.map(|defect| defect.code)
    };
    assert_eq!(read(br#"{"cgi_path":"/wxa/book/listbook"}"#.to_vec()).await, None);
    assert_eq!(read(b" \n".to_vec()).await, Some(44002));
    assert_eq!(read(br#"{"cgi_path":"#.to_vec()).await, Some(47001));
    assert_eq!(read(b"[]".to_vec()).await, Some(47001));
    assert_eq!(read(vec![b' '; (10 << 20) + 1]).await, Some(45002));
}
