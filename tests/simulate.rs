//! `juben simulate`: days in seconds.

use crate::command::{Ended, Juben};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

/// Gives one book to one account for a day.
const GRANT: &str = r#"
let book = #{ book_id: "Bk7aQ2x9", grantee_appid: "wx00000000000000a1", expire_time: time::now() + time::days(1) };
novel::add_book_auth(#{ books: [book] });
"#;

fn job(name: &str, cron: &str, more: &str) -> String {
    format!("[[job]]\nname = \"{name}\"\nscript = \"{name}.rhai\"\ncron = \"{cron}\"\n{more}\n")
}

/// From midnight of a new year in China.
fn simulate(length: &str, jobs: &[(String, &str)], arguments: &[&str]) -> Juben {
    let all = [&["simulate", "--for", length, "--from", "2027-01-01"], arguments].concat();
    let mut juben = Juben::new(&all);
    for (job, script) in jobs {
        let name = job.split('"').nth(1).unwrap();
        juben = juben.file(&format!("{name}.rhai"), script);
    }
    juben.file("juben.toml", &jobs.iter().map(|(job, _)| job.as_str()).collect::<String>())
}

/// What programs read.
#[track_caller]
fn found(length: &str, jobs: &[(String, &str)], code: i32) -> Value {
    let Ended { code: ended, stdout, stderr } = simulate(length, jobs, &["--output", "json"]).run();
    assert_eq!((ended, stderr.as_str()), (code, ""), "{stdout}");
    serde_json::from_str(&stdout).unwrap()
}

/// When it is that many hours after the beginning.
fn hour(hours: f64) -> i64 {
    1_798_732_800 + (hours * 3600.0) as i64
}

fn runs(found: &Value, name: &str) -> Vec<(i64, i64, String)> {
    let of_job = found["runs"].as_array().unwrap().iter().filter(|run| run["job"] == name);
    let moment = |run: &Value, field: &str| run[field].as_i64().unwrap_or(0);
    of_job.map(|run| (moment(run, "began"), moment(run, "ended"), run["state"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn people_read_what_runs_what_it_changes_and_what_lapses() {
    let ended = simulate("3d", &[(job("grant", "0 4 * * *", ""), GRANT)], &[]).run();
    let expected = "\
3 days in the sandbox: 2027-01-01 00:00 to 2027-01-04 00:00, Asia/Shanghai

┌───────┬─────────────────────────┬─────┬──────┬──────────────────┬──────────────────┐
│ job   ┆ on                      ┆ due ┆ done ┆ first            ┆ last             │
╞═══════╪═════════════════════════╪═════╪══════╪══════════════════╪══════════════════╡
│ grant ┆ 0 4 * * * Asia/Shanghai ┆ 3   ┆ 3    ┆ 2027-01-01 04:00 ┆ 2027-01-03 04:00 │
└───────┴─────────────────────────┴─────┴──────┴──────────────────┴──────────────────┘

What the runs change:
┌───────┬─────────────────────┬──────┬─────────────────┬──────────────────┬──────────────────┐
│ job   ┆ operation           ┆ runs ┆ changes         ┆ first            ┆ last             │
╞═══════╪═════════════════════╪══════╪═════════════════╪══════════════════╪══════════════════╡
│ grant ┆ novel.add_book_auth ┆ 3    ┆ 3 calls, 3 rows ┆ 2027-01-01 04:00 ┆ 2027-01-03 04:00 │
└───────┴─────────────────────┴──────┴─────────────────┴──────────────────┴──────────────────┘

Run by run:
┌──────────────────┬───────┬───────────────────────────────────┐
│ when             ┆ job   ┆ changes                           │
╞══════════════════╪═══════╪═══════════════════════════════════╡
│ 2027-01-01 04:00 ┆ grant ┆ novel.add_book_auth 1 call, 1 row │
│ 2027-01-02 04:00 ┆ grant ┆ novel.add_book_auth 1 call, 1 row │
│ 2027-01-03 04:00 ┆ grant ┆ novel.add_book_auth 1 call, 1 row │
└──────────────────┴───────┴───────────────────────────────────┘

7 grants of ours lapse:
┌──────────────────┬─────────┬───────┬──────────┬──────────────────────┬────────────────────┐
│ ends             ┆ account ┆ kind  ┆ item     ┆ title                ┆ grantee            │
╞══════════════════╪═════════╪═══════╪══════════╪══════════════════════╪════════════════════╡
│ 2027-01-01 05:00 ┆ sandbox ┆ book  ┆ Bk7aQ2x9 ┆ 重生之我在九零开工厂 ┆ wx3f8a61c09d2e47b5 │
│ 2027-01-01 05:00 ┆ sandbox ┆ drama ┆ 310045   ┆ 闪婚老公竟是首富     ┆ wx3f8a61c09d2e47b5 │
│ 2027-01-01 20:00 ┆ sandbox ┆ book  ┆ BkwS6p8O ┆ 长安十二时辰之外     ┆ wx91b7e4d20c6fa853 │
│ 2027-01-02 04:00 ┆ sandbox ┆ book  ┆ Bk7aQ2x9 ┆ 重生之我在九零开工厂 ┆ wx00000000000000a1 │
│ 2027-01-03 04:00 ┆ sandbox ┆ book  ┆ Bk7aQ2x9 ┆ 重生之我在九零开工厂 ┆ wx00000000000000a1 │
│ 2027-01-04 00:00 ┆ sandbox ┆ book  ┆ Bk1zyF9a ┆ 赘婿归来：他竟是首富 ┆ wx5d02c8f7ab194e36 │
│ 2027-01-04 00:00 ┆ sandbox ┆ drama ┆ 310046   ┆ 龙王归来之护妻狂少   ┆ wx91b7e4d20c6fa853 │
└──────────────────┴─────────┴───────┴──────────┴──────────────────────┴────────────────────┘

And this ends within the next 7 days:
┌──────────────────┬─────────┬───────┬──────────┬──────────────────────┬────────────────────┐
│ ends             ┆ account ┆ kind  ┆ item     ┆ title                ┆ grantee            │
╞══════════════════╪═════════╪═══════╪══════════╪══════════════════════╪════════════════════╡
│ 2027-01-04 04:00 ┆ sandbox ┆ book  ┆ Bk7aQ2x9 ┆ 重生之我在九零开工厂 ┆ wx00000000000000a1 │
│ 2027-01-07 00:00 ┆ sandbox ┆ book  ┆ Bkjox04l ┆ 九霄剑帝             ┆ wxa86e13d94b70c2f1 │
│ 2027-01-10 00:00 ┆ sandbox ┆ drama ┆ 310047   ┆ 重生嫡女杀疯了       ┆ wx5d02c8f7ab194e36 │
│ 2027-01-11 00:00 ┆ sandbox ┆ book  ┆ BkvNXTL0 ┆ 摄政王的掌心娇       ┆ wx3f8a61c09d2e47b5 │
└──────────────────┴─────────┴───────┴──────────┴──────────────────────┴────────────────────┘
";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), (expected, "", 3));
}

#[test]
fn a_nightly_job_that_renews_lets_nothing_lapse_in_sixty_days_and_a_paused_one_lets_much() {
    let renew = |more: &str| {
        let toml = "[[job]]\nname = \"renew\"\nscript = \"scripts/renew_grants.rhai\"\ncron = \"30 3 * * *\"\n";
        let juben = Juben::new(&["simulate", "--for", "60d", "--from", "2027-01-01", "--output", "json"]);
        let juben = juben.file("juben.toml", &format!("{toml}parameters = {{ accounts = true }}\n{more}"));
        let scripts = std::fs::canonicalize("scripts").unwrap();
        std::os::unix::fs::symlink(scripts, juben.folder().join("scripts")).unwrap();
        let ended = juben.run();
        let found: Value = serde_json::from_str(&ended.stdout).unwrap();
        let given = |lapse: &&Value| lapse["direction"] == "given";
        let lapses = found["lapses"].as_array().unwrap().iter().filter(given).count();
        (ended.code, found["jobs"][0]["states"].clone(), lapses)
    };
    assert_eq!(renew(""), (0, json!({ "done": 60 }), 0));
    let (code, states, lapses) = renew("paused = true");
    assert_eq!((code, states), (3, json!({ "skipped": 60 })));
    assert!(lapses >= 20, "{lapses}");
}

#[test]
fn the_same_happens_every_time() {
    let jobs = [
        (job("grant", "*/20 * * * *", "jitter = \"10m\""), GRANT),
        (job("slow", "@hourly", "overlap = \"allow\""), "sleep(5000); novel::list_books(#{ limit: 1 });"),
    ];
    assert_eq!(found("2d", &jobs, 3), found("2d", &jobs, 3));
}

#[test]
fn a_script_that_sleeps_is_that_late_and_takes_no_time() {
    let slow = "let before = time::now(); sleep(time::hours(2)); assert_eq(time::now() - before, 7200); print(before);";
    let found = found("1d", &[(job("slow", "0 6 * * *", "timeout = \"3h\""), slow)], 3);
    assert_eq!(runs(&found, "slow"), [(hour(6.0), hour(8.0), "done".to_owned())]);
}

#[test]
fn a_run_that_takes_too_long_is_stopped_in_its_own_time() {
    let found = found("1d", &[(job("slow", "0 6 * * *", "timeout = \"90m\""), "sleep(time::hours(2));")], 3);
    assert_eq!(runs(&found, "slow"), [(hour(6.0), hour(7.5), "timed_out".to_owned())]);
    assert_eq!(found["runs"][0]["error"]["kind"], "limit");
}

#[test]
fn what_still_runs_at_the_end_is_said_to() {
    let found = found("1d", &[(job("slow", "0 23 * * *", ""), "sleep(time::hours(2));")], 3);
    assert_eq!(found["jobs"][0]["states"], json!({ "running": 1 }));
    assert_eq!((&found["runs"][0]["ended"], &found["runs"][0]["state"]), (&Value::Null, &json!("running")));
}

#[test]
fn the_quota_of_a_minute_takes_minutes() {
    let many = "for number in 0..250 { novel::add_book_auth(#{ books: [#{ book_id: \"Bk7aQ2x9\", grantee_appid: \
                \"wx00000000000000a1\", expire_time: time::now() + time::days(300) + number }] }); }";
    let found = found("2h", &[(job("many", "0 1 * * *", ""), many)], 0);
    assert_eq!(found["jobs"][0]["changes"][0]["calls"], 250);
    assert_eq!(runs(&found, "many"), [(hour(1.0), hour(1.0) + 120, "done".to_owned())]);
}

#[test]
fn a_job_that_is_due_while_it_runs_follows_its_overlap() {
    let slow = "sleep(6000);";
    let of = |overlap: &str| {
        let job = job("slow", "0 * * * *", &format!("timeout = \"3h\"\noverlap = \"{overlap}\""));
        let found = found("6h", &[(job, slow)], 3);
        runs(&found, "slow").iter().map(|(began, ..)| (began - hour(0.0)) / 60).collect::<Vec<_>>()
    };
    assert_eq!(of("skip"), [60, 180, 300]);
    assert_eq!(of("queue"), [60, 160, 260]);
    assert_eq!(of("allow"), [60, 120, 180, 240, 300]);
}

#[test]
fn a_script_that_fails_is_tried_again_and_told_of_with_its_line() {
    let text = "let it = novel::get_book(#{ book_id: \"nothing\" });\n";
    let again = job("broken", "0 2 * * *", "retry = { times = 2, pause = \"10m\", on = [\"not_found\"] }");
    let found = found("1d", &[(again.clone(), text)], 3);
    let began: Vec<_> = runs(&found, "broken").into_iter().map(|(began, _, state)| (began, state)).collect();
    assert_eq!(began, [hour(2.0), hour(2.0) + 600, hour(2.5)].map(|began| (began, "failed".to_owned())));
    assert_eq!(found["jobs"][0]["states"], json!({ "failed": 1 }));
    let ended = simulate("1d", &[(again, text)], &[]).run();
    let line = "1 │ let it = novel::get_book(#{ book_id: \"nothing\" });";
    assert!(ended.stdout.contains("Runs that do not end well:") && ended.stdout.contains(line), "{}", ended.stdout);
}

#[test]
fn what_a_platform_tells_runs_what_waits_for_it() {
    let pull =
        r#"drama::pull_upload(#{ media_name: "归来记 - 第9集", media_url: "https://media.example.org/9.mp4" });"#;
    let seen = "assert_eq(events::current().account, \"sandbox\");";
    let on = "[[on]]\nname = \"seen\"\nscript = \"seen.rhai\"\nevent = \"drama.media_uploaded\"\n".to_owned();
    let jobs = [(job("pull", "0 1 * * *", ""), pull), (on, seen)];
    let began = |life: &str| {
        let juben = simulate("4h", &jobs, &["--output", "json", "--data", "world.json"]).file("world.json", life);
        let found: Value = serde_json::from_str(&juben.run().stdout).unwrap();
        let seen = found["runs"].as_array().unwrap().iter().find(|run| run["job"] == "seen").cloned();
        let seen = seen.unwrap_or_else(|| panic!("{found:#}"));
        assert_eq!((&seen["cause"], &seen["state"]), (&json!("event"), &json!("done")));
        seen["began"].as_i64().unwrap()
    };
    assert_eq!(began("{}"), hour(1.0));
    assert_eq!(began("{ \"life\": { \"pull_seconds\": 1800 } }"), hour(1.5));
}

#[test]
fn only_the_job_that_is_named_runs() {
    let jobs = [(job("grant", "@hourly", ""), GRANT), (job("other", "@hourly", ""), "1")];
    let ended = simulate("2h", &jobs, &["--job", "other", "--output", "json"]).run();
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, found["jobs"].as_array().unwrap().len(), runs(&found, "grant").len()), (0, 1, 0));
    let refused = "usage\n\n  × there is no job `gramt`\n  help: did you mean `grant`?\n";
    simulate("2h", &jobs, &["--job", "gramt"]).fails(2, refused);
}

#[test]
fn without_a_job_it_shows_what_would_lapse() {
    let ended = simulate("6h", &[], &[]).run();
    assert_eq!(ended.code, 3);
    assert!(ended.stdout.contains("No job runs.\n\n2 grants of ours lapse:\n"), "{}", ended.stdout);
}

#[test]
fn without_a_configuration_it_says_what_to_do() {
    let refused = "usage\n\n  × there is no juben.toml here, nor above, so there are no jobs\n  help: `juben init` writes one; a \
                   [[job]] in it has a name, a script and a cron pattern\n";
    Juben::new(&["simulate", "--for", "60d"]).fails(2, refused);
}

#[test]
fn it_begins_where_a_saved_world_stands() {
    let juben = simulate("1d", &[(job("grant", "0 4 * * *", ""), GRANT)], &["--data", "world.json"]);
    let refused = "usage\n\n  × the world of --data stands later than --from \"2027-01-01\"\n  help: leave --from out, and it \
                   begins where the world stands\n";
    juben.file("world.json", "{ \"now\": 1900000000 }").fails(2, refused);
    let juben = Juben::new(&["simulate", "--for", "1d", "--data", "world.json", "--output", "json"]);
    let ended = juben.file("world.json", "{ \"now\": 1900000000 }").file("juben.toml", "").run();
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&found["from"], &found["until"]), (&json!(1_900_000_000), &json!(1_900_086_400)));
}

#[test]
fn ctrl_c_ends_it_with_what_is_known_so_far() {
    // It would go on for years; that it has begun, a script says.
    let jobs = [(job("grant", "0 4 * * *", ""), GRANT), (job("word", "0 5 2 * *", ""), "print(\"here\"); loop { }")];
    let mut juben = simulate("3650d", &jobs, &["--verbose"]);
    let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap()).lines();
    words.find(|line| line.as_ref().unwrap() == "2027-01-02 05:00 word: here").unwrap().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status().unwrap().success());
    let mut report = String::new();
    child.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let head =
        "3650 days in the sandbox: 2027-01-01 00:00 to 2036-12-29 00:00, Asia/Shanghai; stopped at 2027-01-02 05:00";
    assert!(report.starts_with(head), "{report}");
    assert!(report.contains("│ grant ┆ 0 4 * * * Asia/Shanghai ┆ 2   ┆ 2    ┆"), "{report}");
}
