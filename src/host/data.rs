//! `data::` — work over records: arrays of maps, such as listings give. Fields are named, or reached by a path
//! (`"audit_detail.status"`).

use super::{Reply, thrown};
use crate::{Error, error::Kind, helpers::records};
use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map, plugin::*};

#[export_module]
pub mod module {
    /// The rows whose field equals a value.
    /// - `rows`: array of maps. `field`: string. `value`: a scalar.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::filter_by([#{ a: 1 }, #{ a: 2 }], "a", 2).len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn filter_by(call: NativeCallContext, rows: &mut Array, field: &str, value: Dynamic) -> Reply<Array> {
        over(&call, rows, |rows| Ok(records::filter(rows, field, records::Comparison::Equal, &value)))
    }

    /// The rows whose field compares so with a value.
    /// - `rows`: array of maps. `field`: string. `comparison`: `== != < <= > >= contains`. `value`: a scalar.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::filter_by([#{ a: 1 }, #{ a: 2 }, #{ a: 3 }], "a", ">=", 2).len, 2);
    /// ```
    #[rhai_fn(return_raw, name = "filter_by")]
    pub fn filter_compared(
        call: NativeCallContext,
        rows: &mut Array,
        field: &str,
        comparison: &str,
        value: Dynamic,
    ) -> Reply<Array> {
        over(&call, rows, |rows| {
            let comparison = records::Comparison::named(comparison)?;
            Ok(records::filter(rows, field, comparison, &value))
        })
    }

    /// The rows whose fields equal all of these.
    /// - `rows`: array of maps. `fields`: map.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::filter_by([#{ a: 1, b: 1 }, #{ a: 1, b: 2 }], #{ a: 1, b: 2 }).len, 1);
    /// ```
    #[rhai_fn(return_raw, name = "filter_by")]
    pub fn filter_all(call: NativeCallContext, rows: &mut Array, fields: Map) -> Reply<Array> {
        over(&call, rows, |rows| Ok(records::filter_all(rows, &fields)))
    }

    /// The rows for which a function is true.
    /// - `rows`: array of maps. `keep`: function of a row.
    /// - returns: array of maps.
    /// - throws: what the function throws.
    /// ```rhai
    /// assert_eq(data::filter_by([#{ a: 1 }, #{ a: 2 }], |row| row.a > 1).len, 1);
    /// ```
    #[rhai_fn(return_raw, name = "filter_by")]
    pub fn filter_with(call: NativeCallContext, rows: &mut Array, keep: FnPtr) -> Reply<Array> {
        let mut kept = Array::new();
        for row in rows.iter() {
            if keep.call_within_context::<bool>(&call, (row.clone(),))? {
                kept.push(row.clone());
            }
        }
        Ok(kept)
    }

    /// The rows by the value of a field.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: map of arrays; the keys are the values as text.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::group_by([#{ a: 1 }, #{ a: 2 }, #{ a: 1 }], "a")["1"].len, 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn group_by(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Map> {
        over(&call, rows, |rows| Ok(records::group(rows, field)))
    }

    /// How many rows there are for each value of a field.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: map of int; the keys are the values as text.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::count_by([#{ a: 1 }, #{ a: 2 }, #{ a: 1 }], "a"), #{ "1": 2, "2": 1 });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn count_by(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Map> {
        over(&call, rows, |rows| Ok(records::count(rows, field)))
    }

    /// The rows by the value of a field, one each: the last where several have it.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: map of maps; the keys are the values as text.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::index_by([#{ id: "x", n: 1 }], "id").x.n, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn index_by(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Map> {
        over(&call, rows, |rows| Ok(records::index(rows, field)))
    }

    /// The rows in the order of a field, the least first; rows without it come last.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::sort_by([#{ a: 2 }, #{ a: 1 }], "a")[0].a, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sort_by(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Array> {
        over(&call, rows, |rows| Ok(records::sort(rows, field, false)))
    }

    /// The rows in the order of a field.
    /// - `rows`: array of maps. `field`: string. `order`: `"asc"` or `"desc"`.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::sort_by([#{ a: 1 }, #{ a: 2 }], "a", "desc")[0].a, 2);
    /// ```
    #[rhai_fn(return_raw, name = "sort_by")]
    pub fn sort_in(call: NativeCallContext, rows: &mut Array, field: &str, order: &str) -> Reply<Array> {
        over(&call, rows, |rows| match order {
            "asc" | "desc" => Ok(records::sort(rows, field, order == "desc")),
            _ => Err(Error::new(Kind::Argument, format!("the order is {order:?}; it must be \"asc\" or \"desc\""))),
        })
    }

    /// The rows with only these fields; `()` for one that a row does not have.
    /// - `rows`: array of maps. `fields`: array of string.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::pick([#{ a: 1, b: 2 }], ["a"]), [#{ a: 1 }]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn pick(call: NativeCallContext, rows: &mut Array, fields: Array) -> Reply<Array> {
        let names: Vec<ImmutableString> = fields.iter().map(|name| name.to_string().into()).collect();
        over(&call, rows, |rows| Ok(records::pick(rows, &names)))
    }

    /// The values of one field; `()` for a row that does not have it.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: array.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::pick([#{ a: 1 }, #{ a: 2 }], "a"), [1, 2]);
    /// ```
    #[rhai_fn(return_raw, name = "pick")]
    pub fn pick_one(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Array> {
        over(&call, rows, |rows| Ok(records::values(rows, field)))
    }

    /// The sum of a field; rows without it count nothing.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: int, or float when one of them is.
    /// - throws: `argument` for a value that is no number.
    /// ```rhai
    /// assert_eq(data::sum([#{ a: 1 }, #{ a: 2 }], "a"), 3);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sum(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Dynamic> {
        over(&call, rows, |rows| records::sum(rows, field))
    }

    /// The first row for each value of a field.
    /// - `rows`: array of maps. `field`: string.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// assert_eq(data::unique([#{ a: 1 }, #{ a: 1 }], "a").len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unique(call: NativeCallContext, rows: &mut Array, field: &str) -> Reply<Array> {
        over(&call, rows, |rows| Ok(records::unique(rows, field)))
    }

    /// Each row with the fields of the rows of another list that have the same value of a field; rows without a partner
    /// are left out.
    /// - `rows`: array of maps. `others`: array of maps. `field`: string.
    /// - returns: array of maps.
    /// - throws: `argument`.
    /// ```rhai
    /// let joined = data::join([#{ id: 1, a: "x" }], [#{ id: 1, b: "y" }], "id");
    /// assert_eq(joined, [#{ id: 1, a: "x", b: "y" }]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn join(call: NativeCallContext, rows: &mut Array, others: Array, field: &str) -> Reply<Array> {
        over(&call, rows, |rows| {
            records::check(&others)?;
            Ok(records::join(rows, &others, field))
        })
    }

    /// What became of the rows between two lists.
    /// - `before`: array of maps. `after`: array of maps. `field`: string, what tells one row from another.
    /// - returns: map `#{ added: array, removed: array, changed: array of #{ before, after }, same: array }`.
    /// - throws: `argument`.
    /// ```rhai
    /// let change = data::diff([#{ id: 1, n: 1 }, #{ id: 2, n: 1 }], [#{ id: 1, n: 5 }, #{ id: 3, n: 1 }], "id");
    /// assert_eq([change.added.len, change.removed.len, change.changed[0].after.n], [1, 1, 5]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn diff(call: NativeCallContext, before: &mut Array, after: Array, field: &str) -> Reply<Map> {
        over(&call, before, |before| {
            records::check(&after)?;
            Ok(records::diff(before, &after, field))
        })
    }
}

fn over<T>(call: &NativeCallContext, rows: &[Dynamic], work: impl FnOnce(&[Dynamic]) -> Result<T, Error>) -> Reply<T> {
    records::check(rows).and_then(|()| work(rows)).map_err(|error| thrown(call, error))
}
