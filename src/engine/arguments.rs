//! What a run is given, checked against what its script declares before anything starts.

use super::Script;
use crate::{
    Error,
    analysis::{self, Find, Parameter, ParameterKind, Source},
    error::{Kind, nearest},
    host::Arguments,
};
use rhai::{Dynamic, Map};
use std::{collections::BTreeSet, path::PathBuf};

impl Script {
    /// The script as those see it who only look.
    pub fn source(&self) -> Source {
        Source::new(&*self.name, &*self.text)
    }

    /// What the script reads by `args::`. A script that declares parameters takes these and no others, by name or in their
    /// order, and by name those of the scripts that it imports; of any other script, the names are those that it asks for.
    pub fn arguments(
        &self,
        positional: Vec<String>,
        named: Vec<(String, String)>,
        find: Find<'_>,
    ) -> Result<Arguments, Error> {
        self.arguments_from(PathBuf::new(), positional, named, find)
    }

    /// The same, where paths that are given start at this folder.
    pub fn arguments_from(
        &self,
        folder: PathBuf,
        positional: Vec<String>,
        named: Vec<(String, String)>,
        find: Find<'_>,
    ) -> Result<Arguments, Error> {
        let source = self.source();
        let parameters = analysis::parameters(&source)?;
        let mut imported = Vec::new();
        parameters_of_imports(&source, find, &mut BTreeSet::new(), &mut imported)?;
        imported.retain(|it| parameters.iter().all(|own| own.name != it.name));
        let all = || parameters.iter().chain(&imported);
        if all().next().is_none() {
            self.check_names(&named)?;
            return Ok(Arguments { positional, named, declared: None, folder });
        }
        let known = |name: &str| all().any(|it| it.name == name);
        if let Some((name, _)) = named.iter().find(|(name, _)| !known(name)) {
            let error = Error::new(Kind::Usage, format!("{} has no parameter `{name}`", self.name));
            return Err(error.hint_names(name, all().map(|it| &*it.name)));
        }
        if let Some(more) = positional.get(parameters.len()) {
            let names: Vec<_> = parameters.iter().map(|it| &*it.name).collect();
            let error = Error::new(Kind::Usage, format!("{more:?} is one argument more than {} takes", self.name));
            let error = error.hint(format!("it takes, in this order: {}", names.join(", ")));
            return Err(error.hinted(value_of_a_flag(more, &parameters)));
        }
        let mut given = named;
        for (parameter, value) in parameters.iter().zip(&positional) {
            if let Some((name, other)) = given.iter().find(|(name, _)| *name == parameter.name) {
                let message = format!("`{name}` is given twice: {value:?} by its place, {other:?} by its name");
                let hint = value_of_a_flag(value, &parameters).unwrap_or_else(|| "leave one of them out".to_owned());
                return Err(Error::new(Kind::Usage, message).hint(hint));
            }
            given.push((parameter.name.clone(), value.clone()));
        }
        let mut arguments = Arguments { positional, named: given, declared: None, folder };
        let value = |parameter: &Parameter| {
            let given = &arguments.named;
            let value = given.iter().rev().find(|(name, _)| *name == parameter.name).map(|(_, value)| value.as_str());
            let hint = value.and_then(|value| value_of_a_flag(value, &parameters));
            let value = self.value(parameter, value, &arguments).map_err(|error| error.hinted(hint))?;
            Ok((parameter.name.as_str().into(), value))
        };
        let declared = all().map(value).collect::<Result<Map, Error>>()?;
        arguments.declared = Some(declared);
        Ok(arguments)
    }

    fn value(&self, parameter: &Parameter, given: Option<&str>, arguments: &Arguments) -> Result<Dynamic, Error> {
        let Parameter { name, kind, default, help } = parameter;
        let about = if help.is_empty() { String::new() } else { format!(": {help}") };
        let Some(text) = given.or(default.as_deref()) else {
            let error = Error::new(Kind::Usage, format!("{} needs `{name}`", self.name));
            return Err(error.hint(format!("give it by --{} {}{about}", parameter.flag(), kind.placeholder())));
        };
        let about_it = || (!help.is_empty()).then(|| format!("`{name}`{about}"));
        let wrong = |must| Error::new(Kind::Usage, format!("`{name}` is {text:?}; {must}")).hinted(about_it());
        let value = kind.read(text).map_err(wrong)?;
        // A default starts at the script's folder, as every path in a script does.
        let is_given = *kind == ParameterKind::Path && given.is_some();
        Ok(if is_given { arguments.path(text).into() } else { value })
    }

    /// A misspelt argument would otherwise be passed over, and the script do what nobody meant.
    fn check_names(&self, named: &[(String, String)]) -> Result<(), Error> {
        if named.is_empty() {
            return Ok(());
        }
        let Some(asked) = self.asked() else { return Ok(()) };
        let Some((name, _)) = named.iter().find(|(name, _)| !asked.contains(name)) else { return Ok(()) };
        let error = Error::new(Kind::Usage, format!("the script does not ask for an argument `{name}`"));
        Err(match nearest(name, asked.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if asked.is_empty() => error.hint("it asks for none by name"),
            None => error.hint(format!("it asks for: {}", asked.join(", "))),
        })
    }
}

/// `--deep false` gives the flag no value: the word is taken for an argument of its own.
fn value_of_a_flag(word: &str, parameters: &[Parameter]) -> Option<String> {
    let flag = parameters.iter().find(|it| it.kind == ParameterKind::Bool)?;
    let is_value = ["true", "false"].contains(&word);
    is_value.then(|| format!("the value of a flag stands behind a sign: --{}={word}", flag.flag()))
}

/// The parameters of the scripts that a text imports, also through others.
fn parameters_of_imports(
    source: &Source,
    find: Find<'_>,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<Parameter>,
) -> Result<(), Error> {
    for (_, name) in analysis::imports_of(&source.text) {
        let Some(module) = find(&source.name, &name).filter(|module| seen.insert(module.name.clone())) else {
            continue;
        };
        let new = analysis::parameters(&module)?.into_iter();
        let new: Vec<_> = new.filter(|it| found.iter().all(|known| known.name != it.name)).collect();
        found.extend(new);
        parameters_of_imports(&module, find, seen, found)?;
    }
    Ok(())
}
