//! Media files on their way to the platform: what is sent, in what order, and what happens when something goes wrong.

use crate::script::{Script, Server};
use juben::{
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use std::{collections::BTreeSet, fs::File, sync::Arc};

const MB: usize = 1 << 20;
const PART: &str = "drama.upload_part";
const COMMIT: &str = "drama.commit_upload";
const SINGLE: &str = "drama.single_file_upload";
/// A script that uploads `clip.mp4`, and is not patient with a platform that fails.
const UPLOAD: &str = r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第70集", retries: 3 })"#;

fn server() -> Arc<Server> {
    Arc::new(Server::start())
}

/// `UPLOAD` with a file of so many bytes.
fn upload(server: &Arc<Server>, size: usize) -> Script {
    Script::on(server, UPLOAD).file("clip.mp4", &bytes(size))
}

/// Each part of it is another.
fn bytes(size: usize) -> String {
    (0..size.div_ceil(16)).map(|line| format!("{line:015}\n")).collect::<String>()[..size].to_owned()
}

fn count(server: &Server, operation: &str) -> usize {
    server.operations().iter().filter(|name| *name == operation).count()
}

/// The ids of the media of that name.
fn media(server: &Arc<Server>, name: &str) -> Vec<i64> {
    let script =
        format!(r#"pages::of("drama.list_media", #{{ media_name: "{name}" }}).map(|it| it.media_id).collect()"#);
    let ids = Script::on(server, &script).run().result.unwrap().into_typed_array::<i64>();
    ids.unwrap()
}

fn fault(operation: &str, kind: FaultKind) -> Fault {
    Fault { operation: Some(operation.into()), ..Fault::next(kind) }
}

#[track_caller]
fn id_of(script: &Script) -> i64 {
    script.run().result.unwrap().as_int().unwrap()
}

#[test]
fn a_small_file_goes_in_one_call() {
    let server = server();
    let id = id_of(&upload(&server, 10 * MB - 1));
    assert_eq!(server.operations(), ["drama.list_media", SINGLE]);
    assert_eq!(media(&server, "归来记 - 第70集"), [id]);
}

#[test]
fn a_large_file_goes_in_parts_of_5_mb_and_is_joined_in_order() {
    let server = server();
    let id = id_of(&upload(&server, 21 * MB));
    assert_eq!((count(&server, PART), count(&server, COMMIT)), (5, 1));
    let size = format!("drama::get_media({id}).media_info.file_size");
    Script::on(&server, &size).returns(&(21 * MB).to_string());
}

#[test]
fn ten_megabytes_are_no_small_file_and_a_cover_counts() {
    let server = server();
    id_of(&upload(&server, 10 * MB));
    assert_eq!(count(&server, PART), 2);
    server.sandbox.forget_requests();
    let script = r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第71集", cover: "cover.png" })"#;
    id_of(&Script::on(&server, script).file("clip.mp4", &bytes(6 * MB)).file("cover.png", &bytes(6 * MB)));
    // Two of the video and two of the cover, each numbered from 1.
    assert_eq!((count(&server, PART), count(&server, COMMIT)), (4, 1));
}

#[test]
fn the_files_name_is_the_medias_name_unless_another_is_given() {
    let script = r#"drama::get_media(upload::file("归来记 - 第72集.mp4")).media_info.name"#;
    Script::new(script).file("归来记 - 第72集.mp4", "a video").returns(r#""归来记 - 第72集""#);
}

#[test]
fn what_cannot_be_uploaded_is_refused_before_anything_is_sent() {
    let refused = [
        (r#"upload::file("none.mp4")"#, Kind::File, "cannot read"),
        (r#"upload::file("empty.mp4")"#, Kind::File, "is empty"),
        (r#"upload::file("note.txt")"#, Kind::File, "is not a video"),
        (r#"upload::file("list.m3u8")"#, Kind::File, "is not a video"),
        (r#"upload::file("folder.mp4")"#, Kind::File, "is not a file"),
        (r#"upload::file("clip.mp4")"#, Kind::Argument, "a media name is"),
        (r#"upload::file("clip.mp4", #{ media_name: "归来记 - " })"#, Kind::Argument, "a media name is"),
        (
            r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第1集", cover: "note.txt" })"#,
            Kind::File,
            "is not a cover",
        ),
        (
            r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第1集", cover: "huge.png" })"#,
            Kind::File,
            "a cover may have",
        ),
        (r#"upload::file("huge.mp4", #{ media_name: "归来记 - 第1集" })"#, Kind::File, "a video may have 524288000"),
        (
            r#"upload::file("long.mp4", #{ media_name: "归来记 - 第1集", part_size: 1000 })"#,
            Kind::Argument,
            "must be 5000000 to 5242880",
        ),
        (r#"upload::file("clip.mp4", #{ part_size: 0 })"#, Kind::Argument, "must be 5000000 to 5242880"),
        (r#"upload::file("clip.mp4", #{ part_size: 6000000 })"#, Kind::Argument, "must be 5000000 to 5242880"),
        (r#"upload::file("clip.mp4", #{ parts_at_once: 99 })"#, Kind::Argument, "must be 1 to 16"),
        (r#"upload::file("clip.mp4", #{ media_nam: "归来记 - 第1集" })"#, Kind::Argument, "no option `media_nam`"),
        (r#"upload::file("clip.mp4", #{ cover: 1 })"#, Kind::Argument, "must be a string"),
        (r#"upload::material("note.txt")"#, Kind::File, "does not take"),
        (r#"upload::material("clip.mp4", #{ type: "image" })"#, Kind::File, "is no image"),
        (r#"upload::material("clip.mp4", #{ type: "pic" })"#, Kind::Argument, "`type` is"),
        (r#"upload::pull("https://a.example/x", #{})"#, Kind::Argument, "media_name"),
        (r#"upload::pull("https://a.example/x", #{ media_name: "x" })"#, Kind::Argument, "a media name is"),
        (r#"upload::pull("a.example/x", #{ media_name: "归来记 - 第1集" })"#, Kind::Argument, "can fetch"),
    ];
    let server = server();
    for (script, kind, said) in refused {
        let script = Script::on(&server, script).file("empty.mp4", "").file("note.txt", "a").file("list.m3u8", "a");
        let script = script.file("folder.mp4/inner", "a").file("clip.mp4", "a").file("long.mp4", &bytes(100_001));
        for (name, size) in [("huge.mp4", 500 * MB as u64 + 1), ("huge.png", 10 * MB as u64 + 1)] {
            File::create(script.folder().join(name)).unwrap().set_len(size).unwrap();
        }
        let error = script.throws(kind);
        assert!(error.message.contains(said), "{}", error.message);
        assert!(error.hint.is_some() || kind == Kind::Argument, "{error:?}");
    }
    assert_eq!(server.sandbox.requests(), []);
}

#[test]
fn five_hundred_megabytes_are_the_most_and_are_taken() {
    let server = server();
    let script = Script::on(&server, UPLOAD);
    File::create(script.folder().join("clip.mp4")).unwrap().set_len(500 * MB as u64).unwrap();
    id_of(&script);
    assert_eq!(count(&server, PART), 100);
}

#[test]
fn what_is_media_already_is_not_uploaded_again() {
    let server = server();
    let script = upload(&server, 11 * MB);
    let id = id_of(&script);
    assert_eq!(id_of(&script), id);
    assert_eq!((count(&server, PART), media(&server, "归来记 - 第70集")), (3, vec![id]));
}

#[test]
fn a_file_that_changed_or_whose_media_is_gone_is_uploaded_again() {
    let server = server();
    let script = upload(&server, 11 * MB);
    let first = id_of(&script);
    std::fs::write(script.folder().join("clip.mp4"), bytes(11 * MB).replace("000000000000001", "0000000000!0001"))
        .unwrap();
    let second = id_of(&script);
    assert_ne!(first, second);
    Script::on(&server, &format!("drama::delete_media({second}); 1")).returns("1");
    assert_ne!(id_of(&script), second);
}

#[test]
fn an_upload_that_stopped_goes_on_with_what_is_missing() {
    let server = server();
    let script = upload(&server, 31 * MB);
    server.sandbox.fail([Fault { times: 99, ..fault(COMMIT, FaultKind::Errcode) }]);
    assert!(script.run().result.is_err());
    assert_eq!(count(&server, PART), 7);
    server.sandbox.clear_faults();
    id_of(&script);
    assert_eq!((count(&server, PART), media(&server, "归来记 - 第70集").len()), (7, 1));
}

#[test]
fn a_file_that_changed_before_its_upload_went_on_begins_anew() {
    let server = server();
    let script = upload(&server, 11 * MB);
    server.sandbox.fail([Fault { times: 99, code: 10093014, ..fault(COMMIT, FaultKind::Errcode) }]);
    assert!(script.run().result.is_err());
    server.sandbox.clear_faults();
    let changed = format!("!{}", &bytes(11 * MB)[1..]);
    std::fs::write(script.folder().join("clip.mp4"), changed).unwrap();
    id_of(&script);
    assert_eq!((count(&server, PART), media(&server, "归来记 - 第70集").len()), (6, 1));
}

#[test]
fn media_of_the_same_name_and_size_is_the_same_to_a_state_that_knows_nothing() {
    let server = server();
    let id = id_of(&upload(&server, MB));
    assert_eq!(id_of(&upload(&server, MB)), id);
    assert_ne!(id_of(&upload(&server, MB + 1)), id);
    let again = UPLOAD.replace("retries", "again: true, retries");
    assert_ne!(id_of(&Script::on(&server, &again).file("clip.mp4", &bytes(MB))), id);
}

#[test]
fn an_episode_whose_name_belongs_to_another_cut_is_reported() {
    let server = server();
    let script = r#"upload::dir("season", #{ drama: "夜行船" }).map(|it| it.state + (it.hint ?? ""))"#;
    let script = Script::on(&server, script).file("season/1.mp4", "the first cut");
    assert!(script.run().result.is_ok());
    for cut in ["another cut, longer", "the FIRST cut"] {
        std::fs::write(script.folder().join("season/1.mp4"), cut).unwrap();
        let state = script.run().result.unwrap().into_array().unwrap()[0].to_string();
        assert!(state.starts_with("failedrename the episode"), "{state}");
    }
    assert_eq!(media(&server, "夜行船 - 第1集").len(), 1);
}

#[test]
fn an_answer_that_is_lost_at_the_end_is_settled_by_looking() {
    for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::Truncate] {
        for (size, last) in [(MB, SINGLE), (11 * MB, COMMIT)] {
            let server = server();
            server.sandbox.fail([fault(last, kind)]);
            let id = id_of(&upload(&server, size));
            assert_eq!(media(&server, "归来记 - 第70集"), [id], "{kind:?} {last}");
        }
    }
}

#[test]
fn media_of_the_same_name_that_was_there_before_settles_nothing() {
    let server = server();
    let old = id_of(&upload(&server, MB));
    server.sandbox.fail([fault(COMMIT, FaultKind::ResetBefore)]);
    let new = id_of(&upload(&server, 11 * MB));
    assert_ne!(old, new);
    assert_eq!(media(&server, "归来记 - 第70集").len(), 2);
}

#[test]
fn an_upload_that_the_platform_no_longer_knows_begins_anew() {
    for operation in [PART, COMMIT] {
        let server = server();
        server.sandbox.fail([Fault { code: 10093030, ..fault(operation, FaultKind::Errcode) }]);
        let id = id_of(&upload(&server, 11 * MB));
        assert_eq!(count(&server, "drama.apply_upload"), 2, "{operation}");
        assert_eq!(media(&server, "归来记 - 第70集"), [id]);
    }
}

#[test]
fn a_file_that_changes_while_it_is_sent_does_not_become_a_mixture() {
    let server = server();
    let script = r#"
        upload::file("clip.mp4", #{
            media_name: "归来记 - 第70集", parts_at_once: 1,
            on_progress: |sent, all| files::write("clip.mp4", "another")
        })"#;
    let error = Script::on(&server, script).file("clip.mp4", &bytes(60 * MB)).throws(Kind::File);
    assert!(error.message.contains("changed while"), "{}", error.message);
    assert!(media(&server, "归来记 - 第70集").is_empty());
}

#[test]
fn a_small_file_that_changes_while_it_is_sent_is_told_of() {
    let server = server();
    server.sandbox.fail([Fault { seconds: 1.0, ..fault(SINGLE, FaultKind::Slow) }]);
    let script = Script::on(&server, UPLOAD).file("clip.mp4", "a video");
    let path = script.folder().join("clip.mp4");
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            while count(&server, SINGLE) == 0 {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            std::fs::write(&path, "another video").unwrap();
        });
        script.throws(Kind::File)
    });
    assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("it became media")), "{error:?}");
}

#[test]
fn a_refusal_after_a_lost_answer_is_no_reason_to_begin_anew() {
    let server = server();
    let script = upload(&server, 11 * MB);
    let refused = Fault { times: 99, code: 10093014, ..fault(COMMIT, FaultKind::Errcode) };
    server.sandbox.fail([fault(COMMIT, FaultKind::ResetBefore), refused]);
    assert_eq!(script.run().result.unwrap_err().kind, Kind::UnknownOutcome);
    server.sandbox.clear_faults();
    id_of(&script);
    assert_eq!((count(&server, PART), media(&server, "归来记 - 第70集").len()), (3, 1));
}

#[test]
fn an_upload_that_was_left_in_doubt_begins_anew_when_the_platform_has_long_forgotten_it() {
    let server = server();
    let script = upload(&server, 11 * MB);
    server.sandbox.fail([Fault { code: 45009, ..fault(COMMIT, FaultKind::Errcode) }]);
    assert_eq!(script.run().result.unwrap_err().kind, Kind::Quota);
    server.sandbox.reset();
    let age = || {
        let database = script.folder().join(".state/juben.db");
        crate::script::RUNTIME.block_on(async {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
            let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::query("update uploads set changed_at = changed_at - 3600").execute(&mut connection).await.unwrap();
        });
    };
    age();
    // What a run loses itself is in doubt, however old the upload is.
    server.sandbox.fail([fault(COMMIT, FaultKind::ResetBefore)]);
    assert_eq!(script.run().result.unwrap_err().kind, Kind::UnknownOutcome);
    assert_eq!(count(&server, "drama.apply_upload"), 0);
    age();
    id_of(&script);
    assert_eq!(count(&server, "drama.apply_upload"), 1);
    assert_eq!(media(&server, "归来记 - 第70集").len(), 1);
}

#[test]
fn what_is_media_is_known_by_its_bytes_alone() {
    let server = server();
    let script = r#"
        [#{}, #{ source_context: "job-1" }, #{ part_size: 5000000 }].map(|options| {
            options += #{ media_name: "归来记 - 第74集" };
            upload::file("clip.mp4", options)
        })"#;
    let script = Script::on(&server, script).file("clip.mp4", &bytes(11 * MB));
    let ids = script.run().result.unwrap().into_typed_array::<i64>().unwrap();
    assert_eq!(media(&server, "归来记 - 第74集"), [ids[0]]);
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[test]
fn the_script_may_call_the_platform_while_it_uploads() {
    let script = r#"
        let seen = 0;
        upload::file("clip.mp4", #{ media_name: "归来记 - 第70集", on_progress: |sent, all| {
            seen += drama::list_media(#{ limit: 1 }).media_info_list.len;
            seen
        } });
        seen > 0"#;
    Script::new(script).file("clip.mp4", &bytes(21 * MB)).returns("true");
}

#[test]
fn progress_grows_to_the_whole() {
    let script = r#"
        let seen = [];
        upload::file("clip.mp4", #{ media_name: "归来记 - 第70集", on_progress: |sent, all| seen.push([sent, all]) });
        let last = 0;
        for now in seen { if now[0] < last { throw "it shrank"; } last = now[0]; }
        seen[seen.len - 1]"#;
    Script::new(script).file("clip.mp4", &bytes(21 * MB)).returns("[22020096,22020096]");
}

#[test]
fn a_season_goes_in_the_order_of_its_numbers() {
    let server = server();
    let script =
        r#"upload::dir("season", #{ drama: "夜行船" }).map(|it| [it.episode, it.file, it.media_name, it.state])"#;
    let mut script = Script::on(&server, script).file("season/readme.txt", "").file("season/.hidden.mp4", "x");
    for name in ["第10集", "第2集", "第一集", "3", "EP4", "5 1080p", "第６集", "七 7", "8", "9"] {
        script = script.file(&format!("season/{name}.mp4"), name);
    }
    let script = script.file("season/第2集.JPG", "cover");
    let rows = script.run().result.unwrap().into_array().unwrap();
    let rows: Vec<_> = rows.into_iter().map(|row| row.into_array().unwrap()).collect();
    let names: Vec<_> = rows.iter().map(|row| row[2].to_string()).collect();
    assert_eq!(names, (1..=10).map(|n| format!("夜行船 - 第{n}集")).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row[3].to_string() == "uploaded"));
    server.sandbox.forget_requests();
    let again = script.run().result.unwrap().into_array().unwrap();
    assert!(again.into_iter().all(|row| row.into_array().unwrap()[3].to_string() == "already"));
    assert_eq!(server.operations(), ["drama.list_media"]);
}

#[test]
fn a_season_with_a_gap_or_a_doubled_number_is_refused_before_anything_is_sent() {
    let server = server();
    let season = |files: &[&str], options: &str| {
        let script = format!(r#"upload::dir("season", #{{ drama: "夜行船", {options} }}).len"#);
        files.iter().fold(Script::on(&server, &script), |script, name| script.file(&format!("season/{name}"), name))
    };
    let gap = season(&["1.mp4", "4.mp4", "6.mp4"], "").throws(Kind::Argument);
    assert!(gap.message.contains("missing: 2, 3, 5 (the last is"), "{}", gap.message);
    let absurd = season(&["1.mp4", "VID_2024010100.mp4"], "").throws(Kind::Argument);
    assert!(absurd.message.contains("8, 9, 10, 11 and 2024010088 more"), "{}", absurd.message);
    let doubled = season(&["1.mp4", "第一集.mp4"], "").throws(Kind::Argument);
    assert!(doubled.message.ends_with("are both episode 1"), "{}", doubled.message);
    let unnumbered = season(&["1.mp4", "trailer.mp4"], "").throws(Kind::Argument);
    assert!(unnumbered.message.contains("trailer.mp4 does not say"), "{}", unnumbered.message);
    assert!(season(&["note.txt"], "").throws(Kind::Argument).message.contains("no episodes"));
    season(&["1.mp4"], "pattern: \"夜行船 - 全集\"").throws(Kind::Argument);
    season(&["1.mp4", "2.txt"], "media_name: \"a - b\"").throws(Kind::Argument);
    let empty = season(&["1.mp4"], "").file("season/2.mp4", "").throws(Kind::File);
    assert!(empty.message.contains("2.mp4 is empty"), "{}", empty.message);
    assert_eq!(server.sandbox.requests(), []);
    season(&["1.mp4", "4.mp4"], "gaps: true").returns("2");
    season(&["7.mp4", "8.mp4", "1.mp4"], "first: 7").returns("2");
}

#[test]
fn an_episode_that_is_refused_stops_no_other() {
    let server = server();
    server.sandbox.fail([Fault { code: 10090042, ..fault(SINGLE, FaultKind::Errcode) }]);
    let script = r#"upload::dir("season", #{ drama: "夜行船" }).map(|it| [it.state, it.code])"#;
    let script = (1..=3).fold(Script::on(&server, script), |script, n| script.file(&format!("season/{n}.mp4"), "x"));
    script.returns(r#"[["failed",10090042],["uploaded",null],["uploaded",null]]"#);
}

#[test]
fn the_platform_can_fetch_a_video_itself() {
    Script::new(r#"upload::wait(upload::pull("https://a.example/1.m3u8", #{ media_name: "归来记 - 第73集" })) > 0"#)
        .returns("true");
    Script::new(r#"upload::wait(upload::pull("https://a.example/not-found", #{ media_name: "归来记 - 第73集" }))"#)
        .throws(Kind::Refused);
}

#[test]
fn no_two_names_share_an_upload() {
    let server = server();
    let script = r#"["第1集", "第2集"].map(|it| upload::file("clip.mp4", #{ media_name: "归来记 - " + it }))"#;
    let ids =
        Script::on(&server, script).file("clip.mp4", "x").run().result.unwrap().into_typed_array::<i64>().unwrap();
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), 2);
}
