//! Grants per account: all books of the grantor at once.

use super::grants::{AppGrant, BookGrant, check, each_row, end_of};
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Request, answer, number};
use serde_json::{Value, json};

pub(super) fn add(novels: &mut Novels, request: &Request) -> Answer {
    each_row(request.list("infos"), |row| {
        check(row, request)?;
        let grantee = row["grantee_appid"].as_str().unwrap_or_default();
        novels.app_grants.retain(|grant| grant.grantor != request.caller || grant.grantee != grantee);
        novels.app_grants.push(AppGrant {
            grantor: request.caller.into(),
            grantee: grantee.into(),
            expire_time: number(&row["expire_time"]).unwrap_or(0),
        });
        Ok(())
    })
}

/// Account grants of either side, or the books that the caller received: by their ids, or of one grantor.
pub(super) fn query(novels: &mut Novels, request: &Request) -> Answer {
    let received = request.number("type") == Some(1);
    let ids = request.list("book_ids");
    let grantor = request.text("grantor_appid").filter(|appid| !appid.is_empty());
    match grantor {
        _ if received && !ids.is_empty() => {
            let rows = received_books(novels, request, |grant| ids.iter().any(|id| *id == grant.book_id));
            page(request, "book_results", &rows)
        }
        Some(grantor) if received => {
            page(request, "book_results", &received_books(novels, request, |grant| grant.grantor == grantor))
        }
        _ => page(request, "appid_results", &accounts(novels, request, received)),
    }
}

/// By ascending expiry.
fn accounts(novels: &Novels, request: &Request, received: bool) -> Vec<Value> {
    let mine = |grant: &&AppGrant| if received { &grant.grantee } else { &grant.grantor } == request.caller;
    let live = novels.app_grants.iter().filter(mine).filter(|grant| grant.expire_time > request.now);
    let mut found: Vec<_> = live.collect();
    found.sort_by_key(|grant| grant.expire_time);
    let row = |grant: &AppGrant| {
        json!({
            "grantor_appid": grant.grantor,
            "grantee_appid": grant.grantee,
            "expire_time": grant.expire_time,
        })
    };
    found.into_iter().map(row).collect()
}

/// Books that the caller may use by a grant of the book or of the whole account, whichever lasts longer.
fn received_books(novels: &Novels, request: &Request, meant: impl Fn(&BookGrant) -> bool) -> Vec<Value> {
    let grant = novels.books.iter().filter_map(|book| {
        let expire_time = end_of(novels, book, request.caller).filter(|end| *end > request.now)?;
        let (book_id, grantor) = (book.id.clone(), book.owner.clone());
        Some(BookGrant { book_id, grantor, grantee: request.caller.into(), expire_time })
    });
    grant.filter(meant).map(|grant| grant.json()).collect()
}

/// The cursor is how many rows came before.
fn page(request: &Request, field: &str, rows: &[Value]) -> Answer {
    let start = match request.text("cursor").unwrap_or_default() {
        "" => 0,
        cursor => cursor.parse().map_err(|_| refusal(10140001))?,
    };
    let count = request.number("count").unwrap_or(100) as usize;
    let page: Vec<_> = rows.iter().skip(start).take(count).collect();
    let next = start + page.len();
    let cursor = if next < rows.len() { next.to_string() } else { String::new() };
    answer!({ field: page, "next_cursor": cursor })
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let grantee = request.text("grantee_appid").unwrap_or_default();
    let meant = |grant: &AppGrant| grant.grantor == request.caller && grant.grantee == grantee;
    if !novels.app_grants.iter().any(|grant| meant(grant) && grant.expire_time > request.now) {
        return Err(refusal(10145001));
    }
    novels.app_grants.retain(|grant| !meant(grant));
    done()
}
