//! Twelve books, their grants, and a partner whose books were granted to the account; the same every time.

use super::book::{Book, Chapter, Edition, Release, Review, Status, Volume};
use super::ledger::Grant;
use super::text::Text;
use super::{Novels, review};
use crate::sandbox::life::{Life, Ruling, Verdict};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

const GRANTEES: [&str; 4] = ["wx3f8a61c09d2e47b5", "wx91b7e4d20c6fa853", "wx5d02c8f7ab194e36", "wxa86e13d94b70c2f1"];

/// Grants books to the account.
const PARTNER: &str = "wx7c20e94b5a81d36f";

/// When the first grants end; the later ones follow in steps of nineteen days.
const SOON: [i64; 9] = [5 * HOUR, 20 * HOUR, 3 * DAY, 6 * DAY, 10 * DAY, 14 * DAY, 19 * DAY, 25 * DAY, 29 * DAY];

/// How far a book got.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Draft,
    Rejected,
    Released,
    /// Released, and edited since.
    Edited,
}
use State::{Draft, Edited, Rejected, Released};

struct Plan {
    title: &'static str,
    author: &'static str,
    intro: &'static str,
    categories: [i64; 3],
    /// The lead and the place of its story.
    cast: [&'static str; 2],
    chapters: usize,
    finished: bool,
    by_seq: bool,
    state: State,
}

#[rustfmt::skip]
const BOOKS: [Plan; 12] = [
    plan("重生之我在九零开工厂", "江北客", "下岗前夜，他回到了一九九二年的车间门口。", [10001, 10002, 10003], ["周建国", "红星机械厂"], 12, false, false, Released),
    plan("长安十二时辰之外", "顾夜白", "一桩灭门旧案，把小小不良人推到了朱雀大街的风口。", [10001, 10005, 10005], ["沈砚", "长安"], 10, true, true, Released),
    plan("赘婿归来：他竟是首富", "墨染青衫", "三年忍辱，一朝摊牌，满堂宾客都站了起来。", [10001, 10002, 10003], ["叶尘", "云海市"], 9, false, false, Released),
    plan("九霄剑帝", "一剑西来", "宗门弃子拾得断剑，剑中有一缕万年前的帝魂。", [10001, 10004, 10004], ["林玄", "青云宗"], 12, false, true, Edited),
    plan("摄政王的掌心娇", "桃夭", "她是替嫁的庶女，他是人人惧怕的摄政王。", [10011, 10012, 10012], ["苏锦书", "盛京"], 8, true, false, Released),
    plan("离婚后前夫跪求复合", "沐清欢", "签字那天她没有哭；一年后，轮到他睡不着了。", [10011, 10013, 10013], ["温以宁", "江城"], 7, true, false, Released),
    plan("七零小夫妻的烟火日子", "半夏微凉", "知青点的穷丫头嫁给了最不好惹的那个人。", [10011, 10014, 10014], ["许秋禾", "柳河村"], 6, false, false, Released),
    plan("嫡女重生：凤临天下", "云中歌", "含恨而终的太子妃，睁眼回到了及笄那年。", [10011, 10012, 10012], ["谢明姝", "建康"], 11, false, true, Released),
    plan("深夜便利店", "陈小满", "凌晨三点的便利店，每位客人都带着一个故事。", [10001, 10002, 10003], ["阿哲", "旧城区"], 3, false, false, Draft),
    plan("我的外卖能送到异世界", "拾柒", "一份麻辣烫，换来了魔王的五星好评。", [10001, 10004, 10004], ["李一鸣", "王都"], 5, false, false, Draft),
    plan("总裁的契约新娘", "夏至未至", "一纸契约，三年为期，她以为自己不会动心。", [10011, 10013, 10013], ["林晚", "海城"], 4, false, false, Rejected),
    plan("穿成反派的掌上明珠", "绵绵", "全家都是反派，只有三岁半的她想活到大结局。", [10011, 10012, 10012], ["宝珠", "侯府"], 10, false, true, Released),
];

const PARTNER_BOOKS: [Plan; 2] = [
    plan(
        "山河旧梦",
        "林一",
        "离家二十年的人，带着一封没有署名的信回来了。",
        [10001, 10005, 10005],
        ["林归", "临江镇"],
        6,
        true,
        false,
        Released,
    ),
    plan(
        "春风十里不及你",
        "周二",
        "她在花店门口等一场雨停，等来了整个春天。",
        [10011, 10013, 10013],
        ["许愿", "南城"],
        5,
        true,
        false,
        Released,
    ),
];

#[allow(clippy::too_many_arguments)]
const fn plan(
    title: &'static str,
    author: &'static str,
    intro: &'static str,
    categories: [i64; 3],
    cast: [&'static str; 2],
    chapters: usize,
    finished: bool,
    by_seq: bool,
    state: State,
) -> Plan {
    Plan { title, author, intro, categories, cast, chapters, finished, by_seq, state }
}

const HEADINGS: [&str; 12] = [
    "归来",
    "旧账",
    "意外来客",
    "暗流",
    "一纸契约",
    "真相初现",
    "雨夜",
    "反击",
    "不速之约",
    "摊牌",
    "余波",
    "新的开始",
];

const OPENINGS: [&str; 4] = [
    "天刚蒙蒙亮，{place}的街上还没有什么人。",
    "雨下了一整夜，{place}笼在一层薄薄的雾气里。",
    "消息传到{place}的时候，已经是第二天的傍晚。",
    "{place}从来没有这样安静过。",
];

const TURNS: [&str; 3] = [
    "{lead}把信又读了一遍，慢慢折好，放进怀里。“该来的总会来。”",
    "“你终于回来了。”门外的人抬起头，{lead}愣住了——这张脸，本不该出现在这里。",
    "{lead}没有解释，只是推开门，在众人的目光里走到了最前面。",
];

const ENDINGS: [&str; 5] = [
    "这一次，不会再输了。",
    "谁也没有想到，这只是一个开始。",
    "灯灭了。脚步声停在了门口。",
    "而真正的答案，还在那只没有打开的箱子里。",
    "远处传来钟声，一下，又一下。",
];

pub(super) fn fill(novels: &mut Novels, appid: &str, now: i64) {
    let own = BOOKS.iter().enumerate().map(|(index, plan)| add(novels, appid, plan, index, now));
    let released: Vec<String> = own.collect::<Vec<_>>().into_iter().flatten().collect();
    let partner: Vec<_> = PARTNER_BOOKS.iter().map(|plan| add(novels, PARTNER, plan, 0, now)).collect();
    for row in 0..26 {
        let at = row % released.len();
        let grantee = GRANTEES[(row / released.len() + at) % GRANTEES.len()];
        grant(novels, [&released[at], appid, grantee], now + end_of(row));
    }
    for (book_id, days) in partner.iter().flatten().zip([8, 200]) {
        grant(novels, [book_id, PARTNER, appid], now + days * DAY);
    }
    for (grantee, days) in [(GRANTEES[1], 12), (GRANTEES[0], 90), (GRANTEES[3], 300)] {
        share(novels, appid, grantee, now + days * DAY);
    }
    share(novels, PARTNER, appid, now + 60 * DAY);
}

fn end_of(row: usize) -> i64 {
    SOON.get(row).copied().unwrap_or((45 + 19 * (row as i64 - SOON.len() as i64)) * DAY)
}

fn grant(novels: &mut Novels, [book_id, grantor, grantee]: [&str; 3], expire_time: i64) {
    let (book_id, grantor, grantee) = (book_id.into(), grantor.into(), grantee.into());
    novels.book_grants.put(Grant { book_id, grantor, grantee, expire_time });
}

fn share(novels: &mut Novels, grantor: &str, grantee: &str, expire_time: i64) {
    let (grantor, grantee) = (grantor.into(), grantee.into());
    novels.app_grants.put(Grant { book_id: Text::default(), grantor, grantee, expire_time });
}

/// Books of one chapter that have passed.
pub(super) fn many(novels: &mut Novels, appid: &str, now: i64, count: i64) {
    let review =
        Some(Review { status: Status::Passed, submitted: now - 2 * DAY, decided: now - DAY, ..Review::default() });
    let content = Text::from(OPENINGS[3]);
    for number in 1..=count {
        let id = novels.ids.fresh("Bk", |id| novels.books.by_id(id).is_some()).into();
        let serial = novels.ids.newest();
        let (create_time, content, review) = (now - 3 * DAY, content.clone(), review.clone());
        let chapter = Chapter {
            id: novels.ids.fresh("Ch", |_| false).into(),
            title: "第1章".into(),
            content: content.into(),
            create_time,
            review: review.clone(),
            ..Chapter::default()
        };
        let edit = Edition {
            title: format!("长夜灯火 {number}").into(),
            author: "佚名".into(),
            categories: [10_001, 10_002, 10_003],
            complete_status: 2,
            chapters: vec![chapter],
            review,
            ..Edition::default()
        };
        let (owner, release) = (appid.into(), Release::Same);
        novels.books.add(Book { serial, id, owner, create_time, edit, release, ..Book::default() });
    }
}

/// The id of the book, when it has been released.
fn add(novels: &mut Novels, owner: &str, plan: &Plan, index: usize, now: i64) -> Option<String> {
    let create_time = now - (200 - 9 * index as i64) * DAY;
    let id = novels.ids.fresh("Bk", |id| novels.books.by_id(id).is_some());
    let serial = novels.ids.newest();
    let chapters = (0..plan.chapters).map(|place| chapter(novels, plan, place, create_time)).collect();
    let mut book = Book {
        serial,
        id: id.as_str().into(),
        owner: owner.into(),
        original_id: format!("book-{:04}", index + 1).into(),
        create_time,
        edit: edition(plan, chapters, index),
        release: Release::None,
    };
    if plan.state != Draft {
        review::decide(&mut book, create_time + 20 * DAY, create_time + 21 * DAY, &mut opinion(plan));
    }
    if plan.state == Edited {
        let extra = chapter(novels, plan, plan.chapters, now - DAY);
        book.draft().insert(extra);
    }
    let released = book.released().is_some();
    novels.books.add(book);
    released.then_some(id)
}

/// What the reviewers said of a book.
fn opinion(plan: &Plan) -> Life {
    let reason = "作品名不符合内容规范".into();
    let verdict = Verdict { about: plan.title.into(), result: Ruling::Reject, reason, times: None };
    Life { verdicts: Vec::from_iter((plan.state == Rejected).then_some(verdict)), ..Life::default() }
}

fn edition(plan: &Plan, chapters: Vec<Chapter>, index: usize) -> Edition {
    Edition {
        title: plan.title.into(),
        intro: plan.intro.into(),
        cover_media_id: format!("seed{:02}", index + 1).into(),
        author: plan.author.into(),
        categories: plan.categories,
        complete_status: if plan.finished { 2 } else { 1 },
        by_seq: plan.by_seq,
        volumes: if plan.chapters >= 10 { halves(plan.chapters) } else { Vec::new() },
        chapters,
        ..Edition::default()
    }
}

fn halves(chapters: usize) -> Vec<Volume> {
    let middle = chapters / 2;
    let volume = |title: &str, start, end| Volume { title: title.into(), start, end };
    vec![volume("第一卷", 0, middle - 1), volume("第二卷", middle, chapters - 1)]
}

fn chapter(novels: &mut Novels, plan: &Plan, place: usize, create_time: i64) -> Chapter {
    let [lead, town] = plan.cast;
    let turn = TURNS[(place + lead.len()) % TURNS.len()];
    let content = [OPENINGS[place % OPENINGS.len()], turn, ENDINGS[place % ENDINGS.len()]].join("\n");
    Chapter {
        id: novels.ids.fresh("Ch", |_| false).into(),
        title: format!("第{}章 {}", place + 1, HEADINGS[place % HEADINGS.len()]).into(),
        content: Text::from(content.replace("{lead}", lead).replace("{place}", town)).into(),
        original_id: format!("ch-{:04}", place + 1).into(),
        seq: 100 * (place as i64 + 1),
        create_time: create_time + place as i64 * DAY,
        ..Chapter::default()
    }
}
