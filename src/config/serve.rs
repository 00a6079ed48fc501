//! What `juben serve` needs besides jobs: where it listens, who pushes to it, and whom it tells.

use super::Lasting;
use crate::secret::SecretSource;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};

/// `[serve]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What opens everything but the health checks and the pushes; needed to listen elsewhere than on loopback.
    pub password: Option<SecretSource>,
    /// The time zone of jobs that name none.
    pub zone: String,
    /// So many runs at once.
    pub runs_at_once: usize,
    /// How long runs may go on when it is asked to stop.
    pub grace: Lasting,
    /// Runs that are older are forgotten.
    pub keep: Lasting,
    /// Of more runs the oldest are forgotten.
    pub keep_runs: u64,
}

impl Default for Serve {
    fn default() -> Self {
        Serve {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 18180)),
            password: None,
            zone: "Asia/Shanghai".to_owned(),
            runs_at_once: 8,
            grace: Lasting::from_seconds(30),
            keep: Lasting::from_seconds(90 * 86_400),
            keep_runs: 100_000,
        }
    }
}

/// `[events.ACCOUNT]`: where the platform pushes the events of an account to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// The path, such as `/events/main`, which is the default for `main`.
    pub path: Option<String>,
    /// The token of the console, which signs WeChat's pushes. Polyv's are signed by the account's secretkey.
    pub token: Option<SecretSource>,
    /// The EncodingAESKey of the console, for the safe mode. Then nothing plain is taken.
    pub key: Option<SecretSource>,
    /// A push whose timestamp is further off is refused.
    pub window: Option<Lasting>,
}

/// `[notify.NAME]`: who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// What takes the message.
    pub kind: Robot,
    /// Its address, which is a secret.
    pub url: SecretSource,
    /// What signs the messages, where the robot asks for that (DingTalk, Feishu) or a webhook checks it.
    pub secret: Option<SecretSource>,
    /// The text, with `{job}`, `{what}` and the like.
    pub template: Option<String>,
    /// So many messages a minute at most; the rest is told together afterwards.
    #[serde(default = "twenty")]
    pub per_minute: u32,
}

/// What takes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Robot {
    /// A JSON object by POST.
    Webhook,
    /// A group robot of WeCom (企业微信).
    Wecom,
    /// A group robot of DingTalk (钉钉).
    Dingtalk,
    /// A group robot of Feishu (飞书).
    Feishu,
}

impl Robot {
    /// The word in `juben.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Robot::Webhook => "webhook",
            Robot::Wecom => "wecom",
            Robot::Dingtalk => "dingtalk",
            Robot::Feishu => "feishu",
        }
    }
}

fn twenty() -> u32 {
    20
}
