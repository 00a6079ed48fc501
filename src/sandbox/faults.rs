//! Faults that the next calls meet.

use crate::catalog::Catalog;
use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// Something that goes wrong with the next calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `novel.list_books`; any operation when left out.
    #[serde(default)]
    pub operation: Option<String>,
    /// How many calls meet it.
    #[serde(default = "once")]
    pub times: u32,
    /// The share of the matching calls that meet it, 0 to 1, drawn by the sandbox's seed; all when left out.
    #[serde(default = "all")]
    pub rate: f64,
    /// What happens.
    pub kind: FaultKind,
    /// The code of [`FaultKind::Errcode`].
    #[serde(default = "busy")]
    pub code: i64,
    /// The HTTP status of [`FaultKind::Http`] and [`FaultKind::Html`].
    #[serde(default)]
    pub status: Option<u16>,
    /// The seconds of [`FaultKind::Slow`] and [`FaultKind::SlowBody`].
    #[serde(default)]
    pub seconds: f64,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is refused with a code; it has no effect.
    Errcode,
    /// An HTTP status without a body that means anything, 502 if none is given; it has no effect.
    Http,
    /// A page for people in place of JSON; it has no effect.
    Html,
    /// The connection closes; the call has no effect.
    ResetBefore,
    /// The call is done, then the connection closes without an answer.
    ResetAfter,
    /// The call is done, but only half of the answer arrives.
    Truncate,
    /// The call is done, but its answer takes some seconds.
    Slow,
    /// The call is done and its answer begins at once, but takes some seconds to arrive, piece by piece.
    SlowBody,
    /// The call is done once, and its answer arrives twice.
    Twice,
    /// There is no answer until the caller gives up; the call has no effect.
    Hang,
    /// An answer that does not end before two gigabytes; the call has no effect.
    Huge,
}

fn once() -> u32 {
    1
}

fn all() -> f64 {
    1.0
}

fn busy() -> i64 {
    -1
}

impl Fault {
    /// Whether a call can ever meet it.
    pub fn check(&self, catalog: &Catalog) -> Result<(), String> {
        if let Some(name) = self.operation.as_deref().filter(|name| catalog.find(name).is_none()) {
            let near = catalog.nearest(name).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            return Err(format!("there is no operation {name}{near}"));
        }
        if !(self.rate > 0.0 && self.rate <= 1.0) || self.times == 0 {
            return Err(format!("no call meets it: its rate is {}, and times is {}", self.rate, self.times));
        }
        if !(0.0..=86_400.0).contains(&self.seconds) {
            return Err(format!("its seconds are {}; they must be 0 to 86400", self.seconds));
        }
        match self.status {
            Some(status) if !(200..=599).contains(&status) => {
                Err(format!("its status is {status}; it must be 200 to 599"))
            }
            _ => Ok(()),
        }
    }

    /// A fault that the next call of any operation meets.
    pub fn next(kind: FaultKind) -> Self {
        Self { operation: None, times: once(), rate: all(), kind, code: busy(), status: None, seconds: 0.0 }
    }

    /// A fault that this share of all calls meets, from now on.
    pub fn often(kind: FaultKind, rate: f64) -> Self {
        Self { times: u32::MAX, rate, ..Self::next(kind) }
    }
}

#[derive(Debug)]
pub(super) struct Faults {
    open: Vec<Fault>,
    random: Rng,
}

impl Faults {
    pub fn new(random: Rng) -> Self {
        Self { open: Vec::new(), random }
    }

    pub fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.open.extend(faults.into_iter().filter(|fault| fault.times > 0));
    }

    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// Those that calls can still meet.
    pub fn open(&self) -> &[Fault] {
        &self.open
    }

    /// The fault that this call meets.
    pub fn meet(&mut self, operation: &str) -> Option<Fault> {
        let Faults { open, random } = self;
        let mut drawn = |fault: &Fault| fault.rate >= 1.0 || random.f64() < fault.rate;
        let mut fits = |fault: &Fault| fault.operation.as_deref().is_none_or(|it| it == operation) && drawn(fault);
        let position = open.iter().position(&mut fits)?;
        let fault = &mut open[position];
        fault.times -= 1;
        if fault.times == 0 { Some(open.remove(position)) } else { Some(fault.clone()) }
    }
}
