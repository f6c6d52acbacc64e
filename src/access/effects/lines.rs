//! Keys in the place of others.

use std::collections::BTreeSet;

use super::{Done, Found, Rules, faulty};
use crate::access::change::{Name, Record};
use crate::access::effects::OVERLAP_US_MAX;
use crate::access::entry::Entry;
use crate::access::policy::{Key, KeyId, Target};
use crate::access::store::StoreError;

/// Keys of one line: who changes a key each day does so for more than two years. Bearers renew keys by themselves, so there must be an end.
const LINE_MAX: usize = 1_000;

impl Rules<'_> {
    pub(super) fn rotate(&mut self, old: KeyId, new: &Key, overlap_until_us: i64) -> Done {
        let name = Name::Key(old);
        let before = self.live(&name)?;
        let Entry::Record(Record::Key(key)) = &before else {
            return Err(StoreError::Unknown(name));
        };
        if key.replaced_by.is_some() {
            return Err(StoreError::Already(format!("{name} is replaced")));
        }
        let mut line = self.look.predecessors(old)?;
        line.push(old);
        for id in &line {
            let suspension = Name::Suspension(Target::Key(*id));
            if let Found::Live(_) | Found::File(_) = self.look.find(&suspension)? {
                return faulty(
                    "une clé suspendue ne se renouvelle pas",
                    "a suspended key is not renewed",
                );
            }
        }
        if line.len() >= LINE_MAX {
            return faulty(
                format!(
                    "{LINE_MAX} clés se sont remplacées l’une l’autre : faites-en une qui n’en remplace aucune"
                ),
                format!(
                    "{LINE_MAX} keys were made in the place of one another: make another one by itself"
                ),
            );
        }
        if key.until_us.is_some_and(|until| until <= self.author.at_us) {
            return faulty(
                "la clé a expiré : faites-en une autre",
                "the key has expired: make another one",
            );
        }
        let same = new.organisation == key.organisation
            && new.member == key.member
            && new.kind == key.kind
            && new.scopes == key.scopes
            && new.origins == key.origins
            && new.networks == key.networks;
        if !same {
            return faulty(
                "une clé se renouvelle avec ce qu’elle ouvre, ni plus ni moins",
                "a key is renewed with what it opens, no more and no less",
            );
        }
        if !new.is_no_wider_than(key) {
            return faulty(
                "une clé se renouvelle pour le temps qu’elle vaut, pas plus",
                "a key is renewed for no longer than it holds",
            );
        }
        let longest = self.author.at_us.saturating_add(OVERLAP_US_MAX);
        if overlap_until_us > longest {
            return faulty(
                "une clé et celle qui la remplace valent ensemble 30 jours au plus",
                "a key and its successor hold together for 30 days at most",
            );
        }
        let replaced = Key {
            replaced_by: Some(new.id),
            until_us: Some(
                key.until_us
                    .map_or(overlap_until_us, |u| u.min(overlap_until_us)),
            ),
            ..key.clone()
        };
        if replaced
            .from_us
            .zip(replaced.until_us)
            .is_some_and(|(from, until)| from >= until)
        {
            return faulty(
                "la clé finirait avant de commencer : révoquez-la et faites-en une autre",
                "the key would end before it begins: revoke it and make another one",
            );
        }
        self.create(Record::Key(new.clone()))?;
        let replaced = Entry::Record(Record::Key(replaced));
        self.effect(name, Some(before), Some(replaced));
        Ok(())
    }

    /// The keys of the store that were made in the place of that one, the next first.
    pub(super) fn successors(&self, key: &Key) -> Result<Vec<(Name, Entry)>, StoreError> {
        let mut met = BTreeSet::from([key.id]);
        let mut found = Vec::new();
        let mut next = key.replaced_by;
        while let Some(id) = next.filter(|id| met.insert(*id)) {
            let name = Name::Key(id);
            let Found::Live(entry) = self.look.find(&name)? else {
                break;
            };
            next = match &entry {
                Entry::Record(Record::Key(key)) => key.replaced_by,
                _ => None,
            };
            found.push((name, entry));
        }
        Ok(found)
    }

    /// What suspends or releases a key does so to its successors. These stay as they are; the audit names them.
    pub(super) fn name_successors(&mut self, target: &Target) -> Done {
        let Target::Key(id) = target else {
            return Ok(());
        };
        if let Found::Live(Entry::Record(Record::Key(key))) = self.look.find(&Name::Key(*id))? {
            for (name, entry) in self.successors(&key)? {
                self.effect(name, Some(entry.clone()), Some(entry));
            }
        }
        Ok(())
    }
}
