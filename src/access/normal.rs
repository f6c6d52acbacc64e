//! The normal form of a set of slices: sets that mean the same get one form, in any order of writing.
//!
//! What a set of slices shows of a feature is the union of what each of those that match gives: properties as they are, properties
//! that can be recomputed, the geometry whole or in part, and, only where no slice without a precision matches, a cell of the finest
//! precision. So a slice can be left out if another one matches whenever it does and gives no less; and two that match the same features
//! and cut them alike are one, with the properties of both.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::context::LayerContext;
use super::meaning::Meaning;
use super::profile::{Aggregate, AreaMode, Derived, Precision};
use super::surface::Surface;
use super::view::{Slice, SurfaceView, ViewId};

/// Slices of one surface at most, in normal form. Each is a filter and an area that derivation runs over all rows.
pub const MOST_SLICES: usize = 64;

/// More slices than a view may have: the surface shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{count} different restrictions come together on one surface ({surface:?}); at most {MOST_SLICES} may"
)]
pub struct TooManySlices {
    /// The surface; of tiles, the first zoom.
    pub surface: Surface,
    /// How many there are.
    pub count: usize,
}

/// What decides which features a slice matches and how it cuts them. The least comes first: without a precision before with one, a
/// finer one before a coarser one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tests {
    precision: Option<Precision>,
    rows: Vec<[u8; 32]>,
    areas: Vec<([u8; 32], AreaMode)>,
}

impl Tests {
    fn of(slice: &Slice) -> Self {
        Self {
            precision: slice.precision.clone(),
            rows: slice.rows.iter().map(|f| f.hash()).collect(),
            areas: slice
                .areas
                .iter()
                .map(|a| (a.region.hash(), a.mode))
                .collect(),
        }
    }

    /// True if whatever passes these tests passes `other` too: there, nothing is asked that is not asked here.
    fn imply(&self, other: &Self) -> bool {
        is_subset(&other.rows, &self.rows) && is_subset(&other.areas, &self.areas)
    }
}

impl Slice {
    /// True if the same features match, cut alike.
    pub(super) fn has_tests_of(&self, other: &Self) -> bool {
        Tests::of(self) == Tests::of(other)
    }

    /// True if it says the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.has_tests_of(other)
            && self.attributes == other.attributes
            && self.derived == other.derived
    }
}

/// Of two ascending lists.
fn is_subset<T: Ord>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|x| all.binary_search(x).is_ok())
}

/// A slice in one spelling: tests sorted and each once, no test that is always true, no rule for cut shapes where nothing is cut.
pub(super) fn tidy(mut slice: Slice) -> Slice {
    slice.rows.retain(|f| f.canonical() != "TRUE");
    slice.rows.sort_by_key(|f| f.hash());
    slice.rows.dedup_by_key(|f| f.hash());
    slice.areas.sort_by_key(|a| (a.region.hash(), a.mode));
    slice.areas.dedup_by_key(|a| (a.region.hash(), a.mode));
    if !slice.areas.iter().any(|a| a.mode == AreaMode::Clip) {
        slice.derived.clear();
    }
    slice
}

/// How a slice gives a property: `None` if it does not, else as it is or by that rule.
#[expect(
    clippy::option_option,
    reason = "a property that is not given is not one without a rule"
)]
fn given(slice: &Slice, place: usize) -> Option<Option<Derived>> {
    slice.attributes.binary_search(&place).ok()?;
    let rule = slice.derived.binary_search_by_key(&place, |(p, _)| *p);
    Some(rule.ok().map(|i| slice.derived[i].1))
}

/// True if `slice` adds nothing to `other`; both tidy and not the same.
pub(super) fn adds_nothing_to(slice: &Slice, other: &Slice) -> bool {
    if !Tests::of(slice).imply(&Tests::of(other)) {
        return false;
    }
    match (&slice.precision, &other.precision) {
        // Whatever the cells of `slice` are for is shown without them, or by finer ones. Of equal ones, both have the same tests or
        // `other` cuts less.
        (Some(_), None) => true,
        (Some(mine), Some(others)) => others <= mine,
        (None, Some(_)) => false,
        (None, None) => slice.attributes.iter().all(|place| {
            // `other` leaves whole what `slice` leaves whole: there, all rules give the value as it is.
            matches!(
                (given(slice, *place).flatten(), given(other, *place)),
                (_, Some(None))
                    | (Some(Derived::Mask), Some(Some(_)))
                    | (Some(Derived::Recompute), Some(Some(Derived::Recompute)))
            )
        }),
    }
}

/// The properties of both, of slices that match the same features and cut them alike.
fn merge(into: &mut Slice, other: &Slice) {
    let mut all: BTreeMap<usize, Option<Derived>> = BTreeMap::new();
    for slice in [&*into, other] {
        for place in &slice.attributes {
            let rule = given(slice, *place).flatten();
            all.entry(*place)
                .and_modify(|known| *known = known.zip(rule).map(|(a, b)| a.max(b)))
                .or_insert(rule);
        }
    }
    into.whole |= other.whole;
    into.attributes = all.keys().copied().collect();
    into.derived = all
        .into_iter()
        .filter_map(|(place, rule)| Some((place, rule?)))
        .collect();
}

/// True if a tidy slice restricts nothing.
fn is_everything(slice: &Slice) -> bool {
    slice.whole && slice.rows.is_empty() && slice.areas.is_empty() && slice.precision.is_none()
}

/// The normal form of tidy slices, or how many there are if they are too many.
pub(super) fn normalise<'a>(
    slices: impl Iterator<Item = &'a Slice>,
    layer: &LayerContext<'_>,
) -> Result<SurfaceView, usize> {
    let mut merged: BTreeMap<Tests, Slice> = BTreeMap::new();
    for slice in slices {
        let tests = if crate::leak!("grants-merged-by-rows") {
            Tests {
                areas: Vec::new(),
                ..Tests::of(slice)
            }
        } else {
            Tests::of(slice)
        };
        merged
            .entry(tests)
            .and_modify(|known| merge(known, slice))
            .or_insert_with(|| slice.clone());
    }
    let merged: Vec<Slice> = merged.into_values().collect();
    if merged.is_empty() {
        return Ok(SurfaceView::nothing());
    }
    if merged.iter().any(is_everything) {
        return Ok(SurfaceView::everything());
    }
    let adds = |(i, slice): (usize, &Slice)| {
        let others = merged.iter().enumerate().filter(|(j, _)| i != *j);
        others
            .map(|(_, other)| other)
            .all(|other| !adds_nothing_to(slice, other))
    };
    let kept: Vec<Slice> = merged
        .iter()
        .enumerate()
        .filter(|pair| adds(*pair))
        .map(|(_, slice)| slice.clone())
        .collect();
    if kept.len() > MOST_SLICES {
        return Err(kept.len());
    }
    Ok(SurfaceView {
        id: view_id(&kept, layer),
        slices: kept.into(),
    })
}

/// Stands for what tidy, sorted slices mean on a layer. Names and types of properties, in the order of the names: their places, and which
/// names are left for the geometry, may follow from rows that are hidden. Nothing of grants or callers.
fn view_id(slices: &[Slice], layer: &LayerContext<'_>) -> ViewId {
    let schema = layer.schema();
    let name = |place: usize| schema.fields[place].name.as_str();
    let mut meaning = Meaning::keyed(layer.view_key);
    meaning.text("guichet 2026 view");
    meaning.text(layer.collection);
    meaning.option(schema.geometry_column.as_deref(), Meaning::text);
    meaning.text(&layer.frame.storage_crs.uri());
    meaning.list(slices.iter(), |m, slice| {
        m.list(slice.rows.iter(), |m, filter| m.bytes(&filter.hash()));
        m.list(slice.areas.iter(), |m, area| {
            if !crate::leak!("view-id-without-areas") {
                m.bytes(&area.region.hash());
            }
            m.number(match area.mode {
                AreaMode::Clip => 0,
                AreaMode::Intersects => 1,
                AreaMode::Within => 2,
            });
        });
        let mut attributes = slice.attributes.clone();
        let mut derived = slice.derived.clone();
        if !crate::leak!("view-id-by-places") {
            attributes.sort_unstable_by_key(|place| name(*place));
            derived.sort_unstable_by_key(|(place, _)| name(*place));
        }
        m.list(attributes.iter(), |m, place| {
            m.text(name(*place));
            m.text(schema.fields[*place].data_type.name());
        });
        m.list(derived.iter(), |m, (place, rule)| {
            m.text(name(*place));
            m.number(match rule {
                Derived::Mask => 0,
                Derived::Recompute => 1,
            });
        });
        m.option(slice.precision.as_ref(), |m, precision| {
            m.number(precision.grid_m.into());
            m.number(precision.min_count);
            m.list(precision.aggregates.iter(), |m, (name, how)| {
                m.text(name);
                m.number(match how {
                    Aggregate::Sum => 0,
                    Aggregate::Mean => 1,
                    Aggregate::Min => 2,
                    Aggregate::Max => 3,
                });
            });
        });
    });
    // The numbers of everything and of nothing are taken.
    ViewId(meaning.end().clamp(1, u128::MAX - 1))
}

/// Equal sets share one view.
#[derive(Default)]
pub(super) struct Shared {
    /// By the drafts that stand on a surface.
    of_drafts: HashMap<Vec<usize>, Result<SurfaceView, usize>>,
    of_id: HashMap<ViewId, Arc<[Slice]>>,
}

impl Shared {
    /// The normal form of those slices.
    pub(super) fn view(
        &mut self,
        chosen: Vec<usize>,
        slices: &[Slice],
        layer: &LayerContext<'_>,
    ) -> Result<SurfaceView, usize> {
        if let Some(known) = self.of_drafts.get(&chosen) {
            return known.clone();
        }
        let mut view = normalise(chosen.iter().map(|i| &slices[*i]), layer);
        if let Ok(view) = &mut view {
            let same = self.of_id.entry(view.id);
            view.slices = Arc::clone(same.or_insert_with(|| Arc::clone(&view.slices)));
        }
        self.of_drafts.insert(chosen, view.clone());
        view
    }
}
