//! Where a layer lies, as exactly as its tiles tell it.
//!
//! Rows that are shown on tiles up to a zoom only are on the surfaces that describe the layer too. What these say of places is rounded to
//! what those tiles show at best: the extent of one point is the point.

use super::facts::Facts;
use crate::access::{Surface, View, ViewId};
use crate::geometry::bbox::Bbox;
use crate::geometry::grid::{self, GridBox, HALF, WORLD, Y_LIMIT};

/// How many steps a tile has along a side, as a power of two: 4096, on which all tiles are drawn.
const STEPS_LOG2: u32 = 12;

/// How exactly a layer's extents are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Told {
    /// As they are.
    #[default]
    Exactly,
    /// Rounded outwards to the steps of tiles of a zoom, and no heights, which tiles do not have.
    AsOnTiles(u8),
}

impl Told {
    /// How exactly a view tells them.
    pub(super) fn by(view: &View) -> Self {
        if crate::leak!("extent-beyond-the-zooms") {
            return Self::Exactly;
        }
        view.places_end_at().map_or(Self::Exactly, Self::AsOnTiles)
    }

    /// The same on a surface. Rows with a limit of zooms are not among the items nor in copies, and tiles are as exact as they are.
    pub(super) fn on(self, surface: Surface) -> Self {
        match surface {
            Surface::Discover | Surface::Tilesets => self,
            Surface::Items | Surface::Export | Surface::Tiles(_) => Self::Exactly,
        }
    }

    /// The identity of a view that tells its extents so: what two views say differs with it, though their rows are the same.
    pub(super) fn id(self, view: ViewId) -> ViewId {
        match self {
            Self::Exactly => view,
            Self::AsOnTiles(zoom) => ViewId(view.0 ^ ((u128::from(zoom) + 1) << 64)),
        }
    }

    /// Lowest and highest z.
    pub(super) fn z_range(self, facts: &Facts) -> Option<[f64; 2]> {
        facts.z_range.filter(|_| self == Self::Exactly)
    }

    /// The extent on the world grid.
    pub(super) fn grid_extent(self, facts: &Facts) -> GridBox {
        match self {
            Self::AsOnTiles(zoom) if !facts.grid_extent.is_empty() => rounded(facts, zoom),
            Self::AsOnTiles(_) | Self::Exactly => facts.grid_extent,
        }
    }

    /// The extent in degrees.
    pub(super) fn extent_crs84(self, facts: &Facts) -> Option<Bbox> {
        let exact = facts.extent_crs84?;
        let Self::AsOnTiles(zoom) = self else {
            return Some(exact);
        };
        let on_grid = rounded(facts, zoom);
        let [mut west, mut north] = grid::to_lonlat(on_grid.min);
        let [mut east, mut south] = grid::to_lonlat(on_grid.max);
        // Where the grid ends it says no more how far a shape goes.
        if on_grid.min[0] == i32::MIN || on_grid.max[0] == i32::MAX {
            (west, east) = (-180.0, 180.0);
        }
        if i64::from(on_grid.min[1]) <= -Y_LIMIT {
            north = 90.0;
        }
        if i64::from(on_grid.max[1]) >= Y_LIMIT {
            south = -90.0;
        }
        Some(Bbox::new([west, south], [east, north]))
    }
}

/// The box around both extents, of which one is enough to tell the other, rounded outwards to the steps of tiles of a zoom.
fn rounded(facts: &Facts, zoom: u8) -> GridBox {
    // With a unit of slack on each side, so that what is rounded on the way stays inside.
    let exact = match &facts.extent_crs84 {
        Some(degrees) => GridBox::from_crs84(degrees).union(&facts.grid_extent),
        None => facts.grid_extent,
    };
    let step = WORLD
        .checked_shr(u32::from(zoom) + STEPS_LOG2)
        .unwrap_or(0)
        .max(1);
    let down = |v: i32| i64::from(v).div_euclid(step) * step;
    let up = |v: i32| -((-i64::from(v)).div_euclid(step) * step);
    let (mut west, mut east) = (down(exact.min[0]), up(exact.max[0]));
    // What ends at the antimeridian does not go on beyond it.
    if let Some(degrees) = &facts.extent_crs84 {
        west = if degrees.min[0] >= -180.0 {
            west.max(-HALF)
        } else {
            west
        };
        east = if degrees.max[0] <= 180.0 {
            east.min(HALF)
        } else {
            east
        };
    }
    let x = |v: i64| v.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    let y = |v: i64| v.clamp(-Y_LIMIT, Y_LIMIT) as i32;
    GridBox {
        min: [x(west), y(down(exact.min[1]))],
        max: [x(east), y(up(exact.max[1]))],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(grid_extent: GridBox, extent_crs84: Option<Bbox>) -> Facts {
        Facts {
            rows: 1,
            grid_extent,
            extent_crs84,
            z_range: Some([1.0, 2.0]),
            temporal_extent_us: None,
            tile_zooms: (0, 14),
            small_integer_ids: true,
        }
    }

    fn of_degrees(min: [f64; 2], max: [f64; 2]) -> Facts {
        let corners = [min, max].map(|p| grid::from_lonlat(p[0], p[1]));
        facts(GridBox::around(&corners), Some(Bbox::new(min, max)))
    }

    proptest! {
        #[test]
        fn what_is_told_holds_what_is(
            a in (-200f64..200.0, -90f64..=90.0), size in (0f64..160.0, 0f64..1.0), zoom in any::<u8>(),
        ) {
            let min = [a.0, a.1];
            let max = [a.0 + size.0, a.1 + (90.0 - a.1) * size.1];
            let facts = of_degrees(min, max);
            let told = Told::AsOnTiles(zoom);
            let b = told.extent_crs84(&facts).unwrap();
            let world = b.min[0] == -180.0 && b.max[0] == 180.0;
            prop_assert!(world || b.min[0] <= min[0] && b.max[0] >= max[0], "{b:?}");
            prop_assert!(b.min[1] <= min[1] && b.max[1] >= max[1], "{b:?}");
            prop_assert!(b.min[1] >= -90.0 && b.max[1] <= 90.0, "{b:?}");
            let on_grid = told.grid_extent(&facts);
            prop_assert!(on_grid.contains(&facts.grid_extent));
            // All its sides are of a tile's steps, and not far off.
            let step = WORLD.checked_shr(u32::from(zoom) + 12).unwrap_or(0).max(1);
            for (axis, side) in [(0, on_grid.min), (1, on_grid.min), (0, on_grid.max), (1, on_grid.max)] {
                prop_assert_eq!(i64::from(side[axis]).rem_euclid(step), 0);
            }
            for axis in 0..2 {
                let off = |a: i32, b: i32| (i64::from(a) - i64::from(b)).abs();
                prop_assert!(off(on_grid.min[axis], facts.grid_extent.min[axis]) <= step + 2);
                prop_assert!(off(on_grid.max[axis], facts.grid_extent.max[axis]) <= step + 2);
            }
        }

        /// Points that tiles do not tell apart have one extent.
        #[test]
        fn points_of_one_step_are_one(x in 3i32..250, y in 3i32..250, other in (3i32..250, 3i32..250), zoom in 0u8..11) {
            let corner = [11 << 19, -175 << 19];
            let point = |dx, dy| {
                let p = [corner[0] + dx, corner[1] + dy];
                let degrees = grid::to_lonlat(p);
                let facts = facts(GridBox { min: p, max: p }, Some(Bbox::new(degrees, degrees)));
                let told = Told::AsOnTiles(zoom);
                (told.extent_crs84(&facts), told.grid_extent(&facts), told.z_range(&facts))
            };
            prop_assert_eq!(point(x, y), point(other.0, other.1));
            prop_assert_eq!(point(x, y).2, None);
        }
    }

    #[test]
    fn empty_is_empty_and_exact_is_exact() {
        let nowhere = facts(GridBox::EMPTY, None);
        assert!(Told::AsOnTiles(5).grid_extent(&nowhere).is_empty());
        assert_eq!(Told::AsOnTiles(5).extent_crs84(&nowhere), None);
        let somewhere = of_degrees([5.1, 43.2], [5.1, 43.2]);
        assert_eq!(
            Told::Exactly.extent_crs84(&somewhere),
            somewhere.extent_crs84
        );
        assert_eq!(Told::Exactly.grid_extent(&somewhere), somewhere.grid_extent);
        assert_eq!(Told::Exactly.z_range(&somewhere), Some([1.0, 2.0]));
        assert_eq!(Told::Exactly.id(ViewId(7)), ViewId(7));
        assert_ne!(
            Told::AsOnTiles(0).id(ViewId(7)),
            Told::AsOnTiles(1).id(ViewId(7))
        );
    }

    #[test]
    fn the_antimeridian_and_the_whole_world() {
        let told = |min, max| {
            Told::AsOnTiles(0)
                .extent_crs84(&of_degrees(min, max))
                .unwrap()
        };
        let across = told([177.5, -20.0], [190.0, -10.0]);
        assert!(
            across.max[0] >= 190.0 && across.max[0] < 190.2,
            "{across:?}"
        );
        let up_to = told([170.0, -20.0], [180.0, -10.0]);
        assert_eq!(up_to.max[0].to_bits(), 180f64.to_bits());
        assert_eq!(
            told([-180.0, -90.0], [180.0, 90.0]),
            Bbox::new([-180.0, -90.0], [180.0, 90.0])
        );
        assert_eq!(
            told([-180.0, -90.0], [360.0, 90.0]),
            Bbox::new([-180.0, -90.0], [180.0, 90.0])
        );
    }
}
