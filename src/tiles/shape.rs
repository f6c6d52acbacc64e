//! The shape of one row in one tile: thinned, clipped, snapped, valid.

use crate::geometry::clip::{Clip, ClipBox};
use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::importance;
use crate::geometry::orient::{Role, orient};
use crate::geometry::paths::{GridPath, GridPaths, PathKind};
use crate::geometry::predicates::{is_flat, ring_area};
use crate::geometry::repair::{Outcome, Repair};
use crate::geometry::snap::Frame;
use crate::geometry::validity::Validity;

use super::coord::{BUFFER, EXTENT, SHIFTS, TileCoord};

/// How coarsely a zoom may draw: vertices go whose triangle with their neighbours is under half a square of this side, in units of
/// the tile (a sixteenth of a pixel where tiles are drawn 256 wide, an eighth where 512).
const TOLERANCE: f64 = 2.0;

/// A ring of less than this many square units is not drawn itself below the last zoom: its area goes into a common purse, and
/// whenever the purse holds as much, the ring at hand is drawn as a square of that size. So a ground of many small plots keeps its
/// tint and the tile stays small.
const DUST_AREA: f64 = 4.0;
/// The side of that square.
const DUST_SIDE: i32 = 2;
/// The same for lines, by length, in units.
const DUST_LENGTH: f64 = 1.0;

/// Paths in units of a tile.
#[derive(Debug, Default)]
pub struct Paths {
    xy: Vec<GridPoint>,
    ends: Vec<u32>,
}

impl Paths {
    fn clear(&mut self) {
        self.xy.clear();
        self.ends.clear();
    }

    fn close(&mut self) {
        self.ends.push(self.xy.len() as u32);
    }

    /// True if there is no path.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The paths in order.
    pub fn iter(&self) -> impl Iterator<Item = &[GridPoint]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.xy[start as usize..end as usize])
    }
}

/// Shapes row after row for one layer of one tile, with the same buffers.
#[derive(Debug)]
pub struct Shaper {
    coord: TileCoord,
    /// Importance below which vertices go; 0 on the last zoom, where everything is shown as it is.
    threshold: u8,
    /// Whatever has no extent is drawn as a dot of one unit.
    keep_all: bool,
    points: Vec<GridPoint>,
    lines: Paths,
    rings: Paths,
    is_hole: Vec<bool>,
    dust_area: f64,
    dust_length: f64,
    scratch: Scratch,
}

/// Buffers, apart from the state, so that a slice of one can be read while the other is written.
#[derive(Debug, Default)]
struct Scratch {
    clip: Clip,
    kept: Vec<GridPoint>,
    validity: Validity,
    repair: Repair,
}

/// The shape of a row in the tile, by kind of path. Rings are oriented: positive area for exterior rings, then their holes.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Distinct points.
    pub points: &'a [GridPoint],
    /// Lines of two or more vertices.
    pub lines: &'a Paths,
    /// Rings, valid together, first vertex not repeated.
    pub rings: &'a Paths,
    /// True if the row lies in the tile and yet nothing of it is left to draw.
    pub collapsed: bool,
}

/// What the tile holds of the current row besides what is drawn.
#[derive(Debug, Default)]
struct Lost {
    /// Some ring lies wholly in the tile.
    whole_ring: bool,
    /// Doubled net area, in units of the world grid, of the rings cut at the tile's border: a hole can take away all of it.
    cut_area: i128,
    /// Where, in units of the tile, a ring lost its extent.
    ring: Option<GridPoint>,
    /// The same for a line.
    line: Option<GridPoint>,
}

impl Lost {
    fn ring(&self) -> Option<GridPoint> {
        self.ring.filter(|_| self.whole_ring || self.cut_area > 0)
    }

    fn anything(&self) -> bool {
        self.ring().is_some() || self.line.is_some()
    }
}

/// A tile seen in one world.
struct View {
    frame: Frame,
    bounds: ClipBox,
    /// The row lies wholly inside.
    whole: bool,
}

impl Shaper {
    /// For a tile of a layer whose deepest zoom is `last_zoom`.
    pub fn new(coord: TileCoord, last_zoom: u8) -> Self {
        let keep_all = coord.z() >= last_zoom;
        Self {
            coord,
            threshold: if keep_all {
                0
            } else {
                importance::threshold(TOLERANCE * coord.unit())
            },
            keep_all,
            points: Vec::new(),
            lines: Paths::default(),
            rings: Paths::default(),
            is_hole: Vec::new(),
            dust_area: 0.0,
            dust_length: 0.0,
            scratch: Scratch::default(),
        }
    }

    /// The shape of a row, `None` if it does not lie in the tile.
    pub fn shape(&mut self, bbox: &GridBox, paths: &GridPaths<'_>) -> Option<Shape<'_>> {
        self.points.clear();
        self.lines.clear();
        self.rings.clear();
        self.is_hole.clear();
        let mut lost = Lost::default();
        for worlds in SHIFTS {
            let bounds = self.coord.clip_box(worlds);
            if !bounds.meets(bbox) {
                continue;
            }
            let view = View {
                frame: self.coord.frame(worlds),
                whole: bounds.encloses(bbox),
                bounds,
            };
            self.draw(&view, paths, &mut lost);
        }
        self.finish_points();
        self.finish_rings(&mut lost);
        if self.is_blank() && self.keep_all {
            self.stand_in(&lost);
        }
        let collapsed = self.is_blank();
        if collapsed && !lost.anything() {
            return None;
        }
        Some(Shape {
            points: &self.points,
            lines: &self.lines,
            rings: &self.rings,
            collapsed,
        })
    }

    fn is_blank(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && self.rings.is_empty()
    }

    fn draw(&mut self, view: &View, paths: &GridPaths<'_>, lost: &mut Lost) {
        let one_ring = paths.len() == 1;
        // Holes of a ring that is not drawn are not drawn either.
        let mut exterior_drawn = false;
        for path in paths {
            match path.kind {
                PathKind::Points => self.draw_points(view, path.xy),
                PathKind::Line => self.draw_line(view, &path, lost),
                PathKind::Ring => {
                    let bbox = GridBox::around(path.xy);
                    if !view.bounds.meets(&bbox) {
                        // Its holes, if it has any, do not meet the tile either.
                        continue;
                    }
                    let is_hole = !one_ring && ring_area(path.xy) < 0;
                    if is_hole && !exterior_drawn {
                        continue;
                    }
                    let drawn = if !self.keep_all && self.is_dust(&path, &bbox) {
                        self.dust_ring(view, path.xy, &bbox, lost);
                        false
                    } else {
                        self.draw_ring(view, &path, is_hole, lost)
                    };
                    if !is_hole {
                        exterior_drawn = drawn;
                    }
                }
            }
        }
    }

    fn draw_points(&mut self, view: &View, xy: &[GridPoint]) {
        let inside = xy.iter().filter(|p| view.bounds.contains(**p));
        self.points.extend(inside.map(|p| view.frame.snap(*p)));
    }

    /// One point for all that fall together.
    fn finish_points(&mut self) {
        if self.points.len() > 1 {
            self.points.sort_unstable();
            self.points.dedup();
        }
    }

    fn draw_line(&mut self, view: &View, path: &GridPath<'_>, lost: &mut Lost) {
        let bbox = GridBox::around(path.xy);
        if !self.keep_all && self.is_dust(path, &bbox) {
            self.dust_line(view, &bbox, lost);
            return;
        }
        let Scratch { clip, kept, .. } = &mut self.scratch;
        let (lines, frame) = (&mut self.lines, &view.frame);
        let mut add = |piece: &[GridPoint]| {
            let start = lines.xy.len();
            frame.line(piece, &mut lines.xy);
            if lines.xy.len() - start > 1 {
                lines.close();
            } else {
                // A single point is where the line touches the border from outside.
                if piece.len() > 1 {
                    lost.line = lost.line.or(lines.xy.get(start).copied());
                }
                lines.xy.truncate(start);
            }
        };
        let line = thin(path, self.threshold, kept);
        if view.whole {
            add(line);
        } else {
            clip.line(line, &view.bounds, add);
        }
    }

    /// Draws a ring; false if it is not there.
    fn draw_ring(
        &mut self,
        view: &View,
        path: &GridPath<'_>,
        is_hole: bool,
        lost: &mut Lost,
    ) -> bool {
        let Scratch { clip, kept, .. } = &mut self.scratch;
        let mut ring = thin(path, self.threshold, kept);
        if view.whole {
            lost.whole_ring = true;
        } else {
            ring = clip.ring(ring, &view.bounds);
            let area = ring_area(ring);
            if area == 0 {
                return false;
            }
            lost.cut_area += area;
        }
        let start = self.rings.xy.len();
        view.frame.ring(ring, &mut self.rings.xy);
        let snapped = &mut self.rings.xy[start..];
        if is_flat(snapped) {
            if !is_hole {
                lost.ring = lost.ring.or(snapped.first().copied());
            }
            self.rings.xy.truncate(start);
            return false;
        }
        orient(snapped, if is_hole { Role::Hole } else { Role::Exterior });
        self.rings.close();
        self.is_hole.push(is_hole);
        true
    }

    fn finish_rings(&mut self, lost: &mut Lost) {
        if self.rings.is_empty() {
            return;
        }
        let Paths { xy, ends } = &mut self.rings;
        let Scratch {
            validity, repair, ..
        } = &mut self.scratch;
        if validity.check(xy, ends).is_ok() {
            return;
        }
        let first = xy[0];
        if repair.rebuild(xy, ends, &self.is_hole, validity) == Outcome::Empty {
            lost.ring = lost.ring.or(Some(first));
        }
    }

    /// A line or ring too small to be drawn for itself.
    fn is_dust(&self, path: &GridPath<'_>, bbox: &GridBox) -> bool {
        let unit = self.coord.unit();
        let [width, height] = extent(bbox).map(|v| v / unit);
        match path.kind {
            PathKind::Ring => {
                let small = f64::from(2 * DUST_SIDE);
                width < small && height < small && area_in(path.xy, unit).abs() < DUST_AREA
            }
            _ => width < DUST_LENGTH && height < DUST_LENGTH,
        }
    }

    fn dust_ring(&mut self, view: &View, ring: &[GridPoint], bbox: &GridBox, lost: &mut Lost) {
        let place = bbox.center();
        if !view.bounds.contains(place) {
            return;
        }
        // The area of a hole is negative: it takes away from the purse.
        let area = area_in(ring, self.coord.unit());
        self.dust_area += area;
        if self.dust_area >= DUST_AREA {
            self.dust_area -= DUST_AREA;
            self.square(view.frame.snap(place), DUST_SIDE);
        } else if area > 0.0 {
            lost.whole_ring = true;
            lost.ring = lost.ring.or(Some(view.frame.snap(place)));
        }
    }

    fn dust_line(&mut self, view: &View, bbox: &GridBox, lost: &mut Lost) {
        let place = bbox.center();
        if !view.bounds.contains(place) {
            return;
        }
        let [width, height] = extent(bbox).map(|v| v / self.coord.unit());
        self.dust_length += width.hypot(height);
        if self.dust_length >= DUST_LENGTH {
            self.dust_length -= DUST_LENGTH;
            self.segment(view.frame.snap(place));
        } else {
            lost.line = lost.line.or(Some(view.frame.snap(place)));
        }
    }

    /// On the last zoom everything is there: a square or a segment of one unit for what has no extent.
    fn stand_in(&mut self, lost: &Lost) {
        match (lost.ring(), lost.line) {
            (Some(place), _) => self.square(place, 1),
            (None, Some(place)) => self.segment(place),
            (None, None) => {}
        }
    }

    fn square(&mut self, place: GridPoint, side: i32) {
        let [x, y] = place.map(|v| (v - side / 2).clamp(-BUFFER, EXTENT + BUFFER - side));
        self.rings
            .xy
            .extend([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]);
        self.rings.close();
        self.is_hole.push(false);
    }

    fn segment(&mut self, place: GridPoint) {
        let [x, y] = place;
        let x = x.clamp(-BUFFER, EXTENT + BUFFER - 1);
        self.lines.xy.extend([[x, y], [x + 1, y]]);
        self.lines.close();
    }
}

/// The vertices of a path that a threshold leaves.
fn thin<'a>(path: &GridPath<'a>, threshold: u8, kept: &'a mut Vec<GridPoint>) -> &'a [GridPoint] {
    if threshold == 0 || path.importance.len() != path.xy.len() {
        return path.xy;
    }
    kept.clear();
    let weighed = path.xy.iter().zip(path.importance);
    kept.extend(weighed.filter(|(_, i)| **i >= threshold).map(|(p, _)| *p));
    kept
}

fn extent(bbox: &GridBox) -> [f64; 2] {
    [0, 1].map(|axis| f64::from(bbox.max[axis]) - f64::from(bbox.min[axis]))
}

/// The signed area of a ring in squares of `unit`.
fn area_in(ring: &[GridPoint], unit: f64) -> f64 {
    ring_area(ring) as f64 / (2.0 * unit * unit)
}
