//! `wait::` — until a task that the platform has begun is done.

use super::{Host, Reply, ops, thrown, wrong_argument};
use crate::{
    catalog::{Operation, Wait},
    helpers::wait,
};
use rhai::{Map, plugin::*};
use std::{sync::Arc, time::Duration};

/// How long is waited unless the script says otherwise.
const PATIENCE: Duration = Duration::from_secs(600);

#[export_module]
pub mod module {
    /// Look at a task until it is done.
    /// - `operation`: string, the read that shows the task, such as `"drama.get_task"`.
    /// - `fields`: map, its parameters.
    /// - returns: map, its last reply.
    /// - throws: `refused` when the task failed, `limit` when it is not done in ten minutes, `argument`.
    /// - calls: `operation`.
    /// ```rhai
    /// let task = drama::pull_upload(#{ media_name: "归来记 - 第9集", media_url: "https://media.example.org/9.mp4" }).task_id;
    /// assert_eq(wait::until("drama.get_task", #{ task_id: task }).task_info.status, 3);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn until(call: NativeCallContext, operation: &str, fields: Map) -> Reply<Map> {
        run(&call, operation, &fields, Map::new())
    }

    /// The same with options.
    /// - `operation`: string.
    /// - `fields`: map.
    /// - `options`: map: `timeout` (seconds for the whole wait), and those of any call.
    /// - returns: map.
    /// - throws: as above.
    /// - calls: `operation`.
    /// ```rhai
    /// let task = drama::pull_upload(#{ media_name: "归来记 - 第8集", media_url: "https://media.example.org/8.mp4" }).task_id;
    /// wait::until("drama.get_task", #{ task_id: task }, #{ timeout: 60 });
    /// ```
    #[rhai_fn(return_raw, name = "until")]
    pub fn until_with(call: NativeCallContext, operation: &str, fields: Map, options: Map) -> Reply<Map> {
        run(&call, operation, &fields, options)
    }
}

pub(super) fn run(call: &NativeCallContext, operation: &str, fields: &Map, given: Map) -> Reply<Map> {
    let host = Host::of(call);
    let mut options = host.options();
    ops::set(&mut options, given).map_err(|error| thrown(call, error))?;
    let patience = options.timeout.take().unwrap_or(PATIENCE);
    let read = host.client.operation(operation).map_err(|error| thrown(call, error))?;
    let Some(wait) = waited_for(&host, &read) else {
        let message = format!("nothing is waited for with `{operation}`");
        return Err(wrong_argument(
            call,
            message,
            "`juben doc NAME` of the operation that begins the task names its read",
        ));
    };
    let work = wait::until(&host.client, &host.store, &read, &wait, fields, &options, patience);
    host.wait(call, work)
}

/// How the task that this read shows is followed: as the operation says that begins it.
fn waited_for(host: &Host, read: &Operation) -> Option<Wait> {
    let name = read.full_name();
    let waits = host.client.catalog().operations().filter_map(|operation: Arc<Operation>| operation.wait.clone());
    waits.into_iter().find(|wait| wait.operation == name)
}
