//! Whom connections trust: the certificates of the system and of `http.ca_file`.

use crate::{Error, config::Http, error::Kind};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

/// The certificates, the same for all connections.
#[derive(Debug)]
pub(super) struct Trust {
    ca_file: Option<PathBuf>,
    known: OnceLock<Result<ClientConfig, Error>>,
}

impl Trust {
    pub(super) fn new(settings: &Http) -> Arc<Trust> {
        Arc::new(Trust { ca_file: settings.ca_file.clone(), known: OnceLock::new() })
    }

    pub(super) fn config(&self) -> Result<ClientConfig, Error> {
        self.known.get_or_init(|| self.read()).clone()
    }

    fn read(&self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = OfSystem { own: self.own()?, provider: provider.clone(), known: OnceLock::new() };
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.unwrap_or_else(|error| unreachable!("the provider knows the default versions: {error}"));
        Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
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

/// Trusts whom the system trusts, besides the holders of one's own certificates. The system's are hundreds of files, so
/// they are read when the first connection by TLS needs them.
#[derive(Debug)]
struct OfSystem {
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    known: OnceLock<Result<Verifier, rustls::Error>>,
}

impl OfSystem {
    fn verifier(&self) -> Result<&Verifier, rustls::Error> {
        let read = || {
            let read = Verifier::new_with_extra_roots(self.own.clone(), self.provider.clone());
            read.inspect_err(|error| tracing::warn!("{error}: install ca-certificates, or set http.ca_file"))
        };
        self.known.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for OfSystem {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
