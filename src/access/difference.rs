//! What a change of a policy would change for somebody: which slices come and go, and which pairs of a place and a property come
//! together that no grant gives together.

use super::describe::{Portrait, name_of};
use super::normal::adds_nothing_to;
use super::profile::AreaMode;
use super::surface::Surface;
use super::view::{Slice, SurfaceView, View};
use crate::model::Schema;

/// What is different on a surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The surface; of tiles, the first zoom at which this difference begins.
    pub surface: Surface,
    /// How much was seen before.
    pub before: Extent,
    /// How much is seen after.
    pub after: Extent,
    /// Slices that show what none showed before.
    pub gained: Vec<Portrait>,
    /// Slices that showed what none shows any more.
    pub lost: Vec<Portrait>,
}

/// How much a surface shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The layer is not there.
    Nothing,
    /// What so many slices show.
    Some(usize),
    /// All of it.
    Everything,
}

impl Extent {
    pub(super) fn of(view: &SurfaceView) -> Self {
        if view.is_everything() {
            Self::Everything
        } else if view.is_nothing() {
            Self::Nothing
        } else {
            Self::Some(view.slices().len())
        }
    }
}

/// What is different between two views of one layer, surface by surface; nothing if they mean the same.
pub fn difference(before: &View, after: &View, schema: &Schema) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for surface in surfaces(before, after) {
        let (old, new) = (before.on(surface), after.on(surface));
        if old.id() == new.id() {
            continue;
        }
        let beyond = |some: &SurfaceView, other: &SurfaceView| -> Vec<Portrait> {
            let is_new = |s: &&Slice| {
                let given = |o: &Slice| o.is_same(s) || adds_nothing_to(s, o);
                !other.is_everything() && !other.slices().iter().any(given)
            };
            let slices = some.slices().iter().filter(is_new);
            slices.map(|s| Portrait::of(s, schema)).collect()
        };
        let difference = Difference {
            surface,
            before: Extent::of(old),
            after: Extent::of(new),
            gained: beyond(new, old),
            lost: beyond(old, new),
        };
        let same_tiles = |last: &Difference| {
            matches!(
                (last.surface, surface),
                (Surface::Tiles(_), Surface::Tiles(_))
            ) && (last.before, last.after) == (difference.before, difference.after)
                && (&last.gained, &last.lost) == (&difference.gained, &difference.lost)
        };
        if !found.last().is_some_and(same_tiles) {
            found.push(difference);
        }
    }
    found
}

/// Tiles at each zoom where one of the two begins to show something else.
fn surfaces(before: &View, after: &View) -> Vec<Surface> {
    let bands = before.tile_bands().iter().chain(after.tile_bands());
    let mut starts: Vec<u8> = bands.map(|band| *band.zooms.start()).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut all = vec![Surface::Discover, Surface::Tilesets];
    all.extend(starts.into_iter().map(Surface::Tiles));
    all.extend([Surface::Items, Surface::Export]);
    all
}

/// A place and a property that come together where two slices match one feature, and that neither gives together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GainedPair {
    /// Name of the property.
    pub attribute: String,
    /// The slice that gives the property, of a smaller piece of the feature.
    pub from: usize,
    /// The slice that shows more of the feature than that one does.
    pub place: usize,
}

/// The pairs of a place and a property on a surface that no slice gives alone. They are no leak, a feature's id links whatever is granted
/// of it; but whoever made two grants may not have thought of it. Whether a feature is matched by both is not known here.
pub fn gained_pairs(view: &SurfaceView, schema: &Schema) -> Vec<GainedPair> {
    let slices = view.slices();
    let mut found = Vec::new();
    for (from, giving) in slices.iter().enumerate() {
        for (place, showing) in slices.iter().enumerate() {
            let more = from != place && shows_more(showing, giving);
            if giving.precision.is_some() || showing.precision.is_some() || !more {
                continue;
            }
            for attribute in giving.attributes.iter().filter(|a| giving.gives_plain(**a)) {
                let alone = |other: &Slice| {
                    other.precision.is_none()
                        && other.gives_plain(*attribute)
                        && !shows_more(showing, other)
                        && other.asks_no_more_than(giving, showing)
                };
                if !slices.iter().any(alone) {
                    found.push(GainedPair {
                        attribute: name_of(*attribute, schema),
                        from,
                        place,
                    });
                }
            }
        }
    }
    found.sort();
    found
}

/// True if a slice may leave more of a feature than another one: that one clips along something along which this one does not.
fn shows_more(slice: &Slice, other: &Slice) -> bool {
    let clips = |s: &Slice| -> Vec<[u8; 32]> {
        let clips = s.areas.iter().filter(|a| a.mode == AreaMode::Clip);
        clips.map(|a| a.region.hash()).collect()
    };
    let mine = clips(slice);
    clips(other).iter().any(|c| !mine.contains(c))
}

impl Slice {
    /// True if the property is shown as it is, wherever the slice matches.
    fn gives_plain(&self, place: usize) -> bool {
        self.attributes.contains(&place) && !self.derived.iter().any(|(p, _)| *p == place)
    }

    /// True if whatever two others match, this one matches.
    fn asks_no_more_than(&self, one: &Slice, other: &Slice) -> bool {
        let both = [one, other];
        let has_row = |hash| both.iter().any(|s| s.rows.iter().any(|f| f.hash() == hash));
        let has_area = |area: &super::view::AreaTest| {
            let mut all = both.iter().flat_map(|s| &s.areas);
            all.any(|a| a.mode == area.mode && a.region.hash() == area.region.hash())
        };
        self.rows.iter().all(|f| has_row(f.hash())) && self.areas.iter().all(has_area)
    }
}
