//! See `tests/fuzz/bodies.rs`.
#![no_main]
#![allow(dead_code)]

#[path = "../../bodies.rs"]
mod bodies;
#[path = "../../../../src/filter/tests/memory.rs"]
mod memory;
#[path = "../../../../src/filter/tests/random.rs"]
mod random;
use guichet::{filter, geometry, model};

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::cql2_json(data));
