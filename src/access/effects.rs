//! What a change does to the entries of a policy. One set of rules for whoever keeps them, in a file or in memory.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::change::{Change, Name, Record};
use super::entry::{Acceptance, Entry, LayerLife};
use super::policy::{Key, KeyId, Target};
use super::request::RequestState;
use super::store::{Author, ChangeRefusal, StoreError};
use crate::model::Words;

mod lines;
mod references;
mod requests;

pub use self::references::references;

/// One entry that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Which.
    pub name: Name,
    /// What it was; `None` if it is new.
    pub before: Option<Entry>,
    /// What it is from now on; `None` if it is no more.
    pub after: Option<Entry>,
}

/// What there is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing, ever.
    Absent,
    /// Something that was revoked.
    Revoked,
    /// An entry of the configuration.
    File(Entry),
    /// An entry of the store.
    Live(Entry),
}

/// Looks entries up.
pub trait Look {
    /// What there is under a name.
    fn find(&self, name: &Name) -> Result<Found, StoreError>;

    /// The store's entries that cannot be without the one of that name.
    fn referring(&self, to: &Name) -> Result<Vec<Entry>, StoreError>;

    /// Whether there is a collection of that id.
    fn has_layer(&self, id: &str) -> bool;

    /// Whether the configuration says the state (the first) and the embargo (the second) of a collection.
    fn layer_in_file(&self, id: &str) -> (bool, bool);

    /// The keys in whose place that one is, the last first, whether or not they were revoked.
    fn predecessors(&self, key: KeyId) -> Result<Vec<KeyId>, StoreError>;

    /// Whether a key of that text is there, or was.
    fn has_key_text(&self, key: &Key) -> Result<bool, StoreError>;
}

/// Longest time for which a key and its successor both hold: what was not changed over in a month is forgotten.
pub const OVERLAP_US_MAX: i64 = 30 * 24 * 3_600 * 1_000_000;

/// What `change` does, in the order in which it is to be written; `fresh` gives an id that nobody can guess. Nothing is done where it
/// fails.
pub fn effects(
    look: &dyn Look,
    author: &Author<'_>,
    change: &Change,
    fresh: &mut dyn FnMut(&str) -> String,
) -> Result<Vec<Effect>, StoreError> {
    let mut rules = Rules {
        look,
        author,
        fresh,
        effects: Vec::new(),
    };
    match change {
        Change::Create(record) => rules.create(record.clone())?,
        Change::Update(record) => rules.update(record.clone())?,
        Change::Revoke(name) => rules.revoke(name)?,
        Change::RotateKey {
            old,
            new,
            overlap_until_us,
        } => rules.rotate(*old, new, *overlap_until_us)?,
        Change::Suspend(suspension) => {
            rules.must_be(&suspension.target)?;
            rules.first(Entry::Suspension(suspension.clone()))?;
            rules.name_successors(&suspension.target)?;
        }
        Change::Resume(target) => {
            let name = Name::Suspension(target.clone());
            let before = rules.live(&name)?;
            rules.effect(name, Some(before), None);
            rules.name_successors(target)?;
        }
        Change::AcceptTerms {
            organisation,
            terms,
        } => {
            rules.needs(&Name::Organisation(organisation.clone()))?;
            rules.needs(&Name::Terms(terms.clone()))?;
            rules.first(Entry::Acceptance(Acceptance {
                organisation: organisation.clone(),
                terms: terms.clone(),
                by: author.name.to_owned(),
                at_us: author.at_us,
            }))?;
        }
        Change::SetLayerState { layer, state } => {
            let life = LayerLife {
                state: Some(*state),
                ..rules.life(layer, |(state, _)| state)?
            };
            rules.live_on(life)?;
        }
        Change::SetEmbargo { layer, until_us } => {
            let life = LayerLife {
                embargo_until_us: *until_us,
                ..rules.life(layer, |(_, embargo)| embargo)?
            };
            rules.live_on(life)?;
        }
        Change::Request(request) => rules.request(request.clone())?,
        Change::Decide { request, decision } => rules.decide(request, decision)?,
    }
    Ok(rules.effects)
}

struct Rules<'a> {
    look: &'a dyn Look,
    author: &'a Author<'a>,
    fresh: &'a mut dyn FnMut(&str) -> String,
    effects: Vec<Effect>,
}

type Done = Result<(), StoreError>;

fn faulty<T>(
    fr: impl Into<Cow<'static, str>>,
    en: impl Into<Cow<'static, str>>,
) -> Result<T, StoreError> {
    Err(ChangeRefusal::Faulty(Words::new(fr, en)).into())
}

impl Rules<'_> {
    fn effect(&mut self, name: Name, before: Option<Entry>, after: Option<Entry>) {
        self.effects.push(Effect {
            name,
            before,
            after,
        });
    }

    /// The entry of the store under that name.
    fn live(&self, name: &Name) -> Result<Entry, StoreError> {
        match self.look.find(name)? {
            Found::Live(entry) => Ok(entry),
            Found::File(_) => Err(StoreError::InFile(name.clone())),
            Found::Absent | Found::Revoked => Err(StoreError::Unknown(name.clone())),
        }
    }

    /// The entry under that name, wherever it stands.
    fn needs(&self, name: &Name) -> Result<Entry, StoreError> {
        match self.look.find(name)? {
            Found::Live(entry) | Found::File(entry) => Ok(entry),
            Found::Absent | Found::Revoked => Err(StoreError::Unknown(name.clone())),
        }
    }

    fn needs_layer(&self, id: &str) -> Done {
        if self.look.has_layer(id) {
            return Ok(());
        }
        Err(StoreError::Unknown(Name::Layer(id.to_owned())))
    }

    fn must_be(&self, target: &Target) -> Done {
        match target {
            Target::Layer(id) => self.needs_layer(id),
            Target::Key(id) => self.needs(&Name::Key(*id)).map(drop),
            Target::Member(id) => self.needs(&Name::Member(id.clone())).map(drop),
            Target::Organisation(id) => self.needs(&Name::Organisation(id.clone())).map(drop),
        }
    }

    /// Makes an entry whose name may come again, and is not there now.
    fn first(&mut self, entry: Entry) -> Done {
        entry.check()?;
        let name = entry.name();
        if matches!(self.look.find(&name)?, Found::Live(_) | Found::File(_)) {
            return Err(StoreError::Already(name.to_string()));
        }
        self.effect(name, None, Some(entry));
        Ok(())
    }

    fn create(&mut self, mut record: Record) -> Done {
        if let Record::Grant(grant) = &mut record
            && grant.id.is_empty()
        {
            grant.id = (self.fresh)("g");
        }
        record.check()?;
        opens_something(&record)?;
        let name = record.name();
        if self.look.find(&name)? != Found::Absent {
            return Err(StoreError::Conflict(name));
        }
        self.refers(&record)?;
        self.drawn_from(None, &record)?;
        if let Record::Key(key) = &record {
            self.is_new(key)?;
        }
        self.effect(name, None, Some(Entry::Record(record)));
        Ok(())
    }

    fn is_new(&self, key: &Key) -> Done {
        if key.revoked || key.replaced_by.is_some() {
            return faulty(
                "une clé nouvelle n’est ni révoquée ni remplacée",
                "a new key is neither revoked nor replaced",
            );
        }
        if self.look.has_key_text(key)? {
            return Err(StoreError::Conflict(Name::Key(key.id)));
        }
        Ok(())
    }

    fn update(&mut self, record: Record) -> Done {
        let name = record.name();
        // What stands in a file is changed there, whatever its id is like.
        let before = self.live(&name)?;
        record.check()?;
        opens_something(&record)?;
        let Entry::Record(old) = &before else {
            return Err(StoreError::Unknown(name));
        };
        match (old, &record) {
            (Record::Terms(_), _) => {
                return faulty(
                    "des conditions publiées restent ce qu’elles sont : faites-en une autre version",
                    "terms that were published stay as they are: make another version",
                );
            }
            (Record::Key(old), Record::Key(new)) => {
                let same = old.sha256 == new.sha256
                    && old.organisation == new.organisation
                    && old.member == new.member
                    && old.kind == new.kind
                    && old.replaced_by == new.replaced_by
                    && !new.revoked;
                if !same {
                    return faulty(
                        "une clé garde son texte, son genre et son titulaire : faites-en une autre",
                        "a key keeps its text, its kind and its holder: make another one",
                    );
                }
            }
            (Record::Member(old), Record::Member(new)) if old.organisation != new.organisation => {
                return faulty(
                    "un membre reste dans son organisation : faites-en un autre",
                    "a member stays in the organisation: make another one",
                );
            }
            (Record::Profile(old), Record::Profile(new))
                if old.organisation != new.organisation =>
            {
                return faulty(
                    "un profil reste à son organisation : faites-en un autre",
                    "a profile stays with its organisation: make another one",
                );
            }
            _ => {}
        }
        if *old == record {
            return Err(StoreError::Already(name.to_string()));
        }
        self.refers(&record)?;
        self.drawn_from(Some(old), &record)?;
        self.effect(name, Some(before), Some(Entry::Record(record)));
        Ok(())
    }

    fn revoke(&mut self, name: &Name) -> Done {
        let before = self.live(name)?;
        if !matches!(before, Entry::Record(_)) {
            return Err(StoreError::Unknown(name.clone()));
        }
        if matches!(name, Name::Profile(_) | Name::Terms(_)) {
            let by: Vec<Name> = self.look.referring(name)?.iter().map(Entry::name).collect();
            if !by.is_empty() {
                let name = name.clone();
                return Err(StoreError::InUse { name, by });
            }
        }
        let successors = match &before {
            Entry::Record(Record::Key(key)) => self.successors(key)?,
            _ => Vec::new(),
        };
        let mut fallen = BTreeSet::from([name.clone()]);
        self.effect(name.clone(), Some(before), None);
        self.fall_with(name, &mut fallen)?;
        // Whoever has a key can have made another in its place: taken back is what both open.
        for (name, before) in successors {
            if crate::leak!("successor-survives-revocation") {
                break;
            }
            fallen.insert(name.clone());
            self.effect(name.clone(), Some(before), None);
            self.fall_with(&name, &mut fallen)?;
        }
        Ok(())
    }

    /// Whatever cannot be without `name` falls with it.
    fn fall_with(&mut self, name: &Name, fallen: &mut BTreeSet<Name>) -> Done {
        for entry in self.look.referring(name)? {
            let falls = entry.name();
            if fallen.contains(&falls) {
                continue;
            }
            match &entry {
                Entry::Record(Record::Organisation(_)) => {
                    let (name, by) = (name.clone(), vec![falls]);
                    return Err(StoreError::InUse { name, by });
                }
                // Nobody made the old one in the place of the new: it holds to its end.
                Entry::Record(Record::Key(_)) if matches!(name, Name::Key(_)) => continue,
                Entry::Request(request) => {
                    if request.state == RequestState::Open {
                        let after = self.closed(request, RequestState::Withdrawn);
                        fallen.insert(falls.clone());
                        self.effect(falls, Some(entry), Some(Entry::Request(after)));
                    }
                    continue;
                }
                _ => {}
            }
            fallen.insert(falls.clone());
            self.effect(falls.clone(), Some(entry), None);
            self.fall_with(&falls, fallen)?;
        }
        Ok(())
    }

    /// How a collection stands now; `stands` picks what the configuration must not say.
    fn life(
        &self,
        layer: &str,
        stands: impl Fn((bool, bool)) -> bool,
    ) -> Result<LayerLife, StoreError> {
        self.needs_layer(layer)?;
        let name = Name::Layer(layer.to_owned());
        if stands(self.look.layer_in_file(layer)) {
            return Err(StoreError::InFile(name));
        }
        Ok(match self.look.find(&name)? {
            Found::Live(Entry::Layer(life)) => life,
            _ => LayerLife {
                layer: layer.to_owned(),
                state: None,
                embargo_until_us: None,
            },
        })
    }

    fn live_on(&mut self, life: LayerLife) -> Done {
        let after = Entry::Layer(life);
        after.check()?;
        let name = after.name();
        let before = match self.look.find(&name)? {
            Found::Live(before) => Some(before),
            _ => None,
        };
        if before.as_ref() == Some(&after) {
            return Err(StoreError::Already(name.to_string()));
        }
        self.effect(name, before, Some(after));
        Ok(())
    }
}

/// A grant of no action is none. One that was written before stays, opens nothing and is reported.
fn opens_something(record: &Record) -> Done {
    match record {
        Record::Grant(grant) if grant.actions.is_empty() => faulty(
            "\"actions\" est vide : l’autorisation n’ouvrirait jamais rien ; nommez au moins une action, telle que discover",
            "\"actions\" is empty: the grant would never open anything; name at least one action, such as discover",
        ),
        _ => Ok(()),
    }
}
