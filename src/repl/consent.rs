//! Asks the person at the prompt before something is removed or overwritten that people depend on.

use super::ask;
use crate::{
    Error,
    catalog::Catalog,
    client::{Client, Planned},
    host::shortened,
    lock::lock,
};
use std::{
    io::{self, IsTerminal},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// Whether a person agrees; clones share what was answered.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Nothing is asked.
    always: bool,
    /// One yes counts for the whole run.
    once: bool,
    /// It was answered for all of this entry.
    all: Arc<AtomicBool>,
    /// It was refused: what is asked already is refused with it.
    refused: Arc<AtomicBool>,
    /// One question after the other.
    asking: Arc<Mutex<()>>,
}

impl Consent {
    /// Ask, or with `always` do everything without asking.
    pub fn new(always: bool) -> Consent {
        Consent { always, ..Consent::default() }
    }

    /// For a run of a script, in which one yes is enough.
    pub fn of_run(always: bool) -> Consent {
        Consent { always, once: true, ..Consent::default() }
    }

    /// A client that asks here.
    pub fn guard(&self, client: Client) -> Client {
        let (consent, catalog) = (self.clone(), client.catalog().clone());
        client.ask(move |planned| {
            let (consent, catalog) = (consent.clone(), catalog.clone());
            // The person may take long, and other calls go on.
            let asked = tokio::task::spawn_blocking(move || consent.to_call(&planned, &catalog));
            Box::pin(async { asked.await.unwrap_or(Ok(false)) })
        })
    }

    /// An entry begins: what was answered in the one before no longer counts.
    pub(super) fn begin(&self) {
        self.all.store(false, Ordering::Relaxed);
        self.refused.store(false, Ordering::Relaxed);
    }

    /// What follows in this entry was agreed to.
    fn agree(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// Whether nobody needs to be asked.
    fn is_given(&self) -> bool {
        self.always || self.all.load(Ordering::Relaxed)
    }

    /// Ask; without a terminal nobody agrees. Ctrl-C stops a run; at the prompt it is a no.
    fn ask(&self, question: &str) -> Result<bool, Error> {
        let _turn = lock(&self.asking);
        if self.refused.load(Ordering::Relaxed) {
            return Ok(false);
        }
        if self.is_given() || !io::stdin().is_terminal() {
            return Ok(self.is_given());
        }
        let answer = ask(question);
        match answer.as_deref() {
            Ok("y" | "yes" | "是") if !self.once => return Ok(true),
            Ok("y" | "yes" | "是" | "a" | "all") => {
                self.agree();
                return Ok(true);
            }
            _ => self.refused.store(true, Ordering::Relaxed),
        }
        match answer {
            Err(stopped) if self.once => Err(stopped),
            _ => Ok(false),
        }
    }

    /// Ask before a command does something. Where nobody can be asked, nobody has to be, unless people depend on it.
    pub(super) fn to_command(&self, question: &str, production: bool) -> bool {
        let agreed = self.ask(question).unwrap_or(false) || !production && !io::stdin().is_terminal();
        if agreed {
            self.agree();
        }
        agreed
    }

    fn to_call(&self, planned: &Planned, catalog: &Catalog) -> Result<bool, Error> {
        let answers = match self.once {
            true => "y yes, also to what follows in this run",
            false => "y yes, a yes to all of this entry",
        };
        self.ask(&format!("{}Do it? {answers}, N no: ", told(planned, catalog)))
    }
}

/// What a call would do, for the one who decides.
fn told(planned: &Planned, catalog: &Catalog) -> String {
    const LONGEST: usize = 300;
    let Planned { operation, account, fields, rows, .. } = planned;
    let known = catalog.find(operation);
    let summary = known.as_ref().map_or("", |it| it.summary.as_str());
    let rows = rows.map_or_else(String::new, |rows| format!(", {rows} row{}", if rows == 1 { "" } else { "s" }));
    let back = match known.as_ref().and_then(|it| it.inverse.as_ref()) {
        Some(inverse) => format!("{} undoes it", inverse.operation),
        None => "it cannot be undone".to_owned(),
    };
    format!("{operation} — {summary}\n  production account {account}{rows}; {back}\n  {}\n", shortened(fields, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Effect;

    #[test]
    fn a_question_tells_the_call_its_rows_and_whether_it_can_be_undone() {
        let planned = |operation: &str, rows| Planned {
            operation: operation.to_owned(),
            effect: Effect::Destructive,
            account: "main".to_owned(),
            fields: r#"{"media_id":910003}"#.to_owned(),
            rows,
        };
        let catalog = Catalog::builtin();
        assert_eq!(
            told(&planned("drama.delete_media", None), &catalog),
            "drama.delete_media — Delete a media file (删除媒资)\n  production account main; it cannot be undone\n  {\"media_id\":910003}\n"
        );
        let many = told(&planned("polyv.v2_delete_videos", Some(12)), &catalog);
        assert!(many.contains("account main, 12 rows; polyv.v2_recover_videos undoes it"), "{many}");
    }
}
