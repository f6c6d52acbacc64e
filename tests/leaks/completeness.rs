//! The other side of `noninterference`: whoever may see what changed is told of it. Without this, a server that answers nothing at all
//! would pass.

use std::collections::BTreeMap;

use crate::campaign::runtime;
use crate::generate;
use crate::publish::{Made, Server};
use crate::rng::Rng;
use crate::session::{self, Others};
use crate::sight::Sight;
use crate::subjects::Subjects;
use crate::twin::{ALL, Change, Step};
use crate::who::Who;

/// Requests in which a change must show.
const REQUESTS: usize = 1_500;
/// Changes of each kind.
const EACH: usize = 2;
/// Worlds that are tried for a change of some kind that somebody sees.
const WORLDS: u64 = 40;

/// Changes that nobody sees yet, with the reason.
const NOT_YET: &[(Change, &str)] = &[
    (Change::PolicyMember, "members have no credentials"),
    (Change::PolicyKey, "keys open nothing"),
    (Change::PolicyGrant, "grants open nothing"),
    (Change::PolicyProfile, "grants open nothing"),
    (Change::PolicySuspension, "keys open nothing"),
    (Change::PolicyHost, "members have no credentials"),
    (Change::PolicyEpoch, "a number that is nobody's business"),
    (Change::RowsAddedByThousands, "as seen as a few, and slower"),
    (
        Change::LayerMoved,
        "the order of the configuration says nothing",
    ),
];

/// How many changes of each kind were visible, and how many of those were seen.
#[test]
fn what_is_seen_changes_something() {
    let _beside = crate::beside_others();
    let mut shown: BTreeMap<Change, usize> = BTreeMap::new();
    for seed in 1..=WORLDS {
        let world = generate::world(seed << 20);
        let mut rng = Rng::new(seed, "completeness");
        for who in Who::of(&world) {
            let Ok(before) = Sight::of(&world, &who) else {
                continue;
            };
            for change in ALL {
                if NOT_YET.iter().any(|(c, _)| *c == change) || shown.get(&change) >= Some(&EACH) {
                    continue;
                }
                let layers: Vec<_> = before.layers.keys().cloned().collect();
                if layers.is_empty() {
                    continue;
                }
                let step = Step {
                    change,
                    layer: rng.pick(&layers).clone(),
                    seed: rng.next(),
                };
                let mut changed = world.clone();
                let seen_otherwise =
                    |w| Sight::of(w, &who).is_ok_and(|s| s.told() != before.told());
                if !step.take(&mut changed) || !seen_otherwise(&changed) {
                    continue;
                }
                let made = Made::default();
                let servers = [Server::new(&world, &made), Server::new(&changed, &made)];
                let mut subjects = Subjects::of([&world, &changed], &before, seed);
                let mut others = Others::of(
                    Vec::from([Who::Anonymous]),
                    &who,
                    Subjects::of([&world, &changed], &before, seed),
                );
                let mut seen = false;
                let mut found = |_| {
                    seen = true;
                    true
                };
                let asked = session::compare(
                    [&servers[0], &servers[1]],
                    &who,
                    &mut subjects,
                    &mut others,
                    REQUESTS,
                    &mut found,
                );
                runtime().block_on(asked);
                assert!(
                    seen,
                    "{who:?} is not told of a change in world {}: {step}",
                    seed << 20
                );
                *shown.entry(change).or_default() += 1;
            }
        }
    }
    for change in ALL.iter().filter(|c| NOT_YET.iter().all(|(n, _)| n != *c)) {
        assert!(
            shown.contains_key(change),
            "no change of this kind was ever visible: {change:?}"
        );
    }
    println!("{shown:?}");
}
