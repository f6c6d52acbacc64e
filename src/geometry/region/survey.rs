//! Goes along the edges of a shape and the border of a region, stretch by stretch between the places where they meet, and tells what lies
//! on either side.

use super::outline::{Hits, Outline};
use super::pool::{Chains, Pool};
use super::prepared::{BoxPlace, PreparedRegion, Sides};
use crate::geometry::predicates::Contact;

/// Crossings of a shape with itself above which it is not looked at: each makes two edges of one, and what they enclose becomes rings. As
/// many as [`crate::geometry::repair`] sorts out.
const MOST_CROSSINGS: usize = 100_000;

/// Pairs of edges that are compared, for each edge and in all: half a second of work. Real shapes need some ten an edge; a comb of slanting teeth as long as the
/// shape needs as many as it has teeth.
const PAIRS_PER_EDGE: u64 = 2048;
const PAIRS_AT_LEAST: u64 = 32_000_000;

/// Up to this many edges of the border, all are looked at without the region's tree.
const FEW: usize = 24;

/// The shape crosses itself more often than can be sorted out, or is too intricate for that to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tangled;

/// Stretches with the same ground on their sides.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    /// The stretches, in the direction of their edges.
    pub(super) pieces: &'a [u32],
    /// True if they are the region's border, not the shape's edges.
    pub(super) is_border: bool,
    /// What the shape covers.
    pub(super) ground: Sides,
    /// What the region holds.
    pub(super) region: Sides,
    /// False for all but one of stretches that lie upon each other.
    pub(super) is_first: bool,
}

/// The walk, with its reusable buffers.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) outline: Outline,
    pub(super) border: Pool,
    /// The edges of the region that are in `border`.
    ids: Vec<u32>,
    candidate: Vec<bool>,
    pairs: Vec<u32>,
    chains: Chains,
    hits: Hits,
}

impl Survey {
    /// Calls `visit` on each chain, those of the shape first, until it says `false`. Without a region, everything is held. True if the
    /// shape met the border.
    pub(super) fn walk(
        &mut self,
        region: Option<&PreparedRegion>,
        mut visit: impl FnMut(&Chain<'_>) -> bool,
    ) -> Result<bool, Tangled> {
        self.outline.finish();
        self.load_border(region);
        let edges = self.outline.pool.len() + self.border.len();
        let mut budget = PAIRS_AT_LEAST + PAIRS_PER_EDGE * edges as u64;
        let met = self.meet_border(region, &mut budget)?;
        self.meet_itself(region, &mut budget)?;
        self.outline.pool.split();
        self.border.split();
        let Self {
            outline,
            border,
            chains,
            hits,
            ..
        } = self;
        let everything = Sides {
            left: true,
            right: true,
            on_edge: false,
        };
        let mut go_on = true;
        outline.pool.chains(chains, |pieces| {
            let spot = outline.pool.spot(pieces[0]);
            let (ground, first) = outline.sides(&spot, hits);
            go_on = visit(&Chain {
                pieces,
                is_border: false,
                ground,
                region: region.map_or(everything, |region| region.sides(&spot)),
                is_first: first == Some(outline.pool.piece(pieces[0]).edge),
            });
            go_on
        });
        if !go_on {
            return Ok(met);
        }
        border.chains(chains, |pieces| {
            let (ground, first) = outline.sides(&border.spot(pieces[0]), hits);
            visit(&Chain {
                pieces,
                is_border: true,
                ground,
                region: Sides {
                    left: true,
                    right: false,
                    on_edge: true,
                },
                is_first: first.is_none(),
            })
        });
        Ok(met)
    }

    /// Finds the border near the shape.
    fn load_border(&mut self, region: Option<&PreparedRegion>) {
        let Self { border, ids, .. } = self;
        border.clear();
        ids.clear();
        let Some(region) = region else {
            return;
        };
        region.near(&self.outline.bbox(), |id| {
            let [a, b] = region.edge(id);
            ids.push(id);
            border.add(a, b);
        });
        for (e, id) in ids.iter().enumerate() {
            if let Ok(next) = ids.binary_search(&region.next(*id)) {
                border.link(e as u32, next as u32);
            }
        }
    }

    /// Finds where the shape meets the border; true if it does.
    fn meet_border(
        &mut self,
        region: Option<&PreparedRegion>,
        budget: &mut u64,
    ) -> Result<bool, Tangled> {
        let Self {
            outline,
            border,
            ids,
            ..
        } = self;
        let Some(region) = region else {
            return Ok(false);
        };
        let mut met = false;
        for e in 0..outline.pool.len() as u32 {
            let around = outline.pool.box_of(e);
            let mut pairs = 0;
            let mut meet = |f: u32| {
                met |= outline.pool.meet_other(e, border, f) != Contact::None;
                pairs += 1;
            };
            if ids.len() > FEW {
                region.near(&around, |id| {
                    if let Ok(f) = ids.binary_search(&id) {
                        meet(f as u32);
                    }
                });
            } else {
                for f in 0..ids.len() as u32 {
                    meet(f);
                }
            }
            *budget = budget.checked_sub(pairs).ok_or(Tangled)?;
        }
        Ok(met)
    }

    /// Finds where edges of the shape meet that do not lie away from the region.
    fn meet_itself(
        &mut self,
        region: Option<&PreparedRegion>,
        budget: &mut u64,
    ) -> Result<(), Tangled> {
        let Self {
            outline,
            candidate,
            pairs,
            ..
        } = self;
        let count = outline.pool.len() as u32;
        candidate.clear();
        candidate.extend((0..count).map(|e| {
            let around = outline.pool.box_of(e);
            region.is_none_or(|region| region.classify_box(&around) != BoxPlace::Outside)
        }));
        let mut crossings = 0;
        for e in (0..count).filter(|e| candidate[*e as usize]) {
            pairs.clear();
            outline.near(&outline.pool.box_of(e), |f| {
                if f > e && candidate[f as usize] {
                    pairs.push(f);
                }
            });
            *budget = budget.checked_sub(pairs.len() as u64).ok_or(Tangled)?;
            for f in pairs.iter() {
                let met = outline.pool.meet(e, *f);
                crossings += usize::from(met == Contact::Cross);
            }
            if crossings > MOST_CROSSINGS {
                return Err(Tangled);
            }
        }
        Ok(())
    }
}
