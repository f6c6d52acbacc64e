//! Keys: their text is answered once, where they are made.

use serde_json::{Map, Value, json};

use super::Asking;
use super::body::{complete, meant, refuse};
use crate::access::{Change, Key, KeyText, Name, OVERLAP_DAYS, OVERLAP_US_MAX, Record};
use crate::api::clock::instant;
use crate::api::me::RotateBody;
use crate::api::problem::{MemberFault, Problem};
use crate::api::run::internal;
use crate::model::Words;

/// Microseconds of a day.
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A key that is made, and what its maker is told besides the entry.
pub(super) struct Made {
    pub(super) change: Change,
    pub(super) name: Name,
    pub(super) told: Value,
}

impl Asking {
    fn text(&self) -> Result<KeyText, Problem> {
        let mut failed = false;
        let random = &self.api.settings.random;
        let text = KeyText::generate(|buffer| failed |= random.fill(buffer).is_err());
        if failed {
            return Err(internal(&self.api, "no random numbers for a key"));
        }
        Ok(text)
    }

    /// Makes a key of what was sent.
    pub(super) fn new_key(&self, mut members: Map<String, Value>) -> Result<Made, Problem> {
        refuse(&members, &["id", "sha256", "replaced_by"])?;
        let text = self.text()?;
        let hash = blake3::Hash::from_bytes(text.sha256());
        members.insert("id".to_owned(), text.id().to_string().into());
        members.insert("sha256".to_owned(), hash.to_hex().as_str().into());
        let unsaid = [
            ("member", Value::Null),
            ("origins", json!([])),
            ("networks", json!([])),
            ("from", Value::Null),
            ("replaced_by", Value::Null),
        ];
        complete(&mut members, &unsaid);
        let key: Key = meant(members)?;
        self.knows_layers(key.scopes.layers.as_ref())?;
        Ok(Made {
            name: Name::Key(key.id),
            told: json!({ "key": text.reveal() }),
            change: Change::Create(Record::Key(key)),
        })
    }

    /// Makes the successor of a key. It ends when the old one would have.
    pub(super) fn next_key(&self, members: Map<String, Value>) -> Result<Made, Problem> {
        let body: RotateBody = meant(members)?;
        let overlap_us = i64::from(body.overlap_days.unwrap_or(OVERLAP_DAYS)) * DAY_US;
        if overlap_us > OVERLAP_US_MAX {
            let why = Words::new("au plus 30", "at most 30");
            return Err(Problem::Member(
                "overlapDays".to_owned(),
                MemberFault::Wrong(why),
            ));
        }
        let policy = self.context.caller.catalog.policy();
        let id = self.id.parse().map_err(|_| Problem::NoSuchEntry)?;
        let old = policy.keys.get(&id).ok_or(Problem::NoSuchEntry)?;
        if let Some(successor) = old.replaced_by {
            return Err(Problem::ReplacedAlready(successor));
        }
        let now_us = self.context.now_us();
        let text = self.text()?;
        let overlap_until_us = now_us.saturating_add(overlap_us);
        let ends = old.until_us;
        let ends = ends.map_or(overlap_until_us, |u| u.min(overlap_until_us));
        let new = Key {
            id: text.id(),
            sha256: text.sha256(),
            from_us: Some(old.from_us.map_or(now_us, |from| from.max(now_us))),
            replaced_by: None,
            ..old.clone()
        };
        Ok(Made {
            name: Name::Key(new.id),
            told: json!({
                "key": text.reveal(),
                "replaces": { "id": old.id.to_string(), "until": instant(ends) },
            }),
            change: Change::RotateKey {
                old: old.id,
                new: Box::new(new),
                overlap_until_us,
            },
        })
    }
}
