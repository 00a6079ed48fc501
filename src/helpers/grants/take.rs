//! Taking grants back. What is not there cannot be told from a wrong id, so it is never called done.

use super::{
    Grant, Report, Scope,
    give::{Outcome, judge},
    scope,
};
use crate::{
    Error,
    client::{Client, Options},
};
use std::sync::Arc;

/// The platform's words for a grant that is not there (any more).
const GONE: [i64; 3] = [10_090_039, 10_090_043, 10_145_001];

/// Take grants back. Those that are not there are reported as `already`.
pub async fn take(client: &Arc<Client>, grants: Vec<Grant>, options: &Options) -> Result<Report, Error> {
    let mut report = Report::default();
    for scope in Scope::ALL {
        let of_scope: Vec<Grant> = grants.iter().filter(|grant| grant.scope == scope).cloned().collect();
        let operation = client.operation(scope.taker())?;
        for call in scope::calls(&operation, of_scope, operation.batch.is_none()) {
            let outcome = client.call(&operation, scope::to_take(&call), options).await;
            for (grant, outcome) in judge(client, &operation, call, outcome) {
                match outcome {
                    Outcome::Done => report.done.push(grant),
                    Outcome::Refused(error, _) if error.code.is_some_and(|code| GONE.contains(&code)) => {
                        report.already.push(grant);
                    }
                    Outcome::Refused(error, _) => report.failed.push((grant, error)),
                    Outcome::Unknown(error) => report.unknown.push((grant, error)),
                }
            }
        }
    }
    Ok(report)
}
