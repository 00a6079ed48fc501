//! The five kinds of grants, and the operations that list, give and take them.

use super::Grant;
use crate::catalog::Operation;
use rhai::{Dynamic, ImmutableString, Map};
use std::collections::HashMap;

/// A kind of grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One novel.
    Book,
    /// All novels of an account.
    AllBooks,
    /// Playing one drama.
    Drama,
    /// Playing all dramas of an account.
    AllDramas,
    /// The copyright of one drama.
    Copyright,
}

/// How a kind is listed: the operation, its fixed parameters, and the names of the fields of its items.
pub(super) struct Fields {
    pub operation: &'static str,
    pub fixed: Option<(&'static str, i64)>,
    pub item: &'static str,
    pub other: &'static str,
    pub expires: &'static str,
}

impl Scope {
    /// All kinds.
    pub const ALL: [Scope; 5] = [Scope::Book, Scope::AllBooks, Scope::Drama, Scope::AllDramas, Scope::Copyright];

    /// The word of scripts.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Book => "book",
            Scope::AllBooks => "all_books",
            Scope::Drama => "drama",
            Scope::AllDramas => "all_dramas",
            Scope::Copyright => "copyright",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// `novel` or `drama`.
    pub fn platform(self) -> &'static str {
        match self {
            Scope::Book | Scope::AllBooks => "novel",
            Scope::Drama | Scope::AllDramas | Scope::Copyright => "drama",
        }
    }

    /// Whether it gives everything that an account has.
    pub fn is_account_wide(self) -> bool {
        matches!(self, Scope::AllBooks | Scope::AllDramas)
    }

    pub(super) fn listing(self, received: bool) -> Fields {
        let novel = |operation, item| Fields {
            operation,
            fixed: Some(("type", i64::from(received))),
            item,
            other: if received { "grantor_appid" } else { "grantee_appid" },
            expires: "expire_time",
        };
        let drama = |operation, item, expires| Fields {
            operation,
            fixed: None,
            item,
            other: if received { "authorizer_appid" } else { "authorized_appid" },
            expires,
        };
        match (self, received) {
            (Scope::Book, _) => novel("novel.query_book_auth", "book_id"),
            (Scope::AllBooks, _) => novel("novel.query_app_auth", ""),
            (Scope::Drama, false) => drama("drama.get_authorize_objects", "drama_id", "authz_expire_time"),
            (Scope::Drama, true) => drama("drama.get_authorized_objects", "drama_id", "authz_expire_time"),
            (Scope::AllDramas, false) => drama("drama.get_authorize_apps", "", "authz_expire_time"),
            (Scope::AllDramas, true) => drama("drama.get_authorized_apps", "", "authz_expire_time"),
            (Scope::Copyright, false) => drama("drama.get_copyright_authorization_list", "drama_id", "expire_time"),
            (Scope::Copyright, true) => drama("drama.get_copyright_authorized_list", "drama_id", "expire_time"),
        }
    }

    /// The operation that gives such grants.
    pub(super) fn giver(self) -> &'static str {
        match self {
            Scope::Book => "novel.add_book_auth",
            Scope::AllBooks => "novel.add_app_auth",
            Scope::Drama => "drama.authorize_drama",
            Scope::AllDramas => "drama.authorize_app",
            Scope::Copyright => "drama.authorize_copyright",
        }
    }

    /// The operation that takes them back.
    pub(super) fn taker(self) -> &'static str {
        match self {
            Scope::Book => "novel.del_book_auth",
            Scope::AllBooks => "novel.del_app_auth",
            Scope::Drama => "drama.deauthorize_drama",
            Scope::AllDramas => "drama.deauthorize_app",
            Scope::Copyright => "drama.deauthorize_copyright",
        }
    }

    /// What the grants of one call must have in common.
    fn common(self, grant: &Grant) -> Option<(ImmutableString, i64)> {
        match self {
            Scope::Book | Scope::AllBooks => None,
            Scope::Drama | Scope::Copyright | Scope::AllDramas => Some((grant.grantee.clone(), grant.expires_at)),
        }
    }
}

/// At most so many in one call where the platform does not say.
const UNLESS_SAID: usize = 50;

/// Cut grants of one kind, given by their places, into calls, in their order; one a call where the operation takes no
/// more.
pub(super) fn calls(operation: &Operation, grants: &[Grant], places: Vec<usize>) -> Vec<Vec<usize>> {
    let most = operation.batch.as_ref().map_or(1, |batch| batch.at_most.unwrap_or(UNLESS_SAID));
    let mut calls: Vec<Vec<usize>> = Vec::new();
    // The call that is being filled, by what its grants have in common.
    let mut open = HashMap::new();
    for place in places {
        let common = grants[place].scope.common(&grants[place]);
        match open.get(&common).map(|call: &usize| &mut calls[*call]).filter(|call| call.len() < most) {
            Some(call) => call.push(place),
            None => {
                open.insert(common, calls.len());
                calls.push(vec![place]);
            }
        }
    }
    calls
}

/// The parameters of a call that gives these grants.
pub(super) fn to_give(grants: &[&Grant]) -> Map {
    let first = &grants[0];
    let items = || Dynamic::from_array(grants.iter().map(|grant| grant.item.clone()).collect());
    let end = Dynamic::from(first.expires_at);
    match first.scope {
        Scope::Book => rows("books", grants, true),
        Scope::AllBooks => rows("infos", grants, false),
        Scope::Drama => {
            map([("authorized_appid", first.grantee.clone().into()), ("drama_id", items()), ("authz_expire_time", end)])
        }
        Scope::AllDramas => map([("authorized_appid", first.grantee.clone().into()), ("authz_expire_time", end)]),
        Scope::Copyright => {
            let mut fields = copyright(first, items());
            fields.insert("expire_time".into(), end);
            fields
        }
    }
}

/// The parameters of a call that takes these grants back.
pub(super) fn to_take(grants: &[&Grant]) -> Map {
    let first = &grants[0];
    let items = || Dynamic::from_array(grants.iter().map(|grant| grant.item.clone()).collect());
    match first.scope {
        Scope::Book => map([("book_id", first.item.clone()), ("grantee_appid", first.grantee.clone().into())]),
        Scope::AllBooks => map([("grantee_appid", first.grantee.clone().into())]),
        Scope::Drama => map([("authorized_appid", first.grantee.clone().into()), ("drama_id", items())]),
        Scope::AllDramas => map([("authorized_appid", first.grantee.clone().into())]),
        Scope::Copyright => copyright(first, items()),
    }
}

fn rows(name: &str, grants: &[&Grant], with_book: bool) -> Map {
    let row = |grant: &&Grant| {
        let mut row = map([("grantee_appid", grant.grantee.clone().into()), ("expire_time", grant.expires_at.into())]);
        if with_book {
            row.insert("book_id".into(), grant.item.clone());
        }
        Dynamic::from_map(row)
    };
    map([(name, Dynamic::from_array(grants.iter().map(row).collect()))])
}

fn copyright(grant: &Grant, items: Dynamic) -> Map {
    let (kind, name) = if grant.to_company { (1_i64, "authorized_subject_cert_no") } else { (2, "authorized_appid") };
    map([("authorization_type", kind.into()), (name, grant.grantee.clone().into()), ("drama_ids", items)])
}

fn map<const N: usize>(fields: [(&str, Dynamic); N]) -> Map {
    let mut map = Map::new();
    for (name, value) in fields {
        map.insert(name.into(), value);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use proptest::prelude::*;

    fn any_grants() -> impl Strategy<Value = (Scope, Vec<Grant>)> {
        let row = (0..30_i64, 0..4_u8, 0..3_i64);
        (0..Scope::ALL.len(), prop::collection::vec(row, 0..200)).prop_map(|(scope, rows)| {
            let scope = Scope::ALL[scope];
            let grant = |(item, grantee, expires_at): (i64, u8, i64)| Grant {
                scope,
                item: if scope.is_account_wide() { Dynamic::UNIT } else { item.into() },
                title: Default::default(),
                grantor: Default::default(),
                grantee: format!("wx{grantee}").into(),
                to_company: false,
                expires_at,
            };
            (scope, rows.into_iter().map(grant).collect())
        })
    }

    proptest! {
        #[test]
        fn calls_cover_every_row_once_and_in_order((scope, rows) in any_grants(), giving: bool) {
            let operation = Catalog::builtin().find(if giving { scope.giver() } else { scope.taker() }).unwrap();
            let most = operation.batch.as_ref().map_or(1, |batch| batch.at_most.unwrap_or(UNLESS_SAID));
            let calls = calls(&operation, &rows, (0..rows.len()).collect());
            let mut all: Vec<usize> = calls.iter().flatten().copied().collect();
            let common = |place: usize| scope.common(&rows[place]);
            for call in &calls {
                prop_assert!((1..=most).contains(&call.len()));
                prop_assert!(call.is_sorted());
                prop_assert!(call.iter().all(|place| common(*place) == common(call[0])));
            }
            prop_assert!(calls.iter().map(|call| call[0]).is_sorted());
            all.sort_unstable();
            prop_assert_eq!(all, (0..rows.len()).collect::<Vec<_>>());
        }
    }
}
