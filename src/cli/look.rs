//! Some layers of the configuration under a policy, for commands that say what somebody sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{anyhow, bail};

use super::desk::Desk;
use super::progress::Progress;
use super::publish::{self, Loader, Outcome};
use super::{rule, serve, state};
use crate::access::{
    AreaSource, KeyId, Policy, PolicyParts, Principal, ProfileArea, Refusal, Standing, Subject,
};
use crate::catalog::{Catalog, Views};

/// Bytes of derived views: commands derive none.
const NO_VIEWS: u64 = 1 << 20;

/// The catalogue of those collections and of all that the policy draws areas from, under that policy at this moment.
pub(super) fn catalogue(
    desk: &Desk,
    collections: &BTreeSet<String>,
    policy: Arc<Policy>,
) -> anyhow::Result<Catalog> {
    let wanted = |id: &String| collections.contains(id) || draws_from(&policy, id);
    let layers = desk.config.layers.iter().filter(|l| wanted(&l.collection));
    let plans = layers
        .map(|layer| publish::plan(&desk.config, layer).map_err(anyhow::Error::msg))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let secret = state::secret_of(&desk.config.server.state)?;
    let loader = Loader {
        secret: serve::revision_secret(&secret),
        time_zone: desk.config.platform.timezone.clone(),
        limits: publish::limits(&desk.config),
        snapshots: Some(state::snapshots(&desk.config.server.state)),
        progress: &Progress::Silent,
    };
    let outcome = loader.publish(plans, &Outcome::default());
    if let Some((id, why)) = outcome.failed.first() {
        bail!("{id} cannot be read: {why}");
    }
    let views = Arc::new(Views::new(secret, NO_VIEWS));
    let catalogue = publish::catalogue(&desk.config, &outcome).keeping(views);
    Ok(catalogue.under(policy, rule::now_us()))
}

fn draws_from(parts: &PolicyParts, id: &str) -> bool {
    let is_of =
        |source: &AreaSource| matches!(source, AreaSource::Layer { layer, .. } if layer == id);
    let mut jurisdictions = parts.organisations.values();
    let mut profiles = parts.profiles.values();
    jurisdictions.any(|o| o.jurisdiction.as_ref().is_some_and(is_of))
        || profiles.any(|p| matches!(&p.area, Some((ProfileArea::Given(s), _)) if is_of(s)))
}

/// Somebody, as commands name callers: `anonymous`, `key:ID`, `member:ID`, `organisation:ID`, `group:ID`, `authenticated`.
pub(super) fn caller(policy: &Policy, name: &str) -> anyhow::Result<Result<Principal, Refusal>> {
    if name == "anonymous" {
        return Ok(Ok(Principal::Anonymous));
    }
    if let Some(id) = name.strip_prefix("member:") {
        let member = policy.members.get(id);
        let member = member.ok_or_else(|| anyhow!("there is no member {id:?}"))?;
        let mut subjects = groups(&member.groups);
        subjects.insert(Subject::Organisation(member.organisation.clone()));
        return Ok(Ok(known(Standing {
            name: name.to_owned(),
            subjects,
            organisation: Some(member.organisation.clone()),
            role: Some(member.role),
            member: Some(id.to_owned()),
            ..Standing::default()
        })));
    }
    let subject: Subject = name.parse().map_err(|_| {
        anyhow!(
            "{name:?} is nobody: write anonymous, key:ID, member:ID, organisation:ID or group:ID"
        )
    })?;
    of_subject(policy, &subject)
}

/// The least that somebody has for whom a grant is.
pub(super) fn of_subject(
    policy: &Policy,
    subject: &Subject,
) -> anyhow::Result<Result<Principal, Refusal>> {
    let organisation = match subject {
        Subject::Public => return Ok(Ok(Principal::Anonymous)),
        Subject::Key(id) => return of_key(policy, *id),
        Subject::Organisation(id) if policy.organisations.contains_key(id) => Some(id.clone()),
        Subject::Organisation(id) => bail!("there is no organisation {id:?}"),
        Subject::Group(_) | Subject::Authenticated => None,
    };
    Ok(Ok(known(Standing {
        name: subject.to_string(),
        subjects: BTreeSet::from([subject.clone()]),
        organisation,
        ..Standing::default()
    })))
}

fn of_key(policy: &Policy, id: KeyId) -> anyhow::Result<Result<Principal, Refusal>> {
    if !policy.keys.contains_key(&id) {
        bail!("there is no key {id}, or it was revoked");
    }
    let standing = policy.standing_of_key(id, rule::now_us());
    Ok(standing.map(Principal::Known))
}

fn known(standing: Standing) -> Principal {
    Principal::Known(Arc::new(standing))
}

fn groups(ids: &BTreeSet<String>) -> BTreeSet<Subject> {
    ids.iter().cloned().map(Subject::Group).collect()
}
