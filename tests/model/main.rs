//! The reference model against compiled views.
//!
//! `GUICHET_MODEL_CASES=1000000 cargo test --release --test model` runs as many cases; each case is a policy, a world and a caller.
//! `GUICHET_MODEL_SEED=N` starts there, and one seed alone is tried again with `GUICHET_MODEL_CASES=1`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::format_push_string,
    clippy::enum_variant_names,
    clippy::unused_self,
    missing_docs,
    reason = "tests and their helpers fail by panicking, and say what they met"
)]

mod administration;
mod case;
mod export;
mod generate;
#[cfg(guichet_leaks)]
#[path = "../leaks/kills.rs"]
mod kills;
mod lattice;
mod pairs;
mod real;
mod reference;
mod sight;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use guichet::access::{self, Gives};
use guichet::model::Language;

use case::{Case, Face, Sight, Surface};
use sight::Observer;

/// Whatever may differ: each surface, zooms on both sides of all limits, formats that profiles name and one that none does.
const FACES: [Face; 13] = [
    (Surface::Discover, None),
    (Surface::Tilesets, None),
    (Surface::Items, None),
    (Surface::Items, Some("geojson")),
    (Surface::Export, Some("geojson")),
    (Surface::Export, None),
    (Surface::Tiles(0), None),
    (Surface::Tiles(8), Some("mvt")),
    (Surface::Tiles(9), Some("mvt")),
    (Surface::Tiles(12), None),
    (Surface::Tiles(13), Some("mvt")),
    (Surface::Tiles(15), None),
    (Surface::Tiles(255), Some("mvt")),
];

fn number(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(default, |n| {
        n.parse().unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// Something that is not as it must be.
type Fault = String;

/// Compares all that the callers of a case see; gives the number of callers, and how many answers were neither all nor nothing.
fn compare(case: &Case, seed: u64, setting: &real::Setting) -> Result<(u64, u64), Fault> {
    let policy = access::Policy::new(real::policy(case));
    let areas = real::Drawn::of(case);
    let layer = setting.layer(case);
    let mut observer = Observer::new(case);
    let mut partial = 0;
    let mut by_id = BTreeMap::new();
    let mut by_rights = BTreeMap::new();
    for caller in &case.callers {
        let principal = real::principal(&policy, caller, case.now);
        let view = principal
            .as_ref()
            .map(|p| policy.view(p, &layer, &areas, case.now));
        let mut sights = Vec::new();
        for face in FACES {
            let expected = reference::sees(case, caller, face);
            let found = match &view {
                Ok(view) => observer.sees(view, face),
                Err(_) => Sight::Refused,
            };
            if expected != found {
                return Err(format!(
                    "seed {seed}, {caller:?} on {face:?}:\nthe model sees {expected:?}\nthe view shows {found:?}\nof {:#?}\nunder {:#?}",
                    case.rows, case.policy
                ));
            }
            partial += u64::from(matches!(&found, Sight::Rows(rows, _) if rows.contains(&None)));
            if let Ok(view) = &view {
                let id = sight::on(view, face).id();
                let shared = by_id.entry(id).or_insert_with(|| found.clone());
                if *shared != found {
                    return Err(format!(
                        "seed {seed}: two meanings share {id}: {shared:?} {found:?}"
                    ));
                }
            }
            sights.push(found);
        }
        if let Ok(principal) = &principal {
            let shared = by_rights
                .entry(policy.rights(principal))
                .or_insert_with(|| sights.clone());
            if *shared != sights {
                return Err(format!(
                    "seed {seed}: {caller:?} shares the rights of others"
                ));
            }
        }
    }
    Ok((case.callers.len() as u64, partial))
}

/// As many cases as wanted, from a seed on, on all cores; the faults by seed if there are some, up to as many as are enough.
fn compare_many(wanted: u64, first: u64, enough: usize) -> Result<String, BTreeMap<u64, Fault>> {
    let (next, cases, partial) = (AtomicU64::new(first), AtomicU64::new(0), AtomicU64::new(0));
    let faults = Mutex::new(BTreeMap::new());
    let work = || {
        let setting = real::Setting::new();
        while cases.load(Relaxed) < wanted && faults.lock().unwrap().len() < enough {
            let seed = next.fetch_add(1, Relaxed);
            let case = generate::case(seed);
            let compared = compare(&case, seed, &setting);
            match administration::compare(&case, seed).and(compared) {
                Ok((callers, some)) => {
                    cases.fetch_add(callers, Relaxed);
                    partial.fetch_add(some, Relaxed);
                }
                Err(fault) => drop(faults.lock().unwrap().insert(seed, fault)),
            }
        }
    };
    std::thread::scope(|s| (0..threads()).for_each(|_| drop(s.spawn(work))));
    let faults = faults.into_inner().unwrap();
    if !faults.is_empty() {
        return Err(faults);
    }
    let (last, cases, partial) = (
        next.into_inner() - 1,
        cases.into_inner(),
        partial.into_inner(),
    );
    if wanted >= 1_000 && partial < cases / 4 {
        let fault = "too few cases restrict anything".to_owned();
        return Err(BTreeMap::from([(first, fault)]));
    }
    Ok(format!(
        "{cases} cases, seeds {first} to {last}, {partial} answers of some rows: no difference"
    ))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn compiled_views_show_what_the_model_sees() {
    let wanted = number("GUICHET_MODEL_CASES", 20_000);
    let _alone = alone();
    match compare_many(wanted, number("GUICHET_MODEL_SEED", 0), 1) {
        Ok(told) => println!("{told}"),
        Err(mut faults) => panic!("{}", faults.pop_first().expect("one at least").1),
    }
}

/// Leaks that are planted in `access`: the comparison finds each of them (`GUICHET_LEAKS=1 cargo test --release --test model planted`);
/// `GUICHET_LEAKS_WRITE=1` writes how often into `tests/leaks/kills.csv`.
#[cfg(guichet_leaks)]
#[test]
fn every_planted_leak_is_found() {
    let _alone = alone();
    let list = include_str!("../leaks/mutants.csv");
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_suffix(",model")?.split(',').next())
        .collect();
    assert!(names.len() > 20);
    let (mut alive, mut found) = (Vec::new(), BTreeMap::new());
    for name in names {
        guichet::leaks::switch_on(name);
        let faults = compare_many(20_000, 0, 100).err().unwrap_or_default();
        guichet::leaks::switch_on("");
        let told = faults.values().next();
        let told = told.map_or("", |f| f.lines().next().unwrap_or_default());
        println!(
            "{name:<40} {:>4} {}",
            faults.len(),
            &told[..told.len().min(120)]
        );
        if faults.is_empty() {
            alive.push(name);
        } else {
            found.insert(name.to_owned(), faults.len() as u64);
        }
    }
    kills::write(&found);
    assert!(alive.is_empty(), "not found: {alive:?}");
}

/// Leaks are switched on for the whole process: one test after the other.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is told of a view agrees with it: each slice is shown by a grant or by a right to all, and a grant that gives something is
/// hindered by nothing.
fn check_explanations(case: &Case, seed: u64, setting: &real::Setting) {
    let policy = access::Policy::new(real::policy(case));
    let areas = real::Drawn::of(case);
    let layer = setting.layer(case);
    for caller in &case.callers {
        let Ok(principal) = real::principal(&policy, caller, case.now) else {
            continue;
        };
        let told = policy.explain(&principal, &layer, &areas, case.now);
        for (place, surface) in told.surfaces.iter().enumerate() {
            let gives: Vec<&Gives> = told
                .grants
                .iter()
                .filter_map(|t| t.gives.get(place))
                .collect();
            for (slice, portrait) in told.portraits[place].iter().enumerate() {
                let shown = gives.iter().any(|g| **g == Gives::Shows(slice));
                assert!(
                    shown || told.whole.is_some(),
                    "seed {seed}, {caller:?}: nobody gives {portrait:?}"
                );
            }
            for given in gives {
                let shows = match given {
                    Gives::Covered(by) => !by.is_empty(),
                    Gives::Shows(slice) => *slice < told.portraits[place].len(),
                    Gives::Everything => told.view.on(*surface).is_everything(),
                    Gives::TooMany => false,
                    _ => true,
                };
                assert!(shows, "seed {seed}, {caller:?} on {surface:?}: {told:#?}");
            }
        }
        let text = told.lines(Language::Fr).len() + told.lines(Language::En).len();
        assert!(text > 2 * told.surfaces.len());
        assert_eq!(
            access::difference(&told.view, &told.view, layer.schema()),
            []
        );
    }
}

#[test]
fn explanations_agree_with_views() {
    let _alone = alone();
    let setting = real::Setting::new();
    let first = number("GUICHET_MODEL_SEED", 0);
    for seed in first..first + number("GUICHET_MODEL_CASES", 20_000) / 10 {
        check_explanations(&generate::case(seed), seed, &setting);
    }
}

/// The experiment on which the semantics were chosen: merging the parts of grants, instead of whole grants, gives rights away.
#[test]
fn pairs_of_grants_show_what_either_shows() {
    let _alone = alone();
    let pairs = number("GUICHET_MODEL_PAIRS", 100_000);
    let first = number("GUICHET_MODEL_SEED", 0);
    let count = pairs::count(pairs, first, threads() as u64);
    println!("{pairs} pairs: {count:?}");
    assert_eq!((count.more, count.less, count.untold), (0, 0, 0));
    assert!(
        count.more_by_parts > pairs / 4,
        "the measure would not notice"
    );
    assert!(
        count.joined > pairs / 100,
        "too few pairs join a place and a property"
    );
}
