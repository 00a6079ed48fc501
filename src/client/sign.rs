//! Polyv's two signatures.

use crate::secret::Secret;
use md5::{Digest, Md5};
use sha1::Sha1;
use std::collections::BTreeMap;

/// v3: MD5 over `name1value1name2value2…` between two copies of the secret.
pub fn polyv_v3(fields: &BTreeMap<String, String>, secret: &Secret) -> String {
    let mut hash = Md5::new();
    hash.update(secret.reveal());
    for (name, value) in signed(fields) {
        hash.update(name);
        hash.update(value);
    }
    hash.update(secret.reveal());
    hex(&hash.finalize())
}

/// v2: SHA1 over `name1=value1&name2=value2…` followed by the key.
pub fn polyv_v2(fields: &BTreeMap<String, String>, key: &Secret) -> String {
    let pairs: Vec<String> = signed(fields).map(|(name, value)| format!("{name}={value}")).collect();
    let mut hash = Sha1::new();
    hash.update(pairs.join("&"));
    hash.update(key.reveal());
    hex(&hash.finalize())
}

/// The fields that take part: all that are not empty, in the order of their names' bytes.
fn signed(fields: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn v3_gives_the_worked_example() {
        let example = fields(&[
            ("appId", "jb7Kq2Zx9T"),
            ("timestamp", "1735689600000"),
            ("vid", "a1b2c3d4e5f60718293a4b5c6d7e8f90_a"),
            ("title", "第1集 归来"),
            ("tag", "短剧,都市"),
            ("describ", ""),
        ]);
        let sign = polyv_v3(&example, &Secret::new("9f8e7d6c5b4a39281706f5e4d3c2b1a0"));
        assert_eq!(sign, "2D46D489E21DE05D27E8EF0C69C3090A");
    }

    #[test]
    fn v2_gives_the_worked_and_the_published_examples() {
        let vids = "a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
        let own = [("deleteType", "1"), ("ptime", "1735689600000"), ("userId", "a1b2c3d4e5"), ("vids", vids)];
        type Example<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
        let published: [Example; 4] = [
            (&own, "JbSecret01", "7FB98EBC68FB6EBABB8F7A9AF721E625584C78B9"),
            (&[("ptime", "1"), ("vid", "test1")], "test2", "C2B1558D697EA3AF4ED2FC90152751860C1E2163"),
            (
                &[("date", "2017-08-28"), ("ptime", "1470969330000")],
                "kXmHMLeX6M",
                "DAFD320EC4E2D54E093CBA497ECD30EFB828BFB2",
            ),
            (
                &[("ptime", "1476753635000"), ("vid", "8f8482aaab8fe7ea12e3314a11a061fc_8")],
                "AiDQw1mAmi",
                "B2E2D7AAB9DFCC8CBFE7EDC919B5F8F6F4E104BC",
            ),
        ];
        for (pairs, key, sign) in published {
            assert_eq!(polyv_v2(&fields(pairs), &Secret::new(key)), sign);
        }
    }
}
