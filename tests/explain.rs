//! `juben explain`: exact outputs of the binary.

use crate::command::Juben;

#[test]
fn a_code_is_explained_in_both_languages() {
    Juben::new(&["explain", "10145011", "--operation", "novel.add_book_auth"]).prints(
        "10145011 — invalid appid (appid 无效)
  what to do  check the appid of the grantee
              核对被授权方的 appid
  again       not as it is: the same call fails in the same way
  kind        refused
  group       novel, in the document `novel`
  likely      novel.add_book_auth, novel.del_book_auth, novel.add_app_auth, novel.del_app_auth
  possible    23 operations: novel (23)
",
    );
}

#[test]
fn a_code_of_several_groups_has_several_meanings() {
    let ended = Juben::new(&["explain", "-1"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let meanings: Vec<_> = ended.stdout.split("\n\n").map(|meaning| meaning.lines().next().unwrap()).collect();
    assert_eq!(
        meanings,
        [
            "-1 — system error of the platform (系统错误)",
            "-1 — system error of the platform (系统错误)",
            "-1 — system failure (系统失败)",
            "-1 — the platform is busy (系统繁忙)",
        ]
    );
    let one = Juben::new(&["explain", "-1", "--operation", "novel::list_books"]).run();
    assert!(one.stdout.starts_with("-1 — system failure (系统失败)\n") && one.stdout.matches(" — ").count() == 1);
}

#[test]
fn the_kinds_of_error_are_explained_too() {
    Juben::new(&["explain", "unknown_outcome"]).prints(
        "unknown_outcome — a write was sent and its answer was lost: it may or may not have happened
              写请求已发出但应答丢失：可能已执行，也可能没有
  what to do  look at the platform's state, as the hint says, before you repeat it
              重试前先按提示查询平台上的实际状态
  caught      yes: try { … } catch (error) { … }
  exit code   1
",
    );
    for kind in juben::error::Kind::ALL {
        let ended = Juben::new(&["explain", kind.name()]).run();
        assert!(ended.code == 0 && ended.stdout.contains("what to do"), "{}", ended.stdout);
    }
}

#[test]
fn meanings_are_written_as_json() {
    let ended = Juben::new(&["explain", "45009", "--json"]).run();
    let meanings: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((meanings[0]["group"].as_str(), meanings[0]["kind"].as_str()), (Some("general"), Some("quota")));
    assert_eq!(meanings[0]["meaning"]["zh"], "接口调用超过当日额度");
    assert!(meanings[0]["operations"].as_array().unwrap().iter().any(|it| it == "novel.list_books"));
}

#[test]
fn what_is_not_known_is_near_something() {
    for (asked, message) in [
        (
            &["10145999"][..],
            "usage × no document has the code 10145999 help: codes that begin with 1014 are of novel; the nearest known \
             ones are 10145012 (novel) and 10145011 (novel)",
        ),
        (
            &["45999"],
            "usage × no document has the code 45999 help: the nearest known codes are 45035 (general) and 45011 (general)",
        ),
        (&["denid"], "usage × there is no kind of error `denid` help: did you mean `denied`?"),
        (
            &["45009", "--operation", "polyv.list_video"],
            "usage × `polyv.list_video` is not known to answer 45009 help: leave the operation out: others answer it",
        ),
        (
            &["45009", "--operation", "novel.list_boks"],
            "usage × there is no operation `novel.list_boks` help: did you mean `novel.list_books`?",
        ),
    ] {
        let ended = Juben::new(&[&["explain"], asked].concat()).run();
        let words = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((words.as_str(), ended.stdout.as_str(), ended.code), (message, "", 2));
    }
}

#[test]
fn a_kind_of_error_is_explained_as_json_too() {
    let ended = Juben::new(&["explain", "unknown_outcome", "--json"]).run();
    let kinds: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((kinds[0]["kind"].as_str(), kinds[0]["exit_code"].as_u64()), (Some("unknown_outcome"), Some(1)));
    assert!(kinds[0]["meaning"]["en"].as_str().unwrap().starts_with("a write was sent"));
}
