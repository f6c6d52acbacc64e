//! Where a geometry of a filter lies on the world grid: windows for the index, and cells that settle most rows by their boxes.

use std::sync::OnceLock;

use super::cells::{Cells, Chord};
use super::node::Around;
use super::outline::{Edge, Outline};
use super::site::Point;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::{self, GridBox};
use crate::geometry::window::{Bend, LONGEST_EDGE, SLACK, every_world, grown, is_crs84, on_grid};

/// Parts that are searched apart, at most. Overseas territories are worth it; a window per island is not.
const MOST_PARTS: usize = 8;
/// By what factor the window of a part may exceed the windows of its members without parting.
const WASTE: f64 = 2.0;
/// Chords of a geometry, at most: more would cost more than they spare.
const MOST_CHORDS: usize = 200_000;
/// Chords follow the border up to this share of its extent; cells are wider by far.
const PRECISION: f64 = 1.0 / 8192.0;
/// Edges that stray by less than this share of the tolerance, by the measured bend, are not looked at again.
const BEND_TRUST: f64 = 1.0 / 16.0;
/// Vertices near which the bend of the frame is measured.
const BEND_SAMPLES: usize = 16;

/// Where a row's box lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// No point of the row is a point of the geometry.
    Apart,
    /// All points of the row are points of the interior of the geometry's areas, which has others beside.
    Inside,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Cover {
    parts: Vec<Part>,
    windows: Vec<GridBox>,
    /// How far edges of rows stray from their boxes.
    bend: Bend,
    margin: f64,
    /// From CRS84 to the frame; `None` where a place on the grid may be written in several ways in the frame.
    from_degrees: Option<Transform>,
}

#[derive(Debug)]
struct Part {
    chords: Vec<Chord>,
    /// The part lies in it.
    near: GridBox,
    cells: OnceLock<Cells>,
}

impl Cover {
    /// The cover of an outline in that frame; `None` if it has no place on the grid, or reaches around a pole.
    pub(super) fn new(outline: &Outline, frame: Crs) -> Option<Self> {
        let to_degrees = Transform::between(frame, Crs::CRS84).ok()?;
        let from_degrees = Transform::between(Crs::CRS84, frame).ok();
        let count = outline.vertices().count();
        let samples = outline
            .vertices()
            .step_by(count.div_ceil(BEND_SAMPLES).max(1));
        let bend = Bend::measure(samples, frame)?;
        let mut border = Border::new(outline, frame, &to_degrees, bend)?;
        for edge in &outline.edges {
            border.edge(edge)?;
        }
        for point in &outline.points {
            border.point(*point)?;
        }
        let margin = SLACK + border.tolerance;
        let parts = border.parts(margin);
        let reach = bend.of(LONGEST_EDGE);
        let known = is_crs84(frame) || frame == Crs::WEB_MERCATOR || !frame.is_geographic();
        Some(Self {
            windows: parts
                .iter()
                .flat_map(|part| every_world(grown(part.near, reach)))
                .collect(),
            parts,
            bend,
            margin,
            from_degrees: from_degrees.filter(|_| known),
        })
    }

    /// Boxes, one of which every row that shares a point with the geometry meets.
    pub(super) fn windows(&self) -> &[GridBox] {
        &self.windows
    }

    /// Where a row lies by its box on the grid; `None` if that needs its vertices.
    pub(super) fn place(&self, row: &GridBox, outline: &Outline) -> Option<Place> {
        let row = self.bend.reach(row);
        let each_world = |part| [(part, 0), (part, -1), (part, 1)];
        let mut met = self
            .parts
            .iter()
            .flat_map(each_world)
            .filter(|(part, world)| {
                let there = part.near.shifted_worlds(*world);
                there.is_some_and(|there| there.intersects(&row))
            });
        let Some((part, world)) = met.next() else {
            return Some(Place::Apart);
        };
        if world != 0 || met.next().is_some() {
            return None;
        }
        let cells = part.cells.get_or_init(|| self.cells(part, outline));
        cells
            .quick(&row)
            .map(|inside| if inside { Place::Inside } else { Place::Apart })
    }

    fn cells(&self, part: &Part, outline: &Outline) -> Cells {
        let mut around = Around::default();
        Cells::new(&part.near, &part.chords, self.margin, |[x, y]| {
            let place = [i32::try_from(x).ok()?, i32::try_from(y).ok()?];
            let place = self
                .from_degrees
                .as_ref()?
                .convert_point(grid::to_lonlat(place))?;
            Some(around.is_inside(&place, outline))
        })
    }
}

/// The border of an outline, being brought to the grid.
struct Border<'a> {
    to_degrees: &'a Transform,
    /// Of edges of the outline.
    bend: Bend,
    /// By how much chords may miss the border.
    tolerance: f64,
    plane: bool,
    chords: Vec<Chord>,
    /// Where each member starts in `chords`.
    members: Vec<usize>,
    /// Where the last edge ended, in the frame and on the grid, and its owner.
    last: Option<(Point, Point, u32)>,
}

impl<'a> Border<'a> {
    fn new(outline: &Outline, frame: Crs, to_degrees: &'a Transform, bend: Bend) -> Option<Self> {
        let mut vertices: Vec<Point> = outline.vertices().collect();
        to_degrees.convert(&mut vertices).ok()?;
        let extent = Bbox::around(&vertices.into_iter().map(on_grid).collect::<Vec<_>>());
        let side = |axis: usize| extent.max[axis] - extent.min[axis];
        let plane = !frame.is_geographic() && frame != Crs::WEB_MERCATOR;
        Some(Self {
            to_degrees,
            bend: if frame.is_geographic() {
                Bend::OF_DEGREES
            } else {
                bend
            },
            tolerance: (side(0).max(side(1)) * PRECISION).max(SLACK / 2.0),
            plane,
            chords: Vec::new(),
            members: Vec::new(),
            last: None,
        })
    }

    fn place(&self, p: Point) -> Option<Point> {
        self.to_degrees.convert_point(p).map(on_grid)
    }

    fn edge(&mut self, edge: &Edge) -> Option<()> {
        let start = match self.last {
            Some((p, place, owner)) if (p, owner) == (edge.a, edge.owner) => place,
            _ => {
                self.members.push(self.chords.len());
                self.place(edge.a)?
            }
        };
        let end = self.place(edge.b)?;
        self.last = Some((edge.b, end, edge.owner));
        self.follow([edge.a, edge.b], [start, end])
    }

    fn point(&mut self, p: Point) -> Option<()> {
        self.members.push(self.chords.len());
        let place = self.place(p)?;
        self.chords.push([place, place]);
        Some(())
    }

    /// Adds chords along an edge, given where its ends lie on the grid.
    fn follow(&mut self, edge: [Point; 2], ends: Chord) -> Option<()> {
        let mut left = vec![(edge, ends)];
        while let Some(([p, q], [a, b])) = left.pop() {
            if self.chords.len() + left.len() > MOST_CHORDS {
                return None;
            }
            let between = |a: Point, b: Point| [0, 1].map(|axis| a[axis].midpoint(b[axis]));
            let distance = |a: Point, b: Point| (b[0] - a[0]).hypot(b[1] - a[1]);
            let stray = self.bend.of(distance(a, b));
            let is_long = stray > self.tolerance;
            // A bend that was measured elsewhere is not believed.
            if is_long || (self.plane && stray > self.tolerance * BEND_TRUST) {
                let middle = between(p, q);
                let there = self.place(middle)?;
                if is_long || distance(there, between(a, b)) > self.tolerance / 2.0 {
                    left.push(([middle, q], [there, b]));
                    left.push(([p, middle], [a, there]));
                    continue;
                }
            }
            self.chords.push([a, b]);
        }
        Some(())
    }

    /// The members, those close to each other together.
    fn parts(mut self, margin: f64) -> Vec<Part> {
        self.members.push(self.chords.len());
        let mut parts: Vec<Part> = Vec::new();
        for member in self.members.windows(2) {
            let chords = &self.chords[member[0]..member[1]];
            let bbox = Bbox::around(chords.as_flattened());
            let near = GridBox {
                min: bbox.min.map(|v| (v - margin).floor() as i32),
                max: bbox.max.map(|v| (v + margin).ceil() as i32),
            };
            let waste = |part: &Part| {
                size(&part.near.union(&near)) - WASTE * (size(&part.near) + size(&near))
            };
            let best = parts
                .iter_mut()
                .map(|part| (waste(part), part))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            match best {
                Some((waste, part)) if waste <= 0.0 || part.near.intersects(&near) => {
                    part.add(chords, &near);
                }
                _ => parts.push(Part {
                    chords: chords.to_vec(),
                    near,
                    cells: OnceLock::new(),
                }),
            }
            merge(&mut parts);
        }
        parts
    }
}

impl Part {
    fn add(&mut self, chords: &[Chord], near: &GridBox) {
        self.chords.extend_from_slice(chords);
        self.near = self.near.union(near);
    }
}

fn size(b: &GridBox) -> f64 {
    let side = |axis: usize| f64::from(b.max[axis]) - f64::from(b.min[axis]);
    side(0) * side(1)
}

/// Joins parts that meet, and the closest ones until there are few enough.
fn merge(parts: &mut Vec<Part>) {
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for i in 0..parts.len() {
            for j in 0..i {
                let (a, b) = (&parts[i].near, &parts[j].near);
                let cost = if a.intersects(b) {
                    f64::NEG_INFINITY
                } else {
                    size(&a.union(b))
                };
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, i, j));
                }
            }
        }
        match best {
            Some((cost, i, j)) if cost == f64::NEG_INFINITY || parts.len() > MOST_PARTS => {
                let gone = parts.swap_remove(i);
                parts[j].add(&gone.chords, &gone.near);
            }
            _ => return,
        }
    }
}
