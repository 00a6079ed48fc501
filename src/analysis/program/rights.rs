//! What a script may do, read off its syntax tree.

use super::{Find, Library, Program, Source, reach};
use crate::{
    catalog::Effect,
    error::Place,
    rights::{Right, Rights as Needs},
};
use std::collections::BTreeMap;

/// What a script may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// The operations it can call, itself, by its modules or by helpers, each with the strongest effect it can have.
    pub operations: BTreeMap<String, Effect>,
    /// Everything that it can do, operations too, each with the first place that asks for it.
    pub asks: BTreeMap<Right, Place>,
    /// Where it is only known when the script runs what is done: by the name of an operation that is not written out, by
    /// `eval`, or by an import. It may be anything.
    pub unknown: Vec<Place>,
}

impl Rights {
    /// Those of a script.
    pub fn of(script: &Source, library: &Library, find: Find<'_>) -> Rights {
        of_program(&Program::read(script, find), library)
    }

    /// What has to be granted so that all of it can be done.
    pub fn needs(&self) -> Needs {
        if self.unknown.is_empty() { self.asks.keys().cloned().collect() } else { Needs::everything() }
    }

    /// What it can do besides calls of operations: files, people, hosts, the environment.
    pub fn others(&self) -> Needs {
        self.asks.keys().filter(|right| !right.kind.is_of_operations()).cloned().collect()
    }

    /// These and others.
    pub fn and(mut self, others: Rights) -> Rights {
        for (operation, effect) in others.operations {
            let known = self.operations.entry(operation).or_insert(effect);
            *known = effect.max(*known);
        }
        others.asks.into_iter().for_each(|(right, place)| self.ask(right, place));
        for place in others.unknown {
            if !self.unknown.contains(&place) {
                self.unknown.push(place);
            }
        }
        self
    }

    /// Where the first piece of it stands that this right is needed for.
    pub fn place(&self, right: &Right) -> Option<&Place> {
        let asking = self.asks.iter().filter(|(asked, _)| right.covers(asked)).map(|(_, place)| place);
        asking.min_by_key(|place| order(place))
    }

    /// One more thing that it can do.
    pub(super) fn ask(&mut self, right: Right, place: Place) {
        match self.asks.get_mut(&right) {
            Some(known) if order(known) <= order(&place) => {}
            Some(known) => *known = place,
            None => drop(self.asks.insert(right, place)),
        }
    }
}

/// Places in the order of the text.
pub(super) fn order(place: &Place) -> (&str, usize, usize) {
    (&place.file, place.line, place.column)
}

/// Of a script all functions count, of a module those that the script can reach.
pub(in crate::analysis) fn of_program(program: &Program, library: &Library) -> Rights {
    of_files(program, library, &[0])
}

/// All of these files, with what they reach.
pub(in crate::analysis) fn of_files(program: &Program, library: &Library, files: &[usize]) -> Rights {
    let roots = files.iter().flat_map(|file| [reach::Part::Body(*file), reach::Part::All(*file)]);
    reach::rights(program, library, roots)
}

/// What is done by importing these files.
pub(in crate::analysis) fn of_imports(program: &Program, library: &Library, files: &[usize]) -> Rights {
    reach::rights(program, library, files.iter().copied().map(reach::Part::Body))
}
