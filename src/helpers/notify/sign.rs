//! How robots know who writes to them: HMAC-SHA256 in each vendor's own manner.

use crate::secret::Secret;
use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// DingTalk: of the moment in milliseconds and the secret, by the secret.
pub(super) fn dingtalk(millis: i64, secret: &Secret) -> String {
    BASE64_STANDARD.encode(hmac(secret.reveal(), &format!("{millis}\n{}", secret.reveal())))
}

/// Feishu: of nothing, by the moment in seconds and the secret.
pub(super) fn feishu(seconds: i64, secret: &Secret) -> String {
    BASE64_STANDARD.encode(hmac(&format!("{seconds}\n{}", secret.reveal()), ""))
}

/// A webhook: of the body, by the secret, in hex.
pub(super) fn webhook(body: &str, secret: &Secret) -> String {
    let bytes = hmac(secret.reveal(), body);
    format!("sha256={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn hmac(key: &str, text: &str) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    let mac = mac.unwrap_or_else(|_| unreachable!("a key may have any length"));
    mac.chain_update(text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the examples of the vendors' manuals, in Python, print for these moments and secrets.
    #[test]
    fn signatures_are_those_of_the_vendors_examples() {
        let secret = Secret::new("this is secret");
        assert_eq!(dingtalk(1_577_262_236_757, &secret), "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=");
        assert_eq!(feishu(1_599_360_473, &secret), "/eYKrXQBzTjUZJ3s6NX16VxGbTwmK7AEs8/FnvC1CSw=");
        // The second case of RFC 4231.
        assert_eq!(
            webhook("what do ya want for nothing?", &Secret::new("Jefe")),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
