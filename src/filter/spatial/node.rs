//! What lies around one place of the plane: the edges of two geometries that pass through it, in the order of their directions, and which
//! of the sectors between them either geometry holds. Dimensions of common parts are read off places alone, because every stretch of an edge
//! and every face between edges has an end or a corner.

use std::cmp::Ordering;

use super::matrix::{Location, Matrix};
use super::outline::{LINE, Outline};
use super::site::{Point, Site, side};

/// A half-line from the place along an edge.
#[derive(Debug, Clone, Copy)]
struct Ray {
    /// Where the edge comes from: the place itself, or behind it.
    from: Point,
    /// Where the edge goes to.
    to: Point,
    /// [`Outline`] and owner of the edge.
    geometry: usize,
    owner: u32,
}

impl Ray {
    /// 0 for directions in [0, π), 1 for those in [π, 2π), counted from that of growing x towards growing y.
    fn half(&self) -> u8 {
        let up = self.to[1] > self.from[1] || self.is_level_east();
        u8::from(!up)
    }

    fn is_level_east(&self) -> bool {
        self.to[1] == self.from[1] && self.to[0] > self.from[0]
    }

    fn cmp(&self, other: &Self) -> Ordering {
        // Both start from the place: whoever has the other on its left comes first.
        let turn = side(self.from, self.to, other.to);
        self.half().cmp(&other.half()).then(0.cmp(&turn))
    }
}

/// The surroundings of a place. Kept between places for its buffers.
#[derive(Debug, Default)]
pub(super) struct Around {
    rays: Vec<Ray>,
    /// For each geometry the polygons that hold the sector at hand.
    inside: [Vec<u32>; 2],
}

/// What one geometry looks like at a place.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Sectors that it does not hold, and such that it does.
    sectors: [bool; 2],
    area_edge: bool,
    line_edge: bool,
}

fn toggle(list: &mut Vec<u32>, owner: u32) {
    match list.iter().position(|o| *o == owner) {
        Some(at) => {
            list.swap_remove(at);
        }
        None => list.push(owner),
    }
}

impl Around {
    /// Adds to `matrix` what the two geometries have in common at `site` and right around it.
    pub(super) fn look(&mut self, site: &impl Site, both: [&Outline; 2], matrix: &mut Matrix) {
        self.rays.clear();
        for (number, outline) in both.into_iter().enumerate() {
            self.inside[number].clear();
            self.gather(site, outline, number);
        }
        self.rays.sort_unstable_by(Ray::cmp);
        let seen = self.turn(matrix);
        let [a, b] = [0, 1].map(|number| location(site, both[number], seen[number]));
        if a != Location::Exterior || b != Location::Exterior {
            matrix.raise(a, b, 0);
        }
    }

    /// True if the polygons of `outline` hold the place, which must lie on none of its edges.
    pub(super) fn is_inside(&mut self, site: &impl Site, outline: &Outline) -> bool {
        self.rays.clear();
        self.inside[0].clear();
        self.gather(site, outline, 0);
        !self.inside[0].is_empty()
    }

    /// True if the place belongs to `outline`.
    pub(super) fn is_covered(&mut self, site: &impl Site, outline: &Outline) -> bool {
        self.is_inside(site, outline)
            || !self.rays.is_empty()
            || is_among(
                site,
                outline.points_between(site.reach()[0][1], site.reach()[1][1]),
            )
    }

    /// Finds the edges through the place, and the polygons that hold the sector just above the direction of growing x: those of
    /// which an odd number of edges cross the half-line there.
    fn gather(&mut self, site: &impl Site, outline: &Outline, geometry: usize) {
        let [low, high] = site.reach();
        let apart = (0..2).any(|i| high[i] < outline.bbox.min[i] || low[i] > outline.bbox.max[i]);
        if apart {
            return;
        }
        let Self { rays, inside } = self;
        outline.edges_between(low[1], high[1], |edge| {
            let to_a = site.cmp(1, edge.a[1]);
            let to_b = site.cmp(1, edge.b[1]);
            if (to_a == to_b && to_a != Ordering::Equal) || site.cmp(0, edge.high(0)).is_gt() {
                return false;
            }
            // An end of an edge belongs to the edge above it.
            let straddles = to_a.is_lt() != to_b.is_lt();
            let crosses = if site.cmp(0, edge.low(0)).is_lt() {
                straddles
            } else {
                let turn = site.side(edge.a, edge.b);
                if turn == 0 {
                    let mut ray = |from, to| {
                        rays.push(Ray {
                            from,
                            to,
                            geometry,
                            owner: edge.owner,
                        });
                    };
                    if !site.is(edge.b) {
                        ray(edge.a, edge.b);
                    }
                    if !site.is(edge.a) {
                        ray(edge.b, edge.a);
                    }
                }
                turn != 0 && straddles && (turn > 0) == to_b.is_lt()
            };
            if crosses && edge.owner != LINE {
                toggle(&mut inside[geometry], edge.owner);
            }
            false
        });
    }

    /// Once around the place, counterclockwise.
    fn turn(&mut self, matrix: &mut Matrix) -> [Seen; 2] {
        let mut seen = [Seen::default(); 2];
        let mut now = self.sector(&mut seen, matrix);
        // Rays along growing x come last: the known sector is the one behind them.
        let level = self
            .rays
            .iter()
            .take_while(|ray| ray.is_level_east())
            .count();
        self.rays.rotate_left(level);
        let mut start = 0;
        while start < self.rays.len() {
            let first = self.rays[start];
            let same = self.rays[start..]
                .iter()
                .take_while(|ray| first.cmp(ray).is_eq())
                .count();
            let before = now;
            let (mut area, mut line) = ([false; 2], [false; 2]);
            for ray in &self.rays[start..start + same] {
                if ray.owner == LINE {
                    line[ray.geometry] = true;
                } else {
                    area[ray.geometry] = true;
                    toggle(&mut self.inside[ray.geometry], ray.owner);
                }
            }
            start += same;
            now = self.sector(&mut seen, matrix);
            let [a, b] = [0, 1].map(|g| match (before[g], now[g]) {
                (true, true) => Location::Interior,
                (false, false) if !area[g] && line[g] => Location::Interior,
                (false, false) if !area[g] => Location::Exterior,
                _ => Location::Boundary,
            });
            matrix.raise(a, b, 1);
            for g in 0..2 {
                seen[g].area_edge |= area[g];
                seen[g].line_edge |= line[g];
            }
        }
        seen
    }

    /// Takes note of the sector at hand; gives which geometries hold it.
    fn sector(&self, seen: &mut [Seen; 2], matrix: &mut Matrix) -> [bool; 2] {
        let held = [0, 1].map(|g| !self.inside[g].is_empty());
        let [a, b] = held.map(|held| {
            if held {
                Location::Interior
            } else {
                Location::Exterior
            }
        });
        matrix.raise(a, b, 2);
        for g in 0..2 {
            seen[g].sectors[usize::from(held[g])] = true;
        }
        held
    }
}

fn is_among(site: &impl Site, points: &[Point]) -> bool {
    points.iter().any(|p| site.is(*p))
}

/// Where the place itself lies. Areas count before lines, and lines before points.
fn location(site: &impl Site, outline: &Outline, seen: Seen) -> Location {
    let [low, high] = [0, 1].map(|corner| site.reach()[corner][1]);
    let [outside, inside] = seen.sectors;
    if inside && !outside {
        Location::Interior
    } else if inside || seen.area_edge {
        Location::Boundary
    } else if seen.line_edge {
        if is_among(site, outline.ends_between(low, high)) {
            Location::Boundary
        } else {
            Location::Interior
        }
    } else if is_among(site, outline.points_between(low, high)) {
        Location::Interior
    } else {
        Location::Exterior
    }
}
