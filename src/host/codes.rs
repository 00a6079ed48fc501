//! `codes::` — what the platforms' error codes mean.

use super::{Host, Reply, thrown};
use rhai::{INT, plugin::*};

#[export_module]
pub mod module {
    /// What a code means when this operation answers it, such as the code of one row among many.
    /// - `operation`: string, such as `novel.add_book_auth`.
    /// - `code`: int.
    /// - returns: string.
    /// - throws: `argument` when there is no such operation.
    /// ```rhai
    /// assert_eq(codes::meaning("novel.add_book_auth", 10145011), "invalid appid (code 10145011)");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn meaning(call: NativeCallContext, operation: &str, code: INT) -> Reply<String> {
        let host = Host::of(&call);
        let operation = host.client.operation(operation).map_err(|error| thrown(&call, error))?;
        let known = host.client.catalog().error_code(&operation, code);
        let meaning = known.map_or("not documented", |known| known.meaning.en.as_str());
        Ok(format!("{meaning} (code {code})"))
    }
}
