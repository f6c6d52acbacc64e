//! The ground that a shape and a region share, as the rings of a valid multipolygon on the grid.
//!
//! Which stretches of edges bound that ground is decided exactly, before anything is rounded. Then places where edges cross move to the
//! nearest grid vertex, each by itself. That may make stretches cross that came close: such rings go through the same walk again, until
//! the validity test has nothing to say. Nothing but the stretches that bound the common ground has a part in it: what lies beyond the
//! region leaves no trace but in the straight edges that enter it.
//!
//! i_overlay's sweep, which [`crate::geometry::repair`] uses, cannot promise that: it snaps as it sweeps, all edges of both shapes in one
//! go, the hidden ones too. Nor could it stop at the part of a border that is near: along an outline of 10,000 vertices it took 6 ms
//! a parcel, this walk takes 0.02.

use super::outline::{Outline, cancel};
use super::place::Along;
use super::prepared::PreparedRegion;
use super::survey::{Chain, Survey, Tangled};
use crate::geometry::faces::Faces;
use crate::geometry::grid::GridPoint;
use crate::geometry::predicates::ring_area;
use crate::geometry::repair::Repair;
use crate::geometry::validity::{Fault, Validity};

/// How often rings are walked again that are not valid yet; each round leaves fewer crossings. More than five were never seen.
const ROUNDS: usize = 16;

/// Where a vertex of the result comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// A vertex of the shape.
    Own,
    /// A place on that edge of the shape, and how far it is from its lesser end to its greater one.
    Between(u32, f64),
}

/// What became of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing of it lies outside of the region.
    Whole,
    /// What is left is in the overlay, if anything is.
    Part,
}

/// The overlay, with its reusable buffers.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) survey: Survey,
    /// Vertices of the rings found: exterior ones positive, each followed by its holes.
    pub(super) xy: Vec<GridPoint>,
    /// One past the last vertex of each ring.
    pub(super) ends: Vec<u32>,
    /// Where vertices on edges of the shape come from, sorted by vertex; one may come from several.
    pub(super) origins: Vec<(GridPoint, Origin)>,
    kept: Vec<Kept>,
    nodes: Vec<GridPoint>,
    segments: Vec<[GridPoint; 2]>,
    faces: Faces,
    validity: Validity,
    repair: Repair,
}

/// A stretch that bounds the common ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    is_border: bool,
    piece: u32,
    /// True if the ground is on its left.
    ahead: bool,
}

impl Default for Overlay {
    fn default() -> Self {
        Self {
            survey: Survey::default(),
            xy: Vec::new(),
            ends: Vec::new(),
            origins: Vec::new(),
            kept: Vec::new(),
            nodes: Vec::new(),
            segments: Vec::new(),
            faces: Faces::keeping_straight(),
            validity: Validity::default(),
            repair: Repair::default(),
        }
    }
}

impl Overlay {
    /// Forgets the shape, and gives the outline that another goes into.
    pub(super) fn begin(&mut self) -> &mut Outline {
        self.xy.clear();
        self.ends.clear();
        self.origins.clear();
        self.survey.outline.clear();
        &mut self.survey.outline
    }

    /// Finds the common ground of the outline and the region; without one, what the outline covers.
    pub(super) fn run(&mut self, region: Option<&PreparedRegion>) -> Result<Extent, Tangled> {
        let (kept, mut whole) = (&mut self.kept, true);
        kept.clear();
        self.survey.walk(region, |chain| {
            whole &= !leaves(chain);
            let [left, right] = [
                chain.ground.left && chain.region.left,
                chain.ground.right && chain.region.right,
            ];
            if chain.is_first && left != right {
                kept.extend(chain.pieces.iter().map(|piece| Kept {
                    is_border: chain.is_border,
                    piece: *piece,
                    ahead: left,
                }));
            }
            true
        })?;
        if whole && region.is_some() {
            return Ok(Extent::Whole);
        }
        self.round();
        self.trace();
        self.mend()?;
        Ok(Extent::Part)
    }

    /// The rings found.
    pub(super) fn rings(&self) -> impl Iterator<Item = &[GridPoint]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends);
        ranges.map(|(start, end)| &self.xy[*start as usize..*end as usize])
    }

    /// From stretches kept to segments between grid vertices.
    fn round(&mut self) {
        let Self {
            survey,
            kept,
            nodes,
            segments,
            origins,
            ..
        } = self;
        let (ground, border) = (&survey.outline.pool, &survey.border);
        let ends_of = |k: &Kept| {
            let pool = if k.is_border { border } else { ground };
            let piece = pool.piece(k.piece);
            let edge = pool.edge(piece.edge);
            (piece, [piece.from, piece.to].map(|at| at.vertex(edge)))
        };
        kept.sort_unstable();
        nodes.clear();
        nodes.extend(kept.iter().flat_map(|k| ends_of(k).1));
        nodes.sort_unstable();
        let busy = |p: GridPoint| {
            let first = nodes.partition_point(|q| *q < p);
            nodes[first..].iter().take(3).filter(|q| **q == p).count() > 2
        };
        segments.clear();
        let mut open: Option<GridPoint> = None;
        for (i, k) in kept.iter().enumerate() {
            let (piece, [from, to]) = ends_of(k);
            let mut note = |at: Along, p: GridPoint| {
                if !k.is_border {
                    origins.push((p, origin(piece.edge, at, ground.edge(piece.edge))));
                }
            };
            if open.is_none() {
                note(piece.from, from);
            }
            let start = open.take().unwrap_or(from);
            let follower = kept.get(i + 1).filter(|f| {
                (f.is_border, f.piece, f.ahead) == (k.is_border, k.piece + 1, k.ahead)
                    && ends_of(f).0.edge == piece.edge
            });
            // Something may meet the edge here from beyond the region, which is none of the result's business.
            if follower.is_some() && !busy(to) {
                open = Some(start);
                continue;
            }
            note(piece.to, to);
            if start != to {
                segments.push(if k.ahead { [start, to] } else { [to, start] });
            }
        }
        origins.sort_by_key(|(p, _)| *p);
        cancel(segments);
    }

    /// From segments to rings.
    fn trace(&mut self) {
        self.xy.clear();
        self.ends.clear();
        self.faces.clear();
        for [a, b] in &self.segments {
            self.faces.add_edge(*a, *b);
        }
        self.faces.rings(&mut self.xy, &mut self.ends);
    }

    /// Walks the rings again until they are valid.
    fn mend(&mut self) -> Result<(), Tangled> {
        for _ in 0..ROUNDS {
            if self.ends.is_empty() {
                return Ok(());
            }
            match self.validity.check(&self.xy, &self.ends) {
                // What is too intricate to be judged is what the walk gave.
                Ok(()) | Err(Fault::Intricate) => return Ok(()),
                Err(_) => {}
            }
            self.survey
                .outline
                .load_edges(self.segments.iter().copied());
            let (kept, survey) = (&mut self.kept, &mut self.survey);
            kept.clear();
            survey.walk(None, |chain| {
                let Chain { ground, .. } = chain;
                if chain.is_first && ground.left != ground.right {
                    kept.extend(chain.pieces.iter().map(|piece| Kept {
                        is_border: false,
                        piece: *piece,
                        ahead: ground.left,
                    }));
                }
                true
            })?;
            let origins = std::mem::take(&mut self.origins);
            self.round();
            self.origins = origins;
            self.trace();
        }
        let is_hole: Vec<bool> = self.rings().map(|ring| ring_area(ring) < 0).collect();
        self.repair
            .rebuild(&mut self.xy, &mut self.ends, &is_hole, &mut self.validity);
        Ok(())
    }
}

/// True if the chain, or ground beside it, lies outside of the region.
pub(super) fn leaves(chain: &Chain<'_>) -> bool {
    let (ground, region) = (chain.ground, chain.region);
    (ground.left && !region.left)
        || (ground.right && !region.right)
        || !(region.left || region.right || region.on_edge)
}

fn origin(edge: u32, at: Along, ends: [GridPoint; 2]) -> Origin {
    if at.is_start() || at.is_end() {
        Origin::Own
    } else {
        Origin::Between(edge, at.share(ends))
    }
}
