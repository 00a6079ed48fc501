//! Grants, in the order in which they were given, until they end.

use super::serials::Serials;
use super::text::Text;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Looks in a reply as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// Empty for a grant of all books of the grantor.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub book_id: Text,
    #[serde(rename = "grantor_appid")]
    pub grantor: Text,
    #[serde(rename = "grantee_appid")]
    pub grantee: Text,
    pub expire_time: i64,
}

/// Written down as a list of grants.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Grant>")]
pub(super) struct Ledger {
    rows: BTreeMap<i64, Grant>,
    /// By what is granted and to whom.
    places: HashMap<[Text; 2], i64>,
    given: HashMap<Text, Serials>,
    received: HashMap<Text, Serials>,
    /// When a grant ends, and which.
    ends: BTreeSet<(i64, i64)>,
    newest: i64,
}

impl Grant {
    /// The book, or the account whose books are granted.
    fn what(&self) -> &str {
        if self.book_id.is_empty() { &self.grantor } else { &self.book_id }
    }
}

impl Ledger {
    /// A grant of the same to the same account is replaced where it stands.
    pub fn put(&mut self, grant: Grant) {
        let key = [grant.what().into(), grant.grantee.clone()];
        let serial = *self.places.entry(key).or_insert(self.newest + 1);
        self.newest = self.newest.max(serial);
        self.given.entry(grant.grantor.clone()).or_default().insert(serial);
        self.received.entry(grant.grantee.clone()).or_default().insert(serial);
        self.ends.insert((grant.expire_time, serial));
        if let Some(old) = self.rows.insert(serial, grant.clone())
            && old.expire_time != grant.expire_time
        {
            self.ends.remove(&(old.expire_time, serial));
        }
    }

    /// Whether there was such a grant.
    pub fn remove(&mut self, what: &str, grantee: &str) -> bool {
        let serial = self.places.get(&[what.into(), grantee.into()]).copied();
        serial.is_some_and(|serial| self.drop_row(serial))
    }

    pub fn remove_book(&mut self, book_id: &str, grantor: &str) {
        for serial in self.of_book(self.given_by(grantor), book_id) {
            self.drop_row(serial);
        }
    }

    /// Let go of what has ended by now.
    pub fn expire(&mut self, now: i64) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, serial)) = self.ends.pop_first() {
                self.drop_row(serial);
            }
        }
    }

    fn drop_row(&mut self, serial: i64) -> bool {
        let Some(grant) = self.rows.remove(&serial) else { return false };
        self.places.remove(&[grant.what().into(), grant.grantee.clone()]);
        for (side, appid) in [(&mut self.given, &grant.grantor), (&mut self.received, &grant.grantee)] {
            if let Some(serials) = side.get_mut(appid) {
                serials.remove(serial);
            }
        }
        self.ends.remove(&(grant.expire_time, serial));
        true
    }

    /// Until when this account may use that book, or the books of that account.
    pub fn end_of(&self, what: &str, grantee: &str) -> Option<i64> {
        let serial = self.places.get(&[what.into(), grantee.into()])?;
        self.rows.get(serial).map(|grant| grant.expire_time)
    }

    /// Those that end by then.
    pub fn ending(&self, by: i64) -> impl Iterator<Item = &Grant> {
        self.ends.range(..=(by, i64::MAX)).filter_map(|(_, serial)| self.rows.get(serial))
    }

    pub fn given_by(&self, appid: &str) -> &[i64] {
        self.given.get(appid).map_or(&[], Serials::all)
    }

    pub fn received_by(&self, appid: &str) -> &[i64] {
        self.received.get(appid).map_or(&[], Serials::all)
    }

    /// Those of one book.
    pub fn of_book(&self, serials: &[i64], book_id: &str) -> Vec<i64> {
        let meant = |serial: &i64| self.rows.get(serial).is_some_and(|grant| *grant.book_id == *book_id);
        serials.iter().copied().filter(meant).collect()
    }

    pub fn numbered(&self, serials: &[i64]) -> impl Iterator<Item = &Grant> {
        serials.iter().filter_map(|serial| self.rows.get(serial))
    }
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.values())
    }
}

impl From<Vec<Grant>> for Ledger {
    fn from(grants: Vec<Grant>) -> Self {
        let mut ledger = Ledger::default();
        grants.into_iter().for_each(|grant| ledger.put(grant));
        ledger
    }
}
