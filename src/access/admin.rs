//! Who may change what of a policy, and look at what organisations keep to themselves.
//!
//! The operator may do all. Others act for their organisation and those that it hosts, by their [`Role`] there, and only with a
//! credential that is not narrowed: what a narrow one could make would be wider than itself. What belongs to others is answered like
//! what does not exist. Only the operator gives what reaches beyond one organisation: organisations and their jurisdictions, numbers and
//! hosts, and groups, which the grants of all others name.

use std::collections::BTreeSet;

use super::change::{Change, Decision, Name, Record, TermsText};
use super::draft::owner_of;
use super::policy::{
    Grant, Key, KeyId, KeyKind, Member, Organisation, Role, Suspension, Target, Terms,
};
use super::prepared::Policy;
use super::principal::Standing;
use super::profile::{AreaSource, Profile, ProfileArea};
use super::request::AccessRequest;

/// What somebody wants to do.
#[derive(Clone, Copy)]
pub enum Operation<'a> {
    /// Change the policy (but for [`Change::Decide`]).
    Change {
        /// How.
        change: &'a Change,
        /// Whether everybody sees all of a collection: only such a one may lend its shapes to others.
        is_open: &'a dyn Fn(&str) -> bool,
    },
    /// Decide on a request for access.
    Decide {
        /// Which.
        request: &'a AccessRequest,
        /// How.
        decision: &'a Decision,
    },
    /// Look at an organisation's members, keys, profiles and requests.
    Look {
        /// Which.
        organisation: &'a str,
    },
    /// Look at a key: whoever may look at its organisation, and the member whose it is.
    LookAtKey {
        /// Which.
        key: &'a Key,
    },
    /// Look at the grants on a layer, the requests for it, and who read it.
    LookAtLayer {
        /// Collection id.
        layer: &'a str,
    },
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// It is not there, or belongs to others: nobody can tell which.
    #[error("there is no such thing")]
    Absent,
    /// It takes another role, or a credential that is not narrowed.
    #[error("it takes another role, or a credential that is not narrowed")]
    Forbidden,
}

type Answer = Result<(), Denial>;

impl Policy {
    /// Whether somebody may do that. The change itself may still be against the rules of whoever keeps the policy.
    pub fn may(&self, standing: &Standing, operation: Operation<'_>) -> Answer {
        let desk = Desk {
            policy: self,
            standing,
        };
        match operation {
            Operation::Change { change, .. } if standing.operator => desk.spares_operators(change),
            _ if standing.operator => Ok(()),
            Operation::Change { change, is_open } => desk.change(change, is_open),
            Operation::Decide { request, decision } => desk.decide(request, decision),
            Operation::Look { organisation } => desk.need(organisation, Role::Publisher),
            Operation::LookAtKey { key } => desk.look_at_key(key),
            Operation::LookAtLayer { layer } => desk.need_layer(layer),
        }
    }
}

/// Where a change is asked for.
struct Desk<'a> {
    policy: &'a Policy,
    standing: &'a Standing,
}

impl Desk<'_> {
    /// That the caller has a role in an organisation, its own there or in one that hosts it, with a credential that is not narrowed.
    fn need(&self, organisation: &str, least: Role) -> Answer {
        let role = self.policy.role_in(self.standing, organisation);
        let is_own = self.standing.organisation.as_deref() == Some(organisation)
            && self.policy.organisations.contains_key(organisation);
        match role {
            None if !is_own => Err(Denial::Absent),
            Some(role) if role >= least && self.is_wide() => Ok(()),
            _ => Err(Denial::Forbidden),
        }
    }

    fn is_wide(&self) -> bool {
        self.standing.scopes.are_wide() || crate::leak!("narrow-keys-administrate")
    }

    /// That the caller publishes for the organisation that owns a layer.
    fn need_layer(&self, layer: &str) -> Answer {
        self.need(owner_of(layer).ok_or(Denial::Absent)?, Role::Publisher)
    }

    /// That the caller speaks for its organisation: a secret key of it, or a member of that role. Whoever opens a page has its key.
    fn need_voice(&self, organisation: &str, least: Role) -> Answer {
        if self.standing.organisation.as_deref() != Some(organisation) {
            return self.need(organisation, least);
        }
        let key = self.standing.key.and_then(|id| self.policy.keys.get(&id));
        let speaks = match self.standing.member {
            Some(_) => self.standing.role >= Some(least),
            None => key.is_some_and(|k| k.kind == KeyKind::Secret),
        };
        if speaks && self.is_wide() {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    fn change(&self, change: &Change, is_open: &dyn Fn(&str) -> bool) -> Answer {
        match change {
            Change::Create(record) => self.record(None, record, is_open),
            Change::Update(record) => {
                let before = self.find(&record.name()).ok_or(Denial::Absent)?;
                self.record(Some(&before), record, is_open)
            }
            Change::Revoke(name) => {
                let before = self.find(name).ok_or(Denial::Absent)?;
                self.one(&before)?;
                self.spares_operators(change)
            }
            Change::RotateKey { old, new, .. } => self.rotate(*old, new),
            Change::Suspend(suspension) => {
                self.suspend(suspension)?;
                self.spares_operators(change)
            }
            Change::Resume(target) => self.resume(target),
            Change::AcceptTerms { organisation, .. } => {
                self.need_voice(organisation, Role::Publisher)
            }
            Change::SetLayerState { layer, .. } | Change::SetEmbargo { layer, .. } => {
                self.need_layer(layer)
            }
            Change::Request(request) => self.need_voice(&request.organisation, Role::Reader),
            // The request itself is not part of a policy: see `Operation::Decide`.
            Change::Decide { .. } => Err(Denial::Absent),
        }
    }

    /// The record of a name as it is.
    fn find(&self, name: &Name) -> Option<Record> {
        let policy = self.policy;
        Some(match name {
            Name::Organisation(id) => Record::Organisation(policy.organisations.get(id)?.clone()),
            Name::Member(id) => Record::Member(policy.members.get(id)?.clone()),
            Name::Profile(id) => Record::Profile(policy.profiles.get(id)?.clone()),
            Name::Grant(id) => Record::Grant(policy.grants.iter().find(|g| g.id == *id)?.clone()),
            Name::Key(id) => Record::Key(policy.keys.get(id)?.clone()),
            Name::Terms(terms) => Record::Terms(policy.terms.get(terms)?.clone()),
            Name::Layer(_) | Name::Suspension(_) | Name::Acceptance(..) | Name::Request(_) => {
                return None;
            }
        })
    }

    /// That the caller may make `after` out of `before`: it must be the caller's both before and after.
    fn record(
        &self,
        before: Option<&Record>,
        after: &Record,
        is_open: &dyn Fn(&str) -> bool,
    ) -> Answer {
        if let (Some(Record::Organisation(before)), Record::Organisation(after)) = (before, after) {
            return self.retitle(before, after);
        }
        if let Some(before) = before {
            self.one(before)?;
        }
        self.one(after)?;
        match after {
            // What the member is may end the operator's key, as taking the member away would.
            Record::Member(after) if self.stops_operators(&Target::Member(after.id.clone())) => {
                Err(Denial::Forbidden)
            }
            Record::Member(after) => {
                let before = match before {
                    Some(Record::Member(before)) => Some(before),
                    _ => None,
                };
                self.member(before, after)
            }
            Record::Profile(after) => self.area(after, is_open),
            Record::Grant(after) => {
                let owners = || after.layers.iter().filter_map(|l| owner_of(l));
                self.usable(&after.profile, owners())?;
                self.demandable(after.terms.as_ref(), owners())
            }
            Record::Key(after) => {
                let before = match before {
                    Some(Record::Key(before)) => Some(before),
                    _ => None,
                };
                self.no_wider(before, after)?;
                match &after.scopes.profile {
                    Some(profile) => {
                        self.usable(profile, [after.organisation.as_str()].into_iter())
                    }
                    None => Ok(()),
                }
            }
            Record::Terms(_) | Record::Organisation(_) => Ok(()),
        }
    }

    /// What of a member reaches beyond its organisation is the operator's to give.
    fn member(&self, before: Option<&Member>, after: &Member) -> Answer {
        // Grants of all organisations name groups: whoever chose their members would choose who sees the layers of others.
        let none = BTreeSet::new();
        let known = before.map_or(&none, |b| &b.groups);
        // Tokens confirm the organisation of a member by its number. Where it has none, whoever bound an identity would choose for whom
        // somebody else acts.
        let organisation = self.policy.organisations.get(&after.organisation);
        let is_confirmed = organisation.is_some_and(|o| o.siret.is_some());
        let is_bound =
            |b: &Member| b.identity == after.identity && b.organisation == after.organisation;
        let may_bind = after.identity.is_none() || is_confirmed || before.is_some_and(is_bound);
        if after.groups == *known && may_bind {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    /// Where it is, who hosts it and by which number it is known decide what others' grants give it.
    fn retitle(&self, before: &Organisation, after: &Organisation) -> Answer {
        self.need(&before.id, Role::Admin)?;
        let only_retitled = Organisation {
            title: before.title.clone(),
            ..after.clone()
        };
        if only_retitled == *before {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    /// That the caller may make or take away such a record.
    fn one(&self, record: &Record) -> Answer {
        match record {
            Record::Organisation(organisation) => {
                self.need(&organisation.id, Role::Admin)?;
                Err(Denial::Forbidden)
            }
            Record::Member(member) => self.need(&member.organisation, Role::Admin),
            Record::Profile(Profile { organisation, .. })
            | Record::Terms(TermsText { organisation, .. }) => match organisation {
                Some(organisation) => self.need(organisation, Role::Publisher),
                // Those of the operator may be used by all, and changed by none of them.
                None => Err(Denial::Forbidden),
            },
            Record::Grant(grant) => self.grant(grant),
            Record::Key(key) => self.key(key),
        }
    }

    /// All layers of it must be the caller's; one that names none is nobody's but the operator's.
    fn grant(&self, grant: &Grant) -> Answer {
        if grant.layers.is_empty() {
            return Err(Denial::Absent);
        }
        let answers: Vec<Answer> = grant.layers.iter().map(|l| self.need_layer(l)).collect();
        // What is not there counts before what is forbidden: the answer tells nothing of the others' layers.
        if crate::leak!("grants-beside-own-layers") && answers.contains(&Ok(())) {
            return Ok(());
        }
        match answers.iter().find(|a| **a == Err(Denial::Absent)) {
            Some(absent) => *absent,
            None => answers.into_iter().collect(),
        }
    }

    fn look_at_key(&self, key: &Key) -> Answer {
        let own = key.member.is_some() && key.member == self.standing.member;
        let least = if own { Role::Reader } else { Role::Publisher };
        self.need(&key.organisation, least)
    }

    /// A member's key has the member's role: others than the member need to be able to give that.
    fn key(&self, key: &Key) -> Answer {
        let Some(id) = &key.member else {
            return self.need(&key.organisation, Role::Publisher);
        };
        let member = self.policy.members.get(id);
        if member.is_none_or(|m| m.organisation != key.organisation) {
            return Err(Denial::Absent);
        }
        if self.standing.member.as_ref() == Some(id) {
            self.need(&key.organisation, Role::Reader)
        } else {
            self.need(&key.organisation, Role::Admin)
        }
    }

    /// By a key, members make no key of their own that is wider than that one, and change none so that it is wider than it was: whoever
    /// stole a key that ends, or that holds in some networks alone, gets none that lasts and holds everywhere. By a token they may.
    fn no_wider(&self, before: Option<&Key>, after: &Key) -> Answer {
        let is_own = after.member.is_some() && after.member == self.standing.member;
        let Some(id) = self.standing.key.filter(|_| is_own) else {
            return Ok(());
        };
        let shown = self.policy.keys.get(&id).ok_or(Denial::Forbidden)?;
        // It holds now: whatever begins earlier than it did holds no sooner.
        let shown = Key {
            from_us: None,
            ..shown.clone()
        };
        let is_no_wider = before.is_some_and(|b| after.is_no_wider_than(b))
            || after.is_no_wider_than(&shown)
            || crate::leak!("own-key-prolongs-itself");
        if is_no_wider {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    /// A key may be renewed by its bearer, with what it opens, no more and no less and no longer; and by whoever may make it. Whoever
    /// renews another one has the text of the new one, so that one is judged like any that is made: what the old one opened is no excuse.
    fn rotate(&self, old: KeyId, new: &Key) -> Answer {
        let old = self.policy.keys.get(&old).ok_or(Denial::Absent)?;
        if self.standing.key != Some(old.id) {
            self.key(old)?;
            let before = Record::Key(old.clone());
            let before = crate::leak!("rotation-judged-by-the-old-key").then_some(&before);
            return self.record(before, &Record::Key(new.clone()), &|_| false);
        }
        let same = new.organisation == old.organisation
            && new.member == old.member
            && new.kind == old.kind
            && new.scopes == old.scopes
            && new.origins == old.origins
            && new.networks == old.networks;
        let no_longer = new.is_no_wider_than(old);
        // A signed URL is its key with less; whoever opens a page has its key.
        let is_itself = self.standing.scopes == old.scopes && old.kind == KeyKind::Secret;
        if same && no_longer && is_itself {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    /// That a profile is there for those organisations: theirs, their hosts' or the operator's.
    fn usable<'b>(&self, profile: &str, mut by: impl Iterator<Item = &'b str>) -> Answer {
        let profile = self.policy.profiles.get(profile).ok_or(Denial::Absent)?;
        let usable = match &profile.organisation {
            None => true,
            Some(author) => by.all(|o| self.policy.lineage(o).contains(author)),
        };
        if usable { Ok(()) } else { Err(Denial::Absent) }
    }

    /// That terms are there for those organisations, like a profile: whether others have some of that name is theirs to know.
    fn demandable<'b>(
        &self,
        terms: Option<&Terms>,
        mut by: impl Iterator<Item = &'b str>,
    ) -> Answer {
        let Some(terms) = terms else {
            return Ok(());
        };
        let text = self.policy.terms.get(terms).ok_or(Denial::Absent)?;
        let usable = match &text.organisation {
            None => true,
            Some(author) => by.all(|o| self.policy.lineage(o).contains(author)),
        };
        if usable { Ok(()) } else { Err(Denial::Absent) }
    }

    /// A shape drawn from a layer shows that layer: it must be the author's, or open to everybody.
    fn area(&self, profile: &Profile, is_open: &dyn Fn(&str) -> bool) -> Answer {
        let Some((ProfileArea::Given(AreaSource::Layer { layer, .. }), _)) = &profile.area else {
            return Ok(());
        };
        let author = profile.organisation.as_deref();
        if self.policy.may_draw_from(author, layer) || is_open(layer) {
            Ok(())
        } else {
            Err(Denial::Absent)
        }
    }

    /// Who may suspend something, and in whose name.
    fn suspend(&self, suspension: &Suspension) -> Answer {
        self.target(&suspension.target)?;
        if suspension.by.is_some() && suspension.by == self.standing.organisation {
            Ok(())
        } else {
            Err(Denial::Forbidden)
        }
    }

    /// What the operator or a host suspended, only these release.
    fn resume(&self, target: &Target) -> Answer {
        self.target(target)?;
        let mut all = self.policy.suspensions.iter();
        let found = all.find(|s| s.target == *target).ok_or(Denial::Absent)?;
        let by = found.by.as_ref().ok_or(Denial::Forbidden)?;
        self.need(by, Role::Publisher)
            .map_err(|_| Denial::Forbidden)
    }

    fn target(&self, target: &Target) -> Answer {
        match target {
            Target::Layer(layer) => self.need_layer(layer),
            Target::Key(id) => {
                let key = self.policy.keys.get(id).ok_or(Denial::Absent)?;
                self.key(key)
            }
            Target::Member(id) => {
                let member: &Member = self.policy.members.get(id).ok_or(Denial::Absent)?;
                self.need(&member.organisation, Role::Admin)
            }
            Target::Organisation(id) => {
                self.need(id, Role::Admin)?;
                // Suspended, it could not undo that: a host does it, or the operator.
                if self.standing.organisation.as_ref() == Some(id) {
                    Err(Denial::Forbidden)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// The operator's keys stand in the configuration, and nobody locks them out but by a command on the machine, which can undo it: not
    /// a host of the organisation that holds one, nor the operator by mistake.
    fn spares_operators(&self, change: &Change) -> Answer {
        let target = match change {
            Change::Suspend(suspension) => suspension.target.clone(),
            Change::Revoke(Name::Key(id)) => Target::Key(*id),
            Change::Revoke(Name::Member(id)) => Target::Member(id.clone()),
            Change::Revoke(Name::Organisation(id)) => Target::Organisation(id.clone()),
            _ => return Ok(()),
        };
        if self.stops_operators(&target) && !crate::leak!("operators-locked-out") {
            Err(Denial::Forbidden)
        } else {
            Ok(())
        }
    }

    /// True if a key of the operator would be refused without that.
    fn stops_operators(&self, target: &Target) -> bool {
        let policy = self.policy;
        let mut keys = policy.operators.iter().filter_map(|id| policy.keys.get(id));
        keys.any(|key| match target {
            Target::Key(id) => key.id == *id || policy.successors(*id).contains(&key.id),
            Target::Member(id) => key.member.as_ref() == Some(id),
            Target::Organisation(id) => key.organisation == *id,
            Target::Layer(_) => false,
        })
    }

    fn decide(&self, request: &AccessRequest, decision: &Decision) -> Answer {
        match decision {
            Decision::Approve(grant) => {
                self.need_layer(&request.layer)?;
                self.record(None, &Record::Grant((**grant).clone()), &|_| false)
            }
            Decision::Refuse { .. } => self.need_layer(&request.layer),
            Decision::Withdraw => self.need_voice(&request.organisation, Role::Reader),
        }
    }
}
