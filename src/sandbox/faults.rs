//! Faults that the next calls meet.

use serde::Deserialize;

/// Something that goes wrong with the next calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `novel.list_books`; any operation when left out.
    #[serde(default)]
    pub operation: Option<String>,
    /// How many calls meet it.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
    /// The code of [`FaultKind::Errcode`].
    #[serde(default = "busy")]
    pub code: i64,
    /// The HTTP status of [`FaultKind::Http`] and [`FaultKind::Html`].
    #[serde(default)]
    pub status: Option<u16>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
    /// There is no answer until the caller gives up; the call has no effect.
    Hang,
    /// An answer that does not end before two gigabytes; the call has no effect.
    Huge,
}

fn once() -> u32 {
    1
}

fn busy() -> i64 {
    -1
}

impl Fault {
    /// A fault that the next call of any operation meets.
    pub fn next(kind: FaultKind) -> Self {
        Self { operation: None, times: once(), kind, code: busy(), status: None }
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults.into_iter().filter(|fault| fault.times > 0));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that this call meets.
    pub fn meet(&mut self, operation: &str) -> Option<Fault> {
        let fits = |fault: &Fault| fault.operation.as_deref().is_none_or(|wanted| wanted == operation);
        let position = self.0.iter().position(fits)?;
        let fault = &mut self.0[position];
        fault.times -= 1;
        if fault.times == 0 { Some(self.0.remove(position)) } else { Some(fault.clone()) }
    }
}
