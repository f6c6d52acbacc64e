//! From a credential to whoever holds it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use hashbrown::HashMap as FastMap;

use super::policy::{Key, KeyId, KeyKind, Member, PolicyParts, Subject, Target};
use super::prepared::Policy;
use super::principal::Standing;
use super::refusal::Refusal;
use super::rights::Rights;

/// Who holds which credential, worked out once.
#[derive(Debug, Clone, Default)]
pub(super) struct Standings {
    /// Looked up by every request with a key. The numbers are drawn by chance, so no choice of keys makes look-ups slow.
    keys: FastMap<KeyId, Holder>,
    /// Members by what a token must say to be theirs.
    identities: HashMap<Identity, Vec<String>>,
    /// Organisations by their number in the national register; `None` where several claim it.
    sirets: HashMap<String, Option<String>>,
}

/// Issuer, subject, and the organisation whose number the token must name; `None` where the member's has no number.
type Identity = (String, String, Option<String>);

/// The identity of a member.
fn identity_of(parts: &PolicyParts, member: &Member) -> Option<Identity> {
    let (issuer, subject) = member.identity.clone()?;
    let organisation = parts.organisations.get(&member.organisation);
    let numbered = organisation.filter(|o| o.siret.is_some());
    Some((issuer, subject, numbered.map(|o| o.id.clone())))
}

/// A key as it is looked up.
#[derive(Debug, Clone)]
struct Holder {
    /// What the key says of its bearer, or why it says nothing at any time.
    standing: Result<Arc<Standing>, Refusal>,
    rights: Rights,
    from_us: i64,
    until_us: i64,
}

impl Standings {
    /// `is_subject` tells whether some grant is for a subject.
    pub(super) fn of(
        parts: &PolicyParts,
        suspended: &HashSet<Target>,
        is_subject: impl Fn(&Subject) -> bool,
    ) -> Self {
        let mut found = Self::default();
        let before = parts.predecessors(|id| is_subject(&Subject::Key(id)));
        for (id, key) in &parts.keys {
            let before = before.get(id).map_or(&[][..], Vec::as_slice);
            let mut holder = holder(parts, suspended, key, before);
            if let Ok(standing) = &holder.standing {
                holder.rights = Rights::of(standing, false, &is_subject);
            }
            found.keys.insert(*id, holder);
        }
        for member in parts.members.values() {
            if let Some(identity) = identity_of(parts, member) {
                let same = found.identities.entry(identity).or_default();
                same.push(member.id.clone());
            }
        }
        for organisation in parts.organisations.values() {
            if let Some(siret) = &organisation.siret {
                found
                    .sirets
                    .entry(siret.clone())
                    .and_modify(|o| *o = None)
                    .or_insert_with(|| Some(organisation.id.clone()));
            }
        }
        found
    }

    /// What the keys say that may say something.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Standing>> {
        self.keys.values().filter_map(|h| h.standing.as_ref().ok())
    }

    /// The rights of a key whose standing this very one is.
    pub(super) fn rights(&self, standing: &Arc<Standing>) -> Option<Rights> {
        let holder = self.keys.get(&standing.key?)?;
        let own = holder.standing.as_ref().ok()?;
        Arc::ptr_eq(own, standing).then_some(holder.rights)
    }

    /// True if a key never says anything because of what it names.
    pub(super) fn is_faulty(&self, key: KeyId) -> bool {
        let standing = self.keys.get(&key).map(|h| &h.standing);
        matches!(standing, Some(Err(Refusal::Faulty)))
    }

    /// True if a token that names the member names others as well.
    pub(super) fn is_named_twice(&self, parts: &PolicyParts, member: &Member) -> bool {
        let same = identity_of(parts, member).and_then(|i| self.identities.get(&i));
        same.is_some_and(|members| members.len() > 1)
    }

    /// True if several organisations claim that number.
    pub(super) fn is_claimed_twice(&self, siret: &str) -> bool {
        matches!(self.sirets.get(siret), Some(None))
    }
}

/// `before` are the keys in whose place that one is, as far as something is granted to them: it holds for this one.
fn holder(parts: &PolicyParts, suspended: &HashSet<Target>, key: &Key, before: &[KeyId]) -> Holder {
    let member = key.member.as_ref().map(|id| parts.members.get(id));
    let ends = [key.until_us, member.flatten().and_then(|m| m.until_us)];
    Holder {
        standing: standing_of(parts, suspended, (key, before), member),
        rights: Rights::ANONYMOUS,
        from_us: key.from_us.unwrap_or(i64::MIN),
        until_us: ends.into_iter().flatten().min().unwrap_or(i64::MAX),
    }
}

#[expect(
    clippy::option_option,
    reason = "a member that does not exist is not a key without member"
)]
fn standing_of(
    parts: &PolicyParts,
    suspended: &HashSet<Target>,
    (key, before): (&Key, &[KeyId]),
    member: Option<Option<&Member>>,
) -> Result<Arc<Standing>, Refusal> {
    if key.revoked {
        return Err(Refusal::Revoked);
    }
    let member = match member {
        None => None,
        Some(Some(member)) if member.organisation == key.organisation => Some(member),
        Some(_) => return Err(Refusal::Faulty),
    };
    if !parts.organisations.contains_key(&key.organisation) {
        return Err(Refusal::Faulty);
    }
    let mut targets = vec![
        Target::Key(key.id),
        Target::Organisation(key.organisation.clone()),
    ];
    targets.extend(member.map(|m| Target::Member(m.id.clone())));
    if targets.iter().any(|t| suspended.contains(t)) {
        return Err(Refusal::Suspended);
    }
    // Whoever opens a web page can read its key: it stands for the organisation, never for a person with a role.
    let member = member.filter(|_| key.kind == KeyKind::Secret);
    let mut subjects = BTreeSet::from([
        Subject::Key(key.id),
        Subject::Organisation(key.organisation.clone()),
    ]);
    subjects.extend(before.iter().copied().map(Subject::Key));
    let groups = member.into_iter().flat_map(|m| &m.groups);
    subjects.extend(groups.map(|g| Subject::Group(g.clone())));
    Ok(Arc::new(Standing {
        name: format!("key:{}", key.id),
        subjects,
        organisation: Some(key.organisation.clone()),
        role: member.map(|m| m.role),
        member: member.map(|m| m.id.clone()),
        key: Some(key.id),
        scopes: key.scopes.clone(),
        operator: parts.operators.contains(&key.id)
            && key.kind == KeyKind::Secret
            && key.scopes.are_wide(),
    }))
}

impl Policy {
    /// What a key whose secret was checked says of its bearer. Worked out when the policy was made: this costs a look-up.
    pub fn standing_of_key(&self, id: KeyId, as_of_us: i64) -> Result<Arc<Standing>, Refusal> {
        let holder = self.standings().keys.get(&id).ok_or(Refusal::Unknown)?;
        let standing = holder.standing.as_ref().map_err(|r| *r)?;
        if as_of_us < holder.from_us {
            return Err(Refusal::NotYet);
        }
        if as_of_us >= holder.until_us {
            return Err(Refusal::Expired);
        }
        Ok(Arc::clone(standing))
    }

    /// The other keys of a key's member that hold, or will: whoever had that one can have made them, and what stops it and the keys in its
    /// place stops none of these.
    pub fn keys_beside(&self, id: KeyId, as_of_us: i64) -> Vec<KeyId> {
        let Some(member) = self.keys.get(&id).and_then(|k| k.member.as_ref()) else {
            return Vec::new();
        };
        let stopped = self.successors(id);
        let holds = |id| {
            let standing = self.standing_of_key(id, as_of_us);
            matches!(standing, Ok(_) | Err(Refusal::NotYet))
        };
        let keys = self.keys.values();
        keys.filter(|k| k.member.as_ref() == Some(member) && k.id != id)
            .filter(|k| !stopped.contains(&k.id) && holds(k.id))
            .map(|k| k.id)
            .collect()
    }

    /// True if what a key says of its bearer holds at any time.
    pub fn is_unlimited(&self, id: KeyId) -> bool {
        let holder = self.standings().keys.get(&id);
        holder
            .is_some_and(|h| h.standing.is_ok() && (h.from_us, h.until_us) == (i64::MIN, i64::MAX))
    }

    /// What the claims of a checked token say of its bearer: with the `siret` of an organisation, its member whom the provider names so,
    /// else somebody of it without a role; without, the member so named of an organisation that has none, else somebody of nowhere.
    /// `groups` are those of which the provider says that the bearer is in them.
    pub fn standing_of_identity(
        &self,
        issuer: &str,
        subject: &str,
        siret: Option<&str>,
        groups: &BTreeSet<String>,
        as_of_us: i64,
    ) -> Result<Arc<Standing>, Refusal> {
        let by_siret = siret
            .and_then(|s| self.standings().sirets.get(s))
            .and_then(Option::as_ref);
        let member = self.member_of(issuer, subject, siret);
        let organisation = member.map(|m| &m.organisation).or(by_siret);
        let mut targets = Vec::new();
        targets.extend(member.map(|m| Target::Member(m.id.clone())));
        targets.extend(organisation.map(|o| Target::Organisation(o.clone())));
        if targets.iter().any(|t| self.is_suspended(t)) {
            return Err(Refusal::Suspended);
        }
        if organisation.is_some_and(|o| !self.organisations.contains_key(o)) {
            return Err(Refusal::Faulty);
        }
        if member.is_some_and(|m| m.until_us.is_some_and(|until| as_of_us >= until)) {
            return Err(Refusal::Expired);
        }
        let groups = groups
            .iter()
            .chain(member.into_iter().flat_map(|m| &m.groups));
        let mut subjects: BTreeSet<_> = groups.map(|g| Subject::Group(g.clone())).collect();
        subjects.extend(organisation.map(|o| Subject::Organisation(o.clone())));
        let name = match member {
            Some(member) => format!("member:{}", member.id),
            None => format!("identity:{issuer}#{subject}"),
        };
        Ok(Arc::new(Standing {
            name,
            subjects,
            organisation: organisation.cloned(),
            role: member.map(|m| m.role),
            member: member.map(|m| m.id.clone()),
            ..Standing::default()
        }))
    }

    /// The member whom a provider names so. Organisations choose whom they call their members, so an identity counts only where the
    /// provider confirms the organisation by its number, or where the operator bound it: in organisations without one. Where several are
    /// named so, none is meant: nobody is locked out by what others wrote.
    fn member_of(&self, issuer: &str, subject: &str, siret: Option<&str>) -> Option<&Member> {
        let named = match siret.and_then(|s| self.standings().sirets.get(s)) {
            None => None,
            Some(Some(organisation)) => Some(organisation.clone()),
            Some(None) => return None,
        };
        let identity = (issuer.to_owned(), subject.to_owned(), named);
        match &self.standings().identities.get(&identity)?[..] {
            [only] => self.members.get(only),
            _ => None,
        }
    }

    /// True if the caller was suspended since the credential was checked.
    pub(super) fn is_refused(&self, standing: &Standing) -> bool {
        let mut targets = Vec::new();
        targets.extend(standing.key.map(Target::Key));
        targets.extend(standing.member.clone().map(Target::Member));
        targets.extend(standing.organisation.clone().map(Target::Organisation));
        targets.iter().any(|t| self.is_suspended(t))
    }
}
