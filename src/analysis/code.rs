//! A script with all that it imports, some texts of which are somebody else's.

use super::{
    Find, Finding, Library, Rights, Source,
    check::package,
    program::{Program, rights},
};
use crate::{Error, error::Place};
use std::fmt;

/// A script with all that it imports, read once.
pub struct Code<'a> {
    program: Program,
    library: &'a Library,
}

impl fmt::Debug for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources().map(|source| &source.name)).finish()
    }
}

/// `import "name"`, as one of the texts has it.
#[derive(Debug)]
pub struct Imported<'a> {
    /// The text that imports.
    pub by: &'a Source,
    /// The name.
    pub name: &'a str,
    /// Where it stands.
    pub at: Place,
    /// What is imported, if there is such a module.
    pub module: Option<&'a Source>,
}

impl<'a> Code<'a> {
    /// Read a script.
    pub fn read(script: &Source, library: &'a Library, find: Find<'_>) -> Code<'a> {
        Code { program: Program::read(script, find), library }
    }

    /// Whether all of it was read.
    pub fn check_size(&self) -> Result<(), Error> {
        self.program.too_large().map_or(Ok(()), Err)
    }

    /// The texts, the script first.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.program.files.iter().map(|file| &file.source)
    }

    /// The imports of all texts whose names are written out.
    pub fn imports(&self) -> impl Iterator<Item = Imported<'_>> {
        let files = self.program.files.iter().enumerate();
        files.flat_map(move |(place, by)| {
            by.imports.iter().map(move |import| Imported {
                by: &by.source,
                name: &import.name,
                at: Place {
                    file: by.source.name.clone(),
                    line: import.at.line().unwrap_or(1),
                    column: import.at.position().unwrap_or(1),
                },
                module: self.program.module(place, &import.name).map(|module| &self.program.files[module].source),
            })
        })
    }

    /// What these texts can do, by any of their functions and statements, with all that those reach.
    pub fn rights(&self, of: impl Fn(&Source) -> bool) -> Rights {
        rights::of_files(&self.program, self.library, &self.places(of))
    }

    /// What these texts have that no package may have.
    pub fn package_faults(&self, of: impl Fn(&Source) -> bool) -> Vec<Finding> {
        package::faults(&self.program, self.library, &self.places(of))
    }

    fn places(&self, of: impl Fn(&Source) -> bool) -> Vec<usize> {
        let files = self.program.files.iter().enumerate();
        files.filter(|(_, file)| of(&file.source)).map(|(place, _)| place).collect()
    }
}
