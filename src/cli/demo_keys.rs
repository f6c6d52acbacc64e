//! `guichet demo-keys`: two keys for the demonstration, so that one layer can be looked at with three pairs of eyes.
//!
//! ```text
//! guichet demo-keys          prints two keys and what each opens
//! guichet serve              the demonstration (a server that runs already knows the keys within a second)
//! curl -H "X-API-Key: gch_live_…" http://127.0.0.1:8080/collections/region-sud.parcelles/items?limit=2
//! ```

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::desk::{At, Desk};
use super::whence::Work;
use super::{key, rule};
use crate::access::{Change, Key, Name, PolicyStore as _, Record, StoreError, Subject};

/// `guichet demo-keys`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct DemoKeys {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// Whose keys are made, and what they open.
const KEYS: [(&str, &str); 2] = [
    (
        "eau-de-provence",
        "the parcels of three departments without their owners; elsewhere cells, as everybody",
    ),
    (
        "vaucluse",
        "the parcels of Vaucluse with their owners; elsewhere cells, as everybody",
    ),
];

/// By this, keys of an earlier run are known.
const LABEL: &str = "démonstration";
/// A month: nobody cleans up after a demonstration.
const LIFE_US: i64 = 30 * 86_400 * 1_000_000;

/// Makes the keys, in place of those of an earlier run.
pub(super) fn run(args: &DemoKeys) -> anyhow::Result<()> {
    let desk = Desk::open(&args.at, Work::Look)?;
    for (organisation, _) in KEYS {
        let name = Name::Organisation(organisation.to_owned());
        if desk.files.entry(&name).is_none() {
            bail!(
                "this configuration is not the demonstration: it has no organisation {organisation:?}; \
                 `guichet key add` makes keys for yours"
            );
        }
    }
    for old in desk.stored()?.parts.keys.into_values() {
        if old.label == LABEL {
            desk.change(&Change::Revoke(Name::Key(old.id)))?;
        }
    }
    let mut documents = Vec::new();
    let mut lines =
        vec!["anonymous: cells of one kilometre with the number of parcels in each".to_owned()];
    for (organisation, what) in KEYS {
        accept(&desk, organisation)?;
        let text = make(&desk, organisation)?;
        lines.push(format!("{organisation}: {what}\n{text}"));
        documents.push(json!({ "organisation": organisation, "opens": what, "key": text }));
    }
    lines.push(format!(
        "for thirty days, such as: curl -H \"X-API-Key: KEY\" \
         \"{}/collections/region-sud.parcelles/items?limit=2\"",
        address(&desk)
    ));
    desk.print(&documents.into(), lines)
}

/// Where the configuration says that the server is. One that was told another address at its start knows better.
fn address(desk: &Desk) -> String {
    match &desk.config.platform.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", desk.config.server.listen),
    }
}

/// What an organisation's grants ask it to accept.
fn accept(desk: &Desk, organisation: &str) -> anyhow::Result<()> {
    let subject = Subject::Organisation(organisation.to_owned());
    let grants = desk.files.parts().grants.iter();
    for terms in grants
        .filter(|g| g.subject == subject)
        .filter_map(|g| g.terms.clone())
    {
        let change = Change::AcceptTerms {
            organisation: organisation.to_owned(),
            terms,
        };
        match desk.store.change(desk.author(), &change) {
            Ok(_) | Err(StoreError::Already(_)) => {}
            Err(e) => return Err(super::desk::told(e)),
        }
    }
    Ok(())
}

fn make(desk: &Desk, organisation: &str) -> anyhow::Result<String> {
    let text = key::generate()?;
    desk.change(&Change::Create(Record::Key(Key {
        label: LABEL.to_owned(),
        until_us: Some(rule::now_us() + LIFE_US),
        ..Key::new(text.id(), text.sha256(), organisation)
    })))?;
    Ok(text.reveal().to_owned())
}
