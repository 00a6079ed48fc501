//! `:undo` — the call that undoes the last write, where the catalog has one.

use super::{Prompt, wrong};
use crate::{
    Error,
    catalog::Effect,
    client::{Options, encode},
    error::Kind,
};

pub(super) fn undo(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    let client = prompt.world.client().clone();
    let worked = client.exchanges().into_iter().rev().find(|it| it.effect != Effect::Read && it.ended == Some(Ok(())));
    let Some(write) = worked else {
        return Err(wrong("nothing was written that could be undone", "only what this session has called is known"));
    };
    let Some((inverse, fields)) = &write.inverse else {
        let message = format!("the catalog knows no way back from `{}`", write.operation);
        return Err(wrong(message, "`:last` shows what was sent and what came back"));
    };
    let operation = client.operation(inverse)?;
    let shown = encode(&fields.clone().into()).unwrap_or_default();
    prompt.screen.write(&format!("{} was done by account {}; this undoes it:\n", write.operation, write.account))?;
    prompt.screen.write(&format!("  {inverse} {shown}\n"))?;
    prompt.screen.note("what that write had replaced, such as the end of a grant, does not come back")?;
    let production = client.accounts().for_operation(&operation, Some(&write.account))?.settings.is_production();
    if !prompt.consent.to_command("Do it? y yes, N no: ", production) {
        return Err(
            Error::new(Kind::Denied, "nothing was undone").hint("answer y; without a terminal, start juben with --yes")
        );
    }
    let options = Options { account: Some(write.account.clone()), ..Options::default() };
    prompt.wait(client.call(&operation, fields.clone(), &options))?;
    prompt.screen.note("undone")
}
