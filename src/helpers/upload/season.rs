//! A folder of episodes: in the order of their numbers, what is missing named before anything is sent, what is there
//! left out.

use super::{
    Media, Uploader, Wanted, episodes,
    journal::Named,
    source::{Source, is_of},
};
use crate::{Error, error::Kind, store::State};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

/// So many of what is missing are named.
const NAMED: usize = 10;

/// What a script wants to have uploaded.
#[derive(Debug, Clone)]
pub struct Season {
    /// The folder of the episodes.
    pub folder: PathBuf,
    /// The media's name of an episode: `{n}` stands for its number.
    pub pattern: String,
    /// The first episode that is wanted.
    pub first: u32,
    /// Whether episodes may be missing.
    pub gaps: bool,
    /// For each of them.
    pub each: Wanted,
}

/// What became of one episode.
#[derive(Debug)]
pub struct Episode {
    /// Its number.
    pub number: u32,
    /// Its file.
    pub path: PathBuf,
    /// What it is called on the platform.
    pub media_name: String,
    /// The media, or why there is none.
    pub outcome: Result<Media, Error>,
}

/// An episode in the folder.
struct Found {
    path: PathBuf,
    cover: Option<PathBuf>,
}

/// Upload a season. An episode that is refused stops no other; after an error that concerns all of them, such as a used up
/// quota, nothing more is sent.
pub async fn season(uploader: &Uploader, season: &Season) -> Result<Vec<Episode>, Error> {
    let files = season.files(uploader)?;
    let sources = files.iter().map(|(number, found)| uploader.source(&season.wanted(*number, found)));
    let sources: Vec<Source> = sources.collect::<Result<_, Error>>()?;
    let there = season.there(uploader).await?;
    let open = |source: &&Source| !there.contains_key(&source.media_name);
    uploader.meter.begin("", sources.iter().filter(open).map(Source::bytes).sum());
    let mut episodes = Vec::new();
    let mut stopped = None;
    for ((number, Found { path, .. }), source) in files.into_iter().zip(&sources) {
        uploader.meter.now(&source.media_name);
        let outcome = match (there.get(&source.media_name), &stopped) {
            (Some(media), _) => uploader.compared(source, media).await,
            (None, Some(error)) => Err(Error::clone(error)),
            (None, None) => uploader.send(source).await,
        };
        if let Some(error) = outcome.as_ref().err().filter(|error| error.kind.ends_the_run()) {
            return Err(error.clone());
        }
        stopped = stopped.or_else(|| outcome.as_ref().err().filter(|error| !concerns_it_alone(error)).cloned());
        episodes.push(Episode { number, path, media_name: source.media_name.clone(), outcome });
    }
    uploader.meter.now(&season.folder.display().to_string());
    Ok(episodes)
}

fn concerns_it_alone(error: &Error) -> bool {
    matches!(error.kind, Kind::Refused | Kind::Argument | Kind::Conflict | Kind::NotFound | Kind::UnknownOutcome)
}

impl Uploader {
    /// What is there by that name, unless it is another cut.
    async fn compared(&self, source: &Source, media: &Named) -> Result<Media, Error> {
        let known = self.store.upload(&source.target, &source.media_name).await?;
        if known.as_ref().is_some_and(|upload| upload.state != State::Done) {
            // Perhaps it has just become that media.
            return self.send(source).await;
        }
        let noted = known.filter(|upload| upload.media_id == Some(media.id));
        let differs = match noted {
            Some(upload) => !self.is_same(source, &upload).await?,
            None => media.size.is_some_and(|size| size != source.video.size as i64),
        };
        if !differs {
            return Ok(Media { id: media.id, already: true });
        }
        let message = format!("media {} has this name, but was made of another file", media.id);
        Err(Error::new(Kind::Conflict, message)
            .hint("rename the episode, delete that media, or upload it besides by #{ again: true }"))
    }
}

impl Season {
    fn wanted(&self, number: u32, found: &Found) -> Wanted {
        Wanted {
            path: found.path.clone(),
            media_name: Some(self.pattern.replace("{n}", &number.to_string())),
            cover: found.cover.clone().or_else(|| self.each.cover.clone()),
            ..self.each.clone()
        }
    }

    /// The files of the folder by the numbers of their episodes.
    fn files(&self, uploader: &Uploader) -> Result<BTreeMap<u32, Found>, Error> {
        let operation = uploader.client.operation("drama.apply_upload")?;
        let folder = uploader.place(&self.folder)?;
        let there = folder.files().map_err(|error| folder.unreadable(&error))?;
        let there: Vec<_> = there.iter().map(|place| place.path().to_owned()).collect();
        let of = |field| {
            let operation = &operation;
            there.iter().filter(move |path| !is_hidden(path) && is_of(operation, field, path))
        };
        let mut files: BTreeMap<u32, Found> = BTreeMap::new();
        for path in of("media_type") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let Some(number) = episodes::number(&stem) else {
                let error = Error::new(Kind::Argument, format!("{} does not say which episode it is", path.display()));
                return Err(error.hint("name it like 第3集.mp4 or 03.mp4, or move it out of the folder"));
            };
            // A cover beside its episode has the same name and the ending of an image.
            let cover = of("cover_type").find(|other| other.file_stem() == path.file_stem()).cloned();
            if let Some(other) = files.insert(number, Found { path: path.clone(), cover }) {
                let message = format!("{} and {} are both episode {number}", other.path.display(), path.display());
                return Err(Error::new(Kind::Argument, message).hint("move one of them out of the folder"));
            }
        }
        files.retain(|number, _| *number >= self.first);
        let Some(last) = files.keys().next_back() else {
            let error = Error::new(Kind::Argument, format!("there are no episodes in {}", folder.path().display()));
            return Err(error.hint("it takes the files whose ending is a video's, such as 第1集.mp4"));
        };
        if !self.gaps
            && let Some(error) = self.missing(&files, *last)
        {
            return Err(error);
        }
        Ok(files)
    }

    /// Which numbers are missing, if any. A single wrong number may leave out millions.
    fn missing(&self, files: &BTreeMap<u32, Found>, last: u32) -> Option<Error> {
        let wanted = u64::from(last) - u64::from(self.first) + 1;
        let count = wanted as usize - files.len();
        let numbers = (self.first..last).filter(|number| !files.contains_key(number)).take(NAMED);
        let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
        let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
        let (folder, latest) = (self.folder.display(), files.get(&last)?.path.display());
        let message =
            format!("in {folder} these episodes are missing: {}{more} (the last is {latest})", numbers.join(", "));
        let hint = "add them; or say by `first` where it begins, or by `gaps` that they are meant";
        (count > 0).then(|| Error::new(Kind::Argument, message).hint(hint))
    }

    /// The media that are there by the names of the pattern.
    async fn there(&self, uploader: &Uploader) -> Result<HashMap<String, Named>, Error> {
        let begin = self.pattern.split("{n}").next().unwrap_or_default();
        if self.each.again || begin.is_empty() {
            return Ok(HashMap::new());
        }
        let media = uploader.media_beginning(begin).await?;
        Ok(media.into_iter().map(|media| (media.name.clone(), media)).collect())
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
