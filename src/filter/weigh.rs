//! What geometries of a filter cost, told from their edges alone, before anything is computed with them.

use super::shape::Shape;

/// Nanoseconds, roughly, for a row's few edges to be compared with one edge of the filter that lies beside them.
const EDGE: f64 = 25.0;
/// Comparisons of edges, made once, that are as dear as a nanosecond for each row: a filter is prepared once for many rows.
const PREPARATION: f64 = 5_000.0;

/// Estimated cost of a row against the geometry, in the unit of [`Limits::cost`](super::Limits).
///
/// An edge of a row is compared with the edges of the filter that lie beside it, which are as many, on average, as a line across the
/// filter meets: a dozen for the border of a commune, all of them for a zigzag. Where edges of the geometry itself may cross (`prepared`:
/// for all relations but `S_INTERSECTS` and `S_DISJOINT`), they are compared with each other, and what is found with those beside it.
pub(super) fn weigh(shape: &Shape, prepared: bool) -> u64 {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for path in shape.as_source().paths() {
        for edge in path.xy.windows(2) {
            lows.push(edge[0][1].min(edge[1][1]));
            highs.push(edge[0][1].max(edge[1][1]));
        }
    }
    let edges = lows.len() as f64;
    if lows.is_empty() {
        // Points: found by their place.
        return 1 + shape.xy.len() as u64 / 100;
    }
    let begun = {
        let mut sorted = lows.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let ended = {
        let mut sorted = highs.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    // Beside an edge lie those that begin before it ends, but for those that end before it begins.
    let beside: usize = lows
        .iter()
        .zip(&highs)
        .map(|(low, high)| {
            begun.partition_point(|b| b <= high) - ended.partition_point(|e| e < low)
        })
        .sum();
    let beside_each = beside as f64 / edges;
    let once = if prepared {
        beside as f64 * beside_each / PREPARATION
    } else {
        0.0
    };
    (EDGE * beside_each + once) as u64
}

/// Estimated cost of relating two geometries of the filter to each other.
pub(super) fn weigh_pair(a: &Shape, b: &Shape) -> u64 {
    let pairs = a.xy.len() as u64 * b.xy.len() as u64;
    weigh(a, true) + weigh(b, true) + pairs / 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Expr, Limits, Node, parse_text};

    fn shape(wkt: &str) -> Shape {
        let text = format!("S_WITHIN(g, {wkt})");
        let limits = Limits {
            length_bytes: 1 << 20,
            ..Limits::default()
        };
        let parsed = parse_text(&text, &limits);
        match parsed.map(|Expr { node, .. }| node) {
            Ok(Node::Spatial(_, sides)) => match &sides[1].node {
                Node::Geometry(shape) => shape.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn star(vertices: usize) -> Shape {
        let vertex = |i: usize| {
            let angle = std::f64::consts::TAU * (i % vertices) as f64 / vertices as f64;
            let r = 1.0 + 0.08 * (17.0 * angle).sin();
            format!("{} {}", r * angle.cos(), r * angle.sin())
        };
        let ring: Vec<_> = (0..=vertices).map(vertex).collect();
        shape(&format!("POLYGON(({}))", ring.join(",")))
    }

    fn zigzag(teeth: usize) -> Shape {
        let teeth: Vec<_> = (0..teeth)
            .map(|i| format!("{i} {}", 80 * (i % 2)))
            .collect();
        shape(&format!("LINESTRING({})", teeth.join(",")))
    }

    #[test]
    fn borders_are_cheap_and_zigzags_are_dear() {
        let most = Limits::default().cost;
        assert!(weigh(&star(1_000), true) < most / 10);
        assert!(weigh(&star(5_000), true) < most / 2);
        assert!(weigh(&zigzag(100), true) < most);
        assert!(weigh(&zigzag(1_000), false) > most);
        assert!(weigh(&zigzag(400), true) > most / 2);
    }

    #[test]
    fn triangles_that_all_cross_each_other_are_refused() {
        let triangle = |i: usize, tall: bool| {
            let (a, b) = (i as f64 / 100.0, i as f64 / 100.0 + 0.001);
            if tall {
                format!("(({a} 0, {b} 0, {a} 80, {a} 0))")
            } else {
                format!("((0 {a}, 0 {b}, 80 {a}, 0 {a}))")
            }
        };
        let all: Vec<_> = (0..400).map(|i| triangle(i, i % 2 == 0)).collect();
        let shape = shape(&format!("MULTIPOLYGON({})", all.join(",")));
        assert!(weigh(&shape, true) > Limits::default().cost);
    }
}
