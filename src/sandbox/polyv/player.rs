//! The tokens with which a player plays an encrypted video.

use super::{
    data,
    library::{Holder, Library, PlayToken},
    uploads::secret,
};
use crate::sandbox::{
    model::{Answer, Request},
    options::Account,
};
use fastrand::Rng;
use serde_json::json;

impl Library {
    /// The same video, viewer, address and kind of player get the same token again, for longer.
    pub(super) fn play_token(&mut self, random: &mut Rng, accounts: &[Account], request: &Request, ip: &str) -> Answer {
        const USUAL: i64 = 600;
        const LONGEST: i64 = 365 * 86_400;
        let text = |field| request.text(field).unwrap_or_default().to_owned();
        self.video(&text("videoId"))?;
        let holder = Holder {
            video: text("videoId"),
            viewer: text("viewerId"),
            address: request.text("viewerIp").unwrap_or(ip).to_owned(),
            iswxa: request.number("iswxa").unwrap_or(0),
        };
        let life = request.number("expires").unwrap_or(USUAL).clamp(1, LONGEST);
        let ends = request.now + life;
        self.play_tokens.retain(|it| it.ends > request.now);
        let known = match self.play_tokens.iter().position(|it| it.holder == holder) {
            Some(known) => self.play_tokens.remove(known),
            None => PlayToken { token: secret(random), holder, created: request.now, ends },
        };
        let app = accounts.iter().find_map(|account| match account {
            Account::Polyv { userid, app_id, .. } if *userid == self.userid => Some(app_id),
            _ => None,
        });
        let reply = json!({
            "token": known.token,
            "userId": self.userid,
            "appId": app.map_or("", String::as_str),
            "videoId": known.holder.video,
            "viewerIp": known.holder.address,
            "viewerId": known.holder.viewer,
            "viewerName": request.text("viewerName"),
            "extraParams": request.text("extraParams"),
            "ttl": life * 1000,
            "createdTime": known.created * 1000,
            "expiredTime": ends * 1000,
            "iswxa": known.holder.iswxa,
            "disposable": request.flag("disposable"),
        });
        self.play_tokens.push(PlayToken { ends, ..known });
        data(reply)
    }
}
