//! Packages of an index: the oldest that will do, and the newest when asked.

use super::{Disk, LISTS, READS};
use juben::packages::{Parcel, Release, write_index};
use std::fs;

/// Publish what is in the folder, into an index that is a folder.
fn publish(disk: &Disk, releases: &mut Vec<Release>, folder: &str) {
    let parcel = Parcel::new(&disk.path(folder), None).unwrap();
    let archive = parcel.archive().unwrap();
    let release = Release::new(&parcel.manifest, &archive, parcel.signer.clone());
    let place = disk.path("index").join(&release.archive);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, archive).unwrap();
    releases.push(release);
    disk.write("index/index.jsonl", &write_index(releases));
}

fn version(disk: &Disk, name: &str) -> String {
    let lock = disk.read("project/juben.lock");
    let line = lock.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn the_oldest_version_that_will_do_is_taken_and_a_newer_one_when_asked() {
    let disk = Disk::new();
    let mut releases = Vec::new();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        disk.package("base", "team/base", version, &[], "fn one() { 1 }\n");
        publish(&disk, &mut releases, "base");
    }
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.depends("grants", &[("team/base", "1.1")]);
    publish(&disk, &mut releases, "grants");
    disk.write("project/juben.toml", "[[index]]\nname = \"team\"\nurl = \"../index\"\n");
    disk.does(&["add", "team/grants", "1", "--yes"]);
    assert_eq!((version(&disk, "team/grants"), version(&disk, "team/base")), ("1.0.0".into(), "1.1.0".into()));

    disk.package("base", "team/base", "1.3.0", &[], "fn one() { 1 }\n");
    publish(&disk, &mut releases, "base");
    disk.package("grants", "team/grants", "1.0.1", READS, LISTS);
    publish(&disk, &mut releases, "grants");
    assert_eq!(disk.does(&["update", "team/grants", "--dry-run"]).lines().next().unwrap(), "- team/base 1.1.0");
    disk.does(&["add", "team/base"]);
    assert_eq!(version(&disk, "team/base"), "1.3.0");
    assert_eq!(version(&disk, "team/grants"), "1.0.0");
    disk.refuses(4, &["add", "team/base", "1.2"], &["would go back from 1.3.0 to 1.2.0", "--downgrade"]);
    disk.refuses(
        1,
        &["add", "team/base", "2"],
        &["needs team/base 2.0.0, which no index", "1.0.0, 1.1.0, 1.2.0, 1.3.0"],
    );

    // The lock alone is enough to have them again.
    super::remove(&disk.path("cache"));
    disk.does(&["update", "--locked"]);
    fs::remove_dir_all(disk.path("index")).unwrap();
    disk.write("project/one.rhai", "import \"team/base\" as base;\nprint(base::one());\n");
    assert_eq!(disk.does(&["run", "one.rhai", "--sandbox"]), "1\n");
}

#[test]
fn an_archive_is_taken_as_it_is() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    let archive = Parcel::new(&disk.path("grants"), None).unwrap().archive().unwrap();
    fs::write(disk.path("grants.tar.gz"), &archive).unwrap();
    disk.does(&["add", "--archive", "../grants.tar.gz", "--yes"]);
    assert!(disk.read("project/juben.lock").contains(" archive:../grants.tar.gz sha256:"));
    let hash = juben::packages::tree::Tree::read(&disk.path("grants")).unwrap().hash();
    assert!(disk.read("project/juben.lock").contains(&hash));
    fs::write(disk.path("grants.tar.gz"), &archive[..archive.len() - 1]).unwrap();
    disk.refuses(1, &["update"], &["grants.tar.gz"]);
    assert_eq!(disk.does(&["update", "--locked"]), "");
}

#[test]
fn an_index_must_be_signed_by_a_key_that_is_named() {
    let disk = Disk::new();
    disk.does(&["new", "package", "team/grants"]);
    let key = |name: &str| {
        let made = disk.does(&["key", "new", name, "--no-password"]);
        made.lines().nth(2).unwrap().trim().to_owned()
    };
    let (ours, theirs) = (key("ours"), key("theirs"));
    for (index, words) in [("unsigned", "--unsigned"), ("by-us", "--key=ours"), ("by-them", "--key=theirs")] {
        disk.does(&["publish", "grants", "--to", &format!("../{index}"), words]);
    }
    let take = |index: &str, keys: &[&str]| {
        let text = format!("[[index]]\nname = \"team\"\nurl = \"../{index}\"\nkeys = {keys:?}\n");
        disk.write("user/juben.toml", &text);
        fs::remove_file(disk.path("user/juben.lock")).ok();
        let ended = disk.start_in("user", &["add", "team/grants", "--yes"]).run();
        if ended.code != 0 {
            assert!(disk.read("user/juben.toml") == text && !disk.is_there("user/juben.lock"), "{ended:?}");
        }
        (ended.code, ended.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for (index, keys) in
        [("by-us", vec![&*ours]), ("by-us", vec![&*theirs, &*ours]), ("by-them", vec![]), ("unsigned", vec![])]
    {
        let (code, said) = take(index, &keys);
        assert_eq!(code, 0, "{index}: {said}");
    }
    let (code, said) = take("by-them", &[&ours]);
    assert!(code == 4 && said.contains("index.jsonl.minisig: it is by none of the keys that are trusted"), "{said}");
    let (code, said) = take("unsigned", &[&ours]);
    assert!(code == 1 && said.contains("it is not signed, and `keys` in [[index]]"), "{said}");
    let listing = disk.read("by-us/index.jsonl").replace("Titles", "titles");
    disk.write("by-us/index.jsonl", &listing);
    let (code, said) = take("by-us", &[&ours]);
    assert!(code == 4 && said.contains("index.jsonl"), "{said}");
    let (code, said) = take("by-us", &["RWabc"]);
    assert!(code == 2 && said.contains("[[index]] `team` has \"RWabc\", which is no public key"), "{said}");
}
