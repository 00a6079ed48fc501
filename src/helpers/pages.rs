//! A listing, page after page, whatever its style; the next page is fetched while this one is worked on.

use crate::{
    Error,
    catalog::{Operation, PageEnd, PageStyle, Pages},
    client::{Client, Options, at, decode, encode, script_value},
    error::Kind,
    store::{Checkpoint, Store},
};
use rhai::{Array, Dynamic, Map};
use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{Notify, mpsc};
use tokio_util::task::AbortOnDropHandle;

/// What is listed, and how.
#[derive(Debug, Clone)]
pub struct Listing {
    /// A listing of the catalog.
    pub operation: Arc<Operation>,
    /// The parameters of every page, such as a filter; the page's size may be among them.
    pub fields: Map,
    /// How each call is made.
    pub options: Options,
    /// How many pages are fetched at once, where positions can be told in advance.
    pub ahead: usize,
    /// Where an earlier run has come to.
    pub checkpoint: Option<Checkpoint>,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub struct Report {
    /// Pages.
    pub pages: AtomicUsize,
    /// Items, each once.
    pub items: AtomicUsize,
    /// Items that came again because the list moved, and were left out.
    pub repeated: AtomicUsize,
}

/// A listing that is being read. Dropping it ends the reading.
#[derive(Debug)]
pub struct Reading {
    pages: mpsc::Receiver<Result<Delivery, Error>>,
    after: Option<Dynamic>,
    wanted: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

/// What is handed over at once: items, and where the next ones are unless these are the last.
type Delivery = (Array, Option<Dynamic>);
type Receiver = mpsc::Sender<Result<Delivery, Error>>;

impl Reading {
    /// The items of the next page; never empty.
    pub async fn next(&mut self) -> Option<Result<Array, Error>> {
        self.wanted.notify_one();
        let page = self.pages.recv().await?;
        Some(page.map(|(items, after)| {
            self.after = after;
            items
        }))
    }

    /// Where the page after the last one that came is, as JSON.
    pub fn after(&self) -> Option<String> {
        self.after.as_ref().and_then(|position| encode(position).ok())
    }
}

impl Listing {
    /// The listing of that name.
    pub fn new(client: &Client, name: &str, fields: Map, options: Options) -> Result<Listing, Error> {
        let operation = client.operation(name)?;
        operation.paged()?;
        Ok(Listing { operation, fields, options, ahead: 1, checkpoint: None })
    }

    /// Go on where an earlier run of the same listing has stopped.
    pub fn resumed(mut self, client: &Client, store: &Arc<Store>, name: &str) -> Result<Listing, Error> {
        let account = client.accounts().for_operation(&self.operation, self.options.account.as_deref())?;
        let (target, operation) = (account.target(&self.operation), self.operation.full_name());
        let [fields, extra] =
            [&self.fields, &self.options.extra].map(|map| encode(&Dynamic::from_map(map.clone())).unwrap_or_default());
        self.checkpoint = Some(Checkpoint::new(store, name, format!("{target} {operation} {fields} {extra}")));
        Ok(self)
    }

    /// Begin to read. Must be called within a runtime.
    pub fn read(&self, client: Arc<Client>, report: Arc<Report>) -> Reading {
        let (sender, pages) = mpsc::channel(1);
        let reader = Reader::new(self, client, report);
        let wanted = reader.wanted.clone();
        Reading { pages, after: None, wanted, _task: AbortOnDropHandle::new(tokio::spawn(reader.run(sender))) }
    }
}

/// Reads one listing from its first page to its last.
struct Reader {
    client: Arc<Client>,
    operation: Arc<Operation>,
    pages: Pages,
    fields: Map,
    options: Options,
    ahead: usize,
    checkpoint: Option<Checkpoint>,
    size: Option<usize>,
    report: Arc<Report>,
    /// Another page is waited for.
    wanted: Arc<Notify>,
    seen: HashSet<u128>,
    stale_pages: usize,
}

/// One page as it came.
struct Page {
    items: Array,
    next: Option<Dynamic>,
    total: Option<usize>,
}

impl Reader {
    fn new(listing: &Listing, client: Arc<Client>, report: Arc<Report>) -> Self {
        let pages = listing.operation.pages.clone().unwrap_or_else(|| unreachable!("a listing pages"));
        let mut fields = listing.fields.clone();
        if let (Some(limit), Some(most)) = (&pages.limit, pages.at_most) {
            fields.entry(limit.as_str().into()).or_insert((most as i64).into());
        }
        let size = pages.limit.as_ref().and_then(|limit| fields.get(limit.as_str())?.as_int().ok());
        Reader {
            wanted: Arc::default(),
            operation: listing.operation.clone(),
            size: size.and_then(|size| usize::try_from(size).ok()),
            pages,
            fields,
            options: listing.options.clone(),
            ahead: if client.is_taped() { 1 } else { listing.ahead },
            client,
            checkpoint: listing.checkpoint.clone(),
            report,
            seen: HashSet::new(),
            stale_pages: 0,
        }
    }

    async fn run(mut self, sender: Receiver) {
        if let Err(error) = self.read(&sender).await {
            // Nobody listens any more when the script has left its loop.
            sender.send(Err(error)).await.ok();
        }
    }

    async fn read(&mut self, sender: &Receiver) -> Result<(), Error> {
        self.demand().await;
        let mut position = self.first().await?;
        let mut read = 0;
        loop {
            let page = self.fetch(position.clone()).await?;
            let count = page.items.len();
            read += count;
            let (next, total) = (page.next.clone(), page.total);
            let after = (!self.is_last(&page, read)).then(|| self.after(&position, count, next)).transpose();
            let known = after.as_ref().ok().cloned().flatten();
            if !self.deliver(page, known, sender).await? {
                return Ok(());
            }
            let Some(after) = after? else { return Ok(()) };
            position = after;
            let pages_left = total.map(|total| total.saturating_sub(read).div_ceil(count));
            if self.can_look_ahead(pages_left) {
                let Some(rest) = self.read_ahead(position, count, &mut read, pages_left, sender).await? else {
                    return Ok(());
                };
                position = rest;
            }
        }
    }

    /// Positions must be known in advance, and how many there are; or else a page must tell that it is the last.
    fn can_look_ahead(&self, pages_left: Option<usize>) -> bool {
        self.ahead > 1
            && matches!(self.pages.style, PageStyle::Offset | PageStyle::Page)
            && pages_left.map_or(self.pages.ends == PageEnd::ShortPage, |left| left > 0)
    }

    /// Several pages at once, handed over in order. Back comes where the list goes on, if it has grown meanwhile.
    async fn read_ahead(
        &mut self,
        first: Dynamic,
        size: usize,
        read: &mut usize,
        mut pages_left: Option<usize>,
        sender: &Receiver,
    ) -> Result<Option<Dynamic>, Error> {
        let mut position = first;
        let mut running = VecDeque::new();
        loop {
            while running.len() < self.ahead && pages_left != Some(0) {
                let after = self.after(&position, size, None)?;
                let request = self.request(std::mem::replace(&mut position, after.clone()));
                running.push_back((AbortOnDropHandle::new(tokio::spawn(request)), after));
                pages_left = pages_left.map(|left| left - 1);
            }
            let Some((page, after)) = running.pop_front() else { return Ok(Some(position)) };
            let page = page.await.map_err(|error| Error::new(Kind::Script, error.to_string()))??;
            *read += page.items.len();
            let last = self.is_last(&page, *read);
            if !self.deliver(page, (!last).then_some(after), sender).await? || last {
                return Ok(None);
            }
        }
    }

    async fn first(&self) -> Result<Dynamic, Error> {
        if let Some(checkpoint) = &self.checkpoint
            && let Some(position) = checkpoint.position().await?
            && let Ok(position) = decode(position.as_bytes())
        {
            tracing::info!(
                operation = self.operation.full_name(),
                "going on at {position}, where an earlier run stopped"
            );
            return Ok(position);
        }
        Ok(self.beginning())
    }

    fn beginning(&self) -> Dynamic {
        let given = self.fields.get(self.pages.position.as_str()).cloned();
        given.or_else(|| self.pages.first.as_ref().map(script_value)).unwrap_or_else(|| match self.pages.style {
            PageStyle::Page => 1_i64.into(),
            PageStyle::Offset | PageStyle::LastId => 0_i64.into(),
            PageStyle::Cursor => Dynamic::from(String::new()),
        })
    }

    /// The position after a page.
    fn after(&self, position: &Dynamic, count: usize, next: Option<Dynamic>) -> Result<Dynamic, Error> {
        let here = position.as_int().unwrap_or(0);
        match self.pages.style {
            PageStyle::Offset => Ok((here + count as i64).into()),
            PageStyle::Page => Ok((here + 1).into()),
            PageStyle::LastId | PageStyle::Cursor => {
                let next = next.unwrap_or(Dynamic::UNIT);
                if next.to_string() == position.to_string() { Err(self.stuck()) } else { Ok(next) }
            }
        }
    }

    fn stuck(&self) -> Error {
        Error::new(Kind::Server, "the listing does not move on: the same page came again")
            .operation(&self.operation.full_name())
            .hint("nothing was left out so far; report this to the platform")
    }

    /// A call for the page at this position, which needs nothing of the reader any more.
    fn request(&self, position: Dynamic) -> impl Future<Output = Result<Page, Error>> + use<> {
        let mut fields = self.fields.clone();
        fields.insert(self.pages.position.as_str().into(), position);
        let (client, operation, options) = (self.client.clone(), self.operation.clone(), self.options.clone());
        let pages = self.pages.clone();
        async move {
            let mut reply = client.call(&operation, fields, &options).await?;
            let next = pages.next.as_ref().and_then(|path| at(&reply, path)).filter(|next| !is_empty(next));
            let total = pages.total.as_ref().and_then(|path| at(&reply, path)?.as_int().ok());
            let items = pages.items.iter().find_map(|path| take(&mut reply, path)).unwrap_or_default();
            Ok(Page { items, next, total: total.and_then(|total| usize::try_from(total).ok()) })
        }
    }

    async fn fetch(&self, position: Dynamic) -> Result<Page, Error> {
        self.request(position).await
    }

    fn is_last(&self, page: &Page, read: usize) -> bool {
        let short = self.size.is_some_and(|size| page.items.len() < size);
        let needs_next = matches!(self.pages.style, PageStyle::LastId | PageStyle::Cursor);
        page.items.is_empty()
            || (needs_next && page.next.is_none())
            || match self.pages.ends {
                PageEnd::ShortPage => short,
                PageEnd::EmptyPage | PageEnd::NoNext => false,
                PageEnd::Total => page.total.is_some_and(|total| read >= total),
            }
    }

    /// Hand a page over, each item once. False when nobody wants more.
    async fn deliver(&mut self, page: Page, after: Option<Dynamic>, sender: &Receiver) -> Result<bool, Error> {
        let before = page.items.len();
        let fresh: Array = page.items.into_iter().filter(|item| self.is_new(item)).collect();
        self.report.pages.fetch_add(1, Ordering::Relaxed);
        self.report.items.fetch_add(fresh.len(), Ordering::Relaxed);
        self.report.repeated.fetch_add(before - fresh.len(), Ordering::Relaxed);
        if fresh.is_empty() {
            // One page of known items is a list that moved; two are a list that stands still.
            self.stale_pages += usize::from(before > 0);
            return if self.stale_pages > 1 { Err(self.stuck()) } else { Ok(!sender.is_closed()) };
        }
        self.stale_pages = 0;
        let sent = sender.send(Ok((fresh, after))).await.is_ok();
        self.demand().await;
        Ok(sent)
    }

    /// A run that is recorded or replayed reads no page before it is waited for.
    async fn demand(&self) {
        if self.client.is_taped() {
            self.wanted.notified().await;
        }
    }

    fn is_new(&mut self, item: &Dynamic) -> bool {
        let Ok(fields) = item.as_map_ref() else { return true };
        fingerprint(&fields, &self.pages.id).is_none_or(|id| self.seen.insert(id))
    }
}

fn is_empty(next: &Dynamic) -> bool {
    next.is_unit() || next.as_immutable_string_ref().is_ok_and(|text| text.is_empty())
}

/// 128 bits of an item's id, if it has one: a list of millions of items takes tens of megabytes, and no two ids meet.
fn fingerprint(fields: &Map, id: &[String]) -> Option<u128> {
    if id.is_empty() {
        return None;
    }
    let (mut high, mut low) = (DefaultHasher::new(), DefaultHasher::new());
    low.write_u8(1);
    for name in id {
        let value = fields.get(name.as_str())?;
        if let Ok(number) = value.as_int() {
            high.write_i64(number);
            low.write_i64(number);
        } else {
            let text = value.as_immutable_string_ref().map_or_else(|_| value.to_string().into(), |text| text.clone());
            text.as_str().hash(&mut high);
            text.as_str().hash(&mut low);
        }
    }
    Some(u128::from(high.finish()) << 64 | u128::from(low.finish()))
}

/// Take the array at a path out of a reply.
fn take(reply: &mut Map, path: &str) -> Option<Array> {
    match path.split_once('.') {
        None => reply.get_mut(path)?.take().try_cast(),
        Some((first, rest)) => {
            let mut inner = reply.get_mut(first)?.as_map_mut().ok()?;
            take(&mut inner, rest)
        }
    }
}
