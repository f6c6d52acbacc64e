//! The areas of a slice, ready to be compared with rows.

use std::sync::Arc;

use crate::access::{AreaMode, Slice};
use crate::geometry::grid::GridBox;
use crate::geometry::region::{
    BoxPlace, Clipped, Cut, PreparedRegion, Region, Relation, Scratch, StorageFrame,
};
use crate::layer::Segment;

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Fate {
    /// It does not pass.
    Hidden,
    /// It is shown as it is.
    Whole,
    /// A piece of it is shown.
    Cut(Box<Clipped>),
}

/// The areas of one slice.
#[derive(Debug, Default)]
pub(super) struct SliceAreas {
    /// Those along which it cuts, in the order of their hashes, so that the same areas cut the same way.
    clips: Vec<Area>,
    /// The others.
    tests: Vec<(AreaMode, Area)>,
}

#[derive(Debug, Clone)]
struct Area {
    region: Arc<Region>,
    prepared: Arc<PreparedRegion>,
}

impl SliceAreas {
    /// The areas of each slice; a region that several have is prepared once.
    pub(super) fn of_all(slices: &[Slice]) -> Vec<Self> {
        let mut known: Vec<Area> = Vec::new();
        let mut prepare = |region: &Arc<Region>| {
            let same = |a: &&Area| a.region.hash() == region.hash();
            if let Some(area) = known.iter().find(same) {
                return area.clone();
            }
            let area = Area {
                region: Arc::clone(region),
                prepared: Arc::new(region.prepare()),
            };
            known.push(area.clone());
            area
        };
        let mut of = |slice: &Slice| {
            let mut areas = Self::default();
            for test in &slice.areas {
                let area = prepare(&test.region);
                match test.mode {
                    AreaMode::Clip => areas.clips.push(area),
                    mode => areas.tests.push((mode, area)),
                }
            }
            areas.clips.sort_by_key(|a| a.region.hash());
            areas
        };
        slices.iter().map(&mut of).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clips.is_empty() && self.tests.is_empty()
    }

    /// Boxes, each of which a row's own must meet.
    pub(super) fn boxes(&self) -> impl Iterator<Item = GridBox> + '_ {
        let tests = self.tests.iter().map(|(_, a)| a);
        self.clips.iter().chain(tests).map(|a| a.region.bbox())
    }

    /// What becomes of a row. One without a place is in no area.
    pub(super) fn fate(
        &self,
        segment: &Segment,
        row: usize,
        frame: &StorageFrame,
        scratch: &mut Scratch,
    ) -> Fate {
        let Some(bbox) = segment.grid_bbox(row) else {
            return Fate::Hidden;
        };
        for (mode, area) in &self.tests {
            let passes = match area.prepared.classify_box(&bbox) {
                BoxPlace::Inside => true,
                BoxPlace::Outside => false,
                BoxPlace::Maybe => {
                    let relation = scratch.relate(&area.prepared, &segment.grid_paths(row));
                    match mode {
                        AreaMode::Within => relation == Relation::Inside,
                        AreaMode::Intersects | AreaMode::Clip => relation != Relation::Outside,
                    }
                }
            };
            if !passes && !crate::leak!("area-test-skipped") {
                return Fate::Hidden;
            }
        }
        let mut piece: Option<Clipped> = None;
        for area in &self.clips {
            let left = match &piece {
                Some(piece) => scratch.cut(&area.prepared, &piece.source(), frame),
                None => match area.prepared.classify_box(&bbox) {
                    BoxPlace::Inside => Cut::Whole,
                    BoxPlace::Outside => Cut::Nothing,
                    BoxPlace::Maybe => match segment.source_geometry(row) {
                        Some(source) => scratch.cut(&area.prepared, &source, frame),
                        None => Cut::Nothing,
                    },
                },
            };
            match left {
                Cut::Nothing => return Fate::Hidden,
                Cut::Whole => {}
                Cut::Part(part) => piece = Some(part),
            }
        }
        match piece {
            Some(_) if crate::leak!("clip-skipped") => Fate::Whole,
            Some(piece) => Fate::Cut(Box::new(piece)),
            None => Fate::Whole,
        }
    }

    /// True if both cut along the same areas.
    pub(super) fn cuts_like(&self, other: &Self) -> bool {
        let hashes = |a: &Self| a.clips.iter().map(|c| c.region.hash()).collect::<Vec<_>>();
        hashes(self) == hashes(other)
    }

    /// The area in which its pieces lie; `None` if it is too tangled.
    fn clip_region(&self) -> Option<Region> {
        let (first, others) = self.clips.split_first()?;
        let mut region = (*first.region).clone();
        for other in others {
            region = region.intersection(&other.prepared).ok()?;
        }
        Some(region)
    }
}

/// The area in which the pieces of several slices lie.
pub(super) fn union<'a>(areas: impl Iterator<Item = &'a SliceAreas>) -> Option<PreparedRegion> {
    let regions: Vec<Region> = areas.map(SliceAreas::clip_region).collect::<Option<_>>()?;
    Some(Region::union(&regions).ok()?.prepare())
}
