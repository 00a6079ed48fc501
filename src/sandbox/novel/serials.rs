//! Serial numbers in ascending order: a list that finds any of its pages at once.

#[derive(Debug, Default)]
pub(super) struct Serials(Vec<i64>);

impl Serials {
    pub fn all(&self) -> &[i64] {
        &self.0
    }

    /// A number that is there already stays there once.
    pub fn insert(&mut self, serial: i64) {
        if let Err(place) = self.0.binary_search(&serial) {
            self.0.insert(place, serial);
        }
    }

    pub fn remove(&mut self, serial: i64) {
        if let Ok(place) = self.0.binary_search(&serial) {
            self.0.remove(place);
        }
    }
}
