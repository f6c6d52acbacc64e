//! How a shape lies to a region.

use super::Scratch;
use super::lines::{self, Stretch};
use super::overlay::leaves;
use super::prepared::{BoxPlace, PreparedRegion};
use crate::geometry::paths::{GridPaths, PathKind};

/// How a shape lies to a region, whose border belongs to it. *Ground* is area for polygons, length for lines, a place for points; of
/// a shape of several kinds it is any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Nothing of the shape lies outside of the region.
    Inside,
    /// The shape and the region share no point.
    Outside,
    /// Some ground of the shape lies inside, and some of it outside.
    Crosses,
    /// They share points of the border, but no ground.
    Touches,
}

/// What has been found of a shape so far.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    ground_inside: bool,
    outside: bool,
    contact: bool,
}

impl Found {
    fn is_settled(self) -> bool {
        self.ground_inside && self.outside
    }

    fn relation(self) -> Relation {
        match self {
            Self { outside: false, .. } => Relation::Inside,
            Self {
                ground_inside: true,
                ..
            } => Relation::Crosses,
            Self { contact: true, .. } => Relation::Touches,
            _ => Relation::Outside,
        }
    }
}

impl Scratch {
    /// How a shape that was cleaned for the grid lies to a region; exact. A shape without vertices lies outside.
    pub fn relate(&mut self, region: &PreparedRegion, paths: &GridPaths<'_>) -> Relation {
        match region.classify_box(&paths.bbox()) {
            BoxPlace::Inside => return Relation::Inside,
            BoxPlace::Outside => return Relation::Outside,
            BoxPlace::Maybe => {}
        }
        let mut found = Found::default();
        let mut has_rings = false;
        for path in paths {
            if found.is_settled() {
                return found.relation();
            }
            match path.kind {
                PathKind::Points => {
                    for p in path.xy {
                        let inside = region.contains_point(*p);
                        found.ground_inside |= inside;
                        found.outside |= !inside;
                    }
                }
                PathKind::Line => self.relate_line(region, path.xy, &mut found),
                PathKind::Ring => has_rings = true,
            }
        }
        if has_rings && !found.is_settled() {
            self.relate_rings(region, paths, &mut found);
        }
        found.relation()
    }

    fn relate_line(
        &mut self,
        region: &PreparedRegion,
        line: &[crate::geometry::grid::GridPoint],
        found: &mut Found,
    ) {
        found.contact |= lines::walk(region, line, &mut self.cut.lines, |stretch: Stretch| {
            found.ground_inside |= stretch.is_inside;
            found.outside |= !stretch.is_inside;
            !found.is_settled()
        });
    }

    fn relate_rings(&mut self, region: &PreparedRegion, paths: &GridPaths<'_>, found: &mut Found) {
        let outline = self.overlay.begin();
        for path in paths.iter().filter(|path| path.kind == PathKind::Ring) {
            outline.add_turned(path.xy);
        }
        let walked = self.overlay.survey.walk(Some(region), |chain| {
            found.outside |= leaves(chain);
            found.ground_inside |= (chain.ground.left && chain.region.left)
                || (chain.ground.right && chain.region.right);
            !found.is_settled()
        });
        match walked {
            Ok(met) => found.contact |= met,
            // Cleaned shapes do not cross themselves: nobody is shown what is not understood.
            Err(_) => {
                *found = Found {
                    outside: true,
                    ..Found::default()
                }
            }
        }
    }
}
