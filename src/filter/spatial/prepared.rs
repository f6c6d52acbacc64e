//! A geometry or box of a filter, prepared for being compared with many rows.

use super::cover::{Cover, Place};
use super::node::Around;
use super::outline::Outline;
use super::relate::Reference;
use crate::filter::ast::SpatialOp;
use crate::filter::fault::FaultKind;
use crate::filter::shape::{BboxLiteral, Shape};
use crate::geometry::box_search::{BoxCorners, BoxFault, BoxSearch};
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::GridBox;
use crate::geometry::source::{GeometryKind, SourceGeometry};

/// A literal, and how rows are brought to it. Shared by threads.
///
/// The relations are those of [`super`]. Where [`Prepared::quick`] has an answer, it is the answer: a row that lies elsewhere on Earth is
/// disjoint, even if the frame of the filter has no coordinates for it. Where it has none, [`Prepared::holds`] decides.
#[derive(Debug)]
pub struct Prepared {
    reference: Reference,
    /// `None` if the literal has no place on the grid: every row has to be looked at.
    cover: Option<Cover>,
    /// How `Intersects` and `Disjoint` see a box: as the `bbox` parameter does.
    search: Option<BoxSearch>,
    /// From the storage CRS to that of the filter; `None` if they have the same numbers.
    transform: Option<Transform>,
}

/// Memory of one thread, kept from row to row.
#[derive(Debug, Default)]
pub struct Scratch {
    xy: Vec<[f64; 2]>,
    row: Outline,
    around: Around,
}

impl Prepared {
    /// Prepares a geometry in the CRS `frame`, x east, for rows stored in the CRS `storage`.
    pub fn of_shape(shape: &Shape, frame: Crs, storage: Crs) -> Result<Self, FaultKind> {
        let mut xy = shape.xy.clone();
        let itself = Transform::between(frame, frame).map_err(|_| FaultKind::NoTransform)?;
        if let Err(out) = itself.convert(&mut xy) {
            let [first, second] = frame.to_authority(shape.xy[out.first]);
            return Err(FaultKind::OutOfCrs(format!("{first} {second}")));
        }
        Self::new(shape, None, frame, storage)
    }

    /// Prepares a box in the CRS `frame`, x east, for rows stored in the CRS `storage`. In degrees west may exceed east: the box then
    /// crosses the antimeridian. `Intersects` and `Disjoint` give the answers of the `bbox` parameter: heights count, and rows are also
    /// looked for one world further on either side. The other relations see a rectangle in the plane, or the two rectangles on either
    /// side of the antimeridian; a rectangle without width is a line, or a point.
    pub fn of_bbox(bbox: &BboxLiteral, frame: Crs, storage: Crs) -> Result<Self, FaultKind> {
        let search = search(bbox, frame, storage)?;
        let plane = search.region().plane;
        let shape = rectangles(plane.min, plane.max, frame.is_geographic());
        Self::new(&shape, Some(search), frame, storage)
    }

    fn new(
        shape: &Shape,
        search: Option<BoxSearch>,
        frame: Crs,
        storage: Crs,
    ) -> Result<Self, FaultKind> {
        let transform = Transform::between(storage, frame).map_err(|_| FaultKind::NoTransform)?;
        let outline = Outline::new(&shape.as_source(), &shape.xy);
        Ok(Self {
            cover: Cover::new(&outline, frame),
            reference: Reference::new(outline),
            search,
            transform: (!transform.is_identity()).then_some(transform),
        })
    }

    /// Boxes on the world grid, one of which every row meets that shares a point with the literal; `None`: every row has to be looked at.
    pub fn windows(&self) -> Option<&[GridBox]> {
        match &self.search {
            Some(search) => search.windows(),
            None => self.cover.as_ref().map(Cover::windows),
        }
    }

    /// Whether `op(row, literal)` holds, where the row's box on the grid leaves no doubt.
    pub fn quick(&self, op: SpatialOp, row: &GridBox) -> Option<bool> {
        if let (Some(search), Some(wanted)) = (&self.search, shares(op)) {
            return search.quick(row).map(|met| met == wanted);
        }
        let place = self.cover.as_ref()?.place(row, &self.reference.outline)?;
        Some(match place {
            Place::Apart => op == SpatialOp::Disjoint,
            Place::Inside => matches!(op, SpatialOp::Intersects | SpatialOp::Within),
        })
    }

    /// Whether `op(row, literal)` holds, of a row in the storage CRS; `None` for NULL: a vertex has no place in the frame of the filter.
    pub fn holds(
        &self,
        op: SpatialOp,
        row: &SourceGeometry<'_>,
        scratch: &mut Scratch,
    ) -> Option<bool> {
        if let (Some(search), Some(wanted)) = (&self.search, shares(op)) {
            return search.meets(row, &mut scratch.xy).map(|met| met == wanted);
        }
        let xy = match &self.transform {
            None => row.xy,
            Some(transform) => {
                scratch.xy.clear();
                scratch.xy.extend_from_slice(row.xy);
                transform.convert(&mut scratch.xy).ok()?;
                &scratch.xy
            }
        };
        if !are_finite(xy) {
            return None;
        }
        scratch.row.load(row, xy);
        Some(self.reference.holds(op, &scratch.row, &mut scratch.around))
    }
}

/// Whether `op(first, second)` holds of two geometries in one frame; `None` for NULL: a coordinate is not finite.
pub fn relate(
    op: SpatialOp,
    first: &SourceGeometry<'_>,
    second: &SourceGeometry<'_>,
) -> Option<bool> {
    if !are_finite(first.xy) || !are_finite(second.xy) {
        return None;
    }
    let reference = Reference::new(Outline::new(second, second.xy));
    let first = Outline::new(first, first.xy);
    Some(reference.holds(op, &first, &mut Around::default()))
}

/// `Some(true)` if the relation is that there are points in common, `Some(false)` if it is that there are none.
fn shares(op: SpatialOp) -> Option<bool> {
    match op {
        SpatialOp::Intersects => Some(true),
        SpatialOp::Disjoint => Some(false),
        _ => None,
    }
}

/// No coordinate of any CRS is as large; their products stay far from what a double holds.
const LARGEST: f64 = 1e9;

/// True if all coordinates can be computed with.
pub(super) fn are_finite(xy: &[[f64; 2]]) -> bool {
    xy.as_flattened().iter().all(|v| v.abs() <= LARGEST)
}

/// The shape of a box in the CRS `frame`, x east: one rectangle, or the two on either side of the antimeridian.
pub fn box_shape(bbox: &BboxLiteral, frame: Crs) -> Result<Shape, FaultKind> {
    let plane = search(bbox, frame, frame)?.region().plane;
    Ok(rectangles(plane.min, plane.max, frame.is_geographic()))
}

fn search(bbox: &BboxLiteral, frame: Crs, storage: Crs) -> Result<BoxSearch, FaultKind> {
    let corners = BoxCorners {
        low: bbox.low,
        high: bbox.high,
        heights: bbox.heights,
    };
    BoxSearch::new(corners, frame, storage).map_err(|fault| match fault {
        BoxFault::Range(value) => FaultKind::OutOfCrs(value.to_string()),
        BoxFault::Order(2) => FaultKind::BoxOrder(3),
        BoxFault::Order(axis) => FaultKind::BoxOrder(frame.to_authority([1.0, 2.0])[axis] as usize),
        BoxFault::NoTransform => FaultKind::NoTransform,
    })
}

/// The rectangle, or the two on either side of the antimeridian.
fn rectangles(min: [f64; 2], max: [f64; 2], degrees: bool) -> Shape {
    let spans = if degrees && max[0] > 180.0 {
        vec![[min[0], 180.0], [-180.0, max[0] - 360.0]]
    } else if degrees && min[0] < -180.0 {
        vec![[min[0] + 360.0, 180.0], [-180.0, max[0]]]
    } else {
        vec![[min[0], max[0]]]
    };
    let mut counts = vec![spans.len() as u32];
    let mut xy = Vec::new();
    for [west, east] in spans {
        counts.extend([1, 5]);
        let (south, north) = (min[1], max[1]);
        xy.extend([
            [west, south],
            [east, south],
            [east, north],
            [west, north],
            [west, south],
        ]);
    }
    Shape {
        kind: GeometryKind::MultiPolygon,
        counts,
        xy,
        z: Vec::new(),
    }
}
