//! What a library holds at the start: series of short dramas, trailers and lessons in a tree of categories.

use super::{
    library::{Category, Library, PUBLISHED, ROOT, SubAccount, Video},
    profile::Profile,
};
use fastrand::Rng;
use indexmap::IndexMap;
use std::collections::BTreeMap;

const DAY: i64 = 86_400;
const DRAMAS: i64 = 1_735_600_000_001;
const CITY: i64 = 1_735_600_000_002;
const COSTUME: i64 = 1_735_600_000_003;
const SWEET: i64 = 1_735_600_000_004;
const TRAILERS: i64 = 1_735_600_000_005;
const LESSONS: i64 = 1_735_600_000_006;
const ARCHIVE: i64 = 1_735_600_000_007;

const CATEGORIES: [(i64, &str, i64); 8] = [
    (ROOT, "默认分类", 0),
    (DRAMAS, "短剧", ROOT),
    (CITY, "都市", DRAMAS),
    (COSTUME, "古装", DRAMAS),
    (SWEET, "甜宠", DRAMAS),
    (TRAILERS, "预告与花絮", ROOT),
    (LESSONS, "内部培训", ROOT),
    (ARCHIVE, "已下线", ROOT),
];

/// Title, category, tags, episodes.
const SERIES: [(&str, i64, &str, usize); 6] = [
    ("归来", CITY, "短剧,都市", 12),
    ("长街灯火", CITY, "短剧,都市,家庭", 10),
    ("大唐小厨娘", COSTUME, "短剧,古装,美食", 10),
    ("将军请留步", COSTUME, "短剧,古装", 8),
    ("隔壁的猫先生", SWEET, "短剧,甜宠", 8),
    ("旧城往事", ARCHIVE, "短剧,年代", 4),
];

const SINGLE: [(&str, i64, &str); 10] = [
    ("《归来》终极预告", TRAILERS, "预告"),
    ("《归来》幕后花絮：一场雨戏", TRAILERS, "花絮"),
    ("《大唐小厨娘》定档预告", TRAILERS, "预告"),
    ("《大唐小厨娘》主演采访", TRAILERS, "采访"),
    ("《将军请留步》片尾曲", TRAILERS, "音乐"),
    ("《隔壁的猫先生》猫演员试镜", TRAILERS, "花絮"),
    ("剪辑入门：节奏与卡点", LESSONS, "培训"),
    ("投流素材制作规范", LESSONS, "培训"),
    ("短剧备案流程讲解", LESSONS, "培训,备案"),
    ("片头素材 2024", ROOT, "素材"),
];

pub(super) fn library(userid: &str, random: &mut Rng, now: i64) -> Library {
    let category = |(id, name, parent): (i64, &str, i64)| {
        (id, Category { name: name.to_owned(), parent, profile: Profile::default() })
    };
    let mut library = Library {
        userid: userid.to_owned(),
        seed: random.u32(..),
        sub_account: SubAccount::Good,
        videos: IndexMap::new(),
        categories: BTreeMap::from(CATEGORIES.map(category)),
        grabs: Vec::new(),
        open: Vec::new(),
        play_tokens: Vec::new(),
    };
    add_well_known(&mut library, userid, now);
    for (series, category, tag, episodes) in SERIES {
        for episode in 1..=episodes {
            add(&mut library, random, &format!("{series} 第{episode}集"), category, tag, now);
        }
    }
    for (title, category, tag) in SINGLE {
        add(&mut library, random, title, category, tag, now);
    }
    library
}

/// The video of all examples in the manual.
fn add_well_known(library: &mut Library, userid: &str, now: i64) {
    let first: String = userid.chars().take(1).collect();
    let vid = format!("{userid}f60718293a4b5c6d7e8f90_{first}");
    let mut video = Video {
        vid: vid.clone(),
        title: "第1集 归来".into(),
        category: ROOT,
        created: now - DAY,
        updated: now - DAY,
        duration: 96,
        size: 48_211_004,
        md5: "0cc175b9c0f1b6a831c399e269772661".into(),
        uploader: "API".into(),
        cover: "https://img.example.org/1_b.jpg".into(),
        level: "open".into(),
        ..Video::default()
    };
    video.turn(PUBLISHED, video.created);
    library.videos.insert(vid, video);
}

fn add(library: &mut Library, random: &mut Rng, title: &str, category: i64, tag: &str, now: i64) {
    let age = random.i64(DAY..90 * DAY);
    let sub_account = random.bool();
    let md5 = format!("{:032x}", random.u128(..));
    let play_auth = random.u8(0..10) == 0;
    let video = library.add_video(random, title, category, now - age);
    tag.clone_into(&mut video.tag);
    video.md5 = md5;
    video.play_auth = play_auth;
    video.encrypted = category == LESSONS;
    if sub_account {
        video.uploader = "editor@example.org".into();
    }
    video.turn(PUBLISHED, video.created);
    if category == ARCHIVE {
        video.set_forbidden(true, now - 12 * 3600);
    }
}
