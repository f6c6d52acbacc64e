//! Ingest seen from outside: every reader against files of its own making, and, where `GUICHET_TEST_DATA` names a folder of real and
//! awkward files, against those.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests and their helpers fail by panicking, and name their own files"
)]

mod awkward;
mod corpus;
mod data;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod independent;
mod lossless;
mod mutations;
mod open;
mod snapshots;

/// Its name makes it the last test to start, so that the count closes the output.
#[test]
fn zzz_skipped_suites_are_counted() {
    data::name_skipped();
}
