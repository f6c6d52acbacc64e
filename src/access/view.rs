//! What a caller has on a layer, in normal form.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::normal::{TooManySlices, adds_nothing_to};
use super::profile::{AreaMode, Derived, Precision};
use super::surface::Surface;
use crate::filter::Filter;
use crate::geometry::region::Region;

/// Identity of a view: equal rights on equal layers share it, whoever has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewId(pub u128);

impl ViewId {
    /// The view that restricts nothing.
    pub const EVERYTHING: Self = Self(0);
}

impl std::fmt::Display for ViewId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What a caller has on a layer.
#[derive(Debug, Clone)]
pub struct View {
    /// In formats that no profile names.
    pub(super) any: Faces,
    /// In each format that some profile names.
    pub(super) formats: BTreeMap<String, Faces>,
    /// What tiles would show of what is described, whether or not it stands on some.
    pub(super) described: Vec<TileBand>,
    pub(super) refused: Vec<TooManySlices>,
}

/// What is seen of each surface.
#[derive(Debug, Clone)]
pub(super) struct Faces {
    pub(super) discover: SurfaceView,
    pub(super) items: SurfaceView,
    pub(super) export: SurfaceView,
    pub(super) tilesets: SurfaceView,
    /// Bands of zooms, ascending, without gaps or overlaps from 0 to 255.
    pub(super) tiles: Vec<TileBand>,
}

/// A run of zooms at which the same slices hold.
#[derive(Debug, Clone)]
pub struct TileBand {
    /// The zooms.
    pub zooms: RangeInclusive<u8>,
    /// What is seen there.
    pub view: SurfaceView,
}

impl View {
    /// What is seen of one surface, in whatever format: grants whose profile opens some formats only do not count on tiles, items and
    /// copies, see [`View::in_format`].
    pub fn on(&self, surface: Surface) -> &SurfaceView {
        self.any.on(surface)
    }

    /// What is seen of one surface in a format, by the short name that profiles use: more than [`View::on`] where some profile opens it.
    pub fn in_format(&self, surface: Surface, format: &str) -> &SurfaceView {
        self.formats.get(format).unwrap_or(&self.any).on(surface)
    }

    /// The bands of zooms, in whatever format.
    pub fn tile_bands(&self) -> &[TileBand] {
        &self.any.tiles
    }

    /// The lowest zoom at which places end: on tiles of that zoom, in some format, stands a slice of rows of which the next zoom need not
    /// show all places, or would if what is described were on tiles. `None` if whatever is on tiles of a zoom is on those of all deeper
    /// ones. Cells have no say: a limit of zooms closes them nowhere else.
    pub fn places_end_at(&self) -> Option<u8> {
        let ends = |pair: &[TileBand]| {
            let (here, next) = (&pair[0], &pair[1]);
            let goes_on = !here.view.shows_places_beyond(&next.view);
            (!goes_on).then_some(*here.zooms.end())
        };
        let tiles = self.faces().map(|f| &f.tiles).chain([&self.described]);
        tiles.filter_map(|t| t.windows(2).find_map(ends)).min()
    }

    /// True if no surface shows anything.
    pub fn is_nothing(&self) -> bool {
        self.faces().all(|f| f.all().all(SurfaceView::is_nothing))
    }

    /// True if no surface restricts anything.
    pub fn is_everything(&self) -> bool {
        self.faces()
            .all(|f| f.all().all(SurfaceView::is_everything))
    }

    /// Surfaces that show nothing because too many slices come together there.
    pub fn refused(&self) -> &[TooManySlices] {
        &self.refused
    }

    fn faces(&self) -> impl Iterator<Item = &Faces> {
        std::iter::once(&self.any).chain(self.formats.values())
    }
}

impl Faces {
    fn on(&self, surface: Surface) -> &SurfaceView {
        match surface {
            Surface::Discover => &self.discover,
            Surface::Items => &self.items,
            Surface::Export => &self.export,
            Surface::Tilesets => &self.tilesets,
            Surface::Tiles(zoom) => {
                let band = self.tiles.partition_point(|b| *b.zooms.end() < zoom);
                &self.tiles[band].view
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &SurfaceView> {
        let bands = self.tiles.iter().map(|b| &b.view);
        [&self.discover, &self.items, &self.export, &self.tilesets]
            .into_iter()
            .chain(bands)
    }
}

/// A normalised set of slices: no slice adds nothing to the others, and their order says nothing.
#[derive(Debug, Clone)]
pub struct SurfaceView {
    pub(super) id: ViewId,
    pub(super) slices: Arc<[Slice]>,
}

impl SurfaceView {
    /// Nothing is seen: the layer does not exist on this surface.
    pub fn nothing() -> Self {
        Self {
            id: ViewId(u128::MAX),
            slices: Arc::new([]),
        }
    }

    /// Everything is seen.
    pub fn everything() -> Self {
        Self {
            id: ViewId::EVERYTHING,
            slices: Arc::new([]),
        }
    }

    /// True if nothing is seen.
    pub fn is_nothing(&self) -> bool {
        self.id != ViewId::EVERYTHING && self.slices.is_empty()
    }

    /// True if nothing is restricted.
    pub fn is_everything(&self) -> bool {
        self.id == ViewId::EVERYTHING
    }

    /// What it means, as a number: keyed, so that nobody can confirm a guess.
    pub fn id(&self) -> ViewId {
        self.id
    }

    /// True if it has rows of which `other` need not show all places.
    fn shows_places_beyond(&self, other: &Self) -> bool {
        if other.is_everything() {
            return false;
        }
        let is_all = |s: &Slice| s.rows.is_empty() && s.areas.is_empty() && s.precision.is_none();
        if self.is_everything() {
            return !other.slices.iter().any(is_all);
        }
        let rows = self.slices.iter().filter(|s| s.precision.is_none());
        rows.map(Slice::without_attributes)
            .any(|slice| !other.slices.iter().any(|o| adds_nothing_to(&slice, o)))
    }

    /// The slices, one of which must show a feature.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }
}

/// A grant as compiled for one layer. Everything in it must hold.
///
/// How the slices of a view come together, for a feature that passes the tests of some of them:
/// - among those without a precision, the geometry is whole if one of them does not cut it, else the union of what each cuts out; where
///   a slice clips along several areas, what is left lies in all of them (their intersection as closed sets: a line along the border of
///   two neighbours lies in both);
/// - a property is shown if one of them gives it. Where a slice cuts the feature, it does not give what is in its `derived`; what one of
///   them says to recompute is then computed from the geometry that is shown;
/// - where only slices with a precision match, the least one in the order of [`Precision`] counts: the feature is in one cell of it,
///   chosen by the union of what the slices of that very precision cut out, and in no other. A row without a place is in none.
#[derive(Debug, Clone)]
pub struct Slice {
    /// Filters on the *stored* rows, all of which must be true; none for all rows.
    pub rows: Vec<Arc<Filter>>,
    /// Areas, all of which must hold; none for everywhere. The geometry is cut along all those that clip.
    pub areas: Vec<AreaTest>,
    /// Properties that are shown, by their place in the layer's schema, ascending.
    pub attributes: Vec<usize>,
    /// Those among them that a cut shape would make false, ascending by place.
    pub derived: Vec<(usize, Derived)>,
    /// The cells that take the place of geometries. Such a slice has no attributes.
    pub precision: Option<Precision>,
    /// Whatever there is, whether the configuration declares it or not: of open layers, and for a layer's own people. No profile says so,
    /// not even one that names all properties: whether there are others must show in nothing.
    pub whole: bool,
}

impl Slice {
    /// The same places.
    fn without_attributes(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            areas: self.areas.clone(),
            attributes: Vec::new(),
            derived: Vec::new(),
            precision: self.precision.clone(),
            whole: self.whole,
        }
    }
}

/// An area and how it restricts.
#[derive(Debug, Clone)]
pub struct AreaTest {
    /// The area.
    pub region: Arc<Region>,
    /// How.
    pub mode: AreaMode,
}
