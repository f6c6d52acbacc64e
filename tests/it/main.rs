//! The API from outside: every test sends requests and reads answers.
//!
//! Tests of the standards' abstract test suites are named after their ids; `conformance.md` is the list, and a test of its own keeps
//! it whole.

// A helper that finds something amiss fails the test that called it.
#![allow(clippy::panic)]

mod app;
mod caching;
mod conformance;
mod core_collections;
mod core_items;
mod core_service;
mod cql2;
mod cql2_ats;
mod crs;
mod faults;
mod filtering;
mod fixture;
mod geojson_html;
mod http;
mod link_graph;
mod malformed;
mod matching;
mod oas30;
mod paging;
mod part3;
mod tile_routes;
