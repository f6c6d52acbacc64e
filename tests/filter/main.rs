//! Filters seen from outside, against what the standard publishes, where `GUICHET_TEST_DATA` names a folder that has it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests and their helpers fail by panicking"
)]

#[allow(dead_code, reason = "the tests of readers use more of it")]
#[path = "../ingest/data.rs"]
mod data;
mod published_json;
mod published_text;
