//! A version of a package as an index lists it, and the listing of all of them: `index.jsonl`.

use super::{Manifest, Name, signature, tree::sha256};
use crate::{Error, error::Kind, rights::Rights};
use semver::Version;
use serde::{Deserialize, Serialize};

/// Bytes of a line.
const LONGEST: usize = 64 << 10;

/// What an unknown field may mean. It is not passed over: what a line says is all that is known of a package.
const NEWER: &str = "an index of a newer juben needs that juben; nothing was taken from this one";

/// One version of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Whose it is, and what.
    pub name: Name,
    /// Which.
    pub version: Version,
    /// What it is for.
    pub summary: String,
    /// Where its archive lies below the index.
    pub archive: String,
    /// SHA-256 of the archive, in hex.
    pub sha256: String,
    /// What it may do.
    pub rights: Rights,
    /// The public key that has signed it.
    pub key: Option<String>,
}

/// The last line of an index.
#[derive(Serialize)]
struct Sum {
    sha256: String,
}

impl Release {
    /// That of a package whose archive has these bytes.
    pub fn new(manifest: &Manifest, archive: &[u8], key: Option<String>) -> Release {
        Release {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            summary: manifest.summary.clone(),
            archive: place(&manifest.name, &manifest.version),
            sha256: sha256(archive),
            rights: manifest.all_rights(),
            key,
        }
    }

    /// Whether the archive is the one that was listed, by its bytes.
    pub fn check_archive(&self, archive: &[u8]) -> Result<(), Error> {
        match sha256(archive) == self.sha256 {
            true => Ok(()),
            false => Err(self.refused(&format!("{} is another than the index lists, by its SHA-256", self.archive))),
        }
    }

    /// Whether the package that was in the archive is what the index says of it.
    pub fn check_package(&self, manifest: &Manifest, signer: Option<&str>) -> Result<(), Error> {
        if manifest.name != self.name || manifest.version != self.version {
            return Err(self.refused(&format!("its archive holds {} {}", manifest.name, manifest.version)));
        }
        let told = [
            ("summary", manifest.summary == self.summary),
            ("list of rights", manifest.all_rights() == self.rights),
            ("key", signer == self.key.as_deref()),
        ];
        match told.into_iter().find(|(_, is_same)| !is_same) {
            Some((what, _)) => Err(self.refused(&format!("the index tells another {what} than the package"))),
            None => Ok(()),
        }
    }

    fn refused(&self, why: &str) -> Error {
        Error::new(Kind::Denied, format!("{} {}: {why}", self.name, self.version))
            .hint("nothing was taken from it; tell whoever keeps the index")
    }
}

/// `team/grants/grants-1.2.0.tar.gz`
fn place(name: &Name, version: &Version) -> String {
    format!("{name}/{}-{version}.tar.gz", name.short())
}

/// Read an index, which errors call `name`. What is not written exactly as `write` does is refused.
pub fn read(text: &str, name: &str) -> Result<Vec<Release>, Error> {
    let wrong = |line: usize, why: String| {
        Error::new(Kind::Denied, format!("{name}, line {line}: {why}"))
            .hint("nothing was taken from this index; tell whoever keeps it: `juben publish` writes it")
    };
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let Some((last, releases)) = lines.split_last() else { return Err(wrong(1, "the index is empty".into())) };
    if *last != last_line(&releases.concat()) {
        return Err(wrong(lines.len(), "it is not the SHA-256 of the lines before it".into()));
    }
    let mut read: Vec<Release> = Vec::with_capacity(releases.len());
    for (at, line) in releases.iter().enumerate() {
        if line.len() > LONGEST {
            return Err(wrong(at + 1, format!("it has {} bytes; a line may have {LONGEST}", line.len())));
        }
        let release: Release = serde_json::from_str(line).map_err(|error| {
            let error = wrong(at + 1, error.to_string());
            if error.message.contains("unknown field") { error.hint(NEWER) } else { error }
        })?;
        if line_of(&release) != *line {
            return Err(wrong(at + 1, "it is not written as an index is".into()));
        }
        if release.archive != place(&release.name, &release.version) {
            return Err(wrong(at + 1, format!("the archive must be {}", place(&release.name, &release.version))));
        }
        if read.last().is_some_and(|before| (&before.name, &before.version) >= (&release.name, &release.version)) {
            return Err(wrong(at + 1, "it does not come after the line before it".into()));
        }
        read.push(release);
    }
    Ok(read)
}

/// The text of an index.
pub fn write(releases: &[Release]) -> String {
    let mut sorted: Vec<_> = releases.iter().collect();
    sorted.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let lines: String = sorted.into_iter().map(line_of).collect();
    let last = last_line(&lines);
    lines + last.as_str()
}

fn line_of(release: &Release) -> String {
    serde_json::to_string(release).expect("a release is texts") + "\n"
}

fn last_line(lines: &str) -> String {
    serde_json::to_string(&Sum { sha256: sha256(lines.as_bytes()) }).expect("a sum is a text") + "\n"
}

/// Whether one of the keys has signed the index.
pub fn check_signature(text: &str, name: &str, signature: &str, keys: &[String]) -> Result<(), Error> {
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    signature::verify(text.as_bytes(), signature, &keys).map(drop).map_err(|why| {
        Error::new(Kind::Denied, format!("{name}.minisig: {why}"))
            .hint("the keys of an index are in its [[index]] of juben.toml; ask whoever keeps it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(name: &str, version: &str) -> Release {
        let manifest = format!(
            "name = {name:?}\nversion = {version:?}\nsummary = \"第1集\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\n\
             modules = []\n[rights]\nread = \"why\"\n"
        );
        Release::new(&Manifest::parse(&manifest, "package.toml").unwrap(), b"archive", None)
    }

    #[test]
    fn an_index_is_read_as_it_was_written() {
        let (one, two) = (release("team/a", "1.9.0"), release("team/a", "1.10.0"));
        let text = write(&[two.clone(), one.clone()]);
        assert_eq!(read(&text, "index.jsonl").unwrap(), [one, two]);
        assert_eq!(read(&write(&[]), "index.jsonl").unwrap(), []);
        assert!(
            text.starts_with(
                r#"{"name":"team/a","version":"1.9.0","summary":"第1集","archive":"team/a/a-1.9.0.tar.gz""#
            )
        );
    }

    #[test]
    fn one_byte_of_an_index_is_as_bad_as_all() {
        let text = write(&[release("team/a", "1.0.0"), release("team/b", "1.0.0")]);
        for at in 0..text.len() {
            for bit in [1, 2, 0x20] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= bit;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let error = read(&changed, "index.jsonl").expect_err(&format!("byte {at}, bit {bit}"));
                assert!(error.message.starts_with("index.jsonl, line "), "{error}");
            }
        }
        for cut in 0..text.len() {
            let Some(cut) = text.get(..cut) else { continue };
            assert!(read(cut, "index.jsonl").is_err(), "{cut}");
        }
    }

    #[test]
    fn an_index_whose_sum_is_right_may_still_lie() {
        let refusal =
            |lines: &str| read(&format!("{lines}{}", last_line(lines)), "index.jsonl").unwrap_err().message.clone();
        let (a, b) = (line_of(&release("team/a", "1.0.0")), line_of(&release("team/b", "1.0.0")));
        assert!(refusal(&format!("{b}{a}")).contains("line 2: it does not come after"));
        assert!(refusal(&format!("{a}{a}")).contains("line 2: it does not come after"));
        assert!(
            refusal(&a.replace("team/a/a-1.0.0.tar.gz", "../../a.tar.gz")).contains("must be team/a/a-1.0.0.tar.gz")
        );
        assert!(refusal(&a.replace("\",\"", "\", \"")).contains("not written as an index is"));
        let long = a.replace("第1集", &"第".repeat(30_000));
        assert!(refusal(&long).contains("line 1: it has 90"), "{}", refusal(&long));
        assert!(refusal(&a.replace("summary", "sumary")).contains("line 1: unknown field"));
    }

    #[test]
    fn a_package_is_what_the_index_says() {
        let listed = release("team/a", "1.0.0");
        let manifest = |text: &str| Manifest::parse(text, "package.toml").unwrap();
        let told = "name = \"team/a\"\nversion = \"1.0.0\"\nsummary = \"第1集\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\n\
                    modules = []\n[rights]\nread = \"why\"\n";
        assert!(listed.check_package(&manifest(told), None).is_ok());
        for (text, signer) in [
            (told.replace("team/a", "team/b"), None),
            (told.replace("version = \"1.0.0\"", "version = \"1.0.1\""), None),
            (told.replace("第1集", "第2集"), None),
            (told.replace("read =", "write ="), None),
            (told.to_owned(), Some("RW")),
        ] {
            assert_eq!(listed.check_package(&manifest(&text), signer).unwrap_err().kind, Kind::Denied);
        }
        assert!(listed.check_archive(b"archive").is_ok() && listed.check_archive(b"Archive").is_err());
    }
}
