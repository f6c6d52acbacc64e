//! Times the `cql2` crate: `filter-peers FEATURES FILTERS ROUNDS`.
//!
//! FEATURES is newline-delimited GeoJSON, FILTERS a JSON array of CQL2 texts. Prints a JSON array of
//! `{"matched": …, "milliseconds": median of evaluating all features, "parse_microseconds": median}`.

use std::time::{Duration, Instant};

use cql2::Expr;
use serde_json::{Value, json};

/// A round that takes longer is the last.
const SLOW: Duration = Duration::from_secs(3);

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [features, filters, rounds] = &arguments[..] else {
        return Err("usage: filter-peers FEATURES FILTERS ROUNDS".into());
    };
    let rounds: usize = rounds.parse()?;
    let features = std::fs::read_to_string(features)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>()?;
    let filters: Vec<String> = serde_json::from_str(&std::fs::read_to_string(filters)?)?;

    let mut results = Vec::new();
    for text in &filters {
        let parse = (0..200).map(|_| {
            let began = Instant::now();
            let _expr = std::hint::black_box(cql2::parse_text(std::hint::black_box(text)));
            began.elapsed().as_secs_f64() * 1e6
        });
        let parse = median(parse.collect());
        let expr: Expr = cql2::parse_text(text)?;
        let mut times = Vec::new();
        let mut matched = 0;
        for _ in 0..rounds {
            let began = Instant::now();
            matched = expr.filter(&features)?.len();
            times.push(began.elapsed().as_secs_f64() * 1e3);
            if began.elapsed() > SLOW {
                break;
            }
        }
        results.push(json!({"matched": matched, "milliseconds": median(times), "parse_microseconds": parse}));
    }
    println!("{}", Value::Array(results));
    Ok(())
}
