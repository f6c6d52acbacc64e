//! From the parts of a row that remain to a geometry of its own.

use std::ops::Range;

use super::cut::{Clipped, Job};
use super::in_order;
use super::overlay::{Origin, Overlay};
use crate::geometry::grid::GridPoint;
use crate::geometry::importance::{ALWAYS, Importance};
use crate::geometry::paths::PathKind;
use crate::geometry::predicates::ring_area;
use crate::geometry::source::GeometryKind;

/// One vertex of a part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vertex {
    on_grid: GridPoint,
    from: From,
}

#[derive(Debug, Clone, PartialEq)]
enum From {
    /// Vertices of the source, all at that place of the grid.
    Own(Range<u32>),
    /// That fraction of the way from the lesser to the greater of two vertices of the source (by their places on the grid).
    Between(f64, [u32; 2]),
    /// The border of the region.
    Border,
}

impl Vertex {
    pub(super) fn own(on_grid: GridPoint, vertices: Range<u32>) -> Self {
        let from = From::Own(vertices);
        Self { on_grid, from }
    }

    pub(super) fn between(on_grid: GridPoint, fraction: f64, ends: [u32; 2]) -> Self {
        let from = From::Between(fraction, ends);
        Self { on_grid, from }
    }

    fn is_own(&self) -> bool {
        matches!(self.from, From::Own(_))
    }
}

/// Points, a line or a polygon (its rings one after the other).
#[derive(Debug, Default)]
pub(super) struct Part {
    vertices: Vec<Vertex>,
    places: Vec<GridPoint>,
    /// One past the last vertex of each ring.
    rings: Vec<usize>,
}

impl Part {
    pub(super) fn is_empty(&self) -> bool {
        self.vertices.is_empty()
    }

    pub(super) fn on_grid(&self) -> &[GridPoint] {
        &self.places
    }

    /// Adds a vertex, in the place of the last one if both have the same place on the grid and only one is the source's.
    pub(super) fn push(&mut self, vertex: Vertex) {
        if self.places.last() != Some(&vertex.on_grid) {
            self.push_again(vertex);
        } else if let Some(last) = self.vertices.last_mut()
            && !last.is_own()
        {
            *last = vertex;
        }
    }

    /// Adds a vertex.
    pub(super) fn push_again(&mut self, vertex: Vertex) {
        self.places.push(vertex.on_grid);
        self.vertices.push(vertex);
    }

    pub(super) fn extend(&mut self, vertex: Option<Vertex>) {
        if let Some(vertex) = vertex {
            self.push(vertex);
        }
    }

    /// Ends a line, which is left out if it has no length.
    pub(super) fn hand_over_line(&mut self, out: &mut Vec<Self>) {
        let part = std::mem::take(self);
        if part.places.len() > 1 {
            out.push(part);
        }
    }
}

/// The polygons that the overlay found. `ends` are the vertices of the source at the ends of each of its edges, `vertices` all of them in
/// the order of [`Job`].
pub(super) fn rings(
    job: &Job<'_>,
    overlay: &Overlay,
    ends: &[[u32; 2]],
    vertices: &[u32],
    out: &mut Vec<Part>,
) {
    let rings = overlay.rings().map(<[GridPoint]>::to_vec);
    for ring in in_order(rings.collect()) {
        if out.is_empty() || ring_area(&ring) > 0 {
            out.push(Part::default());
        }
        let Some(part) = out.last_mut() else {
            return;
        };
        for p in ring {
            part.push_again(ring_vertex(job, overlay, ends, vertices, p));
        }
        part.rings.push(part.places.len());
    }
}

/// What stands for a vertex of a ring: the least of the source's vertices there, or the most definite of its origins.
fn ring_vertex(
    job: &Job<'_>,
    overlay: &Overlay,
    ends: &[[u32; 2]],
    vertices: &[u32],
    p: GridPoint,
) -> Vertex {
    let first = overlay.origins.partition_point(|(q, _)| *q < p);
    let origins = overlay.origins[first..].iter().take_while(|(q, _)| *q == p);
    let mut between: Option<(Height, Vertex)> = None;
    for (_, origin) in origins {
        match origin {
            Origin::Own => {
                let at = vertices.partition_point(|v| job.grid[*v as usize] < p);
                let own = vertices[at];
                return Vertex::own(p, own..own + 1);
            }
            Origin::Between(edge, fraction) => {
                let vertex = Vertex::between(p, *fraction, ends[*edge as usize]);
                let height = Height::of(job, &vertex);
                if between
                    .as_ref()
                    .is_none_or(|(least, _)| height.is_before(least))
                {
                    between = Some((height, vertex));
                }
            }
        }
    }
    let from = From::Border;
    between.map_or(Vertex { on_grid: p, from }, |(_, vertex)| vertex)
}

/// Height and measure of a new vertex, `NaN` for none.
#[derive(Debug, Clone, Copy)]
struct Height {
    z: f64,
    m: f64,
}

impl Height {
    const NONE: Self = Self {
        z: f64::NAN,
        m: f64::NAN,
    };

    fn of(job: &Job<'_>, vertex: &Vertex) -> Self {
        let From::Between(fraction, ends) = &vertex.from else {
            return Self::NONE;
        };
        let [mut low, mut high] = ends.map(|v| v as usize);
        if job.grid[low] > job.grid[high] {
            std::mem::swap(&mut low, &mut high);
        }
        let seen = [low, high].map(|v| job.region.contains_point(job.grid[v]));
        let of = |ordinates: &[f64], v: usize| ordinates.get(v).copied().unwrap_or(f64::NAN);
        let between = |ordinates: &[f64]| {
            let (a, b) = (of(ordinates, low), of(ordinates, high));
            a + (b - a) * fraction
        };
        match seen {
            [true, true] => Self {
                z: between(job.source.z),
                m: between(job.source.m),
            },
            [true, false] => Self {
                z: of(job.source.z, low),
                ..Self::NONE
            },
            [false, true] => Self {
                z: of(job.source.z, high),
                ..Self::NONE
            },
            [false, false] => Self::NONE,
        }
    }

    /// Numbers before none, and lesser ones first.
    fn is_before(&self, other: &Self) -> bool {
        let key = |v: f64| (v.is_nan(), v);
        let order = |a: f64, b: f64| {
            let ((an, a), (bn, b)) = (key(a), key(b));
            an.cmp(&bn).then_with(|| a.total_cmp(&b))
        };
        order(self.z, other.z)
            .then_with(|| order(self.m, other.m))
            .is_lt()
    }
}

/// Writes points, lines and polygons; `None` if there are none, or if a new vertex cannot be expressed in the storage CRS.
pub(super) fn clipped(
    job: &Job<'_>,
    parts: &[Vec<Part>; 3],
    weigh: &mut Importance,
) -> Option<Clipped> {
    let mut writer = Writer {
        job,
        weigh,
        out: Clipped {
            kind: GeometryKind::GeometryCollection,
            counts: Vec::new(),
            xy: Vec::new(),
            z: Vec::new(),
            m: Vec::new(),
            grid_xy: Vec::new(),
            importance: Vec::new(),
            ends: Vec::new(),
            path_kinds: Vec::new(),
        },
    };
    let members = parts.iter().filter(|parts| !parts.is_empty()).count();
    if members > 1 {
        writer.out.counts.push(members as u32);
    }
    for (dimension, parts) in parts.iter().enumerate() {
        if parts.is_empty() {
            continue;
        }
        let several = match dimension {
            0 => parts[0].places.len() > 1,
            _ => parts.len() > 1,
        };
        let kind = kind(dimension, several);
        if members > 1 {
            writer.out.counts.push(kind as u32);
        } else {
            writer.out.kind = kind;
        }
        if several && dimension > 0 {
            writer.out.counts.push(parts.len() as u32);
        }
        for part in parts {
            match dimension {
                0 => writer.points(part)?,
                1 => writer.line(part)?,
                _ => writer.polygon(part)?,
            }
        }
    }
    (members > 0).then(|| writer.finish())
}

fn kind(dimension: usize, several: bool) -> GeometryKind {
    match (dimension, several) {
        (0, false) => GeometryKind::Point,
        (0, true) => GeometryKind::MultiPoint,
        (1, false) => GeometryKind::LineString,
        (1, true) => GeometryKind::MultiLineString,
        (_, false) => GeometryKind::Polygon,
        (_, true) => GeometryKind::MultiPolygon,
    }
}

struct Writer<'a> {
    job: &'a Job<'a>,
    weigh: &'a mut Importance,
    out: Clipped,
}

impl Writer<'_> {
    fn points(&mut self, part: &Part) -> Option<()> {
        self.run(part.vertices.iter())?;
        self.out.grid_xy.extend_from_slice(&part.places);
        self.out.importance.resize(self.out.grid_xy.len(), ALWAYS);
        self.close_path(PathKind::Points);
        Some(())
    }

    fn line(&mut self, part: &Part) -> Option<()> {
        self.run(part.vertices.iter())?;
        self.out.grid_xy.extend_from_slice(&part.places);
        self.weigh.line(&part.places, &mut self.out.importance);
        self.close_path(PathKind::Line);
        Some(())
    }

    fn polygon(&mut self, part: &Part) -> Option<()> {
        self.out.counts.push(part.rings.len() as u32);
        let mut start = 0;
        for &end in &part.rings {
            // Exterior rings are clockwise seen on a map with north above; RFC 7946 §3.1.6 wants them the other way round.
            let ring = &part.vertices[start..end];
            let closed = ring.iter().take(1).chain(ring.iter().rev());
            self.run(closed)?;
            let places = &part.places[start..end];
            self.out.grid_xy.extend_from_slice(places);
            self.weigh.ring(places, &mut self.out.importance);
            self.close_path(PathKind::Ring);
            start = end;
        }
        Some(())
    }

    /// Writes a run of vertices of the source and their number.
    fn run<'v>(&mut self, vertices: impl Iterator<Item = &'v Vertex>) -> Option<()> {
        let start = self.out.xy.len();
        for vertex in vertices {
            if let From::Own(own) = &vertex.from {
                for v in own.clone().map(|v| v as usize) {
                    let ordinate = |all: &[f64]| all.get(v).copied().unwrap_or(f64::NAN);
                    self.out.xy.push(self.job.source.xy[v]);
                    self.out.z.push(ordinate(self.job.source.z));
                    self.out.m.push(ordinate(self.job.source.m));
                }
            } else {
                let Height { z, m } = Height::of(self.job, vertex);
                self.out.xy.push(self.job.frame.of_grid(vertex.on_grid)?);
                self.out.z.push(z);
                self.out.m.push(m);
            }
        }
        self.out.counts.push((self.out.xy.len() - start) as u32);
        Some(())
    }

    fn close_path(&mut self, kind: PathKind) {
        self.out.ends.push(self.out.grid_xy.len() as u32);
        self.out.path_kinds.push(kind as u8);
    }

    fn finish(self) -> Clipped {
        let mut out = self.out;
        for ordinates in [&mut out.z, &mut out.m] {
            if ordinates.iter().all(|v| v.is_nan()) {
                *ordinates = Vec::new();
            }
        }
        out
    }
}
