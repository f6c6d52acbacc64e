//! Many worlds, each with twins, each asked many times.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::ask::Ask;
use crate::generate;
use crate::publish::{Made, Server};
use crate::session::{self, Difference, Others};
use crate::sight::Sight;
use crate::subjects::Subjects;
use crate::twin::{self, Step};
use crate::who::Who;
use crate::world::World;

/// Pairs of requests for each pair of worlds.
const PAIRS_EACH: usize = 150;
/// Requests that the twin answered before it became one.
const PAST: usize = 60;

/// How much is compared.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The first world.
    pub seed: u64,
    /// Pairs of requests.
    pub pairs: u64,
    /// Stop at the first difference.
    pub stop: bool,
    /// Print how far it is every so often.
    pub progress: Option<Duration>,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Outcome {
    pub pairs: u64,
    pub worlds: u64,
    /// The first world that was not compared.
    pub next_seed: u64,
    pub elapsed: Duration,
    pub differences: u64,
    /// The first differences, told.
    pub told: Vec<String>,
}

/// Differences that are told in full.
const TOLD: usize = 3;

/// A runtime for one thread that asks.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Compares.
pub fn run(plan: Plan) -> Outcome {
    let started = Instant::now();
    let (next, pairs, worlds, differences) = (
        AtomicU64::new(plan.seed),
        AtomicU64::new(0),
        AtomicU64::new(0),
        AtomicU64::new(0),
    );
    let (enough, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (next, pairs, worlds, differences, enough, told) =
                (&next, &pairs, &worlds, &differences, &enough, &told);
            scope.spawn(move || {
                let mut spoke = Instant::now();
                while !enough.load(Ordering::Relaxed) && pairs.load(Ordering::Relaxed) < plan.pairs
                {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let one = world(seed, plan.stop);
                    pairs.fetch_add(one.pairs, Ordering::Relaxed);
                    worlds.fetch_add(1, Ordering::Relaxed);
                    differences.fetch_add(one.differences, Ordering::Relaxed);
                    told.lock()
                        .expect("no panic while it is held")
                        .extend(one.told);
                    if plan.stop && one.differences > 0 {
                        enough.store(true, Ordering::Relaxed);
                    }
                    if let Some(every) = plan
                        .progress
                        .filter(|every| thread == 0 && spoke.elapsed() > *every)
                    {
                        spoke = Instant::now();
                        let (done, rate) = (
                            pairs.load(Ordering::Relaxed),
                            started.elapsed().as_secs_f64(),
                        );
                        println!(
                            "{done} pairs in {every:?} steps, {:.0} a second, world {seed}",
                            done as f64 / rate
                        );
                    }
                }
            });
        }
    });
    let mut told = told.into_inner().expect("no panic while it was held");
    told.truncate(TOLD);
    Outcome {
        pairs: pairs.into_inner(),
        worlds: worlds.into_inner(),
        next_seed: next.into_inner(),
        elapsed: started.elapsed(),
        differences: differences.into_inner(),
        told,
    }
}

/// Compares one world with a twin for each caller.
pub fn world(seed: u64, stop: bool) -> Outcome {
    let mut outcome = Outcome {
        next_seed: seed + 1,
        ..Outcome::default()
    };
    let world = generate::world(seed);
    for who in Who::of(&world) {
        let Ok(sight) = Sight::of(&world, &who) else {
            continue;
        };
        let twin = twin::alike(&world, &who, &sight, seed);
        let made = Made::default();
        let servers = [
            Server::new(&world, &made),
            Server::new(&twin::unlike(&twin.world, seed), &made),
        ];
        let subjects = |purpose| Subjects::of([&world, &twin.world], &sight, seed ^ purpose);
        let mut others = Others::of(Who::of(&twin.world), &who, subjects(1));
        // The twin served something else before: what it keeps of that is nobody's business any more.
        runtime().block_on(others.ask(&servers[1], PAST));
        servers[1].reload(&twin.world, &made);
        let mut subjects = subjects(0);
        let mut found = |difference: Difference| {
            outcome.differences += 1;
            if outcome.told.len() < TOLD {
                outcome
                    .told
                    .push(tell(seed, &who, &world, &twin.steps, &difference));
            }
            stop
        };
        let asked = session::compare(
            [&servers[0], &servers[1]],
            &who,
            &mut subjects,
            &mut others,
            PAIRS_EACH,
            &mut found,
        );
        outcome.pairs += runtime().block_on(asked) as u64;
    }
    outcome
}

fn tell(seed: u64, who: &Who, world: &World, steps: &[Step], difference: &Difference) -> String {
    let Difference { ask, what, place } = difference;
    let cause = match shrink(world, steps, ask) {
        Some(step) => format!("alone responsible: {step}"),
        None => {
            let steps: Vec<_> = steps.iter().map(Step::to_string).collect();
            format!(
                "no step alone shows it; steps:\n    {}",
                steps.join("\n    ")
            )
        }
    };
    format!("world {seed}, {who:?}, request {place}:\n  {ask}\n  {what}\n  {cause}\n")
}

/// The one step that makes the difference, if one does and the request shows it without those before.
fn shrink(world: &World, steps: &[Step], ask: &Ask) -> Option<Step> {
    let made = Made::default();
    // Within a runtime there can be no other: this one has its own thread.
    std::thread::scope(|scope| {
        let found = scope.spawn(|| {
            let before = runtime().block_on(Server::new(world, &made).send(ask));
            let shows = |step: &&Step| {
                let mut changed = world.clone();
                step.take(&mut changed) && {
                    let after = runtime().block_on(Server::new(&changed, &made).send(ask));
                    before.difference(&after).is_some()
                }
            };
            steps.iter().find(shows).cloned()
        });
        found.join().ok().flatten()
    })
}
