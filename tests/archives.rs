//! Archives of packages: the same bytes everywhere, and hostile ones that leave no trace.

use flate2::{Compression, write::GzEncoder};
use juben::packages::{Parcel, tree::sha256, unpack};
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};

const MANIFEST: &str = "name = \"team/grants\"\nversion = \"1.2.0\"\nsummary = \"Grants\"\nlicense = \"MIT\"\n\
                        juben = \"0.1.0\"\nmodules = [\"grants\"]\n";

/// A header of a tar archive in POSIX form, changed before its sum is taken.
fn header(name: &[u8], kind: u8, size: usize, change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut block = [0; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    block[100..108].copy_from_slice(b"0000644\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut block);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.to_vec()
}

/// An entry: a header, and a content that fills its blocks.
fn entry(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    entry_with(name, kind, content, |_| {})
}

fn entry_with(name: &[u8], kind: u8, content: &[u8], change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut bytes = header(name, kind, content.len(), change);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn file(name: &str, content: &str) -> Vec<u8> {
    entry(name.as_bytes(), b'0', content.as_bytes())
}

fn link(kind: u8, name: &str, target: &str) -> Vec<u8> {
    entry_with(name.as_bytes(), kind, b"", |block| block[157..157 + target.len()].copy_from_slice(target.as_bytes()))
}

fn long(name: &str, content: &str) -> Vec<u8> {
    [entry(b"././@LongLink", b'L', format!("{name}\0").as_bytes()), file("short", content)].concat()
}

/// A PAX record, with its own length before it.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (1..9).find(|digits| (rest.len() + digits).to_string().len() == *digits).unwrap() + rest.len();
    format!("{length}{rest}")
}

fn pax(records: &str) -> Vec<u8> {
    [entry(b"PaxHeaders/x", b'x', records.as_bytes()), file("short", "x")].concat()
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
    gz(&tar(entries))
}

/// Two files with these names.
fn two(one: &str, other: &str) -> Vec<u8> {
    packed(&[file(one, "1"), file(other, "2")])
}

fn one(name: &str) -> Vec<u8> {
    packed(&[file(name, "x")])
}

/// A good archive with a header that was changed, its sum right.
fn odd(change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    packed(&[entry_with(b"odd", b'0', b"x", change)])
}

/// All that is below a folder.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            found.extend(everything(&path).into_iter().map(|(path, content)| (format!("{name}/{path}"), content)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// Unpack it beside other files. Why it was refused, after which nothing has changed.
#[track_caller]
fn refusal(archive: &[u8]) -> String {
    let parent = tempfile::tempdir().unwrap();
    let house = parent.path().join("house");
    fs::create_dir_all(house.join("etc")).unwrap();
    fs::write(house.join("etc/passwd"), "root").unwrap();
    fs::write(parent.path().join("outside"), "as it was").unwrap();
    let before = everything(parent.path());
    let error = unpack(Cursor::new(archive), "evil.tar.gz", &house.join("goal")).expect_err("it was unpacked");
    assert_eq!(everything(parent.path()), before, "something was written: {error}");
    assert!(error.message.starts_with("evil.tar.gz: "), "{error}");
    assert!(!error.message.contains(char::is_control) && !error.message.contains('\u{202e}'), "{error:?}");
    error.message.clone()
}

/// Hostile archives, and what is said of each.
fn corpus() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let ok = file("package.toml", MANIFEST);
    let whole = packed(&[ok.clone(), file("grants.rhai", "fn a() { 1 }")]);
    let late = |bad: Vec<u8>| packed(&[ok.clone(), bad]);
    vec![
        // Paths.
        ("up", late(file("../outside", "x")), "`../outside`: its path has a step `..`"),
        ("up within", late(file("a/../../outside", "x")), "`a/../../outside`: its path has a step `..`"),
        ("up at the end", one("a/.."), "`a/..`: its path has a step `..`"),
        ("absolute", late(file("/etc/passwd", "x")), "`/etc/passwd`: its path begins at the root"),
        ("two slashes", one("//server/share"), "`//server/share`: its path begins at the root"),
        ("a drive", one("C:/windows/x"), "the character :"),
        ("a drive of a folder", one("C:x"), "the character :"),
        ("a stream", one("a.rhai:hidden"), "the character :"),
        ("backslashes", one("..\\..\\outside"), "has the character \\"),
        ("a share", one("\\\\server\\share"), "has the character \\"),
        ("empty", one(""), "``: a step of its path is empty"),
        ("a dot", one("."), "`.`: its path has a step `.`"),
        ("a dot within", one("a/./b.rhai"), "`a/./b.rhai`: its path has a step `.`"),
        ("two dots before", one("././a.rhai"), "`././a.rhai`: its path has a step `.`"),
        ("up behind a dot", one("./../outside"), "`./../outside`: its path has a step `..`"),
        ("the root behind a dot", one(".//etc/passwd"), "`.//etc/passwd`: its path begins at the root"),
        ("twice, with a dot", two("./a", "a"), "`a`: it is there twice"),
        ("an empty step", one("a//b"), "`a//b`: a step of its path is empty"),
        ("a file that ends like a folder", one("a/"), "`a/`: a step of its path is empty"),
        ("a folder above", packed(&[entry(b"../a/", b'5', b"")]), "`../a`: its path has a step `..`"),
        ("a device of Windows", one("CON"), "is the name of a device"),
        ("a device with an extension", one("lib/nul.rhai"), "`nul.rhai` is the name of a device"),
        ("a port", one("Lpt1"), "is the name of a device"),
        ("a dot at the end", one("a.rhai."), "ends with a dot or a blank"),
        ("a blank at the end", one("a.rhai "), "ends with a dot or a blank"),
        ("a line's end", one("a\nb"), "has the character \\n"),
        ("an escape", one("\u{1b}[2Ja"), "has the character \\u{1b}"),
        ("right to left", one("iahr.\u{202e}txt"), "has the character \\u{202e}"),
        ("nothing to see", one("a\u{200b}.rhai"), "has the character \\u{200b}"),
        ("decomposed", one("e\u{301}.rhai"), "composed form (NFC)"),
        ("composed and decomposed", two("é.rhai", "e\u{301}.rhai"), "composed form (NFC)"),
        ("a letter of Korea in two ways", two("각", "\u{1100}\u{1161}\u{11a8}"), "composed form (NFC)"),
        ("a dot and a blank", one("a. /b"), "ends with a dot or a blank"),
        ("not UTF-8", packed(&[entry(b"a\xff\xfe", b'0', b"x")]), "its path is not UTF-8"),
        ("too long", packed(&[long(&"a".repeat(300), "x")]), "its path has 300 bytes"),
        ("too deep", packed(&[long(&format!("{}a", "a/".repeat(20)), "x")]), "folders deep"),
        ("what git runs", one(".git/hooks/post-checkout"), "no package brings a `.git`"),
        ("what git runs on Windows", one("GIT~1/config"), "no package brings a `.git`"),
        // Two that are one.
        ("twice", two("a.rhai", "a.rhai"), "`a.rhai`: it is there twice"),
        ("case", two("a.rhai", "A.rhai"), "`A.rhai`: it differs from `a.rhai` only"),
        ("case beyond ASCII", two("ä.rhai", "Ä.rhai"), "it differs from `ä.rhai` only"),
        ("a sharp s", two("straße", "STRASSE"), "it differs from `straße` only"),
        ("a ligature", two("file", "ﬁle"), "it differs from `file` only"),
        ("wide letters", two("a.rhai", "ａ.rhai"), "it differs from `a.rhai` only"),
        ("case of a folder", two("lib/a", "LIB/b"), "it differs from `lib` only"),
        ("a file as a folder", two("a", "a/b"), "`a` is a file and a folder at once"),
        ("a folder as a file", two("a/b", "a"), "`a` is a file and a folder at once"),
        (
            "a folder said to be a file",
            packed(&[entry(b"a/", b'5', b""), file("a", "x")]),
            "a file and a folder at once",
        ),
        // What is no file.
        ("a link", late(link(b'2', "etc", "/etc")), "`etc`: it is a link"),
        ("a link up", late(link(b'2', "up", "..")), "`up`: it is a link"),
        (
            "a link, and a file through it",
            packed(&[link(b'2', "out", ".."), file("out/outside", "x")]),
            "`out`: it is a link",
        ),
        (
            "a link that is long",
            packed(&[entry(b"@", b'x', record("linkpath", "/etc").as_bytes()), link(b'2', "a", "")]),
            "linkpath",
        ),
        ("a hard link", late(link(b'1', "passwd", "/etc/passwd")), "`passwd`: it is a hard link"),
        ("a link that says it is a file", packed(&[link(b'0', "a", "/etc/passwd")]), "a file and a link at once"),
        ("a character device", late(entry(b"null", b'3', b"")), "`null`: it is a device"),
        ("a block device", late(entry(b"sda", b'4', b"")), "`sda`: it is a device"),
        ("a pipe", late(entry(b"pipe", b'6', b"")), "`pipe`: it is a pipe"),
        ("a sparse file", late(entry(b"sparse", b'S', b"")), "`sparse`: it is a sparse file"),
        ("an unknown kind", late(entry(b"odd", b'Z', b"")), "`odd`: it is of the unknown kind `Z`"),
        ("a folder with a content", late(entry(b"a/", b'5', b"hidden")), "`a/`: it is a folder with a content"),
        ("a file that runs as its group", odd(|it| it[100..108].copy_from_slice(b"0002755\0")), "setgid"),
        (
            "a sticky folder",
            packed(&[entry_with(b"a/", b'5', b"", |it| it[100..108].copy_from_slice(b"0001755\0"))]),
            "sticky",
        ),
        (
            "a sparse file of PAX 1.0",
            packed(&[pax(&record("GNU.sparse.major", "1"))]),
            "changes its `GNU.sparse.major`",
        ),
        ("a file that runs as its owner", odd(|it| it[100..108].copy_from_slice(b"0004755\0")), "(setuid"),
        // Extensions.
        ("a long path up", packed(&[long("../outside", "x")]), "`../outside`: its path has a step `..`"),
        ("a long absolute path", packed(&[long("/etc/passwd", "x")]), "begins at the root"),
        ("a long path with a zero", packed(&[long("a\0b", "x")]), "has the character \\0"),
        ("a long path of megabytes", packed(&[long(&"a/".repeat(1 << 20), "x")]), "its path is too long"),
        (
            "two long paths",
            packed(&[entry(b"@", b'L', b"a"), entry(b"@", b'L', b"b"), file("c", "x")]),
            "it has two long paths",
        ),
        ("a long path of no file", packed(&[ok.clone(), entry(b"@", b'L', b"a")]), "belongs to no file"),
        ("a long link", packed(&[entry(b"@", b'K', b"/etc"), link(b'2', "a", "")]), "it is a link"),
        ("a PAX path up", packed(&[pax(&record("path", "../outside"))]), "has a step `..`"),
        ("an absolute PAX path", packed(&[pax(&record("path", "/etc/passwd"))]), "begins at the root"),
        ("an empty PAX path", packed(&[pax(&record("path", ""))]), "``: a step of its path is empty"),
        (
            "two PAX paths",
            packed(&[pax(&format!("{}{}", record("path", "a"), record("path", "b")))]),
            "more than one path",
        ),
        ("a PAX path for all", packed(&[entry(b"g", b'g', record("path", "a").as_bytes())]), "more than one path"),
        ("a PAX link", packed(&[pax(&record("linkpath", "/etc/passwd"))]), "changes its `linkpath`"),
        ("a PAX size", packed(&[pax(&record("size", "0"))]), "changes its `size`"),
        ("a sparse PAX file", packed(&[pax(&record("GNU.sparse.realsize", "9"))]), "changes its `GNU.sparse.realsize`"),
        ("PAX without a length", packed(&[pax("path=../a\n")]), "its extension cannot be read"),
        ("PAX longer than it is", packed(&[pax("99 path=a\n")]), "its extension cannot be read"),
        // Numbers.
        ("a negative size", odd(|it| it[124..136].fill(0xff)), "`odd`: its size is no plain number"),
        (
            "a size of another base",
            odd(|it| it[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\0\0\0\x01")),
            "its size is no plain number",
        ),
        ("a size with a sign", odd(|it| it[124..136].copy_from_slice(b"-0000000001\0")), "its size is no plain number"),
        ("a size of nothing", odd(|it| it[124..136].fill(0)), "its size is no plain number"),
        ("a huge size", odd(|it| it[124..136].copy_from_slice(b"77777777777\0")), "`odd`: the archive ends within it"),
        ("no size that can be", odd(|it| it[124..136].fill(b'7')), "`odd`: the archive ends within it"),
        ("a mode of letters", odd(|it| it[100..108].copy_from_slice(b"rw-r--r-")), "its mode is no plain number"),
        ("no tar", odd(|it| it[257..265].fill(0)), "it is no tar archive"),
        ("a wrong sum", gz(&tar(std::slice::from_ref(&ok)).tap(|it| it[0] ^= 1)), "the check sum of its head is wrong"),
        // Ends.
        ("no end", gz(&ok), "it ends before its end"),
        ("half an end", gz(&[ok.clone(), vec![0; 512]].concat()), "it ends before its end"),
        ("cut in a file", gz(&ok[..600]), "`package.toml`: the archive ends within it"),
        ("cut in a head", gz(&ok[..300]), "it ends before its end"),
        ("something between", gz(&tar(std::slice::from_ref(&ok)).tap(|it| it[1000] = 1)), "hidden between two files"),
        ("a file behind the end", gz(&[tar(std::slice::from_ref(&ok)), file("late", "x")].concat()), "follows the end"),
        ("cut", whole[..whole.len() / 2].to_vec(), ""),
        ("without its sum", whole[..whole.len() - 8].to_vec(), ""),
        ("another sum", whole.clone().tap(|it| *it.iter_mut().rev().nth(6).unwrap() ^= 1), ""),
        ("something behind", [&whole[..], b"#!/bin/sh"].concat(), "something follows the end of the archive"),
        ("a zero behind", [&whole[..], b"\0"].concat(), "something follows the end of the archive"),
        ("two archives", [&whole[..], &one("second")].concat(), "something follows the end of the archive"),
        (
            "an archive in two members",
            [gz(&tar(std::slice::from_ref(&ok))[..512]), gz(&tar(&[ok])[512..])].concat(),
            "",
        ),
        ("packed twice", gz(&whole), ""),
        ("plain", tar(&[file("a", "x")]), "it is a tar archive that is not packed, and not a .tar.gz"),
        ("a zip file", b"PK\x03\x04\x14\0".to_vec(), "it is a zip file, and not a .tar.gz"),
        ("zstd", b"\x28\xb5\x2f\xfd\0".to_vec(), "it is packed by zstd"),
        ("xz", b"\xfd7zXZ\0".to_vec(), "it is packed by xz"),
        ("bzip2", b"BZh91AY".to_vec(), "it is packed by bzip2"),
        ("a page", b"<!doctype html>".to_vec(), "it is no gzip file"),
        ("nothing at all", Vec::new(), "it is empty"),
        ("no files", gz(&[0; 1024]), "it has no files"),
        ("only folders", packed(&[entry(b"a/", b'5', b""), entry(b"a/b/", b'5', b"")]), "it has no files"),
        // Bombs.
        ("zeros", bomb(256 << 20, 1), "unpacks to more than 200 times its size"),
        ("zeros in many files", bomb(1 << 20, 250), "unpacks to more than 200 times its size"),
        ("too much", gz(&tar(&[entry(b"big", b'0', &hardly_packed(65 << 20))])), "to more than 67108864 bytes"),
        (
            "too many",
            gz(&tar(&(0..=10_000).map(|it| file(&it.to_string(), "")).collect::<Vec<_>>())),
            "more than 10000",
        ),
    ]
}

trait Tap {
    fn tap(self, change: impl FnOnce(&mut Vec<u8>)) -> Self;
}

impl Tap for Vec<u8> {
    fn tap(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(&mut self);
        self
    }
}

/// So many files of so many zeros, packed piece by piece.
fn bomb(size: usize, files: usize) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for number in 0..files {
        gzip.write_all(&header(format!("{number}").as_bytes(), b'0', size, |_| {})).unwrap();
        std::io::copy(&mut std::io::repeat(0).take(size as u64), &mut gzip).unwrap();
    }
    gzip.write_all(&[0; 1024]).unwrap();
    gzip.finish().unwrap()
}

/// What gzip makes about fifty times smaller.
fn hardly_packed(size: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut bytes = vec![0; size];
    bytes.chunks_mut(4096).for_each(|chunk| random.fill(&mut chunk[..64]));
    bytes
}

#[test]
fn hostile_archives_are_refused_by_name_and_leave_no_trace() {
    let corpus = corpus();
    assert!(corpus.len() >= 90, "{}", corpus.len());
    for (what, archive, said) in corpus {
        let message = refusal(&archive);
        assert!(message.contains(said), "{what}: {message}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_bomb_takes_no_memory() {
    let most = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() >> 10
    };
    let bombs = [bomb(256 << 20, 1), bomb(1 << 20, 250), packed(&[long(&"a/".repeat(4 << 20), "x")])];
    let before = most();
    bombs.iter().for_each(|bomb| drop(refusal(bomb)));
    assert!(most() - before < 16, "it took {} MB", most() - before);
}

#[test]
fn an_archive_of_another_program_is_taken_where_it_means_one_thing() {
    let archive = packed(&[
        entry(b"pax_global_header", b'g', record("comment", "0123456789abcdef").as_bytes()),
        entry(b"./", b'5', b""),
        file("./a.rhai", "0"),
        entry(b"lib/", b'5', b""),
        entry(b"@PaxHeader", b'x', record("mtime", "1700000000.5").as_bytes()),
        file("lib/a.rhai", "1"),
        long(&format!("lib/{}.rhai", "第".repeat(40)), "2"),
        pax(&record("path", "lib/第1集.rhai")),
        entry_with(b"b.rhai", b'0', b"3", |block| block[345..348].copy_from_slice(b"lib")),
        entry_with(b"c.rhai", 0, b"4", |block| block[257..265].copy_from_slice(b"ustar  \0")),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let goal = folder.path().join("goal");
    unpack(Cursor::new(archive), "good.tar.gz", &goal).unwrap();
    let found: Vec<_> = everything(&goal).into_keys().collect();
    let long = format!("lib/{}.rhai", "第".repeat(40));
    assert_eq!(found, ["a.rhai", "c.rhai", "lib/", "lib/a.rhai", "lib/b.rhai", "lib/第1集.rhai", &long]);
    assert_eq!(everything(folder.path()).len(), found.len() + 1, "nothing but the folder is left");
}

#[test]
fn what_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let goal = folder.path().join("goal");
    fs::create_dir(&goal).unwrap();
    fs::write(goal.join("mine"), "1").unwrap();
    let error = unpack(Cursor::new(one("a")), "a.tar.gz", &goal).unwrap_err();
    assert!(error.message.contains("cannot unpack a.tar.gz"), "{error}");
    assert_eq!(everything(folder.path()).into_keys().collect::<Vec<_>>(), ["goal/", "goal/mine"]);
}

fn write(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, content) in files {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
}

#[test]
fn an_archive_has_the_same_bytes_wherever_it_is_packed() {
    let mut files: Vec<_> = [("package.toml", MANIFEST), ("grants.rhai", "fn a() { 1 }"), ("lib/第1集.rhai", "1")]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into();
    files.push((format!("lib/{}.rhai", "a".repeat(120)), b"2".to_vec()));
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), &files);
    files.reverse();
    write(other.path(), &files);
    let old = fs::File::options().write(true).open(other.path().join("grants.rhai")).unwrap();
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(other.path().join("grants.rhai"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let archive = |folder: &Path| Parcel::new(folder, None).unwrap().archive().unwrap();
    assert_eq!(archive(one.path()), archive(other.path()));
    assert_eq!(archive(one.path())[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(&archive(one.path())[..]).read_to_end(&mut tar).unwrap();
    assert_eq!(sha256(&tar), "63f3c42ddd34108d2c41fe8cbcdd2466ce19812b609e0743bb4790dcdfbd050a");
}

mod any_tree {
    use super::*;
    use proptest::prelude::*;

    fn trees() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
        let step = "[a-d第集é][a-d0-9 _第-]{0,12}[a-z]";
        let path = prop::collection::vec(step, 1..5).prop_map(|steps| steps.join("/"));
        prop::collection::btree_map(path, prop::collection::vec(any::<u8>(), 0..2000), 0..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_packed_is_unpacked_as_it_was(tree in trees()) {
            // No file may be a folder, too.
            let is_folder = |path: &str| tree.keys().any(|other| other.starts_with(&format!("{path}/")));
            let mut files: Vec<_> = tree.iter().filter(|(path, _)| !is_folder(path)).map(|(a, b)| (a.clone(), b.clone())).collect();
            files.push(("package.toml".to_owned(), MANIFEST.as_bytes().to_vec()));
            let folder = tempfile::tempdir().unwrap();
            let (from, into) = (folder.path().join("from"), folder.path().join("into"));
            write(&from, &files);
            let parcel = Parcel::new(&from, None).unwrap();
            let archive = parcel.archive().unwrap();
            unpack(Cursor::new(&archive), "a.tar.gz", &into).unwrap();
            prop_assert_eq!(everything(&from), everything(&into));
            let again = Parcel::new(&into, None).unwrap();
            prop_assert_eq!(&again.listing, &parcel.listing);
            prop_assert_eq!(again.archive().unwrap(), archive);
        }
    }
}
