//! `calls::` — the same operation for many rows, several at once.

use super::{Host, Reply, given::Given, maps, progress::Listeners, thrown, to_map};
use crate::helpers::{calls, progress::Progress};
use rhai::{Array, Dynamic, INT, Map, Position, plugin::*};

/// How many calls run at once unless the script says otherwise.
const AT_ONCE: INT = 8;
const MOST: INT = 64;

#[export_module]
pub mod module {
    /// Call an operation once for each row, several at once. A row that fails does not stop the others.
    /// - `operation`: string, such as `"drama.get_media"`.
    /// - `rows`: array of maps, the parameters of each call.
    /// - returns: array, for each row in order the reply or the error map (with `kind`).
    /// - throws: `argument`.
    /// - calls: `operation`.
    /// ```rhai
    /// let replies = calls::many("drama.get_media", [#{ media_id: 910001 }, #{ media_id: 1 }]);
    /// assert_eq(replies[0].media_info.media_id, 910001);
    /// assert_eq(replies[1].kind, "not_found");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn many(call: NativeCallContext, operation: &str, rows: Array) -> Reply<Array> {
        run(&call, operation, rows, Map::new())
    }

    /// The same with options.
    /// - `operation`: string.
    /// - `rows`: array of maps.
    /// - `options`: map: `at_once` (int, 1 to 64, default 8), `on_progress` (function of the number of calls that have
    ///   ended and of all), and those of any call.
    /// - returns: array as above.
    /// - throws: `argument`.
    /// - calls: `operation`.
    /// ```rhai
    /// let rows = [#{ media_id: 910001 }, #{ media_id: 910002 }];
    /// assert_eq(calls::many("drama.get_media", rows, #{ at_once: 2 }).len, 2);
    /// ```
    #[rhai_fn(return_raw, name = "many")]
    pub fn many_with(call: NativeCallContext, operation: &str, rows: Array, options: Map) -> Reply<Array> {
        run(&call, operation, rows, options)
    }
}

fn run(call: &NativeCallContext, operation: &str, rows: Array, given: Map) -> Reply<Array> {
    let host = Host::of(call);
    let understood = Given::new(given).many(&host, AT_ONCE, MOST);
    let (at_once, function, options) = understood.map_err(|error| thrown(call, error))?;
    let operation = host.client.operation(operation).map_err(|error| thrown(call, error))?;
    let rows = maps(call, "rows", rows)?;
    let shown = |result| match result {
        Ok(reply) => Dynamic::from_map(reply),
        Err(error) => Dynamic::from_map(to_map(&error, call.call_source(), Position::NONE)),
    };
    let mut results: Array = vec![Dynamic::UNIT; rows.len()];
    let (name, all) = (operation.full_name(), rows.len());
    let progress = |ended| Progress::of_items(&name, ended, all);
    let mut listeners = Listeners::new(&host, call, function);
    let mut running = calls::many(&host.client, &operation, rows, &options, at_once);
    let mut ended = 0;
    while let Some((index, result)) = host.wait(call, async { running.next().await.transpose() })? {
        results[index] = shown(result);
        ended += 1;
        listeners.tell(progress(ended))?;
    }
    listeners.finish(progress(ended));
    Ok(results)
}
