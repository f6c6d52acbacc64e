//! Who may make a grant, told again from the words of the rule: a publisher or admin of the organisation that owns each of its layers, or
//! of one that hosts it, with a credential that is not narrowed; what is not theirs is not there.

use std::collections::BTreeSet;

use guichet::access::{self, Change, Denial, Operation, Principal, Record};

use crate::case::{Caller, Case, LAYER, OTHER_LAYER, Role, Scopes};
use crate::real;

/// Layers to grant on, and the places of their owners.
const CHOICES: [&[(&str, usize)]; 4] = [
    &[(LAYER, 0)],
    &[(OTHER_LAYER, 1)],
    &[(LAYER, 0), (OTHER_LAYER, 1)],
    &[],
];

/// What a caller is by its credential alone: organisation, role, whether it is narrowed.
fn acts(case: &Case, caller: &Caller) -> Option<(usize, Option<Role>, bool)> {
    match caller {
        Caller::Key(id, signed) => {
            let key = &case.policy.keys[*id as usize];
            let member = key.member.filter(|_| !key.browser);
            let role = member.map(|m| case.policy.members[m].role);
            let narrow = key.scopes != Scopes::default()
                || signed.as_ref().is_some_and(|s| *s != Scopes::default());
            Some((key.organisation, role, narrow))
        }
        _ => None,
    }
}

/// Compares the answers for each caller who shows a key.
pub fn compare(case: &Case, seed: u64) -> Result<(), String> {
    let mut parts = real::policy(case);
    parts.profiles.retain(|_, p| p.organisation.is_none());
    let Some(profile) = parts.profiles.keys().next().cloned() else {
        return Ok(());
    };
    let policy = access::Policy::new(parts);
    for caller in &case.callers {
        let Ok(Principal::Known(standing)) = real::principal(&policy, caller, case.now) else {
            continue;
        };
        let Some((organisation, role, narrow)) = acts(case, caller) else {
            continue;
        };
        for layers in CHOICES {
            let answers: BTreeSet<_> = layers
                .iter()
                .map(|(_, owner)| {
                    if *owner >= case.policy.organisations.len() {
                        return Err(Denial::Absent);
                    }
                    let hosts = case.policy.with_hosts(*owner);
                    let acting = hosts.contains(&organisation).then_some(role).flatten();
                    match acting {
                        Some(role) if role >= Role::Publisher && !narrow => Ok(()),
                        Some(_) => Err(Denial::Forbidden),
                        None if *owner == organisation => Err(Denial::Forbidden),
                        None => Err(Denial::Absent),
                    }
                })
                .map(|answer| answer.err().map(|d| d == Denial::Forbidden))
                .collect();
            // Absent before forbidden, forbidden before allowed; of no layer, absent.
            let expected = match () {
                () if answers.contains(&Some(false)) || answers.is_empty() => Err(Denial::Absent),
                () if answers.contains(&Some(true)) => Err(Denial::Forbidden),
                () => Ok(()),
            };
            let change = Change::Create(Record::Grant(access::Grant {
                id: "new".to_owned(),
                subject: access::Subject::Public,
                layers: layers.iter().map(|(id, _)| (*id).to_owned()).collect(),
                profile: profile.clone(),
                actions: [access::Action::Items].into(),
                from_us: None,
                until_us: None,
                terms: None,
            }));
            let operation = Operation::Change {
                change: &change,
                is_open: &|_| false,
            };
            let found = policy.may(&standing, operation);
            if found != expected {
                return Err(format!(
                    "seed {seed}, {caller:?} on {layers:?}: {found:?} instead of {expected:?}"
                ));
            }
        }
    }
    Ok(())
}
