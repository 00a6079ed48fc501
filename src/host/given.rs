//! The map of options of a helper.

use super::{Host, ops, type_name};
use crate::{
    Error,
    catalog::{no_option, option_names},
    client::Options,
    error::Kind,
};
use rhai::{Array, Dynamic, FnPtr, INT, ImmutableString, Map};
use std::ops::RangeInclusive;

/// Options, taken one by one by their names; what is left are those of any call.
pub(super) struct Given {
    options: Map,
    asked: Vec<&'static str>,
}

impl Given {
    pub(super) fn new(options: Map) -> Given {
        Given { options, asked: Vec::new() }
    }

    pub(super) fn string(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        Ok(self.take::<ImmutableString>(name, "a string")?.map(|text| text.to_string()))
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        Ok(self.take(name, "true or false")?.unwrap_or(false))
    }

    pub(super) fn array(&mut self, name: &'static str) -> Result<Option<Array>, Error> {
        self.take(name, "an array")
    }

    pub(super) fn map(&mut self, name: &'static str) -> Result<Option<Map>, Error> {
        self.take(name, "a map")
    }

    pub(super) fn function(&mut self, name: &'static str) -> Result<Option<FnPtr>, Error> {
        self.take(name, "a function")
    }

    pub(super) fn number(&mut self, name: &'static str, allowed: RangeInclusive<INT>) -> Result<Option<INT>, Error> {
        let Some(number) = self.take::<INT>(name, "a whole number")? else { return Ok(None) };
        if allowed.contains(&number) {
            return Ok(Some(number));
        }
        let (least, most) = (allowed.start(), allowed.end());
        Err(Error::new(Kind::Argument, format!("the option `{name}` is {number}; it must be {least} to {most}")))
    }

    /// Of any type.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Dynamic> {
        self.asked.push(name);
        self.options.remove(name)
    }

    /// The names in an array.
    pub(super) fn names(&mut self, name: &'static str) -> Result<Vec<String>, Error> {
        Ok(self.array(name)?.unwrap_or_default().iter().map(ToString::to_string).collect())
    }

    /// Nothing else may have been given.
    pub(super) fn ends(self) -> Result<(), Error> {
        let unknown = self.options.keys().next();
        unknown.map_or(Ok(()), |name| Err(no_option(name, &self.asked).into()))
    }

    fn take<T: Clone + Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let given = type_name(&value);
        let wrong = || format!("the option `{name}` is of type {given}; it must be {expected}");
        value.try_cast().map(Some).ok_or_else(|| Error::new(Kind::Argument, wrong()))
    }

    /// How many calls run at once, who hears how it goes, and the options of the calls.
    pub(super) fn many(mut self, host: &Host, usual: INT, most: INT) -> Result<(usize, Option<FnPtr>, Options), Error> {
        let at_once = self.number("at_once", 1..=most)?.unwrap_or(usual);
        Ok((at_once as usize, self.function("on_progress")?, self.rest(host)?))
    }

    /// The options of the calls. A name that nobody has asked for is refused with the nearest one that is known.
    pub(super) fn rest(self, host: &Host) -> Result<Options, Error> {
        if let Some(name) = self.options.keys().find(|name| !option_names().contains(&name.as_str())) {
            return Err(no_option(name, &[&self.asked[..], &option_names()].concat()).into());
        }
        let mut options = host.options();
        ops::set(&mut options, self.options)?;
        Ok(options)
    }
}
