//! The API from outside: every test sends requests and reads answers.
//!
//! Tests of the standards' abstract test suites are named after their ids; `conformance.md` is the list, and a test of its own keeps
//! it whole.

// A helper that finds something amiss fails the test that called it.
#![allow(clippy::panic, clippy::format_push_string)]

mod admin;
mod app;
mod bodies;
mod caching;
mod conformance;
mod core_collections;
mod core_items;
mod core_service;
mod cql2;
mod cql2_ats;
mod credentials;
mod crs;
#[allow(dead_code, reason = "the leak suite uses the rest of it")]
mod desk;
mod faults;
mod filtering;
mod fixture;
mod geojson_html;
mod http;
#[allow(dead_code, reason = "the leak suite uses the rest of it")]
mod keyed;
mod link_graph;
mod malformed;
mod matching;
mod oas30;
mod paging;
mod part3;
mod people;
mod self_service;
mod tile_routes;
mod written;
