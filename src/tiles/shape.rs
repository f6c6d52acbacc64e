//! The shape of one row in one tile: thinned, clipped, snapped, valid.

use super::coord::{SHIFTS, TileCoord};
use super::drawing::Drawing;
use super::dust::{Dust, SIDE};
use crate::geometry::clip::{Clip, ClipBox};
use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::importance;
use crate::geometry::orient::{Role, orient};
use crate::geometry::paths::{GridPath, GridPaths, PathKind};
use crate::geometry::predicates::{is_flat, ring_area};
use crate::geometry::repair::Repair;
use crate::geometry::snap::Frame;
use crate::geometry::validity::Validity;

/// How coarsely a zoom may draw: vertices go whose triangle with their neighbours is under half a square of this side, in units of
/// the tile. Where tiles are drawn 512 pixels wide that is an eighth of a square pixel, and half of one just before the next zoom
/// takes over. Measured on the 35,357 communes of France, the heaviest tile (zoom 5) takes 1,078 kB of gzip at 1, 774 at 2, 538 at 4
/// and 379 at 8, where corners begin to show.
const TOLERANCE: f64 = 4.0;

/// How a row stands to a tile.
#[derive(Debug)]
pub enum Shape<'a> {
    /// It does not lie in it.
    Absent,
    /// It lies in it and is too small to be drawn at this zoom.
    Collapsed,
    /// This is drawn.
    Drawn(&'a Drawing),
}

/// Shapes row after row for one layer of one tile, with the same buffers.
#[derive(Debug)]
pub struct Shaper {
    coord: TileCoord,
    /// On the last zoom of its layer everything is shown as it is, and what has no extent as a dot of one unit.
    last_zoom: bool,
    /// Importance below which vertices go.
    threshold: u8,
    drawing: Drawing,
    dust: Dust,
    clip: Clip,
    kept: Vec<GridPoint>,
    validity: Validity,
    repair: Repair,
}

/// What the tile holds of a row besides what is drawn.
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
        let last_zoom = coord.z() >= last_zoom;
        let tolerance = if last_zoom {
            0.0
        } else {
            TOLERANCE * coord.unit()
        };
        Self {
            coord,
            last_zoom,
            threshold: importance::threshold(tolerance),
            drawing: Drawing::default(),
            dust: Dust::new(coord.unit()),
            clip: Clip::default(),
            kept: Vec::new(),
            validity: Validity::default(),
            repair: Repair::default(),
        }
    }

    /// The shape of a row, given with the box around it.
    pub fn shape(&mut self, bbox: &GridBox, paths: &GridPaths<'_>) -> Shape<'_> {
        self.drawing.clear();
        let mut lost = Lost::default();
        for worlds in SHIFTS {
            let bounds = self.coord.clip_box(worlds);
            if bounds.meets(bbox) {
                let view = View {
                    frame: self.coord.frame(worlds),
                    whole: bounds.encloses(bbox),
                    bounds,
                };
                self.draw(&view, paths, &mut lost);
            }
        }
        self.drawing.finish_points();
        let vanished = self
            .drawing
            .finish_rings(&mut self.validity, &mut self.repair);
        lost.ring = lost.ring.or(vanished);
        match (lost.ring(), lost.line) {
            _ if !self.drawing.is_blank() => {}
            (None, None) => return Shape::Absent,
            _ if !self.last_zoom => return Shape::Collapsed,
            (Some(place), _) => self.drawing.square(place, 1),
            (None, Some(place)) => self.drawing.segment(place),
        }
        Shape::Drawn(&self.drawing)
    }

    fn draw(&mut self, view: &View, paths: &GridPaths<'_>, lost: &mut Lost) {
        let one_ring = paths.len() == 1;
        // Holes of a ring that is not drawn are not drawn either.
        let mut exterior_drawn = false;
        for path in paths {
            let bbox = GridBox::around(path.xy);
            if !view.bounds.meets(&bbox) {
                // Nor do the holes of an exterior ring, if this is one.
                continue;
            }
            match path.kind {
                PathKind::Points => {
                    let inside = path.xy.iter().filter(|p| view.bounds.contains(**p));
                    self.drawing
                        .points
                        .extend(inside.map(|p| view.frame.snap(*p)));
                }
                PathKind::Line if !self.last_zoom && self.dust.is_small_line(&bbox) => {
                    self.gather_line(view, &bbox, lost);
                }
                PathKind::Line => self.draw_line(view, &path, lost),
                PathKind::Ring => {
                    let is_hole = !one_ring && ring_area(path.xy) < 0;
                    if is_hole && !exterior_drawn {
                        continue;
                    }
                    let drawn = if !self.last_zoom && self.dust.is_small_ring(path.xy, &bbox) {
                        self.gather_ring(view, path.xy, &bbox, lost);
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

    fn draw_line(&mut self, view: &View, path: &GridPath<'_>, lost: &mut Lost) {
        let lines = &mut self.drawing.lines;
        let mut add = |piece: &[GridPoint]| {
            let start = lines.xy.len();
            view.frame.line(piece, &mut lines.xy);
            if lines.xy.len() - start > 1 {
                lines.close();
                return;
            }
            // A piece of a single point is where the line touches the border from outside.
            if piece.len() > 1 {
                lost.line = lost.line.or(lines.xy.get(start).copied());
            }
            lines.xy.truncate(start);
        };
        let line = thin(path, self.threshold, &mut self.kept);
        if view.whole {
            add(line);
        } else {
            self.clip.line(line, &view.bounds, add);
        }
    }

    /// Draws a ring; false if it has no extent in the tile.
    fn draw_ring(
        &mut self,
        view: &View,
        path: &GridPath<'_>,
        is_hole: bool,
        lost: &mut Lost,
    ) -> bool {
        let mut ring = thin(path, self.threshold, &mut self.kept);
        if view.whole {
            lost.whole_ring = true;
        } else {
            ring = self.clip.ring(ring, &view.bounds);
            let area = ring_area(ring);
            if area == 0 {
                return false;
            }
            lost.cut_area += area;
        }
        let rings = &mut self.drawing.rings;
        let start = rings.xy.len();
        view.frame.ring(ring, &mut rings.xy);
        let snapped = &mut rings.xy[start..];
        if is_flat(snapped) {
            if !is_hole {
                lost.ring = lost.ring.or(snapped.first().copied());
            }
            rings.xy.truncate(start);
            return false;
        }
        orient(snapped, if is_hole { Role::Hole } else { Role::Exterior });
        self.drawing.close_ring(is_hole);
        true
    }

    /// A ring that is dust counts where its middle is.
    fn gather_ring(&mut self, view: &View, ring: &[GridPoint], bbox: &GridBox, lost: &mut Lost) {
        let place = bbox.center();
        if !view.bounds.contains(place) {
            return;
        }
        let place = view.frame.snap(place);
        if self.dust.gather_ring(ring) {
            self.drawing.square(place, SIDE);
        } else {
            lost.whole_ring = true;
            lost.ring = lost.ring.or(Some(place));
        }
    }

    fn gather_line(&mut self, view: &View, bbox: &GridBox, lost: &mut Lost) {
        let place = bbox.center();
        if !view.bounds.contains(place) {
            return;
        }
        let place = view.frame.snap(place);
        if self.dust.gather_line(bbox) {
            self.drawing.segment(place);
        } else {
            lost.line = lost.line.or(Some(place));
        }
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
