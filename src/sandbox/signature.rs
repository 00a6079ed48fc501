//! Polyv's two signatures, read from its manual and not from the client.

use md5::{Digest, Md5};
use sha1::Sha1;
use std::collections::BTreeMap;

/// The parameters that were sent, by name.
pub(super) type Parameters = BTreeMap<String, String>;

/// v3: the MD5 of names and values, with the secret before and behind.
pub(super) fn v3(secret: &str, parameters: &Parameters) -> String {
    let joined: String = signed(parameters).map(|(name, value)| format!("{name}{value}")).collect();
    upper_hex(&Md5::digest(format!("{secret}{joined}{secret}")))
}

/// v2: the SHA1 of `name=value` pairs, with the secretkey behind.
pub(super) fn v2(secretkey: &str, parameters: &Parameters) -> String {
    v2_in_order(secretkey, signed(parameters).map(|(name, value)| (name.as_str(), value.as_str())))
}

/// v2, of just these pairs in just this order.
pub(super) fn v2_in_order<'a>(secretkey: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    upper_hex(&Sha1::digest(format!("{}{secretkey}", pairs.join("&"))))
}

/// Everything but the signature itself and what is empty.
fn signed(parameters: &Parameters) -> impl Iterator<Item = (&String, &String)> {
    parameters.iter().filter(|(name, value)| *name != "sign" && !value.is_empty())
}

fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The MD5 of a file, in lower-case hex.
pub(super) fn md5_hex(digest: Md5) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_v3_example_of_the_manual_holds() {
        let sent = parameters(&[
            ("appId", "jb7Kq2Zx9T"),
            ("timestamp", "1735689600000"),
            ("vid", "a1b2c3d4e5f60718293a4b5c6d7e8f90_a"),
            ("title", "第1集 归来"),
            ("tag", "短剧,都市"),
            ("describ", ""),
        ]);
        assert_eq!(v3("9f8e7d6c5b4a39281706f5e4d3c2b1a0", &sent), "2D46D489E21DE05D27E8EF0C69C3090A");
    }

    #[test]
    fn the_v2_examples_of_the_manual_hold() {
        let examples = [
            ("ptime=1&vid=test1", "test2", "C2B1558D697EA3AF4ED2FC90152751860C1E2163"),
            ("date=2017-08-28&ptime=1470969330000", "kXmHMLeX6M", "DAFD320EC4E2D54E093CBA497ECD30EFB828BFB2"),
            (
                "deleteType=1&ptime=1735689600000&userId=a1b2c3d4e5&vids=a1b2c3d4e5f60718293a4b5c6d7e8f90_a",
                "JbSecret01",
                "7FB98EBC68FB6EBABB8F7A9AF721E625584C78B9",
            ),
        ];
        for (text, secretkey, sign) in examples {
            let pairs: Vec<_> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
            assert_eq!(v2(secretkey, &parameters(&pairs)), sign);
        }
    }
}
