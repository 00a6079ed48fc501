//! Counts the calls of this process, and warns before those of a day reach their limit. Nothing is held back by it: the
//! platform counts the calls of other programs, too, and has the last word.

use crate::{
    Error,
    catalog::{Catalog, Operation, Scope},
    lock::lock,
    store::{Store, Used},
};
use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, offset},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const CHINA: Offset = offset(8);
/// In seconds.
const DAY: u64 = 86_400;
/// Counts are written after so long.
const PERIOD: Duration = Duration::from_secs(5);
/// A warning is given when so many percent are used.
const SHARES: [i64; 2] = [95, 80];

/// An account and an operation.
type Caller = (String, String);

/// Gathers counts, and writes them when it is told to.
#[derive(Debug)]
pub struct Meter {
    catalog: Arc<Catalog>,
    fresh: Mutex<BTreeMap<Date, HashMap<Caller, i64>>>,
    /// Whose gauges stand for something.
    shown: Mutex<BTreeSet<Caller>>,
}

/// What the platforms count as one day begins at midnight in China.
pub fn day_of(moment: Timestamp) -> Date {
    CHINA.to_datetime(moment).date()
}

/// When the next day begins, and counts are naught again.
pub fn end_of(day: Date) -> Timestamp {
    let midnight = day.tomorrow().map(|tomorrow| tomorrow.at(0, 0, 0, 0));
    midnight.and_then(|midnight| CHINA.to_timestamp(midnight)).unwrap_or(Timestamp::MAX)
}

/// So many calls of an operation one account may make a day, if that is known.
pub fn daily_limit(operation: &Operation) -> Option<i64> {
    let of_day = operation.quota.iter().filter(|quota| quota.seconds == DAY && quota.scope == Scope::Account);
    of_day.map(|quota| i64::try_from(quota.calls).unwrap_or(i64::MAX)).min()
}

impl Meter {
    /// One that has counted nothing.
    pub fn new(catalog: &Arc<Catalog>) -> Meter {
        Meter { catalog: catalog.clone(), fresh: Mutex::default(), shown: Mutex::default() }
    }

    /// So many requests were sent for a call that began then.
    pub fn count(&self, account: &str, operation: &str, began: Timestamp, sent: u32) {
        if sent > 0 {
            let caller = (account.to_owned(), operation.to_owned());
            let mut fresh = lock(&self.fresh);
            *fresh.entry(day_of(began)).or_default().entry(caller).or_default() += i64::from(sent);
        }
    }

    /// Write what was counted since the last time. What cannot be written is kept for the next.
    pub async fn write(&self, store: &Store) -> Result<(), Error> {
        let fresh = std::mem::take(&mut *lock(&self.fresh));
        let mut outcome = Ok(());
        for (day, counts) in fresh {
            let used: Vec<_> = counts.iter().map(used).collect();
            match store.count(day, &used).await {
                Ok(totals) if day == today() => totals.iter().for_each(|total| self.tell(total, &counts)),
                Ok(_) => {}
                Err(error) => {
                    let mut fresh = lock(&self.fresh);
                    let kept = fresh.entry(day).or_default();
                    counts.into_iter().for_each(|(caller, calls)| *kept.entry(caller).or_default() += calls);
                    outcome = Err(error);
                }
            }
        }
        outcome
    }

    /// Write every few seconds, and once more at the end.
    pub async fn keep_written(self: Arc<Self>, store: Arc<Store>, stop: CancellationToken) {
        let (mut day, mut failing) = (today(), false);
        while stop.run_until_cancelled(tokio::time::sleep(PERIOD)).await.is_some() {
            let written = self.write(&store).await;
            if let Err(error) = &written
                && !failing
            {
                tracing::warn!("calls are not counted: {error}");
            }
            failing = written.is_err();
            if std::mem::replace(&mut day, today()) != today() {
                self.begin_anew();
            }
        }
        if let Err(error) = self.write(&store).await {
            tracing::warn!("the last calls were not counted: {error}");
        }
    }

    /// Show what is left of today by the gauge `juben_quota_left`, also where other processes have used it.
    pub async fn show(&self, store: &Store) -> Result<(), Error> {
        for used in store.counted(today()).await? {
            self.show_left(&used.account, &used.operation, used.calls);
        }
        Ok(())
    }

    /// What is known of a caller now: for the gauge, and as a warning when it has just passed a share of its limit.
    fn tell(&self, total: &Used, added: &HashMap<Caller, i64>) {
        let Used { account, operation, calls } = total;
        let Some(limit) = self.show_left(account, operation, *calls) else { return };
        let before = calls - added.get(&(account.clone(), operation.clone())).unwrap_or(&0);
        if let Some(share) = passed(before, *calls, limit) {
            tracing::warn!(operation, account, "{share} % of the calls of today are used: {calls} of {limit}");
        }
    }

    /// The result is the limit, if there is one.
    fn show_left(&self, account: &str, operation: &str, calls: i64) -> Option<i64> {
        let limit = daily_limit(&*self.catalog.find(operation)?)?;
        let labels = [("account", account.to_owned()), ("operation", operation.to_owned())];
        metrics::gauge!("juben_quota_left", &labels).set((limit - calls).max(0) as f64);
        lock(&self.shown).insert((account.to_owned(), operation.to_owned()));
        Some(limit)
    }

    /// A day has begun.
    fn begin_anew(&self) {
        let shown = lock(&self.shown).clone();
        for (account, operation) in shown {
            self.show_left(&account, &operation, 0);
        }
    }
}

fn used(((account, operation), calls): (&Caller, &i64)) -> Used {
    Used { account: account.clone(), operation: operation.clone(), calls: *calls }
}

/// The share of the limit that was passed on the way, in percent.
fn passed(before: i64, now: i64, limit: i64) -> Option<i64> {
    let is_reached = |calls: i64, share: i64| i128::from(calls) * 100 >= i128::from(limit) * i128::from(share);
    SHARES.into_iter().find(|share| is_reached(now, *share) && !is_reached(before, *share))
}

fn today() -> Date {
    day_of(Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_one_of_china() {
        let day = day_of(at("2026-11-22T15:59:59Z"));
        assert_eq!(day.to_string(), "2026-11-22");
        assert_eq!(end_of(day), at("2026-11-22T16:00:00Z"));
        assert_eq!(day_of(end_of(day)).to_string(), "2026-11-23");
    }

    #[test]
    fn limits_of_a_day_are_those_of_the_catalog() {
        let catalog = Catalog::builtin();
        let limit = |name: &str| daily_limit(&catalog.find(name).unwrap());
        assert_eq!(limit("novel.add_book_auth"), Some(1_000_000));
        assert_eq!((limit("drama.list_media"), limit("polyv.v2_list_new")), (None, None));
    }

    #[test]
    fn the_highest_share_that_was_passed_is_told() {
        assert_eq!(passed(0, 79, 100), None);
        assert_eq!(passed(79, 80, 100), Some(80));
        assert_eq!(passed(80, 94, 100), None);
        assert_eq!(passed(10, 99, 100), Some(95));
        assert_eq!(passed(95, 120, 100), None);
    }

    proptest! {
        #[test]
        fn each_share_is_told_once_however_many_calls_come_at_a_time(steps in prop::collection::vec(0_i64..40, 1..80)) {
            let (mut used, mut told) = (0, Vec::new());
            for step in steps {
                told.extend(passed(used, used + step, 500));
                used += step;
            }
            let highest = SHARES.into_iter().find(|share| used * 100 >= 500 * share);
            prop_assert_eq!(told.last().copied(), highest);
            prop_assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", told);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("state"), "no folder").unwrap();
        let meter = Meter::new(&Catalog::builtin());
        meter.count("main", "drama.list_media", Timestamp::now(), 2);
        meter.write(&Store::at(folder.path().join("state"))).await.unwrap_err();
        meter.count("main", "drama.list_media", Timestamp::now(), 1);
        let store = Store::in_memory();
        meter.write(&store).await.unwrap();
        assert_eq!(store.counted(today()).await.unwrap()[0].calls, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn counts_are_written_every_few_seconds_and_at_the_end() {
        let (store, stop) = (Arc::new(Store::in_memory()), CancellationToken::new());
        let meter = Arc::new(Meter::new(&Catalog::builtin()));
        // Opened before, as time does not pass by itself.
        store.counted(today()).await.unwrap();
        let writes = tokio::spawn(meter.clone().keep_written(store.clone(), stop.clone()));
        meter.count("main", "drama.list_media", Timestamp::now(), 2);
        while store.counted(today()).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        meter.count("main", "drama.list_media", Timestamp::now(), 5);
        stop.cancel();
        writes.await.unwrap();
        assert_eq!(store.counted(today()).await.unwrap()[0].calls, 7);
    }
}
