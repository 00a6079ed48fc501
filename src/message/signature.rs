//! The signatures of a push: SHA1 over the sorted parts.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// The signature of a token, a timestamp and a nonce, and of the ciphertext where there is one: lower-case hex.
pub fn sign(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    Sha1::digest(sorted.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether this is the signature of these parts, in either case; how long that takes tells nothing of the right one.
pub fn verify(signature: &str, parts: &[&str]) -> bool {
    signature.to_ascii_lowercase().as_bytes().ct_eq(sign(parts).as_bytes()).into()
}
