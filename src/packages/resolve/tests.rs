//! Versions are chosen as Go chooses them: compared with the shortest way to say it, over random packages.

use super::*;
use proptest::prelude::*;
use semver::Version;

/// What is published: by name and version, what each needs.
type Published = BTreeMap<(Name, Version), Vec<(Name, Least)>>;

#[derive(Debug)]
struct Found(Manifest);

impl AsRef<Manifest> for Found {
    fn as_ref(&self) -> &Manifest {
        &self.0
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn manifest(name: &Name, version: &Version, needs: &[(Name, Least)]) -> Manifest {
    let text = format!(
        "name = \"{name}\"\nversion = \"{version}\"\nsummary = \"s\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\nmodules = []\n"
    );
    let mut manifest = Manifest::parse(&text, "package.toml").unwrap();
    manifest.dependencies = needs.iter().cloned().collect();
    manifest
}

fn oldest<'a>(published: &'a Published, wanted: &Name, least: &Least) -> Option<(&'a Version, &'a [(Name, Least)])> {
    let mut fitting = published.iter().filter(|((name, version), _)| name == wanted && least.admits(version));
    fitting.next().map(|((_, version), needs)| (version, needs.as_slice()))
}

fn resolved(published: &Published, roots: &[(Name, Option<Least>)]) -> Result<Vec<(Name, Version)>, String> {
    let find = async |wanted: &Name, least: Option<&Least>, by: &str| {
        let least = least.cloned().unwrap_or(Least::new(Version::new(1, 0, 0)));
        let found = oldest(published, wanted, &least);
        let (version, needs) =
            found.ok_or_else(|| Error::new(Kind::NotFound, format!("{by} needs {wanted} {least}")))?;
        Ok(Found(manifest(wanted, version, needs)))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(resolve(roots, find)).map_err(|error| error.message.clone())?;
    Ok(found.into_iter().map(|Found(it)| (it.name, it.version)).collect())
}

fn published(packages: &[(&str, &str, &[(&str, &str)])]) -> Published {
    let needs = |needs: &[(&str, &str)]| needs.iter().map(|(it, least)| (name(it), least.parse().unwrap())).collect();
    packages.iter().map(|(it, version, list)| ((name(it), version.parse().unwrap()), needs(list))).collect()
}

fn roots(list: &[(&str, &str)]) -> Vec<(Name, Option<Least>)> {
    list.iter().map(|(it, least)| (name(it), Some(least.parse().unwrap()))).collect()
}

fn shown(found: Result<Vec<(Name, Version)>, String>) -> String {
    let text = |(name, version): (Name, Version)| format!("{name} {version}");
    found.map_or_else(|error| error, |found| found.into_iter().map(text).collect::<Vec<_>>().join(", "))
}

#[test]
fn the_largest_of_the_oldest_that_will_do_is_chosen_and_nothing_newer() {
    let packages = published(&[
        ("t/a", "1.0.0", &[("t/c", "1.1")]),
        ("t/b", "1.0.0", &[("t/c", "1.2")]),
        ("t/c", "1.1.0", &[]),
        ("t/c", "1.2.0", &[]),
        ("t/c", "1.3.0", &[]),
    ]);
    assert_eq!(shown(resolved(&packages, &roots(&[("t/a", "1"), ("t/b", "1")]))), "t/a 1.0.0, t/b 1.0.0, t/c 1.2.0");
    assert_eq!(shown(resolved(&packages, &roots(&[("t/a", "1")]))), "t/a 1.0.0, t/c 1.1.0");
}

#[test]
fn what_cannot_be_chosen_is_told_with_who_asks_for_it() {
    let packages = published(&[
        ("t/a", "1.0.0", &[("t/c", "1.0")]),
        ("t/b", "1.0.0", &[("t/c", "2.0")]),
        ("t/c", "1.0.0", &[]),
        ("t/c", "2.0.0", &[]),
        ("t/d", "1.0.0", &[("t/e", "1")]),
        ("t/e", "1.0.0", &[("t/d", "1")]),
    ]);
    let told = shown(resolved(&packages, &roots(&[("t/a", "1"), ("t/b", "1")])));
    assert_eq!(told, "t/c is needed as 1.0.0 by t/a 1.0.0 and as 2.0.0 by t/b 1.0.0: one version cannot be both");
    let told = shown(resolved(&packages, &roots(&[("t/d", "1")])));
    assert_eq!(told, "packages depend on each other in a circle: t/d needs t/e needs t/d");
    assert_eq!(shown(resolved(&packages, &roots(&[("t/a", "1.5")]))), "juben.toml needs t/a 1.5.0");
}

/// Up to six packages of up to four versions; one needs only those behind it, so that there is no circle.
fn some_published() -> impl Strategy<Value = Published> {
    let needs = prop::collection::vec((0..6_usize, 0..4_u64), 0..4);
    prop::collection::vec(((0..6_usize, 0..4_u64), needs), 1..24).prop_map(|packages| {
        let numbered = |number: usize| name(&format!("t/p{number}"));
        let mut published = Published::new();
        for ((of, minor), needs) in packages {
            let behind = needs.into_iter().filter(|(other, _)| *other > of);
            let needs = behind.map(|(other, minor)| (numbered(other), Least::new(Version::new(1, minor, 0))));
            let needs: BTreeMap<_, _> = needs.collect();
            published.insert((numbered(of), Version::new(1, minor, 0)), needs.into_iter().collect());
        }
        published
    })
}

/// The shortest way to say it: everything that anything asks for, and of each the largest.
fn expected(published: &Published, roots: &[(Name, Option<Least>)]) -> Option<BTreeMap<Name, Version>> {
    let mut all = BTreeSet::new();
    let mut rest: Vec<_> = roots.iter().map(|(name, least)| (name.clone(), least.clone().unwrap())).collect();
    while let Some((name, least)) = rest.pop() {
        let (version, needs) = oldest(published, &name, &least)?;
        if all.insert((name, version.clone())) {
            rest.extend(needs.iter().cloned());
        }
    }
    Some(all.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_chosen_follows_from_what_is_asked_for_alone(
        published in some_published(),
        mut asked in prop::collection::vec((0..6_usize, 0..4_u64), 1..5),
        newer in 0..6_usize,
    ) {
        asked.sort();
        asked.dedup_by_key(|(of, _)| *of);
        let root = |(of, minor): &(usize, u64)| {
            (name(&format!("t/p{of}")), Some(Least::new(Version::new(1, *minor, 0))))
        };
        let roots: Vec<_> = asked.iter().map(root).collect();
        let backwards: Vec<_> = roots.iter().rev().cloned().collect();
        let found = resolved(&published, &roots);
        prop_assert_eq!(found.is_ok(), expected(&published, &roots).is_some());
        let Ok(found) = found else { return Ok(()) };
        prop_assert_eq!(&resolved(&published, &backwards).unwrap(), &found);
        // Of what is chosen, each is as new as all that ask for it need, and no newer than somebody does.
        let expected = expected(&published, &roots).unwrap();
        for (name, version) in &found {
            prop_assert_eq!(&expected[name], version);
            for (needed, least) in &published[&(name.clone(), version.clone())] {
                let (_, chosen) = found.iter().find(|(other, _)| other == needed).unwrap();
                prop_assert!(least.admits(chosen));
            }
        }
        // A newer version that nobody asks for changes nothing.
        let mut later = published.clone();
        later.insert((name(&format!("t/p{newer}")), Version::new(1, 99, 0)), Vec::new());
        prop_assert_eq!(&resolved(&later, &roots).unwrap(), &found);
    }
}
