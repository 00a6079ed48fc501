//! The program killed in the middle of its work and started again: in the end all is as wished, and nothing was done
//! twice.

use crate::{
    command::Juben,
    script::{Script, Server},
};
use juben::sandbox::{Fault, FaultKind};
use std::{
    process::{Child, Stdio},
    sync::Arc,
    thread::sleep,
    time::Duration,
};

const KILLS: usize = 50;
/// How often one piece of work is killed at most before it is let to its end.
const AT_MOST: usize = 3;

/// Work of the program that can be stopped at any moment.
struct Work<'a> {
    script: &'a str,
    /// Its writes: the operation, how many there are if nobody disturbs it, and how many are in flight at most.
    writes: (&'a str, usize, usize),
    /// The files beside it.
    files: &'a [(&'a str, &'a str)],
    /// A script that makes ready; its result stands for MADE in the others.
    before: &'a str,
    /// A script whose result is `true` when all is as wished.
    check: &'a str,
}

impl Work<'_> {
    /// Kill it at fifty random instants, wherever it is then.
    fn survives(&self) {
        fastrand::seed(1);
        let server = Arc::new(Server::start());
        let (mut killed, mut pieces) = (0, 0);
        while killed < KILLS {
            killed += self.once(&server);
            pieces += 1;
            // Killing must hit it while it works, not after.
            assert!(pieces < 2 * KILLS, "{killed} kills in {pieces} pieces of work");
        }
    }

    /// One piece of work, killed some times.
    fn once(&self, server: &Arc<Server>) -> usize {
        let (operation, calls, in_flight) = self.writes;
        server.sandbox.reset();
        let made = Script::on(server, self.before).run().result.unwrap().to_string();
        // An answer comes some time after the call has worked: many a call is killed between.
        server.sandbox.fail([Fault { seconds: 0.002, ..Fault::often(FaultKind::Slow, 1.0) }]);
        server.sandbox.forget_requests();
        let with = |script: &str| script.replace("MADE", &format!("{made:?}"));
        let mut juben =
            Juben::new(&["run", "work.rhai"]).file("work.rhai", &with(self.script)).file("juben.toml", &server.toml());
        juben = self.files.iter().fold(juben, |juben, (name, content)| juben.file(name, content));
        let kills = (0..AT_MOST).take_while(|_| killed(&mut juben, server, calls + 3)).count();
        juben.command().stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = juben.run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let sent = server.operations().iter().filter(|name| *name == operation).count();
        assert!((calls..=calls + kills * in_flight).contains(&sent), "{sent} calls in place of {calls}, {kills} kills");
        Script::on(server, &with(self.check)).returns("true");
        kills
    }
}

/// Start it and kill it a moment after one of its requests. False when it had ended by then.
fn killed(juben: &mut Juben, server: &Server, requests: usize) -> bool {
    let goal = server.sandbox.requests().len() + fastrand::usize(0..=requests);
    let mut child = juben.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while server.sandbox.requests().len() < goal && !has_ended(&mut child) {
        sleep(Duration::from_micros(50));
    }
    sleep(Duration::from_micros(fastrand::u64(0..2000)));
    let ended = has_ended(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    !ended
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}

/// Ten books for each of twenty-two mini programs.
const ROWS: &str = r#"
    let books = novel::list_books(#{ need_edited_data: true }).book_list.map(|book| book.book_id);
    let rows = [];
    for n in 10..32 { for book in books.extract(0, 10) {
        rows.push(#{ kind: "book", item: book, grantee: `wx0a1b0000000000${n}`, expires_at: 1900000000 });
    } }
"#;

fn grants(at_once: usize) {
    let script = format!("{ROWS} grants::add(rows, #{{ at_once: {at_once} }}).failed.len");
    let check = format!(
        r#"{ROWS}
        let ours = grants::list(#{{ scope: "book" }}).filter(|row| row.grantee.starts_with("wx0a1b"));
        let plan = grants::plan(grants::list(#{{ scope: "book" }}).filter(|row| !row.grantee.starts_with("wx0a1b")) + rows);
        [ours.len, plan.changes.len] == [220, 0]"#
    );
    let writes = ("novel.add_book_auth", 11, at_once);
    Work { script: &script, writes, files: &[], before: "0", check: &check }.survives();
}

#[test]
fn grants_survive_being_killed_at_any_moment() {
    grants(1);
}

#[test]
fn grants_of_four_calls_at_once_survive_being_killed_at_any_moment() {
    grants(4);
}

#[test]
fn an_upload_of_chapters_survives_being_killed_at_any_moment() {
    let before = r#"
        novel::create_book(#{
            title: "归来记", intro: "一个关于归来的故事。", cover_media_id: "MAT", author: "林一", original_id: "bk-1",
            first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1
        }).book_id
    "#;
    let script = r#"
        let chapters = [];
        for n in 0..60 { chapters.push(#{ original_id: `ch-${n}`, chapter_title: `第${n}章`, content: "夜色正浓。" }); }
        chapters::upload(MADE, chapters).failed.len
    "#;
    let check = r#"
        let fields = #{ book_id: MADE, need_edited_data: true };
        let there = pages::of("novel.list_chapters", fields).map(|chapter| chapter.original_id).collect();
        let expected = []; for n in 0..60 { expected.push(`ch-${n}`); }
        there == expected
    "#;
    Work { script, writes: ("novel.batch_create_chapters", 6, 1), files: &[], before, check }.survives();
}

/// A large episode with its cover, in six parts, and three small ones.
#[test]
fn an_upload_survives_being_killed_at_any_moment() {
    let large = "the film of the second night".repeat(750_000);
    let files = [
        ("season/1.mp4", "a short film"),
        ("season/2.mp4", &large),
        ("season/2.jpg", "its cover"),
        ("season/3.mp4", "another"),
        ("season/10.mp4", "the last"),
    ];
    let script = r#"upload::dir("season", #{ drama: "夜行船", gaps: true }).filter(|it| it.state == "failed").len"#;
    let check = format!(
        r#"
        let there = pages::of("drama.list_media", #{{ media_name: "夜行船 - %" }}).collect();
        let sizes = there.filter(|it| it.name == "夜行船 - 第2集").map(|it| it.file_size);
        [data::unique(there, "name").len, there.len, sizes] == [4, 4, [{}]]"#,
        large.len()
    );
    Work { script, writes: ("drama.upload_part", 6, 4), files: &files, before: "0", check: &check }.survives();
}
