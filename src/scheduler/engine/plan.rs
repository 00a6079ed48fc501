//! When each job is due next.

use crate::{
    scheduler::{
        due::{self, Due, Fate, Times},
        job::Job,
    },
    store::{DueRow, Known},
};
use jiff::Timestamp;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

/// The due times of so many jobs are accepted in one change of the store.
const AT_ONCE: usize = 1000;

/// All jobs, and the times at which they are due next.
#[derive(Debug, Default)]
pub(super) struct Plan {
    jobs: Vec<Planned>,
    places: HashMap<String, usize>,
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
}

/// A job and how far it has come.
#[derive(Debug)]
pub(super) struct Planned {
    pub job: Arc<Job>,
    pub streak: i64,
    accepted_until: Timestamp,
    /// By a person, besides by its definition.
    paused: bool,
    /// When it is due next.
    next: Option<Timestamp>,
}

impl Planned {
    fn is_paused(&self) -> bool {
        self.paused || self.job.rules.paused
    }

    fn is_due_like(&self, job: &Job, accepted_until: Timestamp) -> bool {
        self.accepted_until == accepted_until && self.job.trigger.written() == job.trigger.written()
    }
}

impl Plan {
    /// The plan of these jobs, as the store knows them. When one was due next before and is due by the same patterns, it
    /// is not reckoned again.
    pub fn new(jobs: Vec<Job>, known: Vec<Known>, before: &Plan) -> Plan {
        let mut known: HashMap<String, Known> = known.into_iter().map(|known| (known.name.clone(), known)).collect();
        let mut plan = Plan::default();
        for job in jobs {
            let Some(known) = known.remove(&job.name) else { continue };
            let (place, accepted_until) = (plan.jobs.len(), known.accepted_until);
            let same = before.job(&known.name).filter(|it| it.is_due_like(&job, accepted_until));
            let next = same.map_or_else(|| Times::of(&job).next(accepted_until), |same| same.next);
            plan.next.extend(next.map(|due| Reverse((due, place))));
            plan.places.insert(known.name, place);
            let (job, streak, paused) = (Arc::new(job), known.streak, known.paused);
            plan.jobs.push(Planned { job, streak, accepted_until, paused, next });
        }
        plan
    }

    /// The job of that name.
    pub fn job(&self, name: &str) -> Option<&Planned> {
        self.places.get(name).map(|place| &self.jobs[*place])
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.next.peek().map(|Reverse((due, _))| *due)
    }

    /// All of them.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().map(|planned| &*planned.job)
    }

    /// Take out jobs that are due, to be planned again.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<usize> {
        let mut places = Vec::new();
        while places.len() < AT_ONCE && self.next().is_some_and(|due| due <= now) {
            places.extend(self.next.pop().map(|Reverse((_, place))| place));
        }
        places
    }

    /// The due times of these jobs that have come.
    pub fn due(&self, places: &[usize], now: Timestamp) -> Vec<(&str, Due)> {
        let of = |place: &usize| {
            let Planned { job, accepted_until, .. } = &self.jobs[*place];
            let due = due::due(job, self.jobs[*place].is_paused(), *accepted_until, now);
            due.into_iter().map(|due| (job.name.as_str(), due))
        };
        places.iter().flat_map(of).collect()
    }

    /// The names of these jobs.
    pub fn names(&self, places: &[usize]) -> Vec<&str> {
        places.iter().map(|place| self.jobs[*place].job.name.as_str()).collect()
    }

    /// All due times of these jobs up to there have their rows.
    pub fn accepted(&mut self, places: &[usize], until: Timestamp) {
        for place in places {
            let accepted = &mut self.jobs[*place].accepted_until;
            *accepted = until.max(*accepted);
        }
    }

    /// Plan jobs that were taken out.
    pub fn put_back(&mut self, places: &[usize]) {
        for place in places {
            let planned = &mut self.jobs[*place];
            planned.next = Times::of(&planned.job).next(planned.accepted_until);
            self.next.extend(planned.next.map(|due| Reverse((due, *place))));
        }
    }

    /// Runs of a job in a row ended alike, so many by now.
    pub fn set_streak(&mut self, name: &str, streak: i64) {
        if let Some(place) = self.places.get(name) {
            self.jobs[*place].streak = streak;
        }
    }

    /// These jobs were paused by a person, and no others.
    pub fn set_paused(&mut self, names: &[String]) {
        self.jobs.iter_mut().for_each(|planned| planned.paused = false);
        for place in names.iter().filter_map(|name| self.places.get(name)) {
            self.jobs[*place].paused = true;
        }
    }
}

/// The row of a due time.
pub(super) fn row<'a>(job: &'a str, due: &Due) -> DueRow<'a> {
    let (state, reason, not_before) = match due.fate {
        Fate::Runs(not_before) => ("waiting", None, not_before),
        Fate::Skipped(reason) => ("skipped", Some(reason), due.at),
        Fate::Missed(reason) => ("missed", Some(reason), due.at),
    };
    DueRow {
        job,
        mark: due.at.to_string(),
        due: due.at.as_millisecond(),
        state,
        reason,
        not_before: not_before.as_millisecond(),
        times: due.times,
        until: due.until.map(Timestamp::as_millisecond),
    }
}
