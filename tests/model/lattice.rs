//! From unions of cells to rings, and back.

use std::collections::{BTreeMap, BTreeSet};

use guichet::geometry::grid::{GridPoint, to_lonlat};
use guichet::geometry::region::Region;

use crate::case::{Atom, Ground, SIDE};
use crate::real::on_grid;

/// The rings of a valid multipolygon on the world grid: exterior ones positive, holes negative.
pub fn rings(ground: &Ground) -> Vec<Vec<GridPoint>> {
    outlines(ground)
        .iter()
        // Anticlockwise as seen from above is negative where y grows southward.
        .map(|ring| ring.iter().rev().map(|corner| on_grid(*corner)).collect())
        .collect()
}

fn outlines(ground: &Ground) -> Vec<Vec<Atom>> {
    outlines_by_part(ground).concat()
}

/// Corners of the rings of each polygon, its exterior before its holes, anticlockwise where y grows northward, holes clockwise.
pub fn outlines_by_part(ground: &Ground) -> Vec<Vec<Vec<Atom>>> {
    let outlines = |part: &BTreeSet<Atom>| {
        let mut rings = outlines_of_part(part);
        // The exterior has the corner farthest to the south-west, and holes cannot.
        rings.sort_by_key(|ring| ring.iter().min().copied());
        rings
    };
    parts(ground).iter().map(outlines).collect()
}

/// Cells that hang together by their sides.
fn parts(ground: &Ground) -> Vec<BTreeSet<Atom>> {
    let mut left = ground.0.clone();
    let mut parts = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut part = BTreeSet::from([first]);
        let mut border = vec![first];
        while let Some((x, y)) = border.pop() {
            for next in [
                (x + 2, y),
                (x, y + 2),
                (x.wrapping_sub(2), y),
                (x, y.wrapping_sub(2)),
            ] {
                if left.remove(&next) {
                    part.insert(next);
                    border.push(next);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// Sides of cells that have no neighbour there, one after the other. Where two cells of a part touch by a corner alone, the walk keeps
/// to the same empty cell, so that no ring touches itself.
fn outlines_of_part(cells: &BTreeSet<Atom>) -> Vec<Vec<Atom>> {
    // Each side as (from, to), the cell on its left.
    let mut sides: BTreeMap<Atom, Vec<Atom>> = BTreeMap::new();
    for (x, y) in cells {
        let (w, e, s, n) = (x - 1, x + 1, y - 1, y + 1);
        let around = [
            ((w, s), (e, s), (*x, y.wrapping_sub(2))),
            ((e, s), (e, n), (x + 2, *y)),
            ((e, n), (w, n), (*x, y + 2)),
            ((w, n), (w, s), (x.wrapping_sub(2), *y)),
        ];
        for (from, to, beyond) in around {
            if !cells.contains(&beyond) {
                sides.entry(from).or_default().push(to);
            }
        }
    }
    let mut rings = Vec::new();
    while let Some((start, _)) = sides.first_key_value() {
        let start = *start;
        let mut ring = Vec::new();
        let mut at = start;
        let mut came = None;
        loop {
            ring.push(at);
            let next = take(&mut sides, at, came);
            came = Some(at);
            at = next;
            if at == start && !(sides.contains_key(&at) && goes_on(&sides, at, came)) {
                break;
            }
        }
        rings.push(ring);
    }
    rings
}

/// At a corner that is met twice, the side to the right of where the walk comes from.
fn take(sides: &mut BTreeMap<Atom, Vec<Atom>>, at: Atom, came: Option<Atom>) -> Atom {
    let out = sides.get_mut(&at).expect("rings are closed");
    let pick = match (came, out.len()) {
        (Some(came), 2) => out
            .iter()
            .position(|to| is_right(came, at, *to))
            .unwrap_or(0),
        _ => 0,
    };
    let to = out.remove(pick);
    if out.is_empty() {
        sides.remove(&at);
    }
    to
}

/// True if the walk that came back to where it began has to turn right there first.
fn goes_on(sides: &BTreeMap<Atom, Vec<Atom>>, at: Atom, came: Option<Atom>) -> bool {
    let (Some(came), Some(out)) = (came, sides.get(&at)) else {
        return false;
    };
    out.iter().any(|to| is_right(came, at, *to))
}

fn is_right(a: Atom, b: Atom, c: Atom) -> bool {
    let d = |p: Atom, q: Atom| {
        (
            i32::from(q.0) - i32::from(p.0),
            i32::from(q.1) - i32::from(p.1),
        )
    };
    let ((ux, uy), (vx, vy)) = (d(a, b), d(b, c));
    ux * vy - uy * vx < 0
}

/// The cells whose middle is inside of a region.
pub fn cells_of(region: &Region) -> Ground {
    let odd = (0..SIDE).map(|i| 2 * i + 1);
    let all = odd.clone().flat_map(|x| odd.clone().map(move |y| (x, y)));
    let is_in = |cell: &Atom| {
        let p = on_grid(*cell);
        let crossings: usize = region.rings().iter().map(|ring| crossings(ring, p)).sum();
        crossings % 2 == 1
    };
    Ground(all.filter(is_in).collect())
}

/// How often the ray to the east of `p` crosses a ring of upright and level sides.
fn crossings(ring: &[GridPoint], p: GridPoint) -> usize {
    let next = |i: usize| ring[(i + 1) % ring.len()];
    let crosses = |i: usize| {
        let (a, b) = (ring[i], next(i));
        (a[1] > p[1]) != (b[1] > p[1]) && a[0] > p[0]
    };
    (0..ring.len()).filter(|i| crosses(*i)).count()
}

/// `MULTIPOLYGON …` in CRS84.
pub fn wkt(ground: &Ground) -> String {
    let text = |ring: &Vec<Atom>| {
        let closed = ring.iter().chain(ring.first());
        let corners = closed.map(|c| {
            let [lon, lat] = position(*c);
            format!("{lon} {lat}")
        });
        format!("({})", corners.collect::<Vec<_>>().join(", "))
    };
    let polygon = |rings: &Vec<Vec<Atom>>| {
        let rings: Vec<_> = rings.iter().map(text).collect();
        format!("({})", rings.join(", "))
    };
    let parts: Vec<_> = outlines_by_part(ground).iter().map(polygon).collect();
    match parts.len() {
        0 => "MULTIPOLYGON EMPTY".to_owned(),
        _ => format!("MULTIPOLYGON ({})", parts.join(", ")),
    }
}

/// Longitude and latitude of a corner or middle; they come back to the very vertex of the grid.
pub fn position(at: Atom) -> [f64; 2] {
    to_lonlat(on_grid(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Random;
    use guichet::geometry::grid::from_lonlat;

    #[test]
    fn rings_go_around_the_cells_and_touch_no_corner_twice() {
        let random = &mut Random::new(1);
        for _ in 0..5_000 {
            let odd = (0..SIDE).map(|i| 2 * i + 1);
            let all = odd.clone().flat_map(|x| odd.clone().map(move |y| (x, y)));
            let ground = Ground(all.filter(|_| !random.one_in(3)).collect());
            assert_eq!(cells_of(&Region::of_rings(rings(&ground))), ground);
            for ring in outlines(&ground) {
                let corners: BTreeSet<_> = ring.iter().collect();
                assert_eq!(corners.len(), ring.len(), "{ring:?} of {ground:?}");
            }
        }
    }

    #[test]
    fn positions_are_vertices_of_the_grid() {
        for x in 0..=2 * SIDE {
            for y in 0..=2 * SIDE {
                let [lon, lat] = position((x, y));
                assert_eq!(from_lonlat(lon, lat), on_grid((x, y)));
            }
        }
    }
}
