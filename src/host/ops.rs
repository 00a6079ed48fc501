//! Every operation of the catalog as a script function.

use super::{Host, Reply, lock, thrown};
use crate::{
    Error,
    catalog::{Catalog, Operation, check_option},
    client::Options,
    error::Kind,
};
use rhai::{Dynamic, Engine, FuncRegistration, Map, Module, NativeCallContext, Shared};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// Register them all, in a module for each group, under their names and the vendor's spellings.
pub(super) fn register(engine: &mut Engine, catalog: &Arc<Catalog>) {
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    let names: HashSet<_> = catalog.names().iter().map(|name| (&*name.module, &*name.function)).collect();
    for (position, name) in catalog.names().iter().enumerate() {
        let module = modules.entry(&name.module).or_default();
        function(module, &name.function, position);
        if !name.alias.is_empty() && !names.contains(&(&*name.module, &*name.alias)) {
            function(module, &name.alias, position);
        }
    }
    for (name, module) in modules {
        engine.register_static_module(name, Shared::new(module));
    }
}

/// One function, for every number of arguments that may make sense.
fn function(module: &mut Module, name: &str, at: usize) {
    type Call<'a> = NativeCallContext<'a>;
    type Value = Dynamic;
    let new = || FuncRegistration::new(name).in_internal_namespace().with_volatility(true);
    new().set_into_module(module, move |call: Call| run(&call, at, vec![]));
    new().set_into_module(module, move |call: Call, a: Value| run(&call, at, vec![a]));
    new().set_into_module(module, move |call: Call, a: Value, b: Value| run(&call, at, vec![a, b]));
    new().set_into_module(module, move |call: Call, a: Value, b: Value, c: Value| run(&call, at, vec![a, b, c]));
    new().set_into_module(module, move |call: Call, a: Value, b: Value, c: Value, d: Value| {
        run(&call, at, vec![a, b, c, d])
    });
}

fn run(call: &NativeCallContext, at: usize, arguments: Vec<Dynamic>) -> Reply<Map> {
    let host = Host::of(call);
    let operation = host.client.catalog().at(at);
    let (fields, options) = understood(&host, &operation, arguments)
        .map_err(|error| thrown(call, error.operation(&operation.full_name())))?;
    lock(&host.called).insert(at);
    host.wait(call, host.client.call(&operation, fields, &options))
}

/// A map of parameters, or the required ones in order; then perhaps a map of options.
fn understood(host: &Host, operation: &Operation, mut arguments: Vec<Dynamic>) -> Result<(Map, Options), Error> {
    let mut options = host.options();
    if arguments.first().is_none_or(Dynamic::is_map) {
        let mut maps = arguments.into_iter().map(Dynamic::try_cast::<Map>);
        let fields = maps.next().flatten().unwrap_or_default();
        return match (maps.next(), maps.next()) {
            (None, _) => Ok((fields, options)),
            (Some(Some(more)), None) => set(&mut options, more).map(|()| (fields, options)),
            _ => Err(misused(operation)),
        };
    }
    let names = operation.positional().ok_or_else(|| misused(operation))?;
    if arguments.len() == names.len() + 1 {
        let more = arguments.pop().and_then(Dynamic::try_cast::<Map>).ok_or_else(|| misused(operation))?;
        set(&mut options, more)?;
    }
    if arguments.len() != names.len() {
        return Err(misused(operation));
    }
    Ok((names.iter().map(|name| name.as_str().into()).zip(arguments).collect(), options))
}

fn misused(operation: &Operation) -> Error {
    let error = Error::new(Kind::Argument, format!("it takes {}", operation.forms()));
    match operation.example_call() {
        Some(call) => error.hint(format!("for example {call}")),
        None => error,
    }
}

/// Options of a call, from a map.
pub(super) fn set(options: &mut Options, given: Map) -> Result<(), Error> {
    for (name, value) in given {
        check_option(&name, &value)?;
        match name.as_str() {
            "account" => options.account = value.into_string().ok(),
            "timeout" => {
                let seconds = value.as_float().or_else(|_| value.as_int().map(|seconds| seconds as f64));
                options.timeout = seconds.ok().map(Duration::from_secs_f64);
            }
            "retries" => options.retries = value.as_int().ok().and_then(|retries| u32::try_from(retries).ok()),
            _ => options.extra = value.try_cast().unwrap_or_default(),
        }
    }
    Ok(())
}
