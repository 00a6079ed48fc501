//! The files that a run may open: any, or those below the folders that it is granted.
//!
//! A file is opened through the folder that it must not leave, which is opened once. So it does not matter what links are
//! there, and what becomes of names between a look and a deed.

pub use super::root::About;
use super::{Guard, Kind, Overlay, Right, root::Root};
use crate::{
    Error,
    error::{self, PATHS},
    lock::lock,
};
use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// Finds the files of a run. Clones have their folders in common.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    guard: Arc<Guard>,
    /// Where files are that are not in the folder of the run, but as if they were.
    overlay: Option<Arc<Overlay>>,
    /// The folders that have been opened, by all folders that they are below.
    opened: Arc<Mutex<HashMap<Vec<String>, Root>>>,
    /// The files that were written.
    written: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// A file or a folder that a run may open.
#[derive(Debug, Clone)]
pub struct Place {
    path: PathBuf,
    /// The folders that it must not leave, the outermost first.
    folders: Vec<String>,
    reach: Reach,
}

impl Reach {
    /// For a run that this guards.
    pub fn new(guard: Arc<Guard>) -> Reach {
        Reach { guard, ..Reach::default() }
    }

    /// The files that were written so far.
    pub fn written(&self) -> Vec<PathBuf> {
        lock(&self.written).iter().cloned().collect()
    }

    /// The same, with a folder that begins as another one.
    pub fn over(self, overlay: Overlay) -> Reach {
        Reach { overlay: Some(Arc::new(overlay)), ..self }
    }

    /// What the run may do.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// What is at this path, to be read.
    pub fn read(&self, path: &Path) -> Result<Place, Error> {
        let place = self.place(Kind::FilesRead, path)?;
        let beneath = place.beneath().filter(|_| place.is_missing());
        beneath.map_or(Ok(place), |beneath| beneath.check().map(|()| beneath))
    }

    /// What is at this path, to be written.
    pub fn write(&self, path: &Path) -> Result<Place, Error> {
        self.place(Kind::FilesWrite, path)
    }

    fn place(&self, kind: Kind, path: &Path) -> Result<Place, Error> {
        if self.guard.opens_all() {
            return Ok(Place { path: path.to_owned(), folders: Vec::new(), reach: self.clone() });
        }
        // What is asked for is what is opened: `..` is taken by the names, not by where links lead.
        let whole = std::path::absolute(path).map_err(|error| failed(&error))?;
        let right = Right::new(kind, whole.to_string_lossy());
        let right = match &self.overlay {
            Some(overlay) => Right::new(kind, overlay.above(right.what.into()).to_string_lossy()),
            None => right,
        };
        let folders = self.guard.folders(&right)?;
        Ok(Place { path: right.what.into(), folders, reach: self.clone() })
    }

    /// The innermost of these folders.
    fn root(&self, folders: &[String]) -> io::Result<Root> {
        let Some((inner, outer)) = folders.split_last() else { return Ok(Root::Anywhere) };
        if let Some(root) = lock(&self.opened).get(folders) {
            return Ok(root.clone());
        }
        let root = self.root(outer)?.below(&way(outer, Path::new(inner)))?;
        Ok(lock(&self.opened).entry(folders.to_vec()).or_insert(root).clone())
    }
}

/// The way to a path from the innermost of these folders.
fn way(folders: &[String], path: &Path) -> PathBuf {
    let way = folders.last().and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
    if way.as_os_str().is_empty() { ".".into() } else { way.to_owned() }
}

impl Place {
    /// Its path, for reports.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What to say when it cannot be read.
    pub fn unreadable(&self, error: &io::Error) -> Error {
        let error = failed(error);
        error.reworded(error.kind, format!("cannot read {}: {}", self.path.display(), error.message))
    }

    /// What is known of it.
    pub fn about(&self) -> io::Result<About> {
        let (root, way) = self.way_in()?;
        root.about(&way)
    }

    /// Open it to read it. A device or a pipe may never end, or never begin.
    pub fn open(&self) -> io::Result<File> {
        let (root, way) = self.way_in()?;
        if !root.about(&way)?.is_file {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        root.open(&way)
    }

    /// The files in this folder.
    pub fn files(&self) -> io::Result<Vec<Place>> {
        let (root, way) = self.way_in()?;
        let inside = |name| Place { path: self.path.join(name), ..self.clone() };
        let places = root.names(&way)?.into_iter().map(inside);
        let is_file = |place: &Place| place.check().is_ok() && place.about().is_ok_and(|about| about.is_file);
        let mut files: Vec<_> = places.filter(is_file).collect();
        let beneath = self.beneath().and_then(|folder| folder.files().ok()).unwrap_or_default();
        let is_new = |place: &Place| files.iter().all(|own| own.path.file_name() != place.path.file_name());
        let beneath: Vec<_> = beneath.into_iter().filter(is_new).collect();
        files.extend(beneath);
        Ok(files)
    }

    /// The same place in the folder with which this one began.
    fn beneath(&self) -> Option<Place> {
        let overlay = self.reach.overlay.as_ref()?;
        let beneath = |folder: &String| overlay.beneath(Path::new(folder)).map(|it| it.to_string_lossy().into_owned());
        let folders = self.folders.iter().filter_map(beneath).collect();
        Some(Place { path: overlay.beneath(&self.path)?, folders, reach: self.reach.clone() })
    }

    fn is_missing(&self) -> bool {
        self.about().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// A file that is found otherwise than by its path is not one of those that nobody opens.
    fn check(&self) -> Result<(), Error> {
        let (guard, leaves_out) = (&self.reach.guard, |overlay: &Arc<Overlay>| overlay.leaves_out(&self.path));
        match self.reach.overlay.as_ref().is_some_and(leaves_out) {
            true => Err(failed(&io::ErrorKind::NotFound.into())),
            false if guard.opens_all() => Ok(()),
            false => guard.reserved().check(&Right::new(Kind::FilesRead, self.path.to_string_lossy())),
        }
    }

    /// Make the folders that it needs.
    pub fn make_room(&self) -> io::Result<()> {
        match self.folders.first() {
            // The first of them is where a person has allowed to write, whether or not it is there yet.
            Some(outermost) if Path::new(outermost) != self.path => {
                Root::Anywhere.create_folders(Path::new(outermost))?
            }
            _ => {}
        }
        let (root, way) = self.way_in()?;
        way.parent().map_or(Ok(()), |folder| root.create_folders(folder))
    }

    /// Give it another content. It is written beside the file first, so that no half of it is ever seen.
    pub fn replace_by(&self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
        let (root, way) = self.way_in()?;
        // Nobody else has a file of that name.
        let part = way.with_file_name(format!(".{:016x}.part", fastrand::u64(..)));
        let mut out = BufWriter::new(root.create_new(&part)?);
        let written = write(&mut out).and_then(|()| out.flush());
        drop(out);
        written.and_then(|()| root.rename(&part, &way)).inspect_err(|_| drop(root.remove(&part)))?;
        lock(&self.reach.written).insert(self.path.clone());
        Ok(())
    }

    /// Where its way begins, and its way from there. What is granted by its own name is looked for in its folder, unless it
    /// is one itself.
    fn way_in(&self) -> io::Result<(Root, PathBuf)> {
        let mut folders = self.folders.clone();
        match self.reach.root(&folders) {
            Err(error) if is_itself(&folders, &self.path) && is_no_folder(&error) => {
                let own_folder = self.path.parent().map(|folder| folder.to_string_lossy().into_owned());
                folders.pop();
                folders.extend(own_folder);
                Ok((self.reach.root(&folders)?, way(&folders, &self.path)))
            }
            root => Ok((root?, way(&folders, &self.path))),
        }
    }
}

fn is_itself(folders: &[String], path: &Path) -> bool {
    folders.last().is_some_and(|folder| Path::new(folder) == path)
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotADirectory | io::ErrorKind::NotFound)
}

/// A path of the program's own, which no run has given.
impl From<&Path> for Place {
    fn from(path: &Path) -> Place {
        Place { path: path.to_owned(), folders: Vec::new(), reach: Reach::default() }
    }
}

/// What it means that a file could not be opened: one that would lead out of its folder is denied.
pub fn failed(error: &io::Error) -> Error {
    match leads_out(error) {
        true => Error::new(error::Kind::Denied, error.to_string()).hint("it leads out of the folder that is granted"),
        false => Error::new(error::Kind::File, error.to_string()).hint(PATHS),
    }
}

/// An error of the system has a number; this one is found before the system is asked.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::rights::{Grant, Part};
    use std::{fs, io::Read, os::unix::fs::symlink};

    /// A run that needs all files and is granted these.
    fn reach(granted: &[String]) -> Reach {
        let part = |rights: &String| Part {
            name: "team/a 1.0.0".into(),
            needs: "files".parse().unwrap(),
            grant: Some(Grant::of(rights.parse().unwrap())),
        };
        Reach::new(Arc::new(Guard::new(granted.iter().map(part).collect())))
    }

    fn read(reach: &Reach, path: &Path) -> Result<String, Error> {
        let place = reach.read(path)?;
        let mut text = String::new();
        let read = place.open().and_then(|mut file| file.read_to_string(&mut text));
        read.map(|_| text).map_err(|error| failed(&error))
    }

    fn denied(reach: &Reach, path: &Path) -> bool {
        read(reach, path).is_err_and(|error| error.kind == error::Kind::Denied)
    }

    #[test]
    fn a_file_below_the_folder_is_read_and_no_other() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::create_dir_all(at("media/1")).unwrap();
        fs::write(at("media/1/a.txt"), "a").unwrap();
        fs::write(at("secret"), "s").unwrap();
        symlink(at("secret"), at("media/link")).unwrap();
        symlink("..", at("media/up")).unwrap();
        symlink("1/a.txt", at("media/inside")).unwrap();
        let reach = reach(&[format!("files:{}", at("media").display())]);
        assert_eq!(read(&reach, &at("media/1/a.txt")).unwrap(), "a");
        assert_eq!(read(&reach, &at("media/1/../1/./a.txt")).unwrap(), "a");
        assert_eq!(read(&reach, &at("media/inside")).unwrap(), "a");
        for outside in ["secret", "media/../secret", "media/link", "media/up/secret", "media2", "media/1/../../secret"]
        {
            assert!(denied(&reach, &at(outside)), "{outside}");
        }
        assert_eq!(read(&reach, &at("media/nothing")).unwrap_err().kind, error::Kind::File);
    }

    #[test]
    fn a_folder_that_becomes_a_link_leads_nowhere_else() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        for folder in ["media/1", "other"] {
            fs::create_dir_all(at(folder)).unwrap();
            fs::write(at(folder).join("a.txt"), folder).unwrap();
        }
        let reach = reach(&[format!("files:{}", at("media").display())]);
        let place = reach.read(&at("media/1/a.txt")).unwrap();
        assert!(place.about().unwrap().is_file);
        fs::rename(at("media/1"), at("media/2")).unwrap();
        symlink(at("other"), at("media/1")).unwrap();
        assert!(leads_out(&place.open().unwrap_err()));
        // The granted folder itself was opened before it was moved.
        fs::rename(at("media"), at("moved")).unwrap();
        symlink(at("other"), at("media")).unwrap();
        assert_eq!(read(&reach, &at("media/2/a.txt")).unwrap(), "media/1");
        assert_eq!(read(&reach, &at("media/a.txt")).unwrap_err().kind, error::Kind::File);
    }

    #[test]
    fn a_file_is_below_the_folders_of_all_parts() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::create_dir_all(at("media/1")).unwrap();
        fs::create_dir_all(at("media/2")).unwrap();
        fs::write(at("media/2/b.txt"), "b").unwrap();
        symlink("../2/b.txt", at("media/1/link")).unwrap();
        let granted = ["media", "media/1"].map(|name| format!("files:{}", at(name).display()));
        assert!(denied(&reach(&granted), &at("media/2/b.txt")));
        assert!(denied(&reach(&granted), &at("media/1/link")));
        assert_eq!(read(&reach(&granted[..1]), &at("media/1/link")).unwrap(), "b");
    }

    #[test]
    fn a_file_may_be_granted_by_its_own_name_and_be_new() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("new/report.csv");
        let reach = reach(&[format!("files:{}", path.display())]);
        let place = reach.write(&path).unwrap();
        place.make_room().unwrap_or_else(|error| assert_eq!(error.kind(), io::ErrorKind::NotFound));
        fs::create_dir_all(here.path().join("new")).unwrap();
        place.replace_by(|out| out.write_all(b"1")).unwrap();
        assert_eq!(read(&reach, &path).unwrap(), "1");
        assert!(reach.write(&here.path().join("new/other.csv")).is_err());
    }

    #[test]
    fn a_neighbour_stays_as_it_is_when_a_file_is_replaced() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::write(at("a.txt.part"), "mine").unwrap();
        for granted in ["files".to_owned(), format!("files:{}", here.path().display())] {
            let place = reach(&[granted]).write(&at("a.txt")).unwrap();
            place.replace_by(|out| out.write_all(b"new")).unwrap();
            place.replace_by(|_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
        }
        assert_eq!(fs::read_to_string(at("a.txt")).unwrap(), "new");
        assert_eq!(fs::read_to_string(at("a.txt.part")).unwrap(), "mine");
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_device_is_no_file() {
        assert!(Place::from(Path::new("/dev/zero")).open().is_err());
    }
}
