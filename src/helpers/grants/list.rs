//! The grants that there are.

use super::{FOREVER, Grant, Scope, scope::Fields};
use crate::{
    Error,
    client::{Client, Options},
    helpers::pages::{Listing, Report},
};
use rhai::{Array, Dynamic, Map};
use std::sync::Arc;

/// All grants of a kind that this account has given, or received.
pub async fn list(client: &Arc<Client>, scope: Scope, received: bool, options: &Options) -> Result<Vec<Grant>, Error> {
    let fields = scope.listing(received);
    let own = own_appid(client, fields.operation, options)?;
    let items = items(client, &fields, options).await?;
    Ok(items.iter().filter_map(|item| grant(scope, &fields, received, &own, item)).collect())
}

/// The account that gives.
pub(super) fn own_appid(client: &Client, operation: &str, options: &Options) -> Result<String, Error> {
    let operation = client.operation(operation)?;
    let account = client.accounts().for_operation(&operation, options.account.as_deref())?;
    Ok(account.settings.appid.clone().unwrap_or_default())
}

async fn items(client: &Arc<Client>, fields: &Fields, options: &Options) -> Result<Array, Error> {
    let parameters: Map = fields.fixed.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let operation = client.operation(fields.operation)?;
    if operation.pages.is_none() {
        let mut reply = client.call(&operation, parameters, options).await?;
        return Ok(reply.remove("objects").and_then(Dynamic::try_cast::<Array>).unwrap_or_default());
    }
    let listing = Listing::new(client, fields.operation, parameters, options.clone())?;
    let mut reading = listing.read(client.clone(), Arc::new(Report::default()));
    let mut all = Array::new();
    while let Some(page) = reading.next().await {
        all.extend(page?);
    }
    Ok(all)
}

fn grant(scope: Scope, fields: &Fields, received: bool, own: &str, item: &Dynamic) -> Option<Grant> {
    let item = item.as_map_ref().ok()?;
    let text = |name: &str| item.get(name).filter(|it| it.is_string()).map(ToString::to_string);
    let company = text("authorized_subject_cert_no").filter(|code| !code.is_empty());
    let other = text(fields.other).unwrap_or_default();
    let (grantor, grantee) = match (received, &company) {
        (true, _) => (other, own.to_owned()),
        (false, Some(company)) => (own.to_owned(), company.clone()),
        (false, None) => (own.to_owned(), other),
    };
    Some(Grant {
        scope,
        item: item.get(fields.item).cloned().unwrap_or_default(),
        title: Default::default(),
        grantor: grantor.into(),
        grantee: grantee.into(),
        to_company: company.is_some() && !received,
        expires_at: item.get(fields.expires).and_then(|end| end.as_int().ok()).unwrap_or(FOREVER),
    })
}
