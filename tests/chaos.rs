//! Every helper behind calls of which a fifth fails: nothing is lost, nothing is done twice, nothing ends early.
//!
//! Time is virtual: sandbox and client share a paused clock, so a minute that has to be waited for is over at once.

use crate::script::{Script, Server, call};
use juben::{
    Error,
    catalog::{Catalog, PageStyle},
    client::{Client, Options, decode},
    error::Kind,
    helpers::{
        calls, chapters,
        grants::{self, Grant, Key, Report, Rules, Scope, Way},
        pages::{self, Listing},
        upload::{Uploader, Wanted},
        wait,
    },
    sandbox::{Fault, FaultKind, Options as World},
    store::Store,
};
use rhai::{Array, Dynamic, Map};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// 2026-06-01.
const NOW: i64 = 1_780_243_200;
const YEAR: i64 = 365 * 86_400;
const SEEDS: u64 = 8;

/// What happens to a fifth of all calls; none of it is something that only some platforms say.
fn failing() -> Vec<Fault> {
    use FaultKind::{Html, Http, ResetAfter, ResetBefore, Slow, Truncate};
    let rates = [(Html, 0.03), (Http, 0.02), (ResetBefore, 0.03), (ResetAfter, 0.03), (Truncate, 0.03)];
    let mut faults: Vec<_> = rates.map(|(kind, rate)| Fault::often(kind, rate)).into();
    faults[0].status = Some(502);
    // Slower than the client is patient, and not.
    faults.extend([(8.0, 0.01), (1.5, 0.01)].map(|(seconds, rate)| Fault { seconds, ..Fault::often(Slow, rate) }));
    faults
}

/// The codes by which WeChat says that it is busy, or has had too many calls.
fn codes() -> Vec<Fault> {
    let catalog = Catalog::builtin();
    let answers = |module: &str| match module {
        "novel" => vec![(-1, 0.03), (45011, 0.02)],
        "drama" => vec![(-1, 0.02), (45011, 0.01), (10_093_023, 0.02)],
        _ => vec![],
    };
    let faults = catalog.operations().flat_map(|operation| {
        let fault = |(code, rate)| Fault { code, ..Fault::often(FaultKind::Errcode, rate) };
        let of = |fault| Fault { operation: Some(operation.full_name()), ..fault };
        answers(&operation.module).into_iter().map(fault).map(of).collect::<Vec<_>>()
    });
    faults.collect()
}

/// A sandbox in virtual time, and a client of it.
struct Storm {
    server: Server,
    client: Arc<Client>,
}

impl Storm {
    async fn of(seed: u64) -> Self {
        fastrand::seed(seed);
        let server = Server::here(World { seed, now: Some(NOW), ..World::default() }).await;
        Storm { client: Arc::new(server.client()), server }
    }

    fn begins(&self) {
        self.server.sandbox.fail(failing().into_iter().chain(codes()));
    }

    /// It is over; this client reads what there is now.
    fn ends(&self) -> Arc<Client> {
        self.server.sandbox.clear_faults();
        Arc::new(self.server.client())
    }
}

/// It may raise, but not before it has tried as often as it may; then it is done again, as a person would.
async fn persistently<T>(mut work: impl AsyncFnMut() -> Result<T, Error>) -> T {
    for _ in 0..3 {
        match work().await {
            Ok(done) => return done,
            Err(error) => assert_tried(&error),
        }
    }
    panic!("it raised three times");
}

#[track_caller]
fn assert_tried(error: &Error) {
    let tried = error.hint.as_deref().is_some_and(|hint| hint.contains("it was tried 4 times"));
    assert!(tried || error.kind == Kind::UnknownOutcome, "{error:?}");
}

fn fields(json: &str) -> Map {
    decode(json.as_bytes()).unwrap().cast()
}

fn field(item: &Dynamic, name: &str) -> Dynamic {
    item.as_map_ref().unwrap()[name].clone()
}

/// All items of a listing, or those before it raised.
async fn listed(client: &Arc<Client>, name: &str, filter: &str, ahead: usize) -> (Array, Option<Error>) {
    let mut listing = Listing::new(client, name, fields(filter), Options::default()).unwrap();
    listing.ahead = ahead;
    let mut reading = listing.read(client.clone(), Arc::new(pages::Report::default()));
    let mut items = Array::new();
    while let Some(page) = reading.next().await {
        match page {
            Ok(page) => items.extend(page),
            Err(error) => return (items, Some(error)),
        }
    }
    (items, None)
}

/// The end of every grant of the account, each of which there is once.
async fn there(client: &Arc<Client>) -> BTreeMap<Key, i64> {
    let mut ends = BTreeMap::new();
    for scope in Scope::ALL {
        for grant in grants::list(client, scope, false, &Options::default()).await.unwrap() {
            assert_eq!(ends.insert(grant.key(), grant.expires_at), None, "{grant:?} is there twice");
        }
    }
    ends
}

/// Grants of all five kinds in a motley order, none of which is there.
async fn wanted(client: &Arc<Client>) -> Vec<Grant> {
    let mut all = Vec::new();
    for scope in Scope::ALL {
        let there = grants::list(client, scope, false, &Options::default()).await.unwrap();
        let items: BTreeMap<_, _> = there.iter().map(|grant| (grant.item.to_string(), grant)).collect();
        assert!(!items.is_empty(), "{scope:?}");
        let grantees = if scope == Scope::Book { 20 } else { 6 };
        for grant in items.values().take(6) {
            for number in 0..grantees {
                let grantee = format!("wx0a1b{number:012x}");
                all.push(Grant {
                    grantee: grantee.into(),
                    to_company: false,
                    expires_at: NOW + YEAR,
                    ..(*grant).clone()
                });
            }
        }
    }
    fastrand::shuffle(&mut all);
    all
}

fn way(at_once: usize) -> Way {
    Way { options: Options::default(), at_once, told: None, there: None }
}

const RULES: Rules = Rules { now: NOW, account_wide: true };

/// How many calls at once a seed means.
fn at_once(seed: u64) -> usize {
    if seed.is_multiple_of(2) { 1 } else { 4 }
}

/// Each row is in the report once, in the order of the rows, and what the report says of it is true.
#[track_caller]
fn assert_true(report: &Report, rows: &[Grant], is_so: impl Fn(&Grant) -> bool) {
    let Report { done, already, failed, unknown } = report;
    let places = |rows: &[(usize, Error)]| rows.iter().map(|(place, _)| *place).collect::<Vec<_>>();
    let mut reported: Vec<usize> = Vec::new();
    for part in [done, already, &places(failed), &places(unknown)] {
        assert!(part.is_sorted(), "{part:?}");
        reported.extend(part);
    }
    reported.sort_unstable();
    assert_eq!(reported, (0..rows.len()).collect::<Vec<_>>());
    assert!(done.iter().chain(already).all(|place| is_so(&rows[*place])));
    assert!(!failed.iter().any(|(place, _)| is_so(&rows[*place])));
    // The rows of one call may be left, when even reading failed four times; no row is given up at the first trouble.
    assert!(failed.len() + unknown.len() <= 20, "{failed:?} {unknown:?}");
}

#[tokio::test(start_paused = true)]
async fn grants_are_given_once_and_reported_in_order() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        let rows = wanted(&storm.client).await;
        let before = there(&storm.client).await;
        storm.begins();
        let give = async || grants::give(&storm.client, rows.clone(), RULES, &way(at_once(seed))).await;
        let report = persistently(give).await;
        let mut after = there(&storm.ends()).await;
        assert_true(&report, &rows, |grant| after.get(&grant.key()) == Some(&grant.expires_at));
        after.retain(|key, _| !rows.iter().any(|grant| grant.key() == *key));
        assert_eq!(after, before);
    }
}

#[tokio::test(start_paused = true)]
async fn grants_are_renewed_and_taken_back() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        let rows = wanted(&storm.client).await;
        grants::give(&storm.client, rows.clone(), RULES, &way(1)).await.unwrap();
        let others = there(&storm.client).await.len() - rows.len();
        let longer = |grant: &Grant| Grant { expires_at: grant.expires_at + YEAR, ..grant.clone() };
        let (rows, gone) = rows.split_at(rows.len() / 2);
        let rows: Vec<_> = rows.iter().map(longer).collect();
        storm.begins();
        let renewed =
            persistently(async || grants::give(&storm.client, rows.clone(), RULES, &way(at_once(seed))).await).await;
        let taken = persistently(async || grants::take(&storm.client, gone.to_vec(), &way(at_once(seed))).await).await;
        let after = there(&storm.ends()).await;
        assert_true(&renewed, &rows, |grant| after.get(&grant.key()) == Some(&grant.expires_at));
        assert_true(&taken, gone, |grant| !after.contains_key(&grant.key()));
        assert_eq!(after.len(), others + rows.len() + taken.failed.len() + taken.unknown.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_carried_out_to_its_end() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        let mut wished = wanted(&storm.client).await;
        let half = wished.split_off(wished.len() / 2);
        grants::give(&storm.client, half, RULES, &way(1)).await.unwrap();
        storm.begins();
        let options = Options::default();
        // What was given is to go, what was wished is to come; it is done when nothing more is to do.
        for round in 0.. {
            let plan = || grants::plan(&storm.client, wished.clone(), &Scope::ALL, &options);
            let plan = persistently(async || plan().await).await;
            if plan.changes.is_empty() {
                break;
            }
            assert!(round < 3, "{} changes are left", plan.changes.len());
            let rows: Vec<_> = plan.changes.iter().map(|change| change.grant.clone()).collect();
            let gone: HashSet<_> = plan.changes.iter().filter(|it| it.revoke).map(|it| it.grant.key()).collect();
            let report = grants::apply(&storm.client, plan, RULES, &way(at_once(seed))).await;
            let after = there(&storm.ends()).await;
            storm.begins();
            let is_so = |grant: &Grant| match gone.contains(&grant.key()) {
                true => !after.contains_key(&grant.key()),
                false => after.get(&grant.key()) == Some(&grant.expires_at),
            };
            match report {
                Ok(report) => assert_true(&report, &rows, is_so),
                Err(error) => assert_tried(&error),
            }
        }
        let after = there(&storm.ends()).await;
        assert_eq!(after, wished.iter().map(|grant| (grant.key(), grant.expires_at)).collect());
    }
}

#[tokio::test(start_paused = true)]
async fn chapters_stand_once_and_in_their_order() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        let made = call(&storm.client, "novel.create_book", &book(0)).await.unwrap();
        let book = made["book_id"].to_string();
        let ids: Vec<_> = (0..173).map(|number| format!("ch-{number}")).collect();
        let chapter = |id: &String| {
            fields(&format!(r#"{{"original_id": "{id}", "chapter_title": "{id}", "content": "夜色。"}}"#))
        };
        let chapters: Vec<_> = ids.iter().map(chapter).collect();
        storm.begins();
        let options = Options::default();
        let upload = || chapters::upload(&storm.client, &book, chapters.clone(), &options, |_, _| {});
        let report = persistently(async || upload().await).await;
        assert_eq!(report.failed.len(), 0, "{:?}", report.failed);
        let reported: HashSet<_> = report.created.iter().chain(&report.already).collect();
        assert_eq!((reported.len(), report.created.len() + report.already.len()), (ids.len(), ids.len()));
        let filter = format!(r#"{{"book_id": "{book}", "need_edited_data": true}}"#);
        let (stored, _) = listed(&storm.ends(), "novel.list_chapters", &filter, 1).await;
        let stored: Vec<_> = stored.iter().map(|chapter| field(chapter, "original_id").to_string()).collect();
        assert_eq!(stored, ids);
    }
}

fn book(number: usize) -> String {
    format!(
        r#"{{"title": "归来{number}", "intro": "一个人回来了。", "cover_media_id": "MAT_1", "author": "江北客",
        "first_category_id": 10001, "second_category_id": 10002, "third_category_id": 10003, "complete_status": 1,
        "original_id": "own-{number}"}}"#
    )
}

/// The result of each row, in order.
async fn many(client: &Arc<Client>, operation: &str, rows: Vec<Map>) -> Vec<Result<Map, Error>> {
    let operation = client.operation(operation).unwrap();
    let mut results: Vec<Option<_>> = rows.iter().map(|_| None).collect();
    let mut running = calls::many(client, &operation, rows, &Options::default(), 8);
    while let Some(ended) = running.next().await {
        let (index, result) = ended.unwrap();
        assert!(results[index].replace(result).is_none(), "row {index} ended twice");
    }
    results.into_iter().map(Option::unwrap).collect()
}

#[tokio::test(start_paused = true)]
async fn of_a_thousand_reads_at_once_each_has_its_own_answer() {
    let storm = Storm::of(1).await;
    storm.begins();
    let ids: Vec<i64> = (0..1000).map(|number| 910_001 + number % 40).collect();
    let rows = ids.iter().map(|id| fields(&format!(r#"{{"media_id": {id}}}"#))).collect();
    let results = many(&storm.client, "drama.get_media", rows).await;
    for (result, id) in results.iter().zip(&ids) {
        match result {
            Ok(reply) => assert_eq!(field(&reply["media_info"], "media_id").as_int(), Ok(*id)),
            Err(error) => assert_tried(error),
        }
    }
    // One in 600 fails four times; a drained budget would lose more.
    assert!(results.iter().filter(|result| result.is_err()).count() < 10);
}

#[tokio::test(start_paused = true)]
async fn of_many_writes_at_once_none_is_done_twice_and_what_is_said_of_each_is_true() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        storm.begins();
        let results =
            many(&storm.client, "novel.create_book", (0..60).map(|number| fields(&book(number))).collect()).await;
        let (books, _) = listed(&storm.ends(), "novel.list_books", r#"{"need_edited_data": true}"#, 1).await;
        for (number, result) in results.iter().enumerate() {
            let own = format!("own-{number}");
            let made: Vec<_> = books.iter().filter(|book| field(book, "original_id").to_string() == own).collect();
            match result {
                Ok(reply) => assert_eq!(field(made[0], "book_id").to_string(), reply["book_id"].to_string()),
                Err(error) if error.kind == Kind::UnknownOutcome => {}
                Err(error) => assert_eq!(made.len(), 0, "{error:?}"),
            }
            assert!(made.len() <= 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_call_is_refused_by_a_platform_that_takes_a_hundred_a_minute() {
    let storm = Storm::of(1).await;
    let slow = |seconds| Fault { seconds, ..Fault::often(FaultKind::Slow, 0.3) };
    storm.server.sandbox.fail([0.7, 2.5].map(slow));
    let row = |number| {
        let grantee = format!("wx0a1b{number:012x}");
        let row = format!(r#"{{"book_id": "Bk7aQ2x9", "grantee_appid": "{grantee}", "expire_time": {}}}"#, NOW + YEAR);
        fields(&format!(r#"{{"books": [{row}]}}"#))
    };
    let results = many(&storm.client, "novel.add_book_auth", (0..350).map(row).collect()).await;
    assert!(results.iter().all(Result::is_ok));
    let mut received = storm.server.sandbox.requests();
    received.retain(|request| request.operation.as_deref() == Some("novel.add_book_auth"));
    assert_eq!((received.len(), received.iter().filter(|request| request.errcode != 0).count()), (350, 0));
    // Nor by one that counts the last sixty seconds instead of the minutes of the clock.
    assert!(received.iter().zip(&received[100..]).all(|(earlier, later)| later.time - earlier.time >= 60));
    assert!(storm.server.sandbox.now() - NOW < 5 * 60);
}

/// One listing of each style, with small pages.
const LISTINGS: [(PageStyle, &str, &str); 5] = [
    (PageStyle::Offset, "drama.list_media", r#"{"limit": 3}"#),
    (PageStyle::Offset, "novel.query_book_auth", r#"{"type": 0, "count": 2}"#),
    (PageStyle::Page, "polyv.list_video", r#"{"pageSize": 10}"#),
    (PageStyle::LastId, "novel.list_books", r#"{"need_edited_data": true, "limit": 1}"#),
    (PageStyle::Cursor, "novel.query_app_auth", r#"{"type": 0, "count": 1}"#),
];

#[tokio::test(start_paused = true)]
async fn a_listing_is_read_to_its_end_or_raises() {
    for (style, name, filter) in LISTINGS {
        assert_eq!(Catalog::builtin().find(name).unwrap().pages.as_ref().unwrap().style, style);
        for seed in 0..SEEDS / 2 {
            let storm = Storm::of(seed).await;
            let text = |items: Array| Dynamic::from_array(items).to_string();
            let (whole, _) = listed(&storm.client, name, filter, 1).await;
            assert!(whole.len() > 1, "{name}");
            storm.begins();
            for ahead in [1, 4] {
                match listed(&storm.client, name, filter, ahead).await {
                    (items, None) => assert_eq!(text(items), text(whole.clone())),
                    (items, Some(error)) => {
                        assert_tried(&error);
                        assert_eq!(text(items.clone()), text(whole[..items.len()].to_vec()));
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_is_followed_to_its_end() {
    for seed in 0..SEEDS {
        let storm = Storm::of(seed).await;
        let pull = r#"{"media_name": "归来记 - 第9集", "media_url": "https://media.example.org/9.mp4"}"#;
        let task = call(&storm.client, "drama.pull_upload", pull).await.unwrap()["task_id"].to_string();
        let read = storm.client.operation("drama.get_task").unwrap();
        let begun = storm.client.operation("drama.pull_upload").unwrap();
        let task = fields(&format!(r#"{{"task_id": {task}}}"#));
        let (options, patience) = (Options::default(), Duration::from_secs(600));
        storm.begins();
        let store = Store::in_memory();
        let until =
            || wait::until(&storm.client, &store, &read, begun.wait.as_ref().unwrap(), &task, &options, patience);
        let reply = persistently(async || until().await).await;
        assert_eq!(field(&reply["task_info"], "status").as_int(), Ok(3));
    }
}

/// In real time, so without what takes long.
#[test]
fn a_loop_of_a_script_ends_where_the_listing_does() {
    let text = r#"
        let seen = [];
        for media in pages::of("drama.list_media", #{ limit: 5 }, #{ ahead: 4 }) { seen.push(media.media_id); }
        seen
    "#;
    for seed in 0..4 {
        let server = Arc::new(Server::with(World { seed, ..World::default() }));
        let whole = Script::on(&server, text).run().result.unwrap();
        server.sandbox.fail(failing().into_iter().filter(|fault| fault.kind != FaultKind::Slow));
        match Script::on(&server, text).run().result {
            Ok(seen) => assert_eq!(seen.to_string(), whole.to_string()),
            Err(error) => assert_tried(&error),
        }
    }
}

/// In real time as well: its journal is on a disk.
#[test]
fn a_season_becomes_media_once_and_whole() {
    let large = "the film of the second night".repeat(800_000);
    for seed in 0..4 {
        fastrand::seed(seed);
        let server = Arc::new(Server::with(World { seed, ..World::default() }));
        let script = r#"
            let failed = 1;
            for round in 0..6 {
                try { failed = upload::dir("season", #{ drama: "夜行船" }).filter(|it| it.state == "failed").len; } catch { }
                if failed == 0 { break; }
            }
            failed
        "#;
        let script = Script::on(&server, script).file("season/1.mp4", "a short film").file("season/2.mp4", &large);
        let script = script.file("season/2.jpg", "its cover").file("season/3.mp4", "the last");
        let quick = failing().into_iter().filter(|fault| fault.kind != FaultKind::Slow);
        let busy = Fault { code: -1, ..Fault::often(FaultKind::Errcode, 0.04) };
        let slow = Fault { seconds: 0.02, ..Fault::often(FaultKind::Slow, 0.05) };
        server.sandbox.fail(quick.chain([busy, slow]));
        let left = script.run().result.unwrap().as_int().unwrap();
        server.sandbox.clear_faults();
        assert_eq!(left, 0);
        let there = r#"
            let there = pages::of("drama.list_media", #{ media_name: "夜行船 - %" }).collect();
            let sizes = there.map(|it| it.file_size);
            sizes.sort();
            sizes
        "#;
        Script::on(&server, there).returns(&format!("[8,12,{}]", large.len()));
    }
}

/// Some minutes are usual for an account that has never uploaded anything.
#[tokio::test]
async fn an_account_that_is_still_being_set_up_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for (size, first) in [(9, "drama.single_file_upload"), (11 << 20, "drama.apply_upload")] {
        let storm = Storm::of(1).await;
        std::fs::write(folder.path().join("归来记 - 第90集.mp4"), vec![7; size]).unwrap();
        let fault = Fault { code: -2, times: 15, ..Fault::next(FaultKind::Errcode) };
        storm.server.sandbox.fail([Fault { operation: Some(first.into()), ..fault }]);
        let store = Arc::new(Store::in_memory());
        // Opened in real time: the database has a thread of its own.
        store.uploads().await.unwrap();
        tokio::time::pause();
        let begin = tokio::time::Instant::now();
        let options = Options { folder: folder.path().into(), ..Options::default() };
        let uploader = Uploader::new(&storm.client, &store, options);
        let media = uploader.file(&Wanted::new("归来记 - 第90集.mp4")).await.unwrap();
        assert!(media.id > 0 && begin.elapsed() > Duration::from_secs(600), "{:?}", begin.elapsed());
        tokio::time::resume();
    }
}
