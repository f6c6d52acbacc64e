//! What is fuzzed: the laws that hold for any bytes. libFuzzer's targets and the replay in `cargo test` call the same functions.

use std::sync::LazyLock;

use crate::memory::Memory;
use crate::random::Random;
use guichet::filter::{
    Encoding, Expr, Fault, Filter, Frame, Limits, Table, parse_json, parse_text, to_json, to_text,
};
use guichet::geometry::crs::Crs;
use guichet::model::Language;

/// CQL2 text: no input stops the parser; what it understands it prints so that both parsers read the same.
pub fn cql2_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    judge(text, parse_text(text, &Limits::default()));
}

/// CQL2 JSON: the same.
pub fn cql2_json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    judge(text, parse_json(text, &Limits::default()));
}

fn judge(text: &str, parsed: Result<Expr, Fault>) {
    // Printed, a tree at a ceiling may be a little longer or deeper than it was written.
    let limits = Limits {
        length_bytes: 1 << 24,
        depth: 2 * Limits::default().depth,
        nodes: 2 * Limits::default().nodes,
        ..Limits::default()
    };
    match parsed {
        Ok(expr) => {
            let printed = to_text(&expr);
            assert_eq!(
                parse_text(&printed, &limits).as_ref(),
                Ok(&expr),
                "{printed}"
            );
            let json = to_json(&expr);
            assert_eq!(parse_json(&json, &limits).as_ref(), Ok(&expr), "{json}");
        }
        Err(fault) => describe(text, &fault),
    }
}

/// A fault lies inside of the text, between characters, and has words.
fn describe(text: &str, fault: &Fault) {
    let (start, end) = (fault.at.start as usize, fault.at.end as usize);
    assert!(text.get(start..end).is_some(), "{fault:?} in {text:?}");
    for language in [Language::Fr, Language::En] {
        assert!(!fault.describe(language).is_empty());
    }
}

static MEMORY: LazyLock<Memory> = LazyLock::new(|| Memory::random(&mut Random::new(7), 150));

/// Check and evaluate: a filter that passes the check selects, of any rows, the same in its canonical form, whatever it is asked for.
pub fn cql2_evaluate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let encoding = if text.starts_with('{') {
        Encoding::Json
    } else {
        Encoding::Text
    };
    let frame = Frame {
        schema: &MEMORY.schema,
        filter_crs: Crs::CRS84,
        storage_crs: Crs::CRS84,
    };
    let filter = match Filter::parse(encoding, text, &frame, &Limits::default()) {
        Ok(filter) => filter,
        Err(fault) => return describe(text, &fault),
    };
    let limits = Limits {
        length_bytes: 1 << 24,
        depth: 2 * Limits::default().depth,
        nodes: 2 * Limits::default().nodes,
        cost: 2 * Limits::default().cost,
        ..Limits::default()
    };
    let canonical = filter.canonical();
    let again = Filter::parse(Encoding::Text, canonical, &frame, &limits).expect(canonical);
    assert_eq!(again.hash(), filter.hash(), "{canonical}");
    let (mut one, mut two) = (filter.bind(&*MEMORY), again.bind(&*MEMORY));
    for block in 0..MEMORY.rows().div_ceil(64) {
        let all = one.block(block, u64::MAX);
        assert_eq!(all, two.block(block, u64::MAX), "{text} / {canonical}");
        assert_eq!(all & 0xF0F0, one.block(block, 0xF0F0), "{text}");
    }
}
