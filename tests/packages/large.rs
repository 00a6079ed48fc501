//! Packages that are made to keep others busy: judged soon, or refused by their size.

use super::{Disk, READS};
use std::time::{Duration, Instant};

/// What takes a second may take longer on a machine that is busy with other tests, but not for each import anew.
const SOON: Duration = Duration::from_secs(30);

/// A package with so many modules, each of which imports those that are told.
fn package(disk: &Disk, modules: usize, imports: impl Fn(usize) -> Vec<usize>) {
    let text = |place: usize| {
        let lines = imports(place).into_iter().map(|other| format!("import \"m{other}\" as m{other};\n"));
        lines.collect::<String>() + "fn one() { 1 }\n"
    };
    disk.package("theirs", "team/large", "1.0.0", READS, "import \"m0\" as m0;\nfn one() { m0::one() }\n");
    (0..modules).for_each(|place| disk.write(&format!("theirs/m{place}.rhai"), &text(place)));
}

#[test]
fn a_long_chain_and_a_dense_graph_are_judged_soon() {
    for (modules, is_chain) in [(990, true), (130, false)] {
        let disk = Disk::new();
        let next = |place: usize| (place + 1)..if is_chain { place + 2 } else { modules };
        package(&disk, modules, |place| next(place).filter(|other| *other < modules).collect());
        let begun = Instant::now();
        disk.does(&["add", "--path", "../theirs", "--yes"]);
        assert!(begun.elapsed() < SOON, "{modules} modules: {:?}", begun.elapsed());
        assert!(disk.is_there("project/juben.lock"));
    }
}

#[test]
fn a_large_circle_is_found_soon() {
    let disk = Disk::new();
    package(&disk, 900, |place| vec![(place + 1) % 900]);
    let begun = Instant::now();
    disk.refuses(2, &["add", "--path", "../theirs", "--yes"], &["modules import each other: m0 imports m1 imports m2"]);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(!disk.is_there("project/juben.lock"));
}

#[test]
fn a_package_of_too_many_modules_or_imports_is_refused_by_the_limit() {
    for (modules, is_chain) in [(1500, true), (240, false)] {
        let disk = Disk::new();
        let next = |place: usize| (place + 1)..if is_chain { place + 2 } else { modules };
        package(&disk, modules, |place| next(place).filter(|other| *other < modules).collect());
        let said = ["a script may reach 1000 modules by 10000 imports, and here are more", "team/large/m"];
        disk.refuses(1, &["add", "--path", "../theirs", "--yes"], &said);
        assert!(!disk.is_there("project/juben.lock"));
    }
}
