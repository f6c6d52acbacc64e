//! What a change does to the entries of a policy. One set of rules for whoever keeps them, in a file or in memory.

use std::collections::BTreeSet;

use super::change::{Change, Decision, Name, Record};
use super::entry::{Acceptance, Entry, LayerLife};
use super::policy::{Grant, Key, KeyId, Subject, Target, Terms};
use super::request::{AccessRequest, RequestState};
use super::store::{Author, ChangeRefusal, StoreError};

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

    /// Whether a grant of the configuration is for that key.
    fn granted_in_file(&self, key: KeyId) -> bool;

    /// Whether a key of that text is there, or was.
    fn has_key_text(&self, key: &Key) -> Result<bool, StoreError>;
}

/// Longest time for which a key and its successor both hold: what was not changed over in a month is forgotten.
pub const OVERLAP_US_MAX: i64 = 30 * 24 * 3_600 * 1_000_000;

/// Open requests of one organisation: more are noise for whoever decides.
const OPEN_REQUESTS_MAX: usize = 50;

/// Organisations above one another: a commune, its intercommunal body, the department, the region, and some.
const PARENTS_MAX: usize = 8;

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
        }
        Change::Resume(target) => {
            let name = Name::Suspension(target.clone());
            let before = rules.live(&name)?;
            rules.effect(name, Some(before), None);
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

fn faulty<T>(why: impl Into<String>) -> Result<T, StoreError> {
    Err(ChangeRefusal::Faulty(why.into()).into())
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
        let name = record.name();
        if self.look.find(&name)? != Found::Absent {
            return Err(StoreError::Conflict(name));
        }
        self.refers(&record)?;
        if let Record::Key(key) = &record {
            self.is_new(key)?;
        }
        self.effect(name, None, Some(Entry::Record(record)));
        Ok(())
    }

    fn is_new(&self, key: &Key) -> Done {
        if key.revoked || key.replaced_by.is_some() {
            return faulty("a new key is neither revoked nor replaced");
        }
        if self.look.has_key_text(key)? {
            return Err(StoreError::Conflict(Name::Key(key.id)));
        }
        Ok(())
    }

    /// Whatever a record refers to is there.
    fn refers(&self, record: &Record) -> Done {
        match record {
            Record::Organisation(organisation) => {
                self.ancestors(&organisation.id, organisation.parent.as_deref())
            }
            Record::Member(member) => {
                let organisation = Name::Organisation(member.organisation.clone());
                self.needs(&organisation).map(drop)
            }
            Record::Profile(profile) => self.owner(profile.organisation.as_ref()),
            Record::Terms(terms) => self.owner(terms.organisation.as_ref()),
            Record::Grant(grant) => self.grant_refers(grant),
            Record::Key(key) => self.key_refers(key),
        }
    }

    fn owner(&self, organisation: Option<&String>) -> Done {
        let Some(id) = organisation else {
            return Ok(());
        };
        self.needs(&Name::Organisation(id.clone())).map(drop)
    }

    fn ancestors(&self, id: &str, parent: Option<&str>) -> Done {
        let mut above = parent.map(str::to_owned);
        for _ in 0..PARENTS_MAX {
            let Some(parent) = above else {
                return Ok(());
            };
            if parent == id {
                return faulty("an organisation would be above itself");
            }
            above = match self.needs(&Name::Organisation(parent))? {
                Entry::Record(Record::Organisation(organisation)) => organisation.parent,
                _ => None,
            };
        }
        faulty(format!(
            "more than {PARENTS_MAX} organisations would be above one another"
        ))
    }

    fn grant_refers(&self, grant: &Grant) -> Done {
        match &grant.subject {
            Subject::Organisation(id) => {
                self.needs(&Name::Organisation(id.clone()))?;
            }
            Subject::Key(id) => {
                self.needs(&Name::Key(*id))?;
            }
            // A group is there when a member or a token says so.
            Subject::Public | Subject::Authenticated | Subject::Group(_) => {}
        }
        grant.layers.iter().try_for_each(|l| self.needs_layer(l))?;
        self.needs(&Name::Profile(grant.profile.clone()))?;
        if let Some(terms) = &grant.terms {
            self.needs(&Name::Terms(terms.clone()))?;
        }
        Ok(())
    }

    fn key_refers(&self, key: &Key) -> Done {
        self.needs(&Name::Organisation(key.organisation.clone()))?;
        if let Some(id) = &key.member {
            let member = self.needs(&Name::Member(id.clone()))?;
            if !matches!(&member, Entry::Record(Record::Member(m)) if m.organisation == key.organisation)
            {
                return faulty("the key's member belongs to another organisation");
            }
        }
        if let Some(profile) = &key.scopes.profile {
            self.needs(&Name::Profile(profile.clone()))?;
        }
        let mut layers = key.scopes.layers.iter().flatten();
        layers.try_for_each(|l| self.needs_layer(l))
    }

    fn update(&mut self, record: Record) -> Done {
        record.check()?;
        let name = record.name();
        let before = self.live(&name)?;
        let Entry::Record(old) = &before else {
            return Err(StoreError::Unknown(name));
        };
        match (old, &record) {
            (Record::Terms(_), _) => {
                return faulty("terms that were published stay as they are: make another version");
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
                        "a key keeps its text, its kind and its holder: make another one",
                    );
                }
            }
            (Record::Member(old), Record::Member(new)) if old.organisation != new.organisation => {
                return faulty("a member stays in the organisation: make another one");
            }
            (Record::Profile(old), Record::Profile(new))
                if old.organisation != new.organisation =>
            {
                return faulty("a profile stays with its organisation: make another one");
            }
            _ => {}
        }
        if *old == record {
            return Err(StoreError::Already(name.to_string()));
        }
        self.refers(&record)?;
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
        let mut fallen = BTreeSet::from([name.clone()]);
        self.effect(name.clone(), Some(before), None);
        self.fall_with(name, &mut fallen)
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
                // What replaced a key stands by itself.
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

    fn rotate(&mut self, old: KeyId, new: &Key, overlap_until_us: i64) -> Done {
        let name = Name::Key(old);
        let before = self.live(&name)?;
        let Entry::Record(Record::Key(key)) = &before else {
            return Err(StoreError::Unknown(name));
        };
        if key.replaced_by.is_some() {
            return Err(StoreError::Already(format!("{name} is replaced")));
        }
        let suspension = Name::Suspension(Target::Key(old));
        if matches!(
            self.look.find(&suspension)?,
            Found::Live(_) | Found::File(_)
        ) {
            return faulty("a suspended key is not renewed");
        }
        if key.until_us.is_some_and(|until| until <= self.author.at_us) {
            return faulty("the key has expired: make another one");
        }
        if self.look.granted_in_file(old) {
            return faulty(
                "the configuration grants something to this key by its id: grant it to the new one there",
            );
        }
        let same = new.organisation == key.organisation
            && new.member == key.member
            && new.kind == key.kind
            && new.scopes == key.scopes
            && new.origins == key.origins
            && new.networks == key.networks;
        if !same {
            return faulty("a key is renewed with what it opens, no more and no less");
        }
        let longest = self.author.at_us.saturating_add(OVERLAP_US_MAX);
        if overlap_until_us > longest {
            return faulty("a key and its successor hold together for 30 days at most");
        }
        let replaced = Key {
            replaced_by: Some(new.id),
            until_us: Some(
                key.until_us
                    .map_or(overlap_until_us, |u| u.min(overlap_until_us)),
            ),
            ..key.clone()
        };
        self.create(Record::Key(new.clone()))?;
        let replaced = Entry::Record(Record::Key(replaced));
        self.effect(name.clone(), Some(before), Some(replaced));
        for entry in self.look.referring(&name)? {
            if let Entry::Record(Record::Grant(grant)) = entry {
                let copy = Grant {
                    id: (self.fresh)("g"),
                    subject: Subject::Key(new.id),
                    ..grant
                };
                let copy = Entry::Record(Record::Grant(copy));
                self.effect(copy.name(), None, Some(copy));
            }
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

    fn request(&mut self, mut request: AccessRequest) -> Done {
        if request.id.is_empty() {
            request.id = (self.fresh)("r");
        }
        let organisation = Name::Organisation(request.organisation.clone());
        self.needs(&organisation)?;
        self.needs_layer(&request.layer)?;
        request.asked_us = self.author.at_us;
        if request.state != RequestState::Open
            || request.decided_by.is_some()
            || request.grant.is_some()
            || request.reason.is_some()
        {
            return faulty("a new request is open");
        }
        let others = self.look.referring(&organisation)?;
        let open = |e: &&Entry| matches!(e, Entry::Request(r) if r.state == RequestState::Open);
        if others.iter().filter(open).count() >= OPEN_REQUESTS_MAX {
            return faulty(format!(
                "{OPEN_REQUESTS_MAX} requests wait for an answer already"
            ));
        }
        self.first(Entry::Request(request))
    }

    fn closed(&self, request: &AccessRequest, state: RequestState) -> AccessRequest {
        AccessRequest {
            state,
            decided_by: Some(self.author.name.to_owned()),
            ..request.clone()
        }
    }

    fn decide(&mut self, id: &str, decision: &Decision) -> Done {
        let name = Name::Request(id.to_owned());
        let before = self.live(&name)?;
        let Entry::Request(request) = &before else {
            return Err(StoreError::Unknown(name));
        };
        if request.state != RequestState::Open {
            return Err(StoreError::Already(format!("{name} is {}", request.state)));
        }
        let after = match decision {
            Decision::Approve(grant) => AccessRequest {
                grant: Some(self.approve(request, grant)?),
                ..self.closed(request, RequestState::Approved)
            },
            Decision::Refuse { reason } => AccessRequest {
                reason: Some(reason.clone()),
                ..self.closed(request, RequestState::Refused)
            },
            Decision::Withdraw => self.closed(request, RequestState::Withdrawn),
        };
        let after = Entry::Request(after);
        after.check()?;
        self.effect(name, Some(before), Some(after));
        Ok(())
    }

    /// Makes the grant that answers a request; gives its id.
    fn approve(&mut self, request: &AccessRequest, grant: &Grant) -> Result<String, StoreError> {
        let asked = Subject::Organisation(request.organisation.clone());
        if grant.subject != asked || grant.layers != BTreeSet::from([request.layer.clone()]) {
            return faulty(
                "a request is answered with a grant for who asked, on the layer that was asked for",
            );
        }
        if grant.until_us.is_none_or(|until| until > request.until_us) {
            return faulty(
                "a request is answered with a grant that ends, no later than was asked for",
            );
        }
        let mut grant = grant.clone();
        if grant.id.is_empty() {
            grant.id = (self.fresh)("g");
        }
        let id = grant.id.clone();
        self.create(Record::Grant(grant))?;
        Ok(id)
    }
}

/// The names to which an entry refers: whatever falls, it may have to fall with. The other direction of [`Look::referring`].
pub fn references(entry: &Entry) -> Vec<Name> {
    let organisation = |id: &String| Name::Organisation(id.clone());
    let terms = |t: &Terms| Name::Terms(t.clone());
    let mut names = Vec::new();
    match entry {
        Entry::Record(Record::Organisation(o)) => names.extend(o.parent.as_ref().map(organisation)),
        Entry::Record(Record::Member(m)) => names.push(organisation(&m.organisation)),
        Entry::Record(Record::Profile(p)) => {
            names.extend(p.organisation.as_ref().map(organisation));
        }
        Entry::Record(Record::Terms(t)) => names.extend(t.organisation.as_ref().map(organisation)),
        Entry::Record(Record::Grant(g)) => {
            match &g.subject {
                Subject::Organisation(id) => names.push(organisation(id)),
                Subject::Key(id) => names.push(Name::Key(*id)),
                Subject::Public | Subject::Authenticated | Subject::Group(_) => {}
            }
            names.push(Name::Profile(g.profile.clone()));
            names.extend(g.terms.as_ref().map(terms));
        }
        Entry::Record(Record::Key(k)) => {
            names.push(organisation(&k.organisation));
            names.extend(k.member.clone().map(Name::Member));
            names.extend(k.scopes.profile.clone().map(Name::Profile));
            names.extend(k.replaced_by.map(Name::Key));
        }
        Entry::Acceptance(a) => {
            names.push(organisation(&a.organisation));
            names.push(terms(&a.terms));
        }
        Entry::Request(r) => names.push(organisation(&r.organisation)),
        Entry::Layer(_) | Entry::Suspension(_) => {}
    }
    names
}
