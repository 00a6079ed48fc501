//! One byte that is not what was locked: refused, with the name of what it is in.

use super::{Disk, LISTS, READS};
use std::fs;

const RUN: [&str; 5] = ["run", "list.rhai", "--sandbox", "--allow", "read"];

fn project(disk: &Disk) {
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    disk.write("theirs/tests/one.rhai", "// a test\n");
    disk.commit("theirs", "v1.0.0");
    disk.write("project/list.rhai", "import \"team/grants\" as grants;\nprint(grants::books());\n");
}

/// Change a byte of the file, look at what a run says, and put it back.
fn damage(disk: &Disk, path: &str, code: i32, said: &[&str]) {
    let file = disk.path(path);
    let whole = fs::read(&file).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let ended = disk.juben(&RUN);
        assert!([code, 2].contains(&ended.code) && ended.stdout.is_empty(), "{path}, byte {at}: {ended:?}");
        let plain = ended.stderr.replace("\n  │ ", "").replace('\n', "");
        said.iter().for_each(|said| assert!(plain.contains(said), "{path}, byte {at}: {}", ended.stderr));
    }
    fs::write(&file, &whole).unwrap();
}

#[test]
fn a_changed_byte_of_a_package_is_refused_wherever_the_package_is() {
    let disk = Disk::new();
    project(&disk);
    disk.does(&["add", "--git", "../theirs", "--tag", "v1.0.0", "--yes"]);
    assert_eq!(disk.does(&RUN), "1\n");
    let hash = disk.read("project/juben.lock").split("sha256:").nth(1).unwrap()[..64].to_owned();
    let places = |root: &str| {
        for file in ["grants.rhai", "package.toml", "tests/one.rhai"] {
            damage(&disk, &format!("{root}/{file}"), 4, &[file]);
        }
    };
    places(&format!("cache/packages/{hash}"));
    disk.does(&["vendor"]);
    places("project/vendor/team/grants");
    damage(&disk, "project/vendor/team/grants/package.sums", 4, &["package.sums"]);
    for (path, said) in [("new.rhai", "the file new.rhai is new"), ("tests/new.txt", "the file tests/new.txt is new")] {
        disk.write(&format!("project/vendor/team/grants/{path}"), "1");
        disk.refuses(
            4,
            &RUN,
            &["package.sums: it does not list the files as they are", "`juben vendor` copies it anew"],
        );
        fs::remove_file(disk.path("project/vendor/team/grants/package.sums")).unwrap();
        disk.refuses(4, &RUN, &[said, "juben vendor"]);
        disk.does(&["vendor"]);
    }
    assert_eq!(disk.does(&RUN), "1\n");
}

#[test]
fn a_package_in_a_folder_of_its_own_is_run_only_as_it_was_locked() {
    let disk = Disk::new();
    project(&disk);
    disk.does(&["add", "--path", "../theirs", "--yes"]);
    damage(&disk, "theirs/grants.rhai", 4, &["the file grants.rhai has changed", "juben update team/grants"]);
    assert_eq!(disk.does(&RUN), "1\n");
}

#[test]
fn a_damaged_cache_is_fetched_anew() {
    let disk = Disk::new();
    project(&disk);
    disk.does(&["add", "--git", "../theirs", "--tag", "v1.0.0", "--yes"]);
    let hash = disk.read("project/juben.lock").split("sha256:").nth(1).unwrap()[..64].to_owned();
    disk.write(&format!("cache/packages/{hash}/grants.rhai"), "fn books() { 99 }");
    disk.refuses(4, &RUN, &["the file grants.rhai has changed", "juben update --locked"]);
    disk.does(&["update", "--locked"]);
    assert_eq!(disk.does(&RUN), "1\n");
}

#[test]
fn each_column_of_the_lock_is_checked_even_with_its_check_mended() {
    let disk = Disk::new();
    project(&disk);
    disk.does(&["add", "--path", "../theirs", "--yes"]);
    let whole = disk.read("project/juben.lock");
    let (head, line) = whole.trim_end().split_once('\n').unwrap();
    let columns: Vec<_> = line.split(' ').collect();
    let lie = |at: usize, other: &str| {
        let mut columns = columns.clone();
        columns[at] = other;
        let line = columns[..6].join(" ");
        let check = juben::packages::tree::sha256(line.as_bytes());
        disk.write("project/juben.lock", &format!("{head}\n{line} {}\n", &check[..8]));
    };
    let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    for (at, other, code, said) in [
        (0, "team/other", 2, "juben.lock does not have team/grants"),
        (1, "1.0.1", 4, "its package.toml says team/grants 1.0.0"),
        (2, "path:../other", 2, "from another source than juben.lock has"),
        (3, &format!("sha256:{}", "0".repeat(64)), 4, "the files have changed"),
        (4, "read", 4, "asks for other rights"),
        (5, key, 4, "it is signed by nobody"),
    ] {
        lie(at, other);
        disk.refuses(code, &RUN, &[said]);
    }
    disk.write("project/juben.lock", &whole.replace("1.0.0", "1.0.1"));
    disk.refuses(2, &RUN, &["juben.lock, line 2:", "was changed"]);
    disk.write("project/juben.lock", &whole.replace('\n', "\r\n"));
    disk.refuses(2, &RUN, &["juben.lock, line 1:", ".gitattributes"]);
    disk.write("project/juben.lock", &whole);
    assert_eq!(disk.does(&RUN), "1\n");
}

#[test]
fn a_lock_that_is_written_in_another_way_is_refused_with_the_line() {
    let disk = Disk::new();
    project(&disk);
    disk.package("base", "team/base", "1.0.0", &[], "fn one() { 1 }\n");
    disk.does(&["add", "--path", "../base"]);
    disk.does(&["add", "--path", "../theirs", "--yes"]);
    let whole = disk.read("project/juben.lock");
    let lines: Vec<_> = whole.split_inclusive('\n').collect();
    let [head, base, grants] = lines[..] else { panic!("{whole}") };
    for (text, line) in [
        (whole.replace('\n', "\r\n"), 1),
        (format!("\u{feff}{whole}"), 1),
        (format!("\n{whole}"), 1),
        ([base, grants].concat(), 1),
        ([head, base, base, grants].concat(), 3),
        ([head, grants, base].concat(), 3),
        ([head, base, grants.trim_end()].concat(), 3),
        (format!("{whole}\n"), 4),
        (format!("{whole}# ours\n"), 4),
        (whole.replace("path:../base", "path:..\\base"), 2),
        (whole.replace("team/base 1", "team/base  1"), 2),
        (format!("{head}{}\n{grants}", &base[..base.len() - 2]), 2),
        (format!("{head}{}", "a".repeat(1 << 20)), 2),
        (String::new(), 1),
    ] {
        disk.write("project/juben.lock", &text);
        disk.refuses(2, &RUN, &[&format!("juben.lock, line {line}:"), "juben update"]);
        disk.refuses(2, &["packages"], &[&format!("juben.lock, line {line}:")]);
    }
    fs::write(disk.path("project/juben.lock"), b"\xff\xfe").unwrap();
    disk.refuses(2, &RUN, &["juben.lock", "UTF-8"]);
    disk.write("project/juben.lock", &whole);
    assert_eq!(disk.does(&RUN), "1\n");
}
