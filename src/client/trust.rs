//! Whom connections trust: the certificates of the system and of `http.ca_file`, read when the first call is made, once for
//! all connections.

use crate::{Error, config::Http, error::Kind};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

/// The certificates.
#[derive(Debug)]
pub(super) struct Trust {
    ca_file: Option<PathBuf>,
    /// The sandbox is reached by plain HTTP: no certificates need be read, nor be there.
    nobody: bool,
    known: OnceLock<Result<ClientConfig, Error>>,
}

impl Trust {
    pub(super) fn new(settings: &Http, nobody: bool) -> Arc<Trust> {
        Arc::new(Trust { ca_file: settings.ca_file.clone(), nobody, known: OnceLock::new() })
    }

    pub(super) fn config(&self) -> Result<ClientConfig, Error> {
        self.known.get_or_init(|| self.read()).clone()
    }

    fn read(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        if self.nobody {
            return Ok(trusting_nobody(provider));
        }
        Ok(Verifier::new_with_extra_roots(self.own()?, provider.clone()).map_or_else(
            |error| {
                // Such as on a machine without certificates; what needs none still works.
                tracing::warn!("{error}: calls by https will fail; install ca-certificates, or set http.ca_file");
                trusting_nobody(provider.clone())
            },
            |verifier| {
                let builder = builder(provider.clone());
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
            },
        ))
    }

    /// Those of `http.ca_file`.
    fn own(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let Some(path) = &self.ca_file else { return Ok(Vec::new()) };
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        read.map_err(|error| {
            Error::new(Kind::Config, format!("http.ca_file in juben.toml cannot be used: {}: {error}", path.display()))
        })
    }
}

fn trusting_nobody(provider: Arc<CryptoProvider>) -> ClientConfig {
    builder(provider).with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn builder(provider: Arc<CryptoProvider>) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.unwrap_or_else(|error| unreachable!("the provider knows the default versions: {error}"))
}
