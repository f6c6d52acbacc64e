//! Two worlds that a caller cannot tell apart answer that caller alike, byte for byte; two that differ in what it sees do not.
//!
//! `GUICHET_LEAKS_PAIRS` says how many pairs of requests are compared, `GUICHET_LEAKS_SEED` from which world on; a long run prints
//! where to go on.

use std::time::Duration;

use crate::campaign::{self, Plan};

/// Pairs of a plain `cargo test`.
const FEW: u64 = 20_000;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let digits = text.replace('_', "");
    Some(
        digits
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is `{text}`: a number is wanted")),
    )
}

#[test]
fn what_is_not_seen_changes_nothing() {
    let _beside = crate::beside_others();
    let plan = Plan {
        seed: number("GUICHET_LEAKS_SEED").unwrap_or(1),
        pairs: number("GUICHET_LEAKS_PAIRS").unwrap_or(FEW),
        stop: true,
        progress: Some(Duration::from_secs(20)),
    };
    let outcome = campaign::run(plan);
    println!(
        "{} pairs of requests to {} worlds in {:.1?}: {:.0} requests a second; go on with GUICHET_LEAKS_SEED={}",
        outcome.pairs,
        outcome.worlds,
        outcome.elapsed,
        2.0 * outcome.pairs as f64 / outcome.elapsed.as_secs_f64(),
        outcome.next_seed,
    );
    assert_eq!(outcome.differences, 0, "\n{}", outcome.told.join("\n"));
}
