//! Signatures in minisign's form: of the listing of a package, of an index, of any file.

use super::{
    keys::{PrivateKey, parsed},
    tree::{SIGNATURE, SUMS},
};
use crate::{Error, error::Kind};
use base64::{Engine, prelude::BASE64_STANDARD};
use minisign::SignatureBox;
use std::{
    ffi::OsString,
    fs,
    io::{self, Cursor},
    path::{Path, PathBuf},
};

/// The comments of the programs that sign. Nothing vouches for this one line, so it may say nothing else.
const COMMENTS: [&str; 3] =
    ["signature from juben secret key", "signature from minisign secret key", "signature from rsign secret key"];

/// How a signature names its key, in the comment that it vouches for.
const KEY: &str = "key:";

/// Bytes of the signature of the comment.
const SECOND: usize = 64;

/// More than any signature has, and more than any listing.
const LARGEST: u64 = 16 << 20;

/// Who has signed the package in this folder, whose files are as `listing` says; nobody, if nothing says so. A signature
/// that does not name its key, as minisign's own program writes it, must be by one of those that are known.
pub fn check(root: &Path, listing: &str, known: &[String]) -> Result<Option<String>, Error> {
    let (sums_file, signature_file) = (root.join(SUMS), root.join(SIGNATURE));
    let (sums, signature) = (read_if_there(&sums_file)?, read_if_there(&signature_file)?);
    if let Some(sums) = &sums
        && sums != listing
    {
        return Err(refused(&sums_file, &differing(sums, listing)));
    }
    match (sums, signature) {
        (_, None) => Ok(None),
        (None, Some(_)) => Err(refused(&signature_file, &format!("there is no {SUMS} that it signs"))),
        (Some(sums), Some(signature)) => {
            let read = read(&signature).map_err(|why| refused(&signature_file, &why))?;
            let key = key_of(&read, known).ok_or_else(|| unnamed(&signature_file))?;
            holds(sums.as_bytes(), &read, &key).map_err(|why| refused(&signature_file, &why))?;
            Ok(Some(key))
        }
    }
}

/// Sign a file; the signature is written beside it, and its path returned.
pub fn sign_file(file: &Path, key: &PrivateKey) -> Result<PathBuf, Error> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = beside(file);
    fs::write(&beside, sign(&bytes, &name, key)?)
        .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", beside.display())))?;
    Ok(beside)
}

/// Which of these keys has signed the file, by the signature beside it.
pub fn verify_file(file: &Path, keys: &[&str]) -> Result<String, Error> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    let beside = beside(file);
    let signature = read_if_there(&beside)?.ok_or_else(|| {
        Error::new(Kind::Denied, format!("{} is not signed: there is no {}", file.display(), beside.display()))
            .hint(format!("whoever agrees to it signs it: juben key sign {}", file.display()))
    })?;
    verify(&bytes, &signature, keys).map_err(|why| refused(&beside, &why))
}

/// The signature of these bytes, which are a file of that name.
pub fn sign(bytes: &[u8], name: &str, key: &PrivateKey) -> Result<String, Error> {
    let now = jiff::Timestamp::now().as_second();
    let comment = format!("timestamp:{now}\tfile:{name}\thashed\t{KEY}{}", key.public()?);
    let signed = minisign::sign(None, &key.0, Cursor::new(bytes), Some(&comment), Some(COMMENTS[0]));
    signed
        .map(SignatureBox::into_string)
        .map_err(|error| Error::new(Kind::File, format!("{name} cannot be signed: {error}")))
}

/// The key of these that has signed the bytes, or why none has.
pub fn verify(bytes: &[u8], signature: &str, keys: &[&str]) -> Result<String, String> {
    let read = read(signature)?;
    let Some(key) = keys.iter().find(|key| is_by(&read, key)) else {
        return Err("it is by none of the keys that are trusted".to_owned());
    };
    holds(bytes, &read, key).map(|()| (*key).to_owned())
}

/// The key that a signature names itself, or the known one whose number it has.
fn key_of(signature: &SignatureBox, known: &[String]) -> Option<String> {
    let comment = signature.trusted_comment().unwrap_or_default();
    let named = comment.split(['\t', ' ']).find_map(|word| word.strip_prefix(KEY));
    named.map(str::to_owned).or_else(|| known.iter().find(|key| is_by(signature, key)).cloned())
}

fn is_by(signature: &SignatureBox, key: &str) -> bool {
    parsed(key).is_ok_and(|key| key.keynum() == signature.keynum())
}

fn holds(bytes: &[u8], signature: &SignatureBox, key: &str) -> Result<(), String> {
    let key = parsed(key).map_err(|error| error.message.clone())?;
    minisign::verify(&key, signature, Cursor::new(bytes), true, false, false).map_err(|error| error.to_string())
}

/// A signature has one form only, to the last byte.
fn read(text: &str) -> Result<SignatureBox, String> {
    let read = SignatureBox::from_string(text).map_err(|error| format!("it is no signature: {error}"))?;
    let comment = read.untrusted_comment().map_err(|error| error.to_string())?;
    if !COMMENTS.contains(&comment.as_str()) {
        return Err("its untrusted comment, which nothing vouches for, is none that a program writes".to_owned());
    }
    // A second signature, of the comment, whose length minisign does not look at.
    let second = text.lines().nth(3).and_then(|line| BASE64_STANDARD.decode(line).ok());
    let complete =
        second.is_some_and(|it| it.len() == SECOND) && read.trusted_comment().is_ok() && read.to_string() == text;
    if complete { Ok(read) } else { Err("it is not written as minisign writes a signature".to_owned()) }
}

fn read_if_there(file: &Path) -> Result<Option<String>, Error> {
    match fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(file, &error)),
        Ok(found) if !found.is_file() => Err(refused(file, "it is no file")),
        Ok(found) if found.len() > LARGEST => Err(refused(file, "it is too large")),
        Ok(_) => fs::read_to_string(file).map(Some).map_err(|error| unreadable(file, &error)),
    }
}

fn differing(sums: &str, listing: &str) -> String {
    let (mut told, mut found) = (sums.lines(), listing.lines());
    let pair = std::iter::from_fn(|| match (told.next(), found.next()) {
        (None, None) => None,
        pair => Some(pair),
    });
    let different = pair.filter(|(told, found)| told != found).find_map(|(told, found)| found.or(told));
    let path = different.and_then(|line| line.split_once("  ")).map(|(_, path)| path.escape_debug().to_string());
    match path {
        Some(path) => format!("it does not list the files as they are; the first is {path}"),
        None => "it does not list the files as they are".to_owned(),
    }
}

/// `plan.json.minisig` of `plan.json`
fn beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".minisig");
    name.into()
}

fn unreadable(file: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot read {}: {error}", file.display()))
}

fn unnamed(file: &Path) -> Error {
    let message = format!("{}: no key that is known here has signed it, and it names none", file.display());
    Error::new(Kind::Denied, message)
        .hint("if whoever publishes it has told you the key: juben key trust RW… --for TEAM/NAME")
}

fn refused(file: &Path, why: &str) -> Error {
    Error::new(Kind::Denied, format!("{}: {why}", file.display()))
        .hint("a package that has changed since it was signed is not taken; get it anew from whoever publishes it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{packages::keys::Pair, secret::Secret};

    const LISTING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.rhai\n";

    fn key() -> PrivateKey {
        let pair = Pair::new(None).unwrap();
        PrivateKey::read(&pair.private, "a.key", || Ok(Secret::new(""))).unwrap()
    }

    /// A folder with a listing and its signature.
    fn signed(key: &PrivateKey) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SUMS), LISTING).unwrap();
        fs::write(folder.path().join(SIGNATURE), sign(LISTING.as_bytes(), SUMS, key).unwrap()).unwrap();
        folder
    }

    #[test]
    fn what_the_key_signs_it_vouches_for() {
        let key = key();
        let folder = signed(&key);
        assert_eq!(check(folder.path(), LISTING, &[]).unwrap(), Some(key.public().unwrap()));
        fs::remove_file(folder.path().join(SIGNATURE)).unwrap();
        assert_eq!(check(folder.path(), LISTING, &[]).unwrap(), None);
        let error = check(folder.path(), &LISTING.replace("e3b0", "e3b1"), &[]).unwrap_err();
        assert!(
            error.message.contains("package.sums: it does not list") && error.message.contains("a.rhai"),
            "{error}"
        );
    }

    #[test]
    fn one_byte_of_a_signature_is_as_bad_as_all() {
        let folder = signed(&key());
        for name in [SUMS, SIGNATURE] {
            let file = folder.path().join(name);
            let whole = fs::read(&file).unwrap();
            for at in 0..whole.len() {
                for bit in [1, 0x20, 0x80] {
                    let mut bytes = whole.clone();
                    bytes[at] ^= bit;
                    fs::write(&file, &bytes).unwrap();
                    let error = check(folder.path(), LISTING, &[]).expect_err(&format!("{name}: byte {at}, bit {bit}"));
                    assert!(error.message.contains(name), "{error}");
                }
            }
            for bytes in [&whole[..whole.len() - 1], &[&whole[..], b"\n"].concat()] {
                fs::write(&file, bytes).unwrap();
                assert!(check(folder.path(), LISTING, &[]).unwrap_err().message.contains(name));
            }
            fs::write(&file, &whole).unwrap();
        }
        assert!(check(folder.path(), LISTING, &[]).unwrap().is_some());
    }

    #[test]
    fn a_second_signature_of_another_length_is_none() {
        let key = key();
        let signature = sign(b"text", "a", &key).unwrap();
        let (first, second) = signature.trim_end().rsplit_once('\n').unwrap();
        let bytes = BASE64_STANDARD.decode(second).unwrap();
        for other in [vec![], bytes[..10].to_vec(), bytes[..63].to_vec(), [&bytes[..], b"more"].concat()] {
            let text = format!("{first}\n{}\n", BASE64_STANDARD.encode(other));
            assert!(verify(b"text", &text, &[&key.public().unwrap()]).is_err(), "{text}");
        }
    }

    #[test]
    fn what_minisign_has_signed_is_verified() {
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let signature = "untrusted comment: signature from minisign secret key\n\
            RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
            trusted comment: timestamp:1633700835\tfile:test\tprehashed\n\
            wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==\n";
        assert_eq!(verify(b"test", signature, &[key]).unwrap(), key);
        assert!(verify(b"Test", signature, &[key]).is_err());
        assert!(verify(b"test", signature, &[]).unwrap_err().contains("none of the keys"));
    }

    #[test]
    fn a_signature_that_names_no_key_is_by_a_known_one() {
        let (folder, key, other) = (tempfile::tempdir().unwrap(), key(), key().public().unwrap());
        let signed = minisign::sign(None, &key.0, Cursor::new(LISTING), Some("timestamp:1"), Some(COMMENTS[1]));
        fs::write(folder.path().join(SUMS), LISTING).unwrap();
        fs::write(folder.path().join(SIGNATURE), signed.unwrap().into_string()).unwrap();
        let public = key.public().unwrap();
        assert_eq!(check(folder.path(), LISTING, &[other.clone(), public.clone()]).unwrap(), Some(public));
        let error = check(folder.path(), LISTING, &[other]).unwrap_err();
        assert!(error.message.contains("no key that is known here"), "{error}");
    }

    #[test]
    fn a_file_is_signed_beside_it() {
        let (folder, key) = (tempfile::tempdir().unwrap(), key());
        let plan = folder.path().join("plan.json");
        fs::write(&plan, "{}").unwrap();
        let public = key.public().unwrap();
        assert!(verify_file(&plan, &[&public]).unwrap_err().message.contains("plan.json.minisig"));
        assert_eq!(sign_file(&plan, &key).unwrap(), folder.path().join("plan.json.minisig"));
        assert_eq!(verify_file(&plan, &[&public]).unwrap(), public);
        fs::write(&plan, "{ }").unwrap();
        assert_eq!(verify_file(&plan, &[&public]).unwrap_err().kind, Kind::Denied);
    }
}
