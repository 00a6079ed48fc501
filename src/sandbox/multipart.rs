//! Multipart bodies: texts become fields, files are hashed while they arrive.

use super::{
    endpoint::Endpoint,
    model::{File, Refusal},
    signature::md5_hex,
    wire::Wire,
};
use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    http::StatusCode,
};
use bytes::{Bytes, BytesMut};
use md5::{Digest, Md5};

/// The largest body.
pub(super) const LARGEST: usize = 600 << 20;
/// Of larger files only size and hash are kept.
const LARGEST_KEPT: usize = 32 << 20;
/// The largest text.
const LARGEST_TEXT: usize = 1 << 20;

pub(super) async fn read(endpoint: &Endpoint, wire: &mut Wire, request: Request) -> Result<(), Refusal> {
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|error| defect(error.status(), &error.body_text()))?;
    while let Some(part) = parts.next_field().await.map_err(|error| defect(error.status(), &error.body_text()))? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        match endpoint.operation.input.properties.get(&name) {
            Some(schema) if schema.is_binary() => {
                wire.files.insert(name, file(part).await?);
            }
            Some(_) => {
                wire.texts.insert(name, text(part).await?);
            }
            None if part.file_name().is_some() => skip(part).await?,
            None => {
                wire.texts.insert(name, text(part).await?);
            }
        }
    }
    Ok(())
}

async fn file(mut part: Field<'_>) -> Result<File, Refusal> {
    let mut file = File { name: part.file_name().unwrap_or_default().to_owned(), ..File::default() };
    let mut hash = Md5::new();
    let mut kept = BytesMut::new();
    while let Some(chunk) = chunk(&mut part).await? {
        hash.update(&chunk);
        file.size += chunk.len() as u64;
        if kept.len() + chunk.len() <= LARGEST_KEPT {
            kept.extend_from_slice(&chunk);
        }
    }
    file.md5 = md5_hex(hash);
    if kept.len() as u64 == file.size {
        file.bytes = kept.freeze();
    }
    Ok(file)
}

async fn text(mut part: Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&mut part).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST_TEXT {
            return Err(Refusal::new(45002, "content size out of limit"));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn skip(mut part: Field<'_>) -> Result<(), Refusal> {
    while chunk(&mut part).await?.is_some() {}
    Ok(())
}

async fn chunk(part: &mut Field<'_>) -> Result<Option<Bytes>, Refusal> {
    part.chunk().await.map_err(|error| defect(error.status(), &error.body_text()))
}

fn defect(status: StatusCode, why: &str) -> Refusal {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::new(45002, "content size out of limit");
    }
    Refusal::new(47001, format!("data format error: {why}"))
}
