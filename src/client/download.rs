//! Files of servers that are no platform's: indexes of packages, and their archives.

use super::{
    transport::{Transport, failure},
    trust::Trust,
};
use crate::{Error, config, error::Kind};
use reqwest::{Response, StatusCode};
use std::time::Duration;
use tokio::time::timeout;

/// Gets them, by the proxy and to the certificates of the configuration.
#[derive(Debug)]
pub struct Download {
    transport: Transport,
    /// So long may nothing come.
    patience: Duration,
    /// So long may all of it take.
    deadline: Duration,
}

impl Download {
    /// By these settings.
    pub fn new(http: &config::Http) -> Download {
        Download {
            transport: Transport::new(http.clone(), Trust::new(http), false).of_files(),
            patience: Duration::from_secs(http.timeout),
            deadline: Duration::from_secs(http.deadline),
        }
    }

    /// The file at that address, of at most so many bytes. Another address that the server names is not gone to.
    pub async fn get(&self, url: &str, most: u64) -> Result<Vec<u8>, Error> {
        let request = self.transport.client()?.get(url).timeout(self.deadline);
        let work = async {
            let response = self.within(request.send()).await?;
            match response.status() {
                StatusCode::OK => self.read(response, most).await,
                status => Err(refused(status)),
            }
        };
        work.await.map_err(|error: Error| error.reworded(error.kind, format!("{url}: {}", error.message)))
    }

    async fn read(&self, mut response: Response, most: u64) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = self.within(response.chunk()).await? {
            if (body.len() + chunk.len()) as u64 > most {
                return Err(Error::new(Kind::TooLarge, format!("it is larger than {most} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn within<T>(&self, work: impl Future<Output = reqwest::Result<T>>) -> Result<T, Error> {
        match timeout(self.patience, work).await {
            Ok(done) => done.map_err(|error| failure(error).into_error()),
            Err(_) => Err(Error::new(Kind::Network, format!("nothing has come for {} s", self.patience.as_secs()))
                .hint("try again later; http.timeout in juben.toml is how long to wait")),
        }
    }
}

fn refused(status: StatusCode) -> Error {
    let kind = if status == StatusCode::NOT_FOUND { Kind::NotFound } else { Kind::Refused };
    let error = Error::new(kind, format!("the server answers {status}"));
    match status.is_redirection() {
        true => error.hint("it names another address, which juben does not go to by itself: write that one instead"),
        false => error,
    }
}
