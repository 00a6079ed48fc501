//! Six dramas with their episodes, their grants, and a partner's dramas; the same every time.

use super::Dramas;
use super::dramas::{self, Drama};
use super::grants::{Grant, Grantee, Scope};
use super::media::{self, Media};
use super::player::Monetized;
use super::promotion::{Promotion, Standing};
use super::review::{self, Kind};
use crate::sandbox::life::{Life, Ruling, Verdict};
use serde_json::json;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

use Ruling::{Pass, Refill, Reject};

const GRANTEES: [&str; 4] = ["wx3f8a61c09d2e47b5", "wx91b7e4d20c6fa853", "wx5d02c8f7ab194e36", "wxa86e13d94b70c2f1"];
const SUBJECT: &str = "91330106MA2CEXAMP7";

/// Grants dramas to the account.
const PARTNER: &str = "wx7c20e94b5a81d36f";

/// When the grants end, from now; 0 for ever.
const ENDS: [i64; 14] = [
    5 * HOUR,
    3 * DAY,
    9 * DAY,
    17 * DAY,
    28 * DAY,
    0,
    45 * DAY,
    60 * DAY,
    75 * DAY,
    90 * DAY,
    120 * DAY,
    180 * DAY,
    270 * DAY,
    365 * DAY,
];

struct Plan {
    name: &'static str,
    producer: &'static str,
    description: &'static str,
    episodes: i64,
    review: Ruling,
}

#[rustfmt::skip]
const DRAMAS: [Plan; 6] = [
    plan("闪婚老公竟是首富", "星河影视", "相亲当天闪婚的普通职员，婚后才发现丈夫从不提起的身份。", 24, Pass),
    plan("龙王归来之护妻狂少", "青禾文化", "三年戍边归来，他只想守住妻女的一盏灯。", 20, Pass),
    plan("重生嫡女杀疯了", "云上映画", "前世被逼殉葬的侯府嫡女，睁眼回到了议亲那天。", 18, Pass),
    plan("保洁阿姨的逆袭人生", "星河影视", "五十岁被辞退的保洁阿姨，用一把拖把擦出了自己的公司。", 12, Pass),
    plan("错嫁豪门：总裁请签字（驳回）", "南风传媒", "一场错嫁，一份离婚协议，一个不肯签字的人。", 10, Reject),
    plan("将军夫人会读心（补充）", "云上映画", "冷面将军的心里话，全被新婚夫人听了去。", 8, Refill),
];

const PARTNER_DRAMAS: [Plan; 2] = [
    plan("归来记", "示例影业", "一个关于归来的故事。", 10, Pass),
    plan("她从雪中来", "示例影业", "大雪封山的夜里，客栈来了一位不肯说名字的姑娘。", 12, Pass),
];

const fn plan(
    name: &'static str,
    producer: &'static str,
    description: &'static str,
    episodes: i64,
    review: Ruling,
) -> Plan {
    Plan { name, producer, description, episodes, review }
}

pub(super) fn fill(dramas: &mut Dramas, appid: &str, now: i64) {
    let own: Vec<i64> =
        DRAMAS.iter().zip(0..).map(|(plan, place)| add(dramas, appid, plan, now - (120 - 15 * place) * DAY)).collect();
    let partner: Vec<i64> = PARTNER_DRAMAS.iter().map(|plan| add(dramas, PARTNER, plan, now - 90 * DAY)).collect();
    let mut desk = Desk { dramas, now };
    desk.give(appid, &own[..4]);
    desk.receive(appid, &partner);
    desk.publish(appid, &[own[0], own[1], own[3], partner[0]]);
}

/// Videos that are no episodes of any drama yet.
pub(super) fn many(dramas: &mut Dramas, appid: &str, now: i64, count: u64) {
    for number in 1..=count {
        let (size, create_time) = ((30 + number % 400) << 20, now - DAY);
        let name = format!("长夜灯火 - 第{number}集").into();
        media::add(dramas, appid, Media { name, size, create_time, ready: create_time, ..Media::default() });
    }
}

/// A drama with its episodes, as its review has decided.
fn add(dramas: &mut Dramas, owner: &str, plan: &Plan, create_time: i64) -> i64 {
    let episodes = (1..=plan.episodes).map(|number| episode(dramas, owner, plan, number, create_time)).collect();
    let info = json!({
        "name": plan.name,
        "producer": plan.producer,
        "description": plan.description,
        "recommendations": "全程高能，一口气看完",
        "cover_material_id": format!("seed{}", dramas.ids.media),
        "drama_type": 1,
        "copyright": {
            "copyright_role": 1,
            "apply_for_copyright_protection": 1,
            "copyright_verification": "1",
            "proof_of_production": [format!("proof{}", dramas.ids.media)],
        },
    });
    let info = info.as_object().cloned().unwrap_or_default();
    let id = dramas::add(dramas, Drama { owner: owner.into(), create_time, info, episodes, ..Drama::default() });
    review::open(dramas, id, Kind::First, create_time);
    let verdict = Verdict { about: plan.name.into(), result: plan.review, reason: String::new(), times: None };
    let mut life = Life { verdicts: vec![verdict], ..Life::default() };
    review::end(dramas, id, Kind::First, create_time + DAY, &mut life);
    id
}

/// Ninety seconds to two and a half minutes.
fn episode(dramas: &mut Dramas, owner: &str, plan: &Plan, number: i64, create_time: i64) -> i64 {
    let name = format!("{} - 第{number}集", plan.name).into();
    let size = (90 + (number as u64 * 37) % 60) * media::SECOND_OF_VIDEO;
    let create_time = create_time - DAY + number * 60;
    media::add(dramas, owner, Media { name, size, create_time, ready: create_time, ..Media::default() })
}

struct Desk<'a> {
    dramas: &'a mut Dramas,
    now: i64,
}

impl Desk<'_> {
    /// What the account granted: its passed dramas to four others.
    fn give(&mut self, appid: &str, passed: &[i64]) {
        for (row, end) in ENDS.into_iter().enumerate() {
            let at = row % passed.len();
            let grantee = GRANTEES[(row / passed.len() + at) % GRANTEES.len()];
            self.grant(Scope::Play(passed[at]), appid, grantee, end);
        }
        self.grant(Scope::Account, appid, GRANTEES[2], 45 * DAY);
        self.grant(Scope::Account, appid, GRANTEES[3], 180 * DAY);
        for (drama, end) in passed.iter().zip([11 * DAY, 120 * DAY, 0]) {
            self.grant(Scope::Copyright(*drama), appid, GRANTEES[0], end);
        }
        self.put(Scope::Copyright(passed[0]), appid, Grantee::Subject(SUBJECT.into()), 365 * DAY);
    }

    fn receive(&mut self, appid: &str, dramas: &[i64]) {
        for (drama, end) in dramas.iter().zip([15 * DAY, 0]) {
            self.grant(Scope::Play(*drama), PARTNER, appid, end);
        }
        self.grant(Scope::Account, PARTNER, appid, 100 * DAY);
        self.grant(Scope::Copyright(dramas[0]), PARTNER, appid, 200 * DAY);
    }

    fn grant(&mut self, scope: Scope, grantor: &str, grantee: &str, end: i64) {
        self.put(scope, grantor, Grantee::App(grantee.into()), end);
    }

    fn put(&mut self, scope: Scope, grantor: &str, grantee: Grantee, end: i64) {
        let until = if end == 0 { 0 } else { self.now + end };
        let (grantor, since) = (grantor.into(), self.now - 30 * DAY);
        self.dramas.grants.push(Grant { scope, grantor, grantee, since, until, revoked: false });
    }

    /// The player shows these; the first earns by promotion as well.
    fn publish(&mut self, appid: &str, ids: &[i64]) {
        let player = self.dramas.players.entry(appid.into()).or_default();
        for (place, id) in (0..).zip(ids) {
            player.published.insert(*id, self.now - (20 - place) * DAY);
            player.monetized.insert(*id, Monetized { iaa_type: place % 3 + 1, vip_flag: 2 });
        }
        let promotion = Promotion { standing: Standing::Approved, due: self.now - 10 * DAY };
        self.dramas.promotions.insert(ids[0], promotion);
    }
}
