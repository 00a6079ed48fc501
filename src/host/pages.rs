//! `pages::` — listings of any length, item by item, whatever way the platform cuts them into pages.

// Calling a function of the script later needs the language's stored contexts, which it marks as volatile.
#![allow(deprecated)]

use super::{Host, Reply, given::Given, lock, text, thrown, thrown_at, wrong_argument};
use crate::{
    Error,
    error::Kind,
    helpers::pages::{Listing, Reading, Report},
    store::Checkpoint,
};
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, INT, Map, Module, NativeCallContextStore, Position, plugin::*};
use std::{
    any::TypeId,
    sync::{Arc, Mutex, atomic::Ordering},
    vec,
};

/// A listing as a script holds it: nothing is read before a loop, or a method that needs items, asks for them.
#[derive(Clone)]
pub struct Pages {
    host: Arc<Host>,
    listing: Listing,
    steps: Vec<Step>,
    report: Arc<Report>,
}

/// What is done with the items on their way.
#[derive(Clone)]
enum Step {
    Take(usize),
    Filter(Closure),
    Map(Closure),
    Batch(usize),
}

/// A function of the script, with what is needed to call it later.
#[derive(Clone)]
struct Closure {
    function: FnPtr,
    context: Arc<NativeCallContextStore>,
    host: Arc<Host>,
}

type Items = Box<dyn Iterator<Item = Reply<Dynamic>>>;

#[export_module]
pub mod module {
    /// The items of a listing, one after the other; the next page is fetched while the script works on this one. It can
    /// be walked by `for`, and has the methods `take(n)`, `filter(f)`, `map(f)`, `batch(n)`, `collect()`, `first()`,
    /// `count()` and `report()`. An item that comes twice because the list moved is delivered once.
    /// - `operation`: string, an operation that comes in pages.
    /// - `fields`: map, its parameters; the position is not needed, the page's size is the largest unless given.
    /// - returns: the listing.
    /// - throws: `argument`; and while it is read what the operation throws.
    /// - calls: `operation`.
    /// ```rhai
    /// let count = 0;
    /// for media in pages::of("drama.list_media", #{ media_name: "%第1集%" }) { count += 1; }
    /// assert(count > 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn of(call: NativeCallContext, operation: &str, fields: Map) -> Reply<Pages> {
        new(&call, operation, fields, Map::new())
    }

    /// The same with options.
    /// - `operation`: string.
    /// - `fields`: map.
    /// - `options`: map: `ahead` (int, how many pages are fetched at once where their positions can be told in advance),
    ///   `checkpoint` (string, a name: a loop that `break`, an error or the end of the process has stopped goes on with the page in
    ///   which it stopped when it is run again with the same fields; one that came to its end begins anew), and those of
    ///   any call.
    /// - returns: the listing.
    /// - throws: `argument`.
    /// - calls: `operation`.
    /// ```rhai
    /// let books = pages::of("novel.list_books", #{ limit: 5 }, #{ ahead: 2 }).collect();
    /// assert(books.len > 0);
    /// let seen = [];
    /// for round in 1..=2 {
    ///     try {
    ///         for media in pages::of("drama.list_media", #{ limit: 10 }, #{ checkpoint: "tour" }) {
    ///             seen.push(media.media_id);
    ///             if seen.len == 25 { throw "stopped in the third page"; }
    ///         }
    ///     } catch { }
    /// }
    /// assert_eq(seen[25], seen[20]);
    /// ```
    #[rhai_fn(return_raw, name = "of")]
    pub fn of_with(call: NativeCallContext, operation: &str, fields: Map, options: Map) -> Reply<Pages> {
        new(&call, operation, fields, options)
    }

    /// Only the first so many items; no page is fetched that is not needed.
    /// - `count`: int.
    /// - returns: the shorter listing.
    /// ```rhai
    /// assert_eq(pages::of("drama.list_media", #{}).take(3).collect().len, 3);
    /// ```
    #[rhai_fn(global)]
    pub fn take(listing: &mut Pages, count: INT) -> Pages {
        listing.then(Step::Take(usize::try_from(count).unwrap_or(0)))
    }

    /// Only the items for which a function is true.
    /// - `keep`: function of an item.
    /// - returns: the listing of these.
    /// ```rhai
    /// let rejected = pages::of("drama.list_media", #{}).filter(|media| media.audit_detail.status == 2);
    /// assert(rejected.count() > 0);
    /// ```
    #[rhai_fn(global)]
    pub fn filter(call: NativeCallContext, listing: &mut Pages, keep: FnPtr) -> Pages {
        listing.then(Step::Filter(Closure::new(&call, keep)))
    }

    /// Something else for each item.
    /// - `change`: function of an item.
    /// - returns: the listing of what it gives.
    /// ```rhai
    /// let names = pages::of("drama.list_dramas", #{}).map(|drama| drama.name).collect();
    /// assert(names.len > 0);
    /// ```
    #[rhai_fn(global)]
    pub fn map(call: NativeCallContext, listing: &mut Pages, change: FnPtr) -> Pages {
        listing.then(Step::Map(Closure::new(&call, change)))
    }

    /// Arrays of so many items.
    /// - `size`: int, 1 or more.
    /// - returns: the listing of arrays.
    /// - throws: `argument`.
    /// ```rhai
    /// for part in pages::of("drama.list_media", #{}).batch(20) { assert(part.len <= 20); }
    /// ```
    #[rhai_fn(global, return_raw)]
    pub fn batch(call: NativeCallContext, listing: &mut Pages, size: INT) -> Reply<Pages> {
        match usize::try_from(size) {
            Ok(size) if size > 0 => Ok(listing.then(Step::Batch(size))),
            _ => Err(wrong_argument(
                &call,
                format!("`size` is {size}; it must be 1 or more"),
                "give the items of a batch",
            )),
        }
    }

    /// All items.
    /// - returns: array.
    /// - throws: what the operation throws.
    /// ```rhai
    /// assert(pages::of("drama.list_dramas", #{}).collect().len > 0);
    /// ```
    #[rhai_fn(global, return_raw)]
    pub fn collect(listing: &mut Pages) -> Reply<Array> {
        listing.gathered()?.collect()
    }

    /// The first item, or `()` when there is none.
    /// - returns: the item or `()`.
    /// - throws: what the operation throws.
    /// ```rhai
    /// assert(pages::of("drama.list_dramas", #{}).first() != ());
    /// ```
    #[rhai_fn(global, return_raw)]
    pub fn first(listing: &mut Pages) -> Reply<Dynamic> {
        listing.items().next().unwrap_or(Ok(Dynamic::UNIT))
    }

    /// How many items there are; all pages are read.
    /// - returns: int.
    /// - throws: what the operation throws.
    /// ```rhai
    /// assert(pages::of("drama.list_dramas", #{}).count() > 0);
    /// ```
    #[rhai_fn(global, return_raw)]
    pub fn count(listing: &mut Pages) -> Reply<INT> {
        listing.gathered()?.try_fold(0, |count, item| item.map(|_| count + 1))
    }

    /// What was read so far.
    /// - returns: map `#{ pages: int, items: int, repeated: int }`.
    /// ```rhai
    /// let dramas = pages::of("drama.list_dramas", #{});
    /// dramas.count();
    /// assert_eq(dramas.report().repeated, 0);
    /// ```
    #[rhai_fn(global)]
    pub fn report(listing: &mut Pages) -> Map {
        let counted = [
            ("pages", &listing.report.pages),
            ("items", &listing.report.items),
            ("repeated", &listing.report.repeated),
        ];
        counted.map(|(name, count)| (name.into(), (count.load(Ordering::Relaxed) as INT).into())).into_iter().collect()
    }

    #[rhai_fn(global)]
    pub fn to_string(listing: &mut Pages) -> String {
        format!("pages of {}", listing.listing.operation.full_name())
    }
}

/// Let `for` walk a listing.
pub(super) fn iterable(mut module: Module) -> Module {
    module.set_iter_result(TypeId::of::<Pages>(), |pages: Dynamic| pages.cast::<Pages>().items());
    module
}

fn new(call: &NativeCallContext, operation: &str, fields: Map, given: Map) -> Reply<Pages> {
    let host = Host::of(call);
    let listing = listing(&host, operation, fields, Given::new(given)).map_err(|error| thrown(call, error))?;
    Ok(Pages { host, listing, steps: Vec::new(), report: Arc::default() })
}

fn listing(host: &Host, operation: &str, fields: Map, mut given: Given) -> Result<Listing, Error> {
    let ahead = given.number("ahead", 1..=32)?.unwrap_or(1) as usize;
    let checkpoint = given.string("checkpoint")?;
    let listing = Listing { ahead, ..Listing::new(&host.client, operation, fields, given.rest(host)?)? };
    match checkpoint {
        Some(name) => listing.resumed(&host.client, &host.store, &name),
        None => Ok(listing),
    }
}

impl Pages {
    fn then(&self, step: Step) -> Pages {
        let mut longer = self.clone();
        longer.steps.push(step);
        longer
    }

    fn items(&self) -> Items {
        let guard = self.host.runtime.enter();
        let reading = self.listing.read(self.host.client.clone(), self.report.clone());
        drop(guard);
        let mark = Arc::new(Mutex::default());
        let source =
            Source { host: self.host.clone(), reading: Some(reading), page: vec![].into_iter(), mark: mark.clone() };
        let items = self.steps.iter().cloned().fold(Box::new(source) as Items, |items, step| match step {
            Step::Take(count) => Box::new(items.take(count)),
            Step::Filter(keep) => Box::new(items.filter_map(move |item| keep.kept(item).transpose())),
            Step::Map(change) => Box::new(items.map(move |item| change.call(item?))),
            Step::Batch(size) => Box::new(Batches { items, size }),
        });
        match self.listing.checkpoint.clone() {
            Some(checkpoint) => Box::new(Marked { items, mark, checkpoint, host: self.host.clone() }),
            None => items,
        }
    }

    /// Items that are gathered are lost with the process: a mark would leave them out of the next run.
    fn gathered(&self) -> Reply<Items> {
        if self.listing.checkpoint.is_none() {
            return Ok(self.items());
        }
        let error = Error::new(Kind::Argument, "a checkpoint is for a loop over the items")
            .hint("`for item in pages::of(…) { … }`; or leave the checkpoint out");
        Err(thrown_at(error, None, Position::NONE))
    }
}

/// The items as they come from the platform.
struct Source {
    host: Arc<Host>,
    reading: Option<Reading>,
    page: vec::IntoIter<Dynamic>,
    mark: Arc<Mutex<Option<Mark>>>,
}

/// How far the items have gone from here.
enum Mark {
    /// All before this position have.
    Reached(String),
    /// All have.
    Ended,
}

/// Notes how far a script has come: who asks for the next item has worked through all that it was given before.
struct Marked {
    items: Items,
    mark: Arc<Mutex<Option<Mark>>>,
    checkpoint: Checkpoint,
    host: Arc<Host>,
}

impl Marked {
    fn note(&self) -> Reply<()> {
        let Some(mark) = lock(&self.mark).take() else { return Ok(()) };
        let noted = self.host.wait_for(async {
            match mark {
                Mark::Reached(position) => self.checkpoint.reached(&position).await,
                Mark::Ended => self.checkpoint.ended().await,
            }
        });
        noted.map_err(|error| thrown_at(error, None, Position::NONE))
    }
}

impl Iterator for Marked {
    type Item = Reply<Dynamic>;

    fn next(&mut self) -> Option<Reply<Dynamic>> {
        if let Err(error) = self.note() {
            return Some(Err(error));
        }
        let item = self.items.next();
        if item.is_none()
            && let Err(error) = self.note()
        {
            return Some(Err(error));
        }
        item
    }
}

impl Iterator for Source {
    type Item = Reply<Dynamic>;

    fn next(&mut self) -> Option<Reply<Dynamic>> {
        if let Some(item) = self.page.next() {
            return Some(Ok(item));
        }
        let reading = self.reading.as_mut()?;
        if let Some(position) = reading.after() {
            *lock(&self.mark) = Some(Mark::Reached(position));
        }
        match self.host.wait_for(async { reading.next().await.transpose() }) {
            Ok(Some(items)) => {
                self.page = items.into_iter();
                self.page.next().map(Ok)
            }
            Ok(None) => {
                self.reading = None;
                *lock(&self.mark) = Some(Mark::Ended);
                None
            }
            Err(error) => {
                self.reading = None;
                // A loop without a body passes over it.
                if error.kind.ends_the_run() {
                    self.host.ends(&error);
                }
                Some(Err(thrown_at(error, None, Position::NONE)))
            }
        }
    }
}

/// Items in arrays of one size; the last may be shorter.
struct Batches {
    items: Items,
    size: usize,
}

impl Iterator for Batches {
    type Item = Reply<Dynamic>;

    fn next(&mut self) -> Option<Reply<Dynamic>> {
        let batch: Reply<Array> = self.items.by_ref().take(self.size).collect();
        match batch {
            Ok(batch) if batch.is_empty() => None,
            batch => Some(batch.map(Dynamic::from)),
        }
    }
}

impl Closure {
    fn new(call: &NativeCallContext, function: FnPtr) -> Closure {
        Closure { function, context: Arc::new(call.store_data()), host: Host::of(call) }
    }

    fn call(&self, item: Dynamic) -> Reply<Dynamic> {
        let engine = self.host.engine.get().and_then(std::sync::Weak::upgrade);
        let ended = || Error::new(Kind::Script, "the run of this listing has ended");
        let engine = engine.ok_or_else(|| thrown_at(ended(), None, Position::NONE))?;
        self.function.call_raw(&self.context.create_context(&engine), None, [item])
    }

    fn kept(&self, item: Reply<Dynamic>) -> Reply<Option<Dynamic>> {
        let item = item?;
        let keep = self.call(item.clone())?;
        match keep.as_bool() {
            Ok(keep) => Ok(keep.then_some(item)),
            Err(other) => {
                let message = format!("the filter of a listing gave {other}; it must be a bool");
                Err(EvalAltResult::ErrorRuntime(text(message), Position::NONE).into())
            }
        }
    }
}
