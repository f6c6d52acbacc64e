//! Cells against a count of the rows one by one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::world::{Opened, Row, Shape, at, layer, seen, some_rows, told};
use crate::access::{Aggregate, Precision};
use crate::catalog::{Scan, VisibleLayer};
use crate::geometry::cells::{Cells, Ladder};
use crate::geometry::grid::{self, GridBox};
use crate::model::id::IdStability;

const NAMES: [&str; 5] = ["k", "nom", "n", "x", "jour"];

fn precision(grid_m: u32, min_count: u64) -> Precision {
    Precision {
        grid_m,
        min_count,
        aggregates: BTreeMap::from([
            ("n".to_owned(), Aggregate::Sum),
            ("x".to_owned(), Aggregate::Mean),
            ("k".to_owned(), Aggregate::Max),
        ]),
    }
}

fn opened(rows: &'static str, grid_m: u32, min_count: u64) -> Opened {
    Opened {
        precision: Some(precision(grid_m, min_count)),
        ..Opened::rows(rows, &[])
    }
}

/// The middle of the box of a shape.
fn middle(shape: Shape) -> Option<[f64; 2]> {
    let corners = match shape {
        Shape::Nowhere => return None,
        Shape::Point(x, y) => vec![at(x, y)],
        Shape::Square(x, y, side) => vec![at(x, y), at(x + side, y + side)],
        Shape::Line(x, y, length) => vec![at(x, y), at(x + length, y + 1)],
    };
    let on_grid: Vec<_> = corners
        .iter()
        .map(|p| grid::from_lonlat(p[0], p[1]))
        .collect();
    Some(grid::to_lonlat(GridBox::around(&on_grid).center()))
}

/// Code → count, sum of `n`, mean of `x` (rounded), greatest `k`.
type Told = BTreeMap<String, String>;

fn line(count: usize, n: Option<i64>, x: Option<f64>, k: Option<i64>) -> String {
    let x = x.map(|x| (x * 1e9).round() / 1e9);
    format!("{count} {n:?} {x:?} {k:?}")
}

fn counted(rows: &[&Row], grid_m: u32, min_count: usize) -> Told {
    let cells = Cells::new().unwrap();
    let ladder = Ladder::from(grid_m);
    let mut told = Told::new();
    let mut left: Vec<&Row> = rows.to_vec();
    for size in ladder.sizes() {
        let mut by_cell: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in left.drain(..) {
            if let Some(place) = middle(row.shape) {
                let code = cells.cell_of(place, *size).unwrap().code();
                by_cell.entry(code).or_default().push(row);
            }
        }
        for (code, rows) in by_cell {
            if rows.len() < min_count {
                left.extend(rows);
                continue;
            }
            let n: Vec<i64> = rows.iter().filter_map(|r| r.n).collect();
            let x: Vec<f64> = rows.iter().filter_map(|r| r.x).collect();
            // Of a property that fewer rows have nothing is said.
            let least = min_count.max(1);
            let sum = (n.len() >= least).then(|| n.iter().sum());
            let mean = (x.len() >= least).then(|| x.iter().sum::<f64>() / x.len() as f64);
            let k: Vec<i64> = rows.iter().filter_map(|r| r.k).collect();
            let greatest = k.iter().copied().max().filter(|_| k.len() >= least);
            told.insert(code, line(rows.len(), sum, mean, greatest));
        }
    }
    told
}

fn told_by(layer: &VisibleLayer) -> Told {
    use crate::model::ValueRef;
    let schema = layer.schema();
    let of = |name| schema.index_of(name).unwrap();
    let places = ["cell", "count", "sum_n", "mean_x", "max_k"].map(of);
    let mut told = Told::new();
    layer.scan(&Scan::default(), &mut |row| {
        let [cell, count, n, x, k] = places.map(|p| row.value(p));
        let int = |v| match v {
            ValueRef::Int(i) => Some(i),
            _ => None,
        };
        let x = match x {
            ValueRef::Float(f) => Some(f),
            _ => None,
        };
        if let (ValueRef::Text(code), ValueRef::Int(count)) = (cell, count) {
            told.insert(code.to_owned(), line(count as usize, int(n), x, int(k)));
            assert_eq!(row.source_geometry().unwrap().kind.name(), "Polygon");
        }
        ControlFlow::Continue(())
    });
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn cells_count_each_row_once(rows in some_rows(), min_count in 1u64..12, grid_m in prop::sample::select(vec![500u32, 1000, 2000, 5000])) {
        let cells = seen(layer(&rows, &NAMES, Some("k")), &[opened("n > -3", grid_m, min_count)]).unwrap();
        let passing: Vec<&Row> = rows.iter().filter(|r| r.n.is_some_and(|n| n > -3)).collect();
        prop_assert_eq!(told_by(&cells), counted(&passing, grid_m, min_count as usize));
        prop_assert_eq!(cells.id_stability(), IdStability::Content);
        let names: Vec<_> = cells.schema().fields.iter().map(|f| f.name.as_str()).collect();
        prop_assert_eq!(names, ["cell", "count", "max_k", "sum_n", "mean_x"]);
        prop_assert_eq!(cells.tile_properties().len(), 5);
        // A cell is found by its code.
        for code in told_by(&cells).keys() {
            prop_assert!(cells.find_id(code).is_some());
        }
    }

    /// Rows that another slice shows are in no cell, and the finest cells win.
    #[test]
    fn who_is_shown_is_not_counted(rows in some_rows(), with_ids: bool) {
        let slices = [
            Opened::rows("n = 1", &["k", "nom"]),
            opened("n > -2", 1000, 3),
            opened("n IS NOT NULL", 5000, 2),
        ];
        let both = seen(layer(&rows, &NAMES, with_ids.then_some("k")), &slices).unwrap();
        let of = |test: fn(i64) -> bool| rows.iter().filter(|r| r.n.is_some_and(test)).collect::<Vec<&Row>>();
        let fine = counted(&of(|n| n > -2 && n != 1), 1000, 3);
        let coarse = counted(&of(|n| n <= -2), 5000, 2);
        let plain = of(|n| n == 1).len();
        prop_assert_eq!(both.feature_count() as usize, plain + fine.len() + coarse.len());
        prop_assert!(both.ids_are_integers());
        prop_assert!(both.ids_are_small_integers());
        // Cells of one code are of two precisions.
        let mut expected: Vec<_> = fine.into_iter().chain(coarse).collect();
        expected.sort();
        let mut found: Vec<(String, String)> = Vec::new();
        let schema = both.schema();
        let names: Vec<_> = schema.fields.iter().map(|f| f.name.as_str()).collect();
        prop_assert_eq!(names, ["k", "nom", "cell", "count", "max_k", "sum_n", "mean_x"]);
        both.scan(&Scan::default(), &mut |row| {
            let is_cell = !row.value(2).is_null();
            assert_eq!(row.value(0).is_null(), is_cell);
            if is_cell {
                let crate::model::ValueRef::Text(code) = row.value(2) else { panic!("a code") };
                let crate::model::ValueRef::Int(count) = row.value(3) else { panic!("a count") };
                found.push((code.to_owned(), count.to_string()));
            }
            assert_eq!(both.row(&row.id()).unwrap().position(), row.position());
            ControlFlow::Continue(())
        });
        found.sort();
        let counts: Vec<(String, String)> = expected
            .into_iter()
            .map(|(code, line)| (code, line.split(' ').next().unwrap().to_owned()))
            .collect();
        prop_assert_eq!(found, counts);
    }

    /// Digits below the grid, order, ids: nothing of them shows.
    #[test]
    fn cells_of_a_twin_are_the_same(rows in some_rows(), turn in any::<u16>()) {
        let mut twin = rows.clone();
        for row in &mut twin {
            // Nothing but the middle of the box counts.
            if let Shape::Square(x, y, 2) = row.shape {
                row.shape = Shape::Point(x + 1, y + 1);
            }
            row.nom = Some("b");
        }
        let n = twin.len();
        twin.rotate_left(turn as usize % n);
        // Squares are as large on the grid to the north of their middle as to the south, but for rounding.
        let steady = |r: &Row, t: &Row| r.shape == t.shape || {
            let cells = Cells::new().unwrap();
            let of = |s: Shape| cells.cell_of(middle(s).unwrap(), 1000);
            of(r.shape) == of(t.shape)
        };
        let mut pairs = rows.clone();
        pairs.rotate_left(turn as usize % n);
        prop_assume!(pairs.iter().zip(&twin).all(|(r, t)| steady(r, t)));
        let of = |rows: &[Row]| seen(layer(rows, &NAMES, None), &[opened("TRUE", 1000, 2)]).unwrap();
        prop_assert_eq!(told(&of(&rows), true), told(&of(&twin), true));
    }
}

/// A property that only a few of a cell's rows have is theirs, though the cell has enough rows.
#[test]
fn what_a_few_have_is_not_summed_up() {
    let row = |k: i64| Row {
        k: Some(k),
        nom: None,
        n: (k < 3).then_some(k),
        x: (k < 4).then_some(2.5),
        jour: None,
        shape: Shape::Point(1, 1),
    };
    let rows: Vec<Row> = (0..10).map(row).collect();
    let told = |min_count| {
        let opened = [opened("TRUE", 5000, min_count)];
        let cells = seen(layer(&rows, &NAMES, Some("k")), &opened).unwrap();
        told_by(&cells).into_values().collect::<Vec<_>>()
    };
    assert_eq!(told(3), [line(10, Some(3), Some(2.5), Some(9))]);
    assert_eq!(told(4), [line(10, None, Some(2.5), Some(9))]);
    assert_eq!(told(5), [line(10, None, None, Some(9))]);
}
