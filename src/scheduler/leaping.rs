//! A time that leaps over every wait: it moves on when all who are present wait.
//!
//! They are woken one by one, by when they wait for and then by who began first, and the next is woken only when the one
//! before waits again or has gone. So the same things happen in the same order every time.

use super::clock::{Clock, Presence};
use crate::lock::lock;
use futures_util::future::{BoxFuture, FutureExt};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
};
use tokio::sync::Notify;

/// Who waits by something else than this time, such as a message, has so many turns to notice it before time moves on.
const TURNS: usize = 3;

/// A time that passes only while [`Leaping::pass`] lets it. Who waits by it must be present: it has entered.
#[derive(Debug, Clone)]
pub struct Leaping(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Somebody came, went, or began to wait.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    present: usize,
    /// Who waits, in the order in which they are woken.
    waits: BTreeMap<Key, Waker>,
    /// The waits that have begun.
    begun: u64,
    /// What has changed, counted.
    changes: u64,
}

/// When a wait ends, and how many had begun before it.
type Key = (Timestamp, u64);

/// One who may wait in several places at once, and waits while it does so in any of them.
#[derive(Debug, Clone)]
pub struct One {
    clock: Leaping,
    /// In how many places.
    places: Arc<AtomicUsize>,
}

impl Leaping {
    /// It is `start` now.
    pub fn starting(start: Timestamp) -> Leaping {
        let state = State { now: start, present: 0, waits: BTreeMap::new(), begun: 0, changes: 0 };
        Leaping(Arc::new(Shared { state: Mutex::new(state), changed: Notify::new() }))
    }

    /// Let time pass, for ever. Before somebody wakes, `tell` hears from when to when time has moved.
    pub async fn pass(&self, mut tell: impl FnMut(Timestamp, Timestamp)) {
        loop {
            self.all_wait().await;
            let Some((from, to)) = self.state().move_on() else { continue };
            if from < to {
                tell(from, to);
            }
            let woken = self.state().waits.pop_first();
            woken.into_iter().for_each(|(_, waker)| waker.wake());
        }
    }

    /// One who is counted once, wherever it waits. Whether it is present, [`Clock::enter`] says.
    pub fn one(&self) -> One {
        One { clock: self.clone(), places: Arc::default() }
    }

    async fn all_wait(&self) {
        loop {
            let Some(seen) = self.state().if_all_wait() else {
                self.0.changed.notified().await;
                continue;
            };
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            if self.state().if_all_wait() == Some(seen) {
                return;
            }
        }
    }

    fn wait(&self, until: Timestamp, places: Option<Arc<AtomicUsize>>) -> Wait {
        Wait { clock: self.clone(), until, key: None, places }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.changes += 1;
        self.0.changed.notify_one();
    }
}

impl One {
    /// Wait until then.
    pub fn sleep_until(&self, moment: Timestamp) -> BoxFuture<'static, ()> {
        self.clock.wait(moment, Some(self.places.clone())).boxed()
    }
}

impl State {
    /// What has changed so far, if nobody works.
    fn if_all_wait(&self) -> Option<u64> {
        (!self.waits.is_empty() && self.waits.len() >= self.present).then_some(self.changes)
    }

    /// It is later now, if somebody waits for that: from when to when.
    fn move_on(&mut self) -> Option<(Timestamp, Timestamp)> {
        let (until, _) = *self.waits.first_key_value()?.0;
        let from = self.now;
        self.now = from.max(until);
        Some((from, self.now))
    }
}

impl Clock for Leaping {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn sleep_until(&self, moment: Timestamp) -> BoxFuture<'static, ()> {
        self.wait(moment, None).boxed()
    }

    fn enter(&self) -> Presence {
        self.change(|state| state.present += 1);
        Presence::of(Guard(self.clone()))
    }
}

struct Guard(Leaping);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.change(|state| state.present -= 1);
    }
}

/// A wait. It begins when it is polled first.
struct Wait {
    clock: Leaping,
    until: Timestamp,
    key: Option<Key>,
    places: Option<Arc<AtomicUsize>>,
}

impl Wait {
    fn begin(&mut self, waker: Waker) {
        self.clock.clone().change(|state| {
            let key = *self.key.insert((self.until, state.begun));
            state.begun += 1;
            state.waits.insert(key, waker);
            // Who waits in a second place already counts as one who waits: this wait brings its own presence along.
            if self.places.as_ref().is_some_and(|places| places.fetch_add(1, Relaxed) > 0) {
                state.present += 1;
            }
        });
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        if let Some(key) = self.key {
            let mut state = clock.state();
            return match state.waits.get_mut(&key) {
                Some(waker) => {
                    waker.clone_from(context.waker());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            };
        }
        if self.until <= clock.now() {
            return Poll::Ready(());
        }
        self.begin(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let places = self.places.take();
        self.clock.change(|state| {
            state.waits.remove(&key);
            if places.is_some_and(|places| places.fetch_sub(1, Relaxed) > 1) {
                state.present -= 1;
            }
        });
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("until", &self.until).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use tokio::{sync::mpsc, task::JoinSet};

    fn start() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn after(milliseconds: u64) -> SignedDuration {
        SignedDuration::from_millis(milliseconds as i64)
    }

    /// From when to when time has moved.
    type Moves = Vec<(Timestamp, Timestamp)>;

    /// Do this while time passes; what was told of time.
    fn pass<T>(clock: &Leaping, work: impl Future<Output = T>) -> (T, Moves) {
        let mut told = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(async {
            tokio::select! {
                done = work => done,
                () = clock.pass(|from, to| told.push((from, to))) => unreachable!("time passes for ever"),
            }
        });
        (done, told)
    }

    /// Who waits so long, time after time; the moments at which each woke, in the order in which they did.
    fn woken(waiters: &[Vec<u64>]) -> (Vec<(usize, Timestamp)>, Moves) {
        let clock = Leaping::starting(start());
        pass(&clock, async {
            let (tell, mut heard) = mpsc::unbounded_channel();
            let mut tasks = JoinSet::new();
            for (name, waits) in waiters.iter().cloned().enumerate() {
                let (clock, tell, here) = (clock.clone(), tell.clone(), clock.enter());
                tasks.spawn(async move {
                    let _here = here;
                    for length in waits {
                        let until = clock.now() + after(length);
                        clock.sleep_until(until).await;
                        assert_eq!(clock.now(), until);
                        tell.send((name, clock.now())).unwrap();
                    }
                });
            }
            drop(tell);
            tasks.join_all().await;
            let mut woken = Vec::new();
            while let Some(one) = heard.recv().await {
                woken.push(one);
            }
            woken
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn everybody_wakes_at_his_time_in_order_and_alike_every_time(
            waiters in prop::collection::vec(prop::collection::vec(0_u64..5_000, 0..8), 0..8),
        ) {
            let (order, told) = woken(&waiters);
            prop_assert_eq!(order.len(), waiters.iter().map(Vec::len).sum::<usize>());
            prop_assert!(order.is_sorted_by_key(|(_, at)| *at));
            prop_assert!(told.iter().all(|(from, to)| from < to));
            prop_assert!(told.windows(2).all(|pair| pair[0].1 == pair[1].0), "no time between two steps is left out");
            for (name, waits) in waiters.iter().enumerate() {
                let mut until = start();
                let expected: Vec<_> = waits.iter().map(|length| { until += after(*length); until }).collect();
                let own: Vec<_> = order.iter().filter(|it| it.0 == name).map(|it| it.1).collect();
                prop_assert_eq!(own, expected);
            }
            prop_assert_eq!(woken(&waiters), (order, told));
        }
    }

    #[test]
    fn time_stands_still_while_one_who_is_present_works() {
        let clock = Leaping::starting(start());
        let (steps, _) = pass(&clock, async {
            let (working, _here) = (clock.enter(), clock.enter());
            let sleeper = tokio::spawn(clock.sleep_until(start() + after(1_000)));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let before = (clock.now(), sleeper.is_finished());
            drop(working);
            sleeper.await.unwrap();
            (before, clock.now())
        });
        assert_eq!(steps, ((start(), false), start() + after(1_000)));
    }

    #[test]
    fn a_wait_that_is_given_up_is_not_waited_for() {
        let clock = Leaping::starting(start());
        let (now, told) = pass(&clock, async {
            let _here = clock.enter();
            tokio::select! {
                biased;
                () = clock.sleep_until(start() + after(500)) => {}
                () = tokio::task::yield_now() => {}
            }
            clock.sleep_until(start() + after(9_000)).await;
            clock.now()
        });
        assert_eq!((now, told), (start() + after(9_000), vec![(start(), start() + after(9_000))]));
    }

    #[test]
    fn a_message_on_its_way_comes_before_time_moves_on() {
        let clock = Leaping::starting(start());
        let (heard, _) = pass(&clock, async {
            let (tell, mut messages) = mpsc::unbounded_channel();
            let (worker, here) = (clock.clone(), clock.enter());
            tokio::spawn(async move {
                let _here = here;
                worker.sleep_until(start() + after(100)).await;
                tell.send(()).unwrap();
            });
            let _here = clock.enter();
            tokio::select! {
                _ = messages.recv() => clock.now(),
                () = clock.sleep_until(start() + after(60_000)) => clock.now(),
            }
        });
        assert_eq!(heard, start() + after(100));
    }

    #[test]
    fn one_who_waits_in_many_places_does_not_make_up_for_another_who_works() {
        let clock = Leaping::starting(start());
        let (steps, _) = pass(&clock, async {
            let (working, _here) = (clock.enter(), clock.enter());
            let one = clock.one();
            let places = [300, 100, 200].map(|length| tokio::spawn(one.sleep_until(start() + after(length))));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            let before = clock.now();
            drop(working);
            for place in places {
                place.await.unwrap();
            }
            (before, clock.now())
        });
        assert_eq!(steps, (start(), start() + after(300)));
    }
}
