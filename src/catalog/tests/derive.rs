//! A derived layer against one that was built of what may be seen alone, and against a twin that differs in what may not.

use proptest::prelude::*;

use super::world::{FIELDS, Opened, Row, Shape, at, layer, open, seen, some_rows, told};
use crate::access::{AreaMode, Derived};
use crate::catalog::{Scan, VisibleLayer};
use crate::filter::{Encoding, Filter, Frame, Limits};
use crate::geometry::crs::Crs;
use crate::geometry::grid::GridBox;
use crate::layer::Layer;
use crate::model::id::IdStability;
use crate::tiles::coord::TileCoord;
use crate::tiles::render::render;

/// A condition as CQL2 and as a test of a row.
type Condition = (&'static str, fn(&Row) -> bool);

const CONDITIONS: [Condition; 7] = [
    ("n > 0", |r| r.n.is_some_and(|n| n > 0)),
    ("n IS NULL", |r| r.n.is_none()),
    ("nom = 'bois'", |r| r.nom == Some("bois")),
    ("nom IN ('a', 'été') OR x < 0", |r| {
        matches!(r.nom, Some("a" | "été")) || r.x.is_some_and(|x| x < 0.0)
    }),
    ("jour >= DATE('2020-01-01')", |r| {
        r.jour.is_some_and(|d| d >= "2020-01-01")
    }),
    ("k < 40", |r| r.k.is_some_and(|k| k < 40)),
    ("n > 4 AND n < 4", |_| false),
];

const NAMES: [&str; 5] = ["k", "nom", "n", "x", "jour"];

/// Slices of a condition and properties each; all show `k`.
fn some_slices() -> impl Strategy<Value = Vec<(usize, Vec<&'static str>)>> {
    let attributes = prop::collection::btree_set(1..NAMES.len(), 0..4).prop_map(|places| {
        let mut names = vec![NAMES[0]];
        names.extend(places.into_iter().map(|p| NAMES[p]));
        names
    });
    prop::collection::vec((0..CONDITIONS.len(), attributes), 1..4)
}

/// The rows that are seen, with the values that are.
fn expected(rows: &[Row], slices: &[(usize, Vec<&'static str>)]) -> Vec<Row> {
    let mut all = Vec::new();
    for row in rows {
        let matching: Vec<_> = slices
            .iter()
            .filter(|(condition, _)| CONDITIONS[*condition].1(row))
            .collect();
        if matching.is_empty() {
            continue;
        }
        let shows = |name| matching.iter().any(|(_, names)| names.contains(&name));
        all.push(Row {
            k: row.k.filter(|_| shows("k")),
            nom: row.nom.filter(|_| shows("nom")),
            n: row.n.filter(|_| shows("n")),
            x: row.x.filter(|_| shows("x")),
            jour: row.jour.filter(|_| shows("jour")),
            shape: row.shape,
        });
    }
    all
}

fn opened(slices: &[(usize, Vec<&'static str>)]) -> Vec<Opened> {
    let of = |(condition, names): &(usize, Vec<&'static str>)| {
        Opened::rows(CONDITIONS[*condition].0, names)
    };
    slices.iter().map(of).collect()
}

/// The same rows in two segments.
fn in_two(rows: &[Row], feature_id: Option<&str>) -> Layer {
    let (a, b): (Vec<_>, Vec<_>) = rows
        .iter()
        .cloned()
        .partition(|r| r.k.unwrap_or(0) % 2 == 0);
    layer(&a, &NAMES, feature_id).with_segment(layer(&b, &NAMES, feature_id), |_| false)
}

fn count(layer: &VisibleLayer, filter: &str, windows: Option<&[GridBox]>) -> Option<u64> {
    let frame = Frame {
        schema: layer.schema(),
        filter_crs: Crs::CRS84,
        storage_crs: layer.storage_crs(),
    };
    let filter = Filter::parse(Encoding::Text, filter, &frame, &Limits::default()).ok()?;
    layer.count(&Scan {
        filter: Some(&filter),
        windows,
        with_unlocated: true,
        ..Scan::default()
    })
}

/// Filters, windows, offsets, places and ids lead to the same rows; tiles are the same.
fn same_answers(a: &VisibleLayer, b: &VisibleLayer) -> Result<(), TestCaseError> {
    let [[x0, y0], [x1, y1]] = [at(2, 3), at(7, 6)];
    let bbox = crate::geometry::bbox::Bbox::new([x0, y0], [x1, y1]);
    let windows = [GridBox::from_crs84(&bbox)];
    for (filter, _) in CONDITIONS {
        prop_assert_eq!(count(a, filter, None), count(b, filter, None));
        prop_assert_eq!(
            count(a, filter, Some(&windows)),
            count(b, filter, Some(&windows))
        );
    }
    let all = told(a, true);
    let rows = all.len() - 2;
    for offset in [0, 1.min(rows), rows / 2, rows] {
        let (mut met_a, mut met_b) = (Vec::new(), Vec::new());
        for (layer, met) in [(a, &mut met_a), (b, &mut met_b)] {
            layer.scan_offset(offset as u64, &mut |row| {
                met.push(row.id().to_string());
                std::ops::ControlFlow::Continue(())
            });
        }
        prop_assert_eq!(met_a.len(), rows - offset);
        prop_assert_eq!(&met_a, &met_b);
        let Some(first) = met_a.first() else { continue };
        let row = a.find_id(first).unwrap();
        let mut rest = 0;
        let scan = Scan {
            after: Some(row.position()),
            ..Scan::default()
        };
        a.scan(&scan, &mut |_| {
            rest += 1;
            std::ops::ControlFlow::Continue(())
        });
        prop_assert_eq!(rest + 1, met_a.len());
    }
    for (z, x, y) in [
        (0, 0, 0),
        (10, 526, 375),
        (13, 4210, 3000),
        (14, 8421, 6002),
    ] {
        let coord = TileCoord::from_zxy(z, x, y).unwrap();
        let [tile_a, tile_b] = [a, b].map(|layer| render(&[layer], coord).unwrap());
        prop_assert_eq!(tile_a, tile_b);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Rows and cells: as if the file held nothing else.
    #[test]
    fn it_is_as_if_only_that_had_been_read(rows in some_rows(), slices in some_slices(), parts: bool) {
        let base = if parts { in_two(&rows, Some("k")) } else { layer(&rows, &NAMES, Some("k")) };
        let derived = seen(base, &opened(&slices)).unwrap();
        let names: Vec<&str> = NAMES
            .into_iter()
            .filter(|name| slices.iter().any(|(_, names)| names.contains(name)))
            .collect();
        let alone = open(layer_of(&expected(&rows, &slices), &names), &names);
        prop_assert_eq!(told(&derived, true), told(&alone, true));
        prop_assert_eq!(derived.id_stability(), IdStability::Declared);
        same_answers(&derived, &alone)?;
    }

    /// Whatever is hidden may change: nothing that is seen does, ids of the view's own included.
    #[test]
    fn a_twin_looks_the_same(
        rows in some_rows(),
        others in some_rows(),
        slices in some_slices(),
        parts: (bool, bool),
        with_ids: bool,
        scramble in any::<u64>(),
    ) {
        // The condition on `k` would let the ids of the twin's other rows decide.
        prop_assume!(slices.iter().all(|(c, _)| CONDITIONS[*c].0 != "k < 40"));
        let slices: Vec<_> = slices
            .into_iter()
            .map(|(c, names)| {
                let kept = names.into_iter().filter(|n| *n != "k").collect();
                (c, if with_ids { kept } else { [vec!["nom"], kept].concat() })
            })
            .collect();
        let shows = |row: &Row| slices.iter().any(|(c, _)| CONDITIONS[*c].1(row));
        let mut twin: Vec<Row> = rows.iter().filter(|r| shows(r)).cloned().collect();
        twin.extend(others.iter().filter(|r| !shows(r)).cloned());
        // Other ids, another order of the file.
        let n = twin.len();
        for (i, row) in twin.iter_mut().enumerate() {
            row.k = Some(100_000 - i as i64);
        }
        twin.rotate_left((scramble as usize) % n.max(1));
        let id = with_ids.then_some("k");
        let make = |rows: &[Row], two: bool| if two { in_two(rows, id) } else { layer(rows, &NAMES, id) };
        let opened = opened(&slices);
        let a = seen(make(&rows, parts.0), &opened).unwrap();
        let b = seen(make(&twin, parts.1), &opened).unwrap();
        prop_assert_eq!(told(&a, true), told(&b, true));
        prop_assert_eq!(a.id_stability(), IdStability::Content);
        same_answers(&a, &b)?;
    }
}

/// A layer that may have no rows at all: ids are declared all the same.
fn layer_of(rows: &[Row], names: &[&str]) -> Layer {
    layer(rows, names, Some("k"))
}

fn square(k: i64, x: i32, y: i32, side: i32) -> Row {
    Row {
        k: Some(k),
        nom: Some("a"),
        n: Some(7),
        x: Some(1.5),
        jour: None,
        shape: Shape::Square(x, y, side),
    }
}

fn clip(area: (i32, i32, i32), mode: AreaMode, derived: &[(&'static str, Derived)]) -> Opened {
    let (x, y, side) = area;
    Opened {
        area: Some((x, y, side, mode)),
        derived: derived.to_vec(),
        ..Opened::rows("TRUE", &["k", "n", "x"])
    }
}

fn ids(layer: &VisibleLayer) -> Vec<String> {
    let mut ids = Vec::new();
    layer.scan(&Scan::default(), &mut |row| {
        ids.push(row.id().to_string());
        std::ops::ControlFlow::Continue(())
    });
    ids.sort();
    ids
}

#[test]
fn areas_choose_and_cut() {
    // Inside; across the border; touching it; outside; nowhere; a line across; a point on the border.
    let mut rows = vec![
        square(1, 1, 1, 2),
        square(2, 8, 1, 4),
        square(3, 10, 1, 2),
        square(4, 20, 20, 1),
    ];
    for (k, shape) in [
        (5, Shape::Nowhere),
        (6, Shape::Line(9, 5, 3)),
        (7, Shape::Point(10, 5)),
    ] {
        rows.push(Row {
            shape,
            ..square(k, 0, 0, 1)
        });
    }
    let made = |opened: &[Opened]| seen(layer(&rows, &NAMES, Some("k")), opened).unwrap();
    let area = (0, 0, 10);

    let within = made(&[clip(area, AreaMode::Within, &[])]);
    assert_eq!(ids(&within), ["1", "7"]);
    let touching = made(&[clip(area, AreaMode::Intersects, &[])]);
    assert_eq!(ids(&touching), ["1", "2", "3", "6", "7"]);
    let derived = [("n", Derived::Recompute), ("x", Derived::Mask)];
    let cut = made(&[clip(area, AreaMode::Clip, &derived)]);
    assert_eq!(ids(&cut), ["1", "2", "6", "7"]);
    let of = |layer: &VisibleLayer, id: &str| {
        let row = layer.find_id(id).unwrap();
        let values: Vec<String> = (0..3).map(|f| format!("{:?}", row.value(f))).collect();
        (values.join(" "), row.source_geometry().unwrap().xy.to_vec())
    };
    assert_eq!(of(&cut, "1").0, "Int(1) Int(7) Float(1.5)");
    let (values, xy) = of(&cut, "2");
    assert!(xy.iter().all(|p| p[0] < at(10, 0)[0] + 1e-7), "{xy:?}");
    // Half of the square: 0.02° by 0.04°, some 1,620 m by 4,440 m.
    let area: f64 = values.split(' ').nth(1).unwrap()[4..11].parse().unwrap();
    assert!((7.1e6..7.3e6).contains(&area), "{values}");
    assert!(values.ends_with("Null"), "{values}");

    // Another slice shows it whole: nothing is cut or computed.
    let whole = made(&[
        clip((0, 0, 10), AreaMode::Clip, &derived),
        Opened::rows("n = 7 AND k = 2", &["k", "n", "x"]),
    ]);
    assert_eq!(of(&whole, "2").0, "Int(2) Int(7) Float(1.5)");
    assert_eq!(of(&whole, "2").1.len(), 5);
    // One that shows it whole without the value: it is computed from all of it.
    let both = made(&[
        clip((0, 0, 10), AreaMode::Clip, &derived),
        Opened::rows("k = 2", &["k"]),
    ]);
    let (values, xy) = of(&both, "2");
    assert_eq!(xy.len(), 5);
    let area: f64 = values.split(' ').nth(1).unwrap()[4..12].parse().unwrap();
    assert!((14.2e6..14.6e6).contains(&area), "{values}");

    // Two areas of two slices: their union; of one slice: what they share.
    let two = made(&[
        clip((0, 0, 10), AreaMode::Clip, &[]),
        clip((10, 2, 1), AreaMode::Clip, &[]),
    ]);
    let (_, xy) = of(&two, "2");
    let east = xy.iter().map(|p| p[0]).fold(0.0, f64::max);
    assert!((east - at(11, 0)[0]).abs() < 1e-7, "{xy:?}");
    assert_eq!(ids(&two), ["1", "2", "3", "6", "7"]);
}

/// Facts, schema and filters come from what is seen.
#[test]
fn nothing_comes_from_hidden_rows() {
    let mut rows = vec![square(1, 1, 1, 2), square(2, 50, 50, 3)];
    rows[1].jour = Some("1999-12-31");
    rows[1].shape = Shape::Line(50, 50, 3);
    let layer = seen(
        layer(&rows, &NAMES, Some("k")),
        &[Opened::rows("k = 1", &["k", "jour"])],
    )
    .unwrap();
    assert_eq!(layer.feature_count(), 1);
    assert_eq!(layer.temporal_extent_us(), None);
    assert_eq!(layer.schema().dimension(), Some(2));
    assert!(layer.extent_crs84().unwrap().max[0] < 5.1);
    assert_eq!(layer.metadata().label, None);
    assert!(layer.find_id("2").is_none());
    assert_eq!(FIELDS.len(), NAMES.len());
    assert_eq!(count(&layer, "n = 7", None), None, "no such property");
}
