//! Pairs on a lattice, as GEOS and exact fractions both relate them (tests/tools/make_relations.py).

use super::{matrix, pattern, relations, wkt};

#[test]
fn pairs_relate_as_others_say() {
    let mut pairs = 0;
    for line in include_str!("../../../../tests/data/relations.csv")
        .lines()
        .skip(1)
    {
        let fields: Vec<&str> = line.split(';').collect();
        let (a, b) = (wkt(fields[0]), wkt(fields[1]));
        assert_eq!(pattern(&matrix(&a, &b)), fields[2], "{line}");
        assert_eq!(relations(&a, &b).join(" "), fields[3], "{line}");
        pairs += 1;
    }
    assert!(pairs >= 500, "{pairs}");
}
