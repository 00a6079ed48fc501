//! `upload::` — media files on their way to the platform. Paths are relative to the script's folder.
//!
//! What was sent is noted in the state of the user (`--state`, `JUBEN_STATE`): an upload that was stopped, however that
//! happened, goes on where it stopped when it is run again, and what has become media is not uploaded twice.

use super::{Host, Reply, given::Given, progress::Listeners, text, thrown};
use crate::{
    Error,
    error::Kind,
    helpers::upload::{self, Episode, Season, Uploader, Wanted},
};
use rhai::{Array, Dynamic, INT, Map, plugin::*};
use std::path::Path;

#[export_module]
pub mod module {
    /// Upload a video whose name is that of the media, `<drama> - <episode>`, such as `归来记 - 第1集.mp4`. Below 10 MB it
    /// goes in one call, otherwise in parts of 5 MB, up to 500 MB.
    /// - `path`: string.
    /// - returns: int, the media id; of media that an earlier run has made of this very file, its id.
    /// - throws: `file` (unreadable, empty, too large, of another type) and `argument` before anything is sent;
    ///   `unknown_outcome` when nobody can tell whether it has become media; what the operations throw.
    /// - calls: `drama.single_file_upload`, `drama.apply_upload`, `drama.upload_part`, `drama.commit_upload`,
    ///   `drama.list_media`, `drama.get_media`.
    /// - reads: `path`.
    /// ```rhai
    /// files::write("归来记 - 第51集.mp4", "a video");
    /// let id = upload::file("归来记 - 第51集.mp4");
    /// assert_eq(drama::get_media(id).media_info.name, "归来记 - 第51集");
    /// assert_eq(upload::file("归来记 - 第51集.mp4"), id);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn file(call: NativeCallContext, path: &str) -> Reply<INT> {
        one(&call, path, Map::new())
    }

    /// The same with options.
    /// - `path`: string.
    /// - `options`: map: `media_name` (string), `cover` (string, path of an image of at most 10 MB), `source_context`
    ///   (string, told again by the event), `parts_at_once` (int, 1 to 16, default 4, or 1
    ///   with `--limit-rate`), `part_size` (int, bytes; the
    ///   platform documents 5 MB, which is 5242880 unless you say 5000000), `again` (bool, upload what is media already), `on_progress` (function of the bytes
    ///   sent and all bytes), and those of any call.
    /// - returns: int, the media id.
    /// - throws: as above.
    /// - calls: `drama.single_file_upload`, `drama.apply_upload`, `drama.upload_part`, `drama.commit_upload`,
    ///   `drama.list_media`, `drama.get_media`.
    /// - reads: `path`, `options.cover`.
    /// ```rhai
    /// files::write("clip.mp4", "a video");
    /// files::write("cover.png", "an image");
    /// let id = upload::file("clip.mp4", #{ media_name: "归来记 - 第52集", cover: "cover.png" });
    /// assert_eq(drama::get_media(id).media_info.name, "归来记 - 第52集");
    /// ```
    #[rhai_fn(return_raw, name = "file")]
    pub fn file_with(call: NativeCallContext, path: &str, options: Map) -> Reply<INT> {
        one(&call, path, options)
    }

    /// Upload a folder of episodes, in the order of their numbers: `第2集.mp4` before `第10集.mp4`, also `02.mp4`, `EP2.mp4`
    /// and `第二集.mp4`. An image of the same name (`第2集.jpg`) is the episode's cover. What has a name that is there is
    /// left out. An episode that is refused stops no other.
    /// - `folder`: string.
    /// - `options`: map: `drama` (string, the drama's name), `pattern` (string, of the media's names, default
    ///   `"{drama} - 第{n}集"`), `first` (int, the first number, default 1), `gaps` (bool, numbers may be missing), and
    ///   those of `file`.
    /// - returns: array of maps `#{ episode, file, media_name, state, media_id, code, message, hint }`; `state` is
    ///   `uploaded`, `already`, `failed`, or `planned` in a dry run.
    /// - throws: `argument` before anything is sent when numbers are missing or come twice; as `file`.
    /// - calls: `drama.single_file_upload`, `drama.apply_upload`, `drama.upload_part`, `drama.commit_upload`,
    ///   `drama.list_media`, `drama.get_media`.
    /// - reads: `folder`, `options.cover`.
    /// ```rhai
    /// for n in 1..=3 { files::write(`season/第${n}集.mp4`, `video ${n}`); }
    /// let episodes = upload::dir("season", #{ drama: "夜行船" });
    /// assert_eq(episodes.map(|episode| episode.media_name), ["夜行船 - 第1集", "夜行船 - 第2集", "夜行船 - 第3集"]);
    /// assert_eq(upload::dir("season", #{ drama: "夜行船" })[0].state, "already");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn dir(call: NativeCallContext, folder: &str, options: Map) -> Reply<Array> {
        whole_season(&call, folder, options)
    }

    /// Let the platform fetch a video, the only way for m3u8.
    /// - `url`: string, http(s).
    /// - `options`: map: `media_name` (string, required), `cover_url`, `source_context`, and those of any call.
    /// - returns: int, the task; `upload::wait` waits for it.
    /// - throws: `argument`; what `drama.pull_upload` throws.
    /// - calls: `drama.pull_upload`.
    /// ```rhai
    /// let task = upload::pull("https://media.example.org/7.m3u8", #{ media_name: "归来记 - 第57集" });
    /// assert_eq(drama::get_media(upload::wait(task)).media_info.name, "归来记 - 第57集");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn pull(call: NativeCallContext, url: &str, options: Map) -> Reply<INT> {
        pulled(&call, url, options)
    }

    /// Wait until a video is fetched, ten minutes at most.
    /// - `task`: int, of `pull`.
    /// - returns: int, the media id.
    /// - throws: `refused` when it could not be fetched, `limit` when it is not fetched in time.
    /// - calls: `drama.get_task`.
    /// ```rhai
    /// let task = upload::pull("https://media.example.org/8.mp4", #{ media_name: "归来记 - 第58集" });
    /// assert(upload::wait(task) > 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn wait(call: NativeCallContext, task: INT) -> Reply<INT> {
        fetched(&call, task, Map::new())
    }

    /// The same with options.
    /// - `task`: int.
    /// - `options`: map: `timeout` (seconds for the whole wait), and those of any call.
    /// - returns: int, the media id.
    /// - throws: as above.
    /// - calls: `drama.get_task`.
    /// ```rhai
    /// let task = upload::pull("https://media.example.org/9.mp4", #{ media_name: "归来记 - 第59集" });
    /// assert(upload::wait(task, #{ timeout: 60 }) > 0);
    /// ```
    #[rhai_fn(return_raw, name = "wait")]
    pub fn wait_with(call: NativeCallContext, task: INT, options: Map) -> Reply<INT> {
        fetched(&call, task, options)
    }

    /// Upload a file that other calls name, such as the cover of a drama or a book; it lives three days.
    /// - `path`: string, an image (jpg, png, gif, bmp), a voice (mp3, amr) or a video (mp4).
    /// - returns: string, the media id.
    /// - throws: `file` before anything is sent; what `platform.upload_temp_media` throws.
    /// - calls: `platform.upload_temp_media`.
    /// - reads: `path`.
    /// ```rhai
    /// files::write("cover.jpg", "an image");
    /// assert(upload::material("cover.jpg").len > 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn material(call: NativeCallContext, path: &str) -> Reply<String> {
        temporary(&call, path, Map::new())
    }

    /// The same with options.
    /// - `path`: string.
    /// - `options`: map: `type` (string: `image`, the only one that mini programs take, `voice`, `video` or `thumb`),
    ///   `on_progress`, and those of any call.
    /// - returns: string, the media id.
    /// - throws: as above.
    /// - calls: `platform.upload_temp_media`.
    /// - reads: `path`.
    /// ```rhai
    /// files::write("cover.jpg", "an image");
    /// assert(upload::material("cover.jpg", #{ type: "image" }).len > 0);
    /// ```
    #[rhai_fn(return_raw, name = "material")]
    pub fn material_with(call: NativeCallContext, path: &str, options: Map) -> Reply<String> {
        temporary(&call, path, options)
    }
}

fn one(call: &NativeCallContext, path: &str, options: Map) -> Reply<INT> {
    let mut given = Given::new(options);
    let wanted = wanted(&mut given, path).map_err(|error| thrown(call, error))?;
    let media = uploading(call, given, async |uploader| uploader.file(&wanted).await)?;
    Ok(media.id)
}

fn whole_season(call: &NativeCallContext, folder: &str, options: Map) -> Reply<Array> {
    let mut given = Given::new(options);
    let season = season(&mut given, folder).map_err(|error| thrown(call, error))?;
    let episodes = uploading(call, given, async |uploader| upload::season(&uploader, &season).await)?;
    let dry_run = Host::of(call).client.is_dry_run();
    Ok(episodes.into_iter().map(|episode| row(episode, dry_run)).collect())
}

fn temporary(call: &NativeCallContext, path: &str, options: Map) -> Reply<String> {
    let mut given = Given::new(options);
    let kind = given.string("type").map_err(|error| thrown(call, error))?;
    uploading(call, given, async |uploader| upload::material(&uploader, Path::new(path), kind.as_deref()).await)
}

fn pulled(call: &NativeCallContext, url: &str, options: Map) -> Reply<INT> {
    let host = Host::of(call);
    let mut given = Given::new(options);
    let fields = pull_fields(&mut given).map_err(|error| thrown(call, error))?;
    let options = given.rest(&host).map_err(|error| thrown(call, error))?;
    let uploader = Uploader::new(&host.client, &host.store, options);
    host.wait(call, upload::pull(&uploader, url, fields))
}

fn pull_fields(given: &mut Given) -> Result<Map, Error> {
    let mut fields = Map::new();
    for name in ["media_name", "cover_url", "source_context"] {
        fields.extend(given.string(name)?.map(|value| (name.into(), text(value))));
    }
    Ok(fields)
}

fn fetched(call: &NativeCallContext, task: INT, options: Map) -> Reply<INT> {
    let fields = Map::from_iter([("task_id".into(), task.into())]);
    let reply = super::wait::run(call, "drama.get_task", &fields, options)?;
    let media = crate::client::at(&reply, "task_info.media_id").and_then(|id| id.as_int().ok());
    media.ok_or_else(|| thrown(call, Error::new(Kind::Server, "the task is done, but names no media")))
}

/// Do it, and tell meanwhile how far it has come.
fn uploading<T>(
    call: &NativeCallContext,
    mut given: Given,
    deed: impl AsyncFnOnce(Uploader) -> Result<T, Error>,
) -> Reply<T> {
    let host = Host::of(call);
    let function = given.function("on_progress").map_err(|error| thrown(call, error))?;
    let options = given.rest(&host).map_err(|error| thrown(call, error))?;
    let uploader = Uploader::new(&host.client, &host.store, options);
    let (meter, mut listeners) = (uploader.meter.clone(), Listeners::new(&host, call, function));
    let outcome = host.wait_beating(call, deed(uploader), || listeners.tell(meter.read()))?;
    listeners.finish(meter.read());
    Ok(outcome)
}

fn wanted(given: &mut Given, path: &str) -> Result<Wanted, Error> {
    let mut wanted = Wanted::new(path);
    wanted.media_name = given.string("media_name")?;
    wanted.cover = given.string("cover")?.map(Into::into);
    wanted.source_context = given.string("source_context")?;
    wanted.part_size = given.number("part_size", 5_000_000..=5 << 20)?.map(INT::unsigned_abs);
    wanted.again = given.flag("again")?;
    wanted.parts_at_once = given.number("parts_at_once", 1..=16)?.map(|parts| parts as usize);
    Ok(wanted)
}

fn season(given: &mut Given, folder: &str) -> Result<Season, Error> {
    let drama = given.string("drama")?;
    let pattern = given.string("pattern")?.unwrap_or_else(|| "{drama} - 第{n}集".to_owned());
    let pattern = match &drama {
        Some(drama) => pattern.replace("{drama}", drama),
        None if pattern.contains("{drama}") => {
            return Err(Error::new(Kind::Argument, "the option `drama` is missing")
                .hint("give the drama's name, such as #{ drama: \"归来记\" }"));
        }
        None => pattern,
    };
    if !pattern.contains("{n}") {
        let message = format!("the option `pattern` is {pattern:?}, without {{n}}: all episodes would have one name");
        return Err(Error::new(Kind::Argument, message).hint("such as #{ pattern: \"{drama} - 第{n}集\" }"));
    }
    let first = given.number("first", 0..=100_000)?.unwrap_or(1) as u32;
    let gaps = given.flag("gaps")?;
    let each = wanted(given, "")?;
    if each.media_name.is_some() {
        return Err(Error::new(Kind::Argument, "episodes cannot share the option `media_name`")
            .hint("their names come from `pattern`"));
    }
    Ok(Season { folder: folder.into(), pattern, first, gaps, each })
}

fn row(episode: Episode, dry_run: bool) -> Dynamic {
    let (state, media_id, error) = match &episode.outcome {
        Ok(media) if dry_run && !media.already => {
            // A plan knows its media by what stands for their ids; a dry run has nothing.
            ("planned", if media.id == 0 { Dynamic::UNIT } else { media.id.into() }, None)
        }
        Ok(media) => (if media.already { "already" } else { "uploaded" }, media.id.into(), None),
        Err(error) => ("failed", Dynamic::UNIT, Some(error)),
    };
    let file = episode.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Dynamic::from_map(Map::from_iter([
        ("episode".into(), INT::from(episode.number).into()),
        ("file".into(), text(file)),
        ("media_name".into(), text(episode.media_name)),
        ("state".into(), text(state)),
        ("media_id".into(), media_id),
        ("code".into(), error.and_then(|error| error.code).map_or(Dynamic::UNIT, Dynamic::from)),
        ("message".into(), error.map_or(Dynamic::UNIT, |error| text(error.message.as_str()))),
        ("hint".into(), error.and_then(|error| error.hint.as_deref()).map_or(Dynamic::UNIT, text)),
    ]))
}
