//! Leaks that are planted in the code, each where a check could be forgotten: the suite must find every one of them.
//!
//! `GUICHET_LEAKS=1 cargo test --release --test leaks -- --nocapture mutants` builds the leaks in (a target folder of its own saves
//! building twice), switches on one after the other and prints what found it; `GUICHET_LEAKS_MUTANT=name` tries one alone,
//! `GUICHET_LEAKS_WRITE=1` writes how often it was seen into `kills.csv`.

use std::collections::BTreeSet;

use crate::{kills, table};

/// A line of `mutants.csv`.
#[derive(Debug)]
pub struct Mutant {
    pub name: String,
    /// Numbers of the threats that it stands for.
    pub threats: Vec<u8>,
    pub what: String,
    /// What of the suite finds it.
    pub killed_by: String,
}

/// All that are planted.
pub fn all() -> Vec<Mutant> {
    let rows = table::read("mutants.csv", "name,threats,what,killed_by");
    rows.into_iter()
        .map(|row| {
            let [name, threats, what, killed_by] = row.try_into().expect("four fields");
            let threats = threats
                .split(' ')
                .map(|n| n.parse().expect("the number of a threat"));
            Mutant {
                name,
                threats: threats.collect(),
                what,
                killed_by,
            }
        })
        .collect()
}

/// Names in `leak!("…")` of the sources.
fn planted() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (path, text) in table::sources("src") {
        if path.ends_with("src/leaks.rs") {
            continue;
        }
        for (at, sign) in text.match_indices("leak!(\"") {
            let rest = &text[at + sign.len()..];
            names.insert(rest.split('"').next().expect("a quoted name").to_owned());
        }
    }
    names
}

#[test]
fn the_list_of_mutants_is_whole() {
    let all = all();
    let listed: BTreeSet<_> = all.iter().map(|m| m.name.clone()).collect();
    assert_eq!(
        listed.len(),
        all.len(),
        "a name stands twice in mutants.csv"
    );
    assert_eq!(listed, planted(), "left: mutants.csv, right: leak! in src");
    let kills = kills::read();
    for mutant in &all {
        assert!(
            kills.get(&mutant.name).is_some_and(|n| *n > 0),
            "{}: nobody saw whether it is found; GUICHET_LEAKS_WRITE=1 with the command above",
            mutant.name
        );
        assert!(
            mutant.threats.iter().all(|n| (1..=46).contains(n)),
            "{mutant:?}"
        );
        assert!(
            !mutant.what.is_empty() && !mutant.killed_by.is_empty(),
            "{mutant:?}"
        );
    }
}

#[cfg(guichet_leaks)]
mod switched_on {
    use std::collections::BTreeMap;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::{Mutant, all};
    use crate::campaign::{self, Plan};
    use crate::{crawl, doors, kept, matrix, threats};

    /// Pairs of requests after which is looked whether a leak has shown itself, and those that it is given in all.
    const PAIRS: u64 = 6_000;
    const MOST_PAIRS: u64 = 40_000;

    /// How often a leak shows itself, in as many worlds as it takes.
    fn differences() -> u64 {
        let (mut seed, mut pairs) = (1, 0);
        while pairs < MOST_PAIRS {
            let outcome = campaign::run(Plan {
                seed,
                pairs: PAIRS,
                stop: false,
                progress: None,
            });
            if outcome.differences > 0 {
                return outcome.differences;
            }
            pairs += outcome.pairs;
            seed = outcome.next_seed;
        }
        0
    }

    /// How often a leak was seen by each part of the suite.
    fn kills(mutant: &Mutant) -> Result<u64, String> {
        match mutant.killed_by.as_str() {
            "pairs" => Ok(differences()),
            "canaries" => {
                let mut leaks = (1..=20).map(|seed| crawl::leaks(seed).len() as u64);
                Ok(leaks.find(|found| *found > 0).unwrap_or(0))
            }
            "matrix" => Ok(u64::from(matrix::differs())),
            name => {
                let (_, test) = threats::TESTS
                    .iter()
                    .chain(doors::TESTS)
                    .chain(kept::TESTS)
                    .find(|(n, _)| *n == name)
                    .ok_or(format!("there is no {name}"))?;
                Ok(u64::from(catch_unwind(AssertUnwindSafe(test)).is_err()))
            }
        }
    }

    #[test]
    fn every_mutant_is_found() {
        let _alone = crate::alone();
        let only = std::env::var("GUICHET_LEAKS_MUTANT").ok();
        let (mut alive, mut found) = (Vec::new(), BTreeMap::new());
        let clean = campaign::run(Plan {
            seed: 1,
            pairs: PAIRS,
            stop: false,
            progress: None,
        });
        assert_eq!(
            clean.differences,
            0,
            "without any leak: {}",
            clean.told.join("\n")
        );
        assert!(crawl::leaks(1).is_empty(), "without any leak");
        println!("{:<40} {:<16} {:>8}", "mutant", "killed by", "kills");
        for mutant in all()
            .iter()
            // Those of the policy itself are found by its own comparison, in `tests/model`.
            .filter(|m| m.killed_by != "model" && only.as_ref().is_none_or(|o| *o == m.name))
        {
            guichet::leaks::switch_on(&mutant.name);
            let hook = std::panic::take_hook();
            // A test that fails here is what is wanted.
            std::panic::set_hook(Box::new(|_| {}));
            let kills = kills(mutant);
            std::panic::set_hook(hook);
            guichet::leaks::switch_on("");
            let count = kills.as_ref().map_or_else(Clone::clone, u64::to_string);
            println!("{:<40} {:<16} {count:>8}", mutant.name, mutant.killed_by);
            match kills {
                Ok(kills) if kills > 0 => drop(found.insert(mutant.name.clone(), kills)),
                _ => alive.push(mutant.name.clone()),
            }
        }
        crate::kills::write(&found);
        assert!(alive.is_empty(), "not found: {alive:?}");
    }
}
