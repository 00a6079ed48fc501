//! Access tokens that were given out.

use super::model::Refusal;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of more tokens than this, those that ended or were replaced are forgotten, then those that end first.
const MOST: usize = 20_000;
const LENGTH: usize = 136;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Of a mini program.
    Own,
    /// Of a third-party platform.
    Component,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    owner: String,
    kind: Kind,
    ends: i64,
    replaced: bool,
}

/// By the text of the token.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tokens(BTreeMap<String, Token>);

impl Tokens {
    pub fn issue(&mut self, random: &mut Rng, owner: &str, kind: Kind, ends: i64, now: i64) -> String {
        if self.0.len() >= MOST {
            self.make_room(now);
        }
        let text: String = (0..LENGTH).map(|_| random.alphanumeric()).collect();
        self.0.insert(text.clone(), Token { owner: owner.to_owned(), kind, ends, replaced: false });
        text
    }

    fn make_room(&mut self, now: i64) {
        self.0.retain(|_, token| token.ends > now && !token.replaced);
        while self.0.len() >= MOST
            && let Some(first) = self.0.iter().min_by_key(|(_, token)| token.ends)
        {
            let text = first.0.clone();
            self.0.remove(&text);
        }
    }

    /// Another one has taken this token's place: it ends at `ends` at the latest.
    pub fn replace(&mut self, token: &str, ends: i64) {
        if let Some(token) = self.0.get_mut(token) {
            token.ends = token.ends.min(ends);
            token.replaced = true;
        }
    }

    /// When a token ends, if it is known and nothing took its place.
    pub fn ends(&self, token: &str) -> Option<i64> {
        self.0.get(token).filter(|token| !token.replaced).map(|token| token.ends)
    }

    /// Whose token it is.
    pub fn owner(&self, token: &str, kind: Kind, now: i64) -> Result<&str, Refusal> {
        if token.is_empty() {
            return Err(Refusal::new(41001, "access_token missing"));
        }
        let Some(found) = self.0.get(token) else { return Err(unknown(token)) };
        if found.ends <= now {
            return Err(if found.replaced { not_latest() } else { Refusal::new(42001, "access_token expired") });
        }
        match (kind, found.kind) {
            (Kind::Own, Kind::Component) => Err(Refusal::new(40014, "invalid access_token")),
            (Kind::Component, Kind::Own) => Err(Refusal::new(61014, "must use component token for component api")),
            _ => Ok(&found.owner),
        }
    }
}

fn unknown(token: &str) -> Refusal {
    const SHORTEST: usize = 32;
    if token.len() < SHORTEST { Refusal::new(40014, "invalid access_token") } else { not_latest() }
}

fn not_latest() -> Refusal {
    Refusal::new(40001, "invalid credential, access_token is invalid or not latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_tokens_those_that_were_replaced_are_forgotten_and_then_the_oldest() {
        let (mut tokens, mut random) = (Tokens::default(), Rng::with_seed(7));
        let mut issue = |tokens: &mut Tokens, ends| tokens.issue(&mut random, "wx1", Kind::Own, ends, 0);
        let (oldest, replaced) = (issue(&mut tokens, 10), issue(&mut tokens, 20));
        tokens.replace(&replaced, 15);
        (2..MOST).for_each(|_| drop(issue(&mut tokens, 100)));
        let newest = issue(&mut tokens, 100);
        let code = |tokens: &Tokens, token| tokens.owner(token, Kind::Own, 0).map_or_else(|it| it.code, |_| 0);
        assert_eq!((code(&tokens, &oldest), code(&tokens, &replaced), code(&tokens, &newest)), (0, 40001, 0));
        issue(&mut tokens, 100);
        assert_eq!((code(&tokens, &oldest), code(&tokens, &newest)), (40001, 0));
        assert_eq!(tokens.0.len(), MOST);
    }
}
