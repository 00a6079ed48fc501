//! What the books and dramas of an account are called.

use super::Scope;
use crate::{
    Error,
    client::{Client, Options},
    helpers::pages::{Listing, Report},
};
use rhai::Map;
use std::{collections::HashMap, sync::Arc};

/// The titles by id, of the novels or dramas of the account; listed only for kinds of grants that name one.
pub async fn titles(
    client: &Arc<Client>,
    scopes: &[Scope],
    options: &Options,
) -> Result<HashMap<String, String>, Error> {
    let mut titles = HashMap::new();
    if scopes.contains(&Scope::Book) {
        let edited = Map::from_iter([("need_edited_data".into(), true.into())]);
        add(client, ("novel.list_books", "book_id", "title"), edited, options, &mut titles).await?;
    }
    if scopes.contains(&Scope::Drama) || scopes.contains(&Scope::Copyright) {
        add(client, ("drama.list_dramas", "drama_id", "name"), Map::new(), options, &mut titles).await?;
    }
    Ok(titles)
}

async fn add(
    client: &Arc<Client>,
    (operation, id, title): (&str, &str, &str),
    fields: Map,
    options: &Options,
    titles: &mut HashMap<String, String>,
) -> Result<(), Error> {
    let listing = Listing::new(client, operation, fields, options.clone())?;
    let mut reading = listing.read(client.clone(), Arc::new(Report::default()));
    while let Some(page) = reading.next().await {
        for item in page? {
            let Ok(item) = item.as_map_ref() else { continue };
            let text = |name: &str| item.get(name).map(ToString::to_string).unwrap_or_default();
            titles.insert(text(id), text(title));
        }
    }
    Ok(())
}
