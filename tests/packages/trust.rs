//! Who has signed a package, and that it does not change by itself.

use super::{Disk, LISTS, READS};
use juben::{
    packages::{
        keys::{Pair, PrivateKey},
        signature,
        tree::{SUMS, Tree},
    },
    secret::Secret,
};
use std::fs;

fn key() -> PrivateKey {
    PrivateKey::read(&Pair::new(None).unwrap().private, "a.key", || Ok(Secret::new(""))).unwrap()
}

/// Sign the package in this folder, as it is now.
fn sign(disk: &Disk, folder: &str, key: &PrivateKey) {
    let root = disk.path(folder);
    fs::write(root.join(SUMS), Tree::read(&root).unwrap().listing()).unwrap();
    signature::sign_file(&root.join(SUMS), key).unwrap();
}

fn unsign(disk: &Disk, folder: &str) {
    [SUMS, "package.sums.minisig"].iter().for_each(|name| fs::remove_file(disk.path(folder).join(name)).unwrap());
}

#[test]
fn the_key_that_was_seen_first_stays_unless_told() {
    let disk = Disk::new();
    let (one, other) = (key(), key());
    let (first, second) = (one.public().unwrap(), other.public().unwrap());
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    sign(&disk, "grants", &one);
    let told = disk.does(&["add", "--path", "../grants", "--yes"]);
    assert!(told.contains(&format!("    key {first}\n")), "{told}");
    assert!(disk.read("project/juben.lock").contains(&format!(" {first} ")));
    let before = disk.read("project/juben.lock");

    sign(&disk, "grants", &other);
    disk.write("project/list.rhai", "import \"team/grants\" as grants;\nprint(grants::books());\n");
    disk.refuses(4, &["run", "list.rhai", "--sandbox", "--allow", "read"], &["it is signed by RW"]);
    disk.refuses(4, &["update", "--yes"], &["was signed with RW", "--new-key"]);
    unsign(&disk, "grants");
    disk.refuses(4, &["update", "--yes"], &["it is not signed at all", "--new-key"]);
    assert_eq!(disk.read("project/juben.lock"), before);
    sign(&disk, "grants", &other);
    let told = disk.does(&["update", "--new-key"]);
    assert!(told.contains(&format!("    key {first} -> {second}\n")), "{told}");
    assert_eq!(disk.does(&["run", "list.rhai", "--sandbox", "--allow", "read"]), "1\n");
}

#[test]
fn where_there_is_a_list_nobody_else_may_have_signed() {
    let disk = Disk::new();
    let (ours, theirs) = (key(), key());
    let trust = |key: &PrivateKey| format!("[trust]\n\"team/*\" = [{:?}]\n", key.public().unwrap());
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.write("project/juben.toml", &trust(&ours));
    disk.refuses(4, &["add", "--path", "../grants", "--yes"], &["team/grants is not signed"]);
    sign(&disk, "grants", &theirs);
    disk.refuses(4, &["add", "--path", "../grants", "--yes"], &["which [trust] does not list"]);
    assert_eq!(disk.read("project/juben.toml"), trust(&ours));
    sign(&disk, "grants", &ours);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    assert!(disk.does(&["packages"]).contains("\"signature\":\"trusted\""));
    // Whom the project no longer trusts, its runs do not either.
    disk.write("project/list.rhai", "import \"team/grants\" as grants;\nprint(grants::books());\n");
    let toml = disk.read("project/juben.toml").replace(&ours.public().unwrap(), &theirs.public().unwrap());
    disk.write("project/juben.toml", &toml);
    disk.refuses(4, &["run", "list.rhai", "--sandbox", "--allow", "read"], &["which [trust] does not list"]);
    let listed = disk.does(&["packages"]);
    assert!(listed.contains("\"state\":\"not trusted\"") && listed.contains(&ours.public().unwrap()), "{listed}");
    assert!(!listed.contains("\"trusted\""), "{listed}");
    disk.refuses(4, &["update"], &["juben.toml:5: team/grants is signed with RW"]);
}

#[test]
fn a_signature_goes_along_into_vendor_and_counts_there() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    sign(&disk, "grants", &key());
    disk.commit("grants", "v1");
    disk.does(&["add", "--git", "../grants", "--tag", "v1", "--yes"]);
    disk.does(&["vendor"]);
    disk.write("project/list.rhai", "import \"team/grants\" as grants;\nprint(grants::books());\n");
    let run = ["run", "list.rhai", "--sandbox", "--allow", "read"];
    assert_eq!(disk.does(&run), "1\n");
    let signature = "project/vendor/team/grants/package.sums.minisig";
    let whole = disk.read(signature);
    disk.write(signature, &whole.replacen("timestamp:1", "timestamp:2", 1));
    disk.refuses(4, &run, &["package.sums.minisig"]);
    fs::remove_file(disk.path(signature)).unwrap();
    disk.refuses(4, &run, &["it is signed by nobody"]);
    // Nor does a cache without it do.
    let hash = disk.read("project/juben.lock").split("sha256:").nth(1).unwrap()[..64].to_owned();
    fs::remove_file(disk.path(&format!("cache/packages/{hash}/package.sums.minisig"))).unwrap();
    disk.does(&["vendor"]);
    assert_eq!(disk.read(signature), whole);
    assert_eq!(disk.does(&run), "1\n");
}
