//! Grants per account: all books of the grantor at once.

use super::book::Book;
use super::grants::{appid, each_row, granted, page_size};
use super::ledger::Grant;
use super::text::Text;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde_json::Value;
use std::borrow::Cow;

/// How many rows a page of named books has, when the call does not say it.
const USUAL: usize = 100;

pub(super) fn add(novels: &mut Novels, request: &Request) -> Answer {
    each_row(request, "infos", |row| {
        let (grantee, expire_time) = granted(row, request)?;
        let grantor = request.caller.into();
        novels.app_grants.put(Grant { book_id: Text::default(), grantor, grantee, expire_time });
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
            // The manual's own example of this has no count.
            let size = if request.fields.contains_key("count") { page_size(request)? } else { USUAL };
            books(novels, request, size, &by_ids(novels, request, ids))
        }
        Some(grantor) if received => {
            books(novels, request, page_size(request)?, &of_grantor(novels, request.caller, grantor))
        }
        _ => accounts(novels, request, received),
    }
}

/// By ascending expiry.
fn accounts(novels: &Novels, request: &Request, received: bool) -> Answer {
    let grants = &novels.app_grants;
    let serials = if received { grants.received_by(request.caller) } else { grants.given_by(request.caller) };
    let mut found: Vec<&Grant> = grants.numbered(serials).collect();
    found.sort_by_key(|grant| grant.expire_time);
    let (size, start) = (page_size(request)?, start(request)?);
    let page: Vec<_> = found.iter().skip(start).take(size).collect();
    answer!({ "appid_results": page, "next_cursor": cursor(start, size, found.len()) })
}

/// Those of the named books that the caller may use by a grant.
fn by_ids(novels: &Novels, request: &Request, ids: &[Value]) -> Vec<i64> {
    let books = ids.iter().filter_map(|id| novels.books.by_id(id.as_str()?));
    let granted = books.filter(|book| novels.granted_until(book, request.caller).is_some());
    granted.map(|book| book.serial).collect()
}

/// The books of a grantor that an account may use: all of them, or those that were granted one by one.
fn of_grantor<'a>(novels: &'a Novels, grantee: &str, grantor: &str) -> Cow<'a, [i64]> {
    if novels.app_grants.end_of(grantor, grantee).is_some() {
        return novels.books.of(grantor).into();
    }
    let received = novels.book_grants.numbered(novels.book_grants.received_by(grantee));
    let from = received.filter(|grant| *grant.grantor == *grantor);
    from.filter_map(|grant| novels.books.by_id(&grant.book_id)).map(|book| book.serial).collect()
}

/// A page of books, each until the grant ends that lasts longest.
fn books(novels: &Novels, request: &Request, size: usize, serials: &[i64]) -> Answer {
    let start = start(request)?;
    let page = serials.get(start..).unwrap_or_default();
    let row = |book: &Book| {
        let (book_id, grantor) = (book.id.clone(), book.owner.clone());
        let expire_time = novels.granted_until(book, request.caller)?;
        Some(Grant { book_id, grantor, grantee: request.caller.into(), expire_time })
    };
    let rows: Vec<Grant> = novels.books.numbered(page).take(size).filter_map(row).collect();
    answer!({ "book_results": rows, "next_cursor": cursor(start, size, serials.len()) })
}

/// The cursor is how many rows came before.
fn start(request: &Request) -> Result<usize, Refusal> {
    match request.text("cursor").unwrap_or_default() {
        "" => Ok(0),
        cursor => cursor.parse().map_err(|_| refusal(10140001)),
    }
}

fn cursor(start: usize, size: usize, total: usize) -> String {
    let next = start.saturating_add(size);
    if next < total { next.to_string() } else { String::new() }
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let grantee = appid(&request.fields, "grantee_appid")?;
    if novels.app_grants.remove(request.caller, grantee) { done() } else { Err(refusal(10145001)) }
}
