//! All books, found by their id, by their owner's key and by their place in a list.

use super::book::{Book, Edition, Review, Status};
use super::serials::Serials;
use super::text::Text;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Written down as a list of books, in the order of their creation.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Vec<Book>")]
pub(super) struct Library {
    /// By serial number.
    books: BTreeMap<i64, Box<Book>>,
    newest: i64,
    ids: HashMap<Text, i64>,
    /// By owner.
    shelves: HashMap<Text, Shelf>,
    /// When a book was submitted, and which.
    in_review: BTreeSet<(i64, i64)>,
}

/// The books of one owner.
#[derive(Debug, Default)]
struct Shelf {
    all: Serials,
    released: Serials,
    keys: HashMap<Text, i64>,
}

impl Library {
    /// Its serial number grows when a newer book is there already.
    pub fn add(&mut self, mut book: Book) {
        book.serial = book.serial.max(self.newest.saturating_add(1));
        self.newest = book.serial;
        self.ids.insert(book.id.clone(), book.serial);
        let shelf = self.shelves.entry(book.owner.clone()).or_default();
        shelf.all.insert(book.serial);
        if book.released().is_some() {
            shelf.released.insert(book.serial);
        }
        if !book.original_id.is_empty() {
            shelf.keys.insert(book.original_id.clone(), book.serial);
        }
        if let Some(review) = book.edit.review.as_ref().filter(|review| review.status == Status::InReview) {
            self.in_review.insert((review.submitted, book.serial));
        }
        self.books.insert(book.serial, Box::new(book));
    }

    /// A book that is not under review.
    pub fn remove(&mut self, serial: i64) {
        let Some(book) = self.books.remove(&serial) else { return };
        self.ids.remove(&book.id);
        if let Some(shelf) = self.shelves.get_mut(&book.owner) {
            shelf.all.remove(serial);
            shelf.released.remove(serial);
            shelf.keys.remove(&book.original_id);
        }
    }

    pub fn by_id(&self, id: &str) -> Option<&Book> {
        self.books.get(self.ids.get(id)?).map(AsRef::as_ref)
    }

    pub fn by_key(&self, owner: &str, key: &str) -> Option<&Book> {
        self.books.get(self.shelves.get(owner)?.keys.get(key)?).map(AsRef::as_ref)
    }

    /// The serial numbers of an owner's books, in ascending order.
    pub fn of(&self, owner: &str) -> &[i64] {
        self.shelves.get(owner).map_or(&[], |shelf| shelf.all.all())
    }

    pub fn released_of(&self, owner: &str) -> &[i64] {
        self.shelves.get(owner).map_or(&[], |shelf| shelf.released.all())
    }

    pub fn numbered(&self, serials: &[i64]) -> impl Iterator<Item = &Book> {
        serials.iter().filter_map(|serial| self.books.get(serial)).map(AsRef::as_ref)
    }

    /// Change the edit version of a book, which then needs a new submission.
    pub fn change(&mut self, serial: i64, change: impl FnOnce(&mut Edition)) {
        if let Some(book) = self.books.get_mut(&serial) {
            change(book.draft());
        }
    }

    pub fn submit(&mut self, serial: i64, now: i64) {
        let review = Review { status: Status::InReview, submitted: now, ..Review::default() };
        self.change(serial, |edit| {
            edit.chapters.iter_mut().for_each(|chapter| chapter.review = Some(review.clone()));
            edit.review = Some(review);
        });
        self.in_review.insert((now, serial));
    }

    /// When the longest waiting book was submitted.
    pub fn longest_in_review(&self) -> Option<i64> {
        self.in_review.first().map(|(submitted, _)| *submitted)
    }

    /// End the review of the longest waiting book.
    pub fn end_review(&mut self, decide: impl FnOnce(&mut Book)) -> Option<&Book> {
        let (_, serial) = self.in_review.pop_first()?;
        let book = self.books.get_mut(&serial)?;
        decide(book);
        if let Some(shelf) = self.shelves.get_mut(&book.owner)
            && book.released().is_some()
        {
            shelf.released.insert(serial);
        }
        Some(book)
    }
}

impl Serialize for Library {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.books.values())
    }
}

impl TryFrom<Vec<Book>> for Library {
    type Error = String;

    fn try_from(books: Vec<Book>) -> Result<Self, String> {
        let mut library = Library::default();
        for book in books {
            match library.by_id(&book.id) {
                _ if book.id.is_empty() || book.owner.is_empty() => {
                    return Err(format!("the book {:?} needs an id and an owner", &*book.edit.title));
                }
                Some(_) => return Err(format!("two books have the id {:?}", &*book.id)),
                None => library.add(book),
            }
        }
        Ok(library)
    }
}
