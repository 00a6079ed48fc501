//! Key pairs in minisign's form: its own program reads these files, and these functions read its.

use crate::{Error, error::Kind, secret::Secret};
use base64::{Engine, prelude::BASE64_STANDARD};
use minisign::{KeyPair, PublicKey, SecretKeyBox};
use std::fmt;

/// Bytes of a private key, the last of them its checksum.
const LENGTH: usize = 158;
const CHECKSUM: usize = 32;

/// A new key pair, as the contents of its two files.
#[derive(Debug)]
pub struct Pair {
    /// What signs. Nobody else may have it.
    pub private: Secret,
    /// What others check signatures with.
    pub public: String,
}

/// The half of a key pair that signs.
pub struct PrivateKey(pub(super) minisign::SecretKey);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(••••)")
    }
}

impl Pair {
    /// A new one; with a password, the private half is of no use without it.
    pub fn new(password: Option<&Secret>) -> Result<Pair, Error> {
        let pair = match password {
            Some(password) => KeyPair::generate_encrypted_keypair(Some(password.reveal().to_owned())),
            None => KeyPair::generate_unencrypted_keypair(),
        };
        let text = pair.and_then(|pair| Ok((pair.sk.to_box(Some("juben secret key"))?, pair.pk.to_box()?)));
        let (private, public) =
            text.map_err(|error| Error::new(Kind::Limit, format!("no key can be made: {error}")))?;
        Ok(Pair { private: Secret::new(private.into_string()), public: public.into_string() })
    }
}

impl PrivateKey {
    /// Read the content of the file that errors call `name`. The password is asked for if it needs one.
    pub fn read(
        text: &Secret,
        name: &str,
        password: impl FnOnce() -> Result<Secret, Error>,
    ) -> Result<PrivateKey, Error> {
        let failed = |why: String| Error::new(Kind::File, format!("{name}: {why}"));
        let no_key = || failed("it is no private key in minisign's form".to_owned());
        let content = text.reveal().lines().nth(1).and_then(|line| BASE64_STANDARD.decode(line).ok());
        let boxed = SecretKeyBox::from_string(text.reveal()).map_err(|_| no_key())?;
        // Behind the two letters of the signature are those of what makes a key from the password.
        let content = content.filter(|bytes| bytes.len() == LENGTH).ok_or_else(no_key)?;
        let key = match &content[2..4] {
            // minisign's own program writes no checksum into a key without a password.
            [0, 0] if content.ends_with(&[0; CHECKSUM]) => minisign::SecretKey::from_bytes(&content),
            [0, 0] => boxed.into_unencrypted_secret_key(),
            _ => boxed.into_secret_key(Some(password()?.reveal().to_owned())),
        };
        key.map(PrivateKey).map_err(|error| {
            failed(error.to_string()).hint(
                "try again with the password that the key was made with; without it the key signs nothing: \
                 `juben key new NAME` makes another, which others then have to trust",
            )
        })
    }

    /// The other half.
    pub fn public(&self) -> Result<String, Error> {
        let public = PublicKey::from_secret_key(&self.0);
        public.map(|key| key.to_base64()).map_err(|error| Error::new(Kind::File, error.to_string()))
    }
}

/// The public key of a text: the key itself, or the content of its file.
pub fn public(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let key = text.lines().nth(1).filter(|_| text.starts_with("untrusted comment:")).unwrap_or(text);
    parsed(key).map(|_| key.to_owned())
}

/// What minisign calls the key: 16 letters that it shows beside a signature.
pub fn id(key: &str) -> Result<String, Error> {
    let number = parsed(key)?.keynum().iter().rev().map(|byte| format!("{byte:02X}")).collect();
    Ok(number)
}

/// A key has one form only.
pub(super) fn parsed(key: &str) -> Result<PublicKey, Error> {
    let parsed =
        PublicKey::from_base64(key).ok().filter(|it| it.to_base64() == key && it.to_bytes().starts_with(b"Ed"));
    parsed.ok_or_else(|| {
        let key: String = key.chars().take(60).collect();
        Error::new(Kind::Config, format!("`{}` is no public key in minisign's form", key.escape_debug()))
            .hint("a public key has 56 letters and begins with RW; `juben key list` shows yours")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(pair: &Pair, password: &str) -> Result<PrivateKey, Error> {
        PrivateKey::read(&pair.private, "a.key", || Ok(Secret::new(password)))
    }

    #[test]
    fn a_key_is_read_back_with_its_password_only() {
        let plain = Pair::new(None).unwrap();
        let key = PrivateKey::read(&plain.private, "a.key", || unreachable!("it has no password")).unwrap();
        assert_eq!(key.public().unwrap(), public(&plain.public).unwrap());

        let guarded = Pair::new(Some(&Secret::new("open sesame"))).unwrap();
        assert_eq!(open(&guarded, "open sesame").unwrap().public().unwrap(), public(&guarded.public).unwrap());
        assert!(open(&guarded, "open barley").unwrap_err().message.contains("a.key: Wrong password"));
    }

    #[test]
    fn a_key_without_a_checksum_is_one_of_minisigns_own() {
        let plain = Pair::new(None).unwrap();
        let (comment, line) = plain.private.reveal().trim_end().split_once('\n').unwrap();
        let mut bytes = BASE64_STANDARD.decode(line).unwrap();
        let read = |bytes: &[u8]| {
            let text = format!("{comment}\n{}\n", BASE64_STANDARD.encode(bytes));
            PrivateKey::read(&Secret::new(text), "a.key", || unreachable!("it has no password"))
        };
        bytes[LENGTH - CHECKSUM..].fill(1);
        assert!(read(&bytes).is_err());
        bytes[LENGTH - CHECKSUM..].fill(0);
        assert_eq!(read(&bytes).unwrap().public().unwrap(), public(&plain.public).unwrap());
        assert!(read(&bytes[..LENGTH - 1]).is_err());
    }

    #[test]
    fn no_key_is_printed() {
        let pair = Pair::new(None).unwrap();
        let printed = format!("{:?} {:?}", pair, open(&pair, "").unwrap());
        assert!(!printed.contains(pair.private.reveal().lines().nth(1).unwrap()), "{printed}");
    }

    #[test]
    fn what_minisign_has_written_is_read() {
        // The key that minisign's own releases are signed with.
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let file = format!("untrusted comment: minisign public key E7620F1842B4E81F\n{key}\n");
        assert_eq!((public(&file).unwrap(), public(key).unwrap()), (key.to_owned(), key.to_owned()));
        assert_eq!(id(key).unwrap(), "E7620F1842B4E81F");
        for wrong in ["", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO", &key.replace("RWQ", "QWQ")] {
            assert!(public(wrong).is_err(), "{wrong}");
        }
    }
}
