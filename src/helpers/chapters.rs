//! Chapters of a novel, any number: cut into calls, one call at a time as the platform demands, each chapter once.
//!
//! A chapter is known by its `original_id`. What the book has already is not sent again, so an upload that was stopped
//! goes on where it stopped when it is run again, and a lost answer is settled by reading.

use crate::{
    Error,
    catalog::{Operation, check_value},
    client::{Client, Options},
    error::Kind,
    helpers::pages::{self, Listing},
};
use rhai::{Array, Dynamic, Map};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

const CREATE: &str = "novel.batch_create_chapters";
const LIST: &str = "novel.list_chapters";
/// A batch is sent at most so often.
const ROUNDS: u32 = 5;

/// What became of the chapters.
#[derive(Debug, Default)]
pub struct Report {
    /// The `original_id`s of those that are new in the book.
    pub created: Vec<String>,
    /// Of those that the book had already.
    pub already: Vec<String>,
    /// Of those that the platform refused, with the reason.
    pub failed: Vec<(String, Error)>,
}

/// Upload chapters in their order; `told` hears how many are settled after each call.
pub async fn upload(
    client: &Arc<Client>,
    book: &str,
    chapters: Vec<Map>,
    options: &Options,
    mut told: impl FnMut(usize, usize),
) -> Result<Report, Error> {
    let operation = client.operation(CREATE)?;
    check_each(&operation, &chapters)?;
    let ids = ids(&chapters)?;
    let total = chapters.len();
    let there = existing(client, book, options).await?;
    let mut report =
        Report { already: ids.iter().filter(|id| there.contains(*id)).cloned().collect(), ..Report::default() };
    let open: Vec<(String, Map)> = ids.into_iter().zip(chapters).filter(|(id, _)| !there.contains(id)).collect();
    let most = operation.batch.as_ref().and_then(|batch| batch.at_most).unwrap_or(10);
    for batch in open.chunks(most) {
        send(client, book, batch, options, &mut report).await?;
        told(report.created.len() + report.already.len() + report.failed.len(), total);
    }
    Ok(report)
}

/// All of them before any is sent: one that is too long would otherwise be found half-way.
fn check_each(operation: &Operation, chapters: &[Map]) -> Result<(), Error> {
    let list = operation.input.properties.get("chapter_list");
    let Some(each) = list.and_then(|list| list.items.as_deref()) else { return Ok(()) };
    for (index, chapter) in chapters.iter().enumerate() {
        check_value(each, &Dynamic::from_map(chapter.clone()), &format!("chapters[{index}]"))?;
    }
    Ok(())
}

/// Each chapter has an id of its own: without one nobody could tell whether it is there.
fn ids(chapters: &[Map]) -> Result<Vec<String>, Error> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut ids = Vec::new();
    for (index, chapter) in chapters.iter().enumerate() {
        let id = chapter.get("original_id").filter(|id| id.is_string()).map(ToString::to_string).unwrap_or_default();
        if id.is_empty() {
            let error = Error::new(Kind::Argument, format!("chapters[{index}] has no `original_id`"));
            return Err(error.hint("give each chapter a key of your own, so that it is never uploaded twice"));
        }
        if let Some(first) = seen.insert(id.clone(), index) {
            let message = format!("chapters[{index}] has the `original_id` of chapters[{first}]: {id}");
            return Err(Error::new(Kind::Argument, message).hint("leave one of them out"));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// The `original_id`s of the chapters that the edit version has.
async fn existing(client: &Arc<Client>, book: &str, options: &Options) -> Result<HashSet<String>, Error> {
    let fields = Map::from_iter([("book_id".into(), book.into()), ("need_edited_data".into(), true.into())]);
    if client.is_yet_to_be_made(&*client.operation(LIST)?, &fields) {
        return Ok(HashSet::new());
    }
    let listing = Listing::new(client, LIST, fields, options.clone())?;
    let mut reading = listing.read(client.clone(), Arc::new(pages::Report::default()));
    let mut ids = HashSet::new();
    while let Some(page) = reading.next().await {
        // The book of a dry run may be made up.
        if client.is_dry_run() && page.as_ref().is_err_and(|error| error.kind == Kind::NotFound) {
            break;
        }
        let id = |chapter: &Dynamic| Some(chapter.as_map_ref().ok()?.get("original_id")?.to_string());
        ids.extend(page?.iter().filter_map(id));
    }
    Ok(ids)
}

async fn send(
    client: &Arc<Client>,
    book: &str,
    batch: &[(String, Map)],
    options: &Options,
    report: &mut Report,
) -> Result<(), Error> {
    let operation = client.operation(CREATE)?;
    let mut open = batch.to_vec();
    for round in 1..=ROUNDS {
        let list: Array = open.iter().map(|(_, chapter)| Dynamic::from_map(chapter.clone())).collect();
        let fields = Map::from_iter([("book_id".into(), book.into()), ("chapter_list".into(), list.into())]);
        match client.call(&operation, fields, options).await {
            Ok(reply) => {
                settle(&open, &conflicts(&reply), report);
                return Ok(());
            }
            Err(error) if error.reply.as_ref().is_some_and(|reply| !conflicts(reply).is_empty()) => {
                settle(&open, &error.reply.as_ref().map(conflicts).unwrap_or_default(), report);
                return Ok(());
            }
            Err(error) if error.kind == Kind::UnknownOutcome || (error.kind == Kind::Server && error.retryable) => {
                // What cannot be read is still unknown.
                let there = existing(client, book, options).await.map_err(|_| error.clone())?;
                let (done, left): (Vec<_>, Vec<_>) = open.into_iter().partition(|(id, _)| there.contains(id));
                report.created.extend(done.into_iter().map(|(id, _)| id));
                open = left;
                if open.is_empty() {
                    return Ok(());
                }
                if round == ROUNDS {
                    return Err(error);
                }
                client.rest(client.pause(round - 1)).await;
            }
            Err(error) if matches!(error.kind, Kind::Refused | Kind::Argument) => {
                report.failed.extend(open.into_iter().map(|(id, _)| (id, error.clone())));
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn settle(sent: &[(String, Map)], conflicts: &HashSet<String>, report: &mut Report) {
    for (id, _) in sent {
        if conflicts.contains(id) { report.already.push(id.clone()) } else { report.created.push(id.clone()) }
    }
}

/// The chapters that the platform had already, by its own word.
fn conflicts(reply: &Map) -> HashSet<String> {
    let list = reply.get("conflict_original_id_list").and_then(|list| list.clone().try_cast::<Array>());
    list.unwrap_or_default().iter().map(ToString::to_string).collect()
}
