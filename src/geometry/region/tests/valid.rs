//! Cuts are valid, and cover what they should.

use super::relations::{region, star};
use super::*;
use proptest::prelude::*;

fn geo_polygons(rings: &[Vec<GridPoint>]) -> geo::MultiPolygon<f64> {
    let mut polygons: Vec<geo::Polygon<f64>> = Vec::new();
    for ring in rings {
        let line = geo::LineString::from(
            ring.iter()
                .map(|p| (f64::from(p[0]), f64::from(p[1])))
                .collect::<Vec<_>>(),
        );
        match polygons.last_mut() {
            Some(polygon) if ring_area(ring) < 0 => polygon.interiors_push(line),
            _ => polygons.push(geo::Polygon::new(line, Vec::new())),
        }
    }
    geo::MultiPolygon(polygons)
}

fn lattice() -> impl Strategy<Value = Vec<GridPoint>> {
    prop::collection::vec((0i32..9, 0i32..9), 3..9)
        .prop_map(|points| points.into_iter().map(|(x, y)| [x, y]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// On a bare lattice rounding is rough, and everything touches everything.
    #[test]
    fn of_anything_on_a_lattice(rings in prop::collection::vec(lattice(), 1..4), holes in any::<bool>(), b in region(9)) {
        let drawn: Drawn = if holes { vec![rings] } else { rings.into_iter().map(|r| vec![r]).collect() };
        let row = Stored::polygons(&drawn);
        let cut = row.cut(&b);
        check_cut(&cut, &b).map_err(TestCaseError::fail)?;
        // Cut again, nothing moves by more than a unit.
        if let Cut::Part(clipped) = &cut {
            let once = rings_of(clipped);
            let stored = Stored::polygons(&grouped(&once));
            let twice = left(&stored.cut(&b), doubled_area(&once));
            prop_assert!((twice - doubled_area(&once)).unsigned_abs() as f64 <= 2.0 * perimeter(&once) + 2.0);
        }
    }

    /// Where rounding is small, areas are those that another library finds.
    #[test]
    fn of_stars_against_another_library(a in star(2000), b in star(2000), dx in -900i32..900, dy in -900i32..900) {
        use geo::{Area as _, BooleanOps as _};
        let a: Vec<GridPoint> = a.iter().map(|p| [p[0] + dx, p[1] + dy]).collect();
        let [row, other] = [a, b].map(|ring| Stored::polygons(&vec![vec![ring]]));
        let shape = Region::of_geometry(&row.source(), Crs::CRS84);
        let b = Region::of_geometry(&other.source(), Crs::CRS84);
        prop_assume!(shape.is_ok() && b.is_ok());
        let (shape, b) = (shape.expect("some"), b.expect("some"));
        let cut = row.cut(&b);
        check_cut(&cut, &b).map_err(TestCaseError::fail)?;
        let [ga, gb] = [&shape, &b].map(|region| geo_polygons(region.rings()));
        let exact = 2.0 * ga.intersection(&gb).unsigned_area();
        let area = left(&cut, doubled_area(shape.rings())) as f64;
        let slack = perimeter(shape.rings()) + perimeter(b.rings());
        prop_assert!((area - exact).abs() <= slack, "{area} instead of {exact}");
        let union = Region::union([&shape, &b]).expect("simple");
        check_valid(union.rings()).map_err(TestCaseError::fail)?;
        let exact = 2.0 * ga.union(&gb).unsigned_area();
        let area = doubled_area(union.rings()) as f64;
        prop_assert!((area - exact).abs() <= slack, "{area} instead of {exact}");
    }

    /// Vertices well inside come out bit for bit, new ones lie on the grid.
    #[test]
    fn own_vertices_are_kept(ring in star(3000), b in star(2000), noise in prop::collection::vec(-0.4f64..0.4, 2..9)) {
        let other = Stored::polygons(&vec![vec![b]]);
        let Ok(b) = Region::of_geometry(&other.source(), Crs::CRS84) else {
            return Ok(());
        };
        // Between the vertices of the grid, as sources are.
        let unit = grid::to_lonlat([1, 0])[0];
        let mut dice = noise.iter().cycle();
        let mut moved = |p: &GridPoint| grid::to_lonlat(*p).map(|v| v + unit * dice.next().expect("some"));
        let mut polygon = Stored::polygons(&vec![vec![ring.clone()]]);
        for (v, p) in ring.iter().enumerate() {
            polygon.xy[v] = moved(p);
        }
        polygon.xy[ring.len()] = polygon.xy[0];
        let line = Stored {
            kind: GeometryKind::LineString,
            counts: vec![polygon.xy.len() as u32],
            ..polygon.clone()
        };
        let prepared = b.prepare();
        let deep = |p: GridPoint| {
            let around = [[40, 40], [-40, 40], [40, -40], [-40, -40]];
            let edges = b.rings().iter().flat_map(|r| (0..r.len()).map(|i| [r[i], r[(i + 1) % r.len()]]));
            edges.into_iter().all(|e| distance_to(p, e) > 40.0) && around.iter().all(|d| prepared.contains_point([p[0] + d[0], p[1] + d[1]]))
        };
        for row in [&polygon, &line] {
            let Cut::Part(clipped) = row.cut(&b) else {
                continue;
            };
            check_cut(&Cut::Part(clipped.clone()), &b).map_err(TestCaseError::fail)?;
            for p in &row.xy {
                let placed = grid::from_lonlat(p[0], p[1]);
                prop_assert!(!deep(placed) || clipped.xy.contains(p), "{p:?} is not in {clipped:?}");
            }
            for p in clipped.xy.iter().filter(|p| !row.xy.contains(p)) {
                let on_grid = grid::to_lonlat(grid::from_lonlat(p[0], p[1]));
                prop_assert!((0..2).all(|i| (on_grid[i] - p[i]).abs() <= 1e-9));
            }
        }
    }

    /// Where every crossing is a vertex of the grid, nothing is rounded and a second cut changes nothing.
    #[test]
    fn twice_is_once_where_nothing_is_rounded(
        squares in prop::collection::vec((0i32..12, 0i32..12, 1i32..8), 1..5),
        others in prop::collection::vec((0i32..12, 0i32..12, 1i32..8), 1..5),
    ) {
        let drawn = |squares: &[(i32, i32, i32)]| -> Drawn {
            squares.iter().map(|(x, y, s)| vec![square(*x, *y, *s)]).collect()
        };
        let region = Stored::polygons(&drawn(&others)).region();
        let row = Stored::polygons(&drawn(&squares));
        if let Cut::Part(clipped) = row.cut(&region) {
            let once = rings_of(&clipped);
            prop_assert_eq!(Stored::polygons(&grouped(&once)).cut(&region), Cut::Whole);
            let shape = row.region();
            let both = shape.intersection(&region.prepare()).expect("simple");
            prop_assert_eq!(Region::of_rings(once), both);
        }
    }
}

pub(super) fn distance_to(p: GridPoint, [a, b]: [GridPoint; 2]) -> f64 {
    let [p, a, b] = [p, a, b].map(|q| q.map(f64::from));
    let d = [b[0] - a[0], b[1] - a[1]];
    let t = ((p[0] - a[0]) * d[0] + (p[1] - a[1]) * d[1]) / (d[0] * d[0] + d[1] * d[1]);
    let t = t.clamp(0.0, 1.0);
    (a[0] + t * d[0] - p[0]).hypot(a[1] + t * d[1] - p[1])
}

pub(super) fn rings_of(clipped: &Clipped) -> Vec<Vec<GridPoint>> {
    rings(&clipped.paths())
}

pub(super) fn grouped(rings: &[Vec<GridPoint>]) -> Drawn {
    let mut out: Drawn = Vec::new();
    for ring in rings {
        match out.last_mut() {
            Some(polygon) if ring_area(ring) < 0 => polygon.push(ring.clone()),
            _ => out.push(vec![ring.clone()]),
        }
    }
    out
}

#[test]
fn kinds_are_those_of_what_is_left() {
    let region = Region::of_rings(vec![square(0, 0, 10), square(20, 0, 10)]);
    let kind = |row: &Stored| match row.cut(&region) {
        Cut::Part(clipped) => (clipped.kind, clipped.counts),
        cut => panic!("{cut:?}"),
    };
    let bar = vec![[-5, 2], [40, 2], [40, 4], [-5, 4]];
    let row = Stored::polygons(&vec![vec![bar.clone()]]);
    assert_eq!(
        kind(&row),
        (GeometryKind::MultiPolygon, vec![2, 1, 5, 1, 5])
    );
    let row = Stored::polygons(&vec![vec![bar[..3].to_vec()], vec![square(90, 90, 4)]]);
    assert_eq!(kind(&row).0, GeometryKind::MultiPolygon);
    let row = Stored::polygons(&vec![vec![square(5, 5, 10)]]);
    assert_eq!(kind(&row), (GeometryKind::Polygon, vec![1, 5]));
    let row = Stored::lines(&[vec![[-5, 5], [5, 5]]]);
    assert_eq!(kind(&row), (GeometryKind::LineString, vec![2]));
    let row = Stored::lines(&[vec![[-5, 5], [50, 5]]]);
    assert_eq!(kind(&row), (GeometryKind::MultiLineString, vec![2, 2, 2]));
    let row = Stored {
        kind: GeometryKind::MultiPoint,
        counts: vec![3],
        xy: [[5, 5], [15, 5], [30, 10]].map(grid::to_lonlat).to_vec(),
        z: Vec::new(),
        m: Vec::new(),
    };
    assert_eq!(kind(&row), (GeometryKind::MultiPoint, vec![2]));
    let row = Stored {
        kind: GeometryKind::GeometryCollection,
        counts: vec![3, 3, 1, 5, 1, 1, 7, 1, 2, 2],
        xy: square(5, 5, 10)
            .into_iter()
            .chain([[5, 5], [3, 3], [-5, 5], [5, 5]])
            .map(grid::to_lonlat)
            .collect(),
        z: Vec::new(),
        m: Vec::new(),
    };
    assert_eq!(
        kind(&row),
        (
            GeometryKind::GeometryCollection,
            vec![3, 1, 1, 2, 2, 3, 1, 5]
        )
    );
}

#[test]
fn source_rings_turn_as_rfc_7946_wants() {
    let region = Region::of_rings(vec![square(0, 0, 100)]);
    let row = Stored::polygons(&vec![vec![square(-50, 10, 80), square(5, 20, 5)]]);
    let Cut::Part(clipped) = row.cut(&region) else {
        panic!("cut");
    };
    let mut start = 0;
    for (i, n) in clipped.counts[1..].iter().enumerate() {
        let ring = &clipped.xy[start..start + *n as usize];
        start += *n as usize;
        assert_eq!(ring.first(), ring.last());
        let area: f64 = ring
            .windows(2)
            .map(|w| w[0][0] * w[1][1] - w[0][1] * w[1][0])
            .sum();
        assert_eq!(area > 0.0, i == 0);
    }
}

#[test]
fn ground_without_area_is_none() {
    let region = Region::of_rings(vec![square(0, 0, 10)]);
    // It touches the border along an edge, from outside.
    assert_eq!(
        Stored::polygons(&vec![vec![square(10, 0, 10)]]).cut(&region),
        Cut::Nothing
    );
    // A sliver thinner than the grid.
    let sliver = vec![[-1000, 5], [1, 5], [-1000, 6]];
    assert_eq!(
        Stored::polygons(&vec![vec![sliver]]).cut(&region),
        Cut::Nothing
    );
    // A line that only touches.
    assert_eq!(
        Stored::lines(&[vec![[10, 5], [20, 5]]]).cut(&region),
        Cut::Nothing
    );
    // A spike out of the region has no area but would show where it leads.
    let spiked = vec![[2, 2], [2, 8], [8, 8], [8, 5], [50, 5], [8, 5], [8, 2]];
    let Cut::Part(clipped) = Stored::polygons(&vec![vec![spiked]]).cut(&region) else {
        panic!("cut");
    };
    assert!(clipped.grid_xy.iter().all(|p| p[0] <= 8), "{clipped:?}");
}
