//! How far a long deed has come, told to the person who watches and to a function of the script.

use super::{Host, Line, Reply};
use crate::helpers::progress::Progress;
use rhai::{Dynamic, FnPtr, INT, NativeCallContext};

/// Whoever wants to know how a deed goes.
pub(super) struct Listeners<'a> {
    host: &'a Host,
    call: &'a NativeCallContext<'a>,
    function: Option<FnPtr>,
    told: Option<Progress>,
    finished: Option<Progress>,
}

impl<'a> Listeners<'a> {
    pub(super) fn new(host: &'a Host, call: &'a NativeCallContext<'a>, function: Option<FnPtr>) -> Self {
        Listeners { host, call, function, told: None, finished: None }
    }

    /// It has come so far. Before it is known how much there is to do, and when nothing has changed, nobody is told.
    pub(super) fn tell(&mut self, progress: Progress) -> Reply<()> {
        if progress.total == 0 || self.told.as_ref() == Some(&progress) {
            return Ok(());
        }
        (self.host.output)(Line::Progress(&progress));
        let heard = (progress.done as INT, progress.total as INT);
        self.told = Some(progress);
        let Some(function) = &self.function else { return Ok(()) };
        function.call_within_context::<Dynamic>(self.call, heard).map(drop)
    }

    /// It is done.
    pub(super) fn finish(mut self, progress: Progress) {
        self.finished = Some(progress);
    }
}

/// However the deed ends, nothing is left on the screen.
impl Drop for Listeners<'_> {
    fn drop(&mut self) {
        (self.host.output)(self.finished.as_ref().map_or(Line::Abandoned, Line::Finished));
    }
}
