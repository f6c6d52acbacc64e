//! Replays the corpora of the fuzz targets, and short mutations of them; `tests/fuzz/run` fuzzes for as long as one likes.

mod bodies;
/// The table of the filter's own tests, under the names that it uses.
#[path = "../../src/filter/tests/memory.rs"]
mod memory;
#[path = "../../src/filter/tests/random.rs"]
mod random;
use guichet::{filter, geometry, model};

use random::Random;

/// Random well-typed filters beside the corpus.
const RANDOM: usize = 100;
/// Mutations of each input.
const MUTATIONS: usize = 20;

/// The inputs of a target: one JSON string a line.
fn corpus(target: &str) -> Vec<String> {
    let path = format!(
        "{}/tests/fuzz/corpus/{target}.jsonl",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).expect(&path);
    let inputs: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert!(!inputs.is_empty(), "{path}");
    inputs
}

fn replay(target: &str, body: fn(&[u8])) {
    let mut random = Random::new(11);
    let mut corpus = corpus(target);
    corpus.extend((0..RANDOM).map(|_| random.filter(3)));
    for input in &corpus {
        body(input.as_bytes());
        for _ in 0..MUTATIONS {
            let other = &corpus[random.below(corpus.len())];
            body(&mutated(input.as_bytes(), other.as_bytes(), &mut random));
        }
    }
}

/// A part of the input taken out, doubled or replaced by a part of another.
fn mutated(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let cut = |bytes: &[u8], random: &mut Random| {
        let (a, b) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        (a.min(b), a.max(b))
    };
    let (start, end) = cut(input, random);
    let (from, to) = cut(other, random);
    let (head, middle, tail) = (&input[..start], &input[start..end], &input[end..]);
    let middle = match random.below(4) {
        0 => vec![],
        1 => [middle, middle].concat(),
        2 => other[from..to].to_vec(),
        _ => vec![(random.next() & 0x7F) as u8],
    };
    [head, &middle, tail].concat()
}

#[test]
fn cql2_text() {
    replay("cql2_text", bodies::cql2_text);
}

#[test]
fn cql2_json() {
    replay("cql2_json", bodies::cql2_json);
}

#[test]
fn cql2_evaluate() {
    replay("cql2_evaluate", bodies::cql2_evaluate);
}
