//! Tests named after the threats of the threat model. `threats.csv` says for each threat which tests of this suite face it, or which line
//! of SECURITY.md says why it does not arise yet.

mod caches;
mod credentials;
mod names;
mod rows;
mod store;
mod tiles;

use std::collections::BTreeSet;

use crate::mutants;
use crate::table;

/// How many threats the model has.
pub const THREATS: u8 = 46;

/// Makes a table of tests, for leaks that only they find.
macro_rules! tests {
    ($($room:ident: $($name:ident),+;)+) => {
        pub const TESTS: &[(&str, fn())] = &[$($((stringify!($name), $room::$name)),+),+];
    };
}

tests! {
    names: threat_01_a_hidden_name_is_no_name, threat_02_the_definition_lists_what_is_there, threat_06_a_hidden_property_is_no_property,
        threat_11_what_is_said_of_a_layer_is_of_what_is_seen, threat_11_columns_stand_as_they_are_declared,
        threat_24_names_are_judged_before_all_else, threat_33_headers_open_nothing, threat_36_one_request_one_meaning,
        threat_37_portals_and_joined_tiles_open_nothing;
    rows: threat_03_counts_are_of_what_is_seen, threat_04_cursors_are_for_one_view, threat_05_pages_are_full,
        threat_07_masked_cells_are_null, threat_08_places_are_those_shown, threat_10_what_names_rows_is_of_what_is_seen, threat_15_masked_where_cut,
        threat_16_a_limit_of_zooms_limits_extents, threat_40_no_cell_of_a_few;
    tiles: threat_14_nothing_beyond_the_area, threat_17_empty_is_empty, threat_29_styles_name_what_is_seen;
    caches: threat_18_tiles_of_one_are_not_another_s, threat_19_together_as_alone, threat_20_tags_are_of_one_view,
        threat_21_shared_caches_keep_what_all_see;
    credentials: threat_34_signatures_open_their_tiles_alone, threat_34_signatures_say_nothing_of_what_is_hidden,
        threat_41_what_ended_is_over, threat_39_one_asks_too_much, threat_43_refusals_are_alike,
        threat_44_pages_only_know_sessions;
    store: threat_41_what_is_revoked_stays_revoked, threat_41_an_older_store_is_refused, threat_42_what_is_faulty_opens_nothing;
}

#[test]
fn every_threat_is_faced() {
    let rows = table::read("threats.csv", "threat,tests,security");
    let numbers: Vec<u8> = rows
        .iter()
        .map(|r| r[0].parse().expect("a number"))
        .collect();
    assert_eq!(numbers, (1..=THREATS).collect::<Vec<_>>());
    let sources: String = table::sources("tests/leaks")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let security = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md"))
        .expect("SECURITY.md");
    let security = security.split_whitespace().collect::<Vec<_>>().join(" ");
    for row in &rows {
        assert!(
            !row[1].is_empty() || !row[2].is_empty(),
            "nothing faces threat {}",
            row[0]
        );
        for name in row[1].split_whitespace() {
            assert!(
                sources.contains(&format!("fn {name}()")),
                "threat {}: there is no test {name}",
                row[0]
            );
        }
        assert!(
            row[2].is_empty() || security.contains(&row[2]),
            "threat {}: SECURITY.md does not say “{}”",
            row[0],
            row[2]
        );
    }
    let named: BTreeSet<_> = rows.iter().flat_map(|r| r[1].split_whitespace()).collect();
    for (name, _) in TESTS {
        assert!(named.contains(name), "{name} faces no threat");
    }
}

#[test]
fn every_threat_that_is_faced_has_a_seeded_leak() {
    let rows = table::read("threats.csv", "threat,tests,security");
    let seeded: BTreeSet<u8> = mutants::all().into_iter().flat_map(|m| m.threats).collect();
    let without = table::read("unseeded.csv", "threat,why");
    let excused: BTreeSet<u8> = without
        .iter()
        .map(|r| r[0].parse().expect("a number"))
        .collect();
    for row in rows.iter().filter(|r| !r[1].is_empty()) {
        let threat = row[0].parse().expect("a number");
        assert!(
            seeded.contains(&threat) != excused.contains(&threat),
            "threat {threat}: a seeded leak, or a reason in unseeded.csv, not both"
        );
    }
}
