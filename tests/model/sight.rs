//! What compiled views say, slice by slice: the real filters over real columns, the real regions, and how slices come together as
//! [`Slice`] has it in words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guichet::access::{AreaMode, Derived, Precision, Slice, SurfaceView, View};

use crate::case::{Case, Cells, FIELDS, Face, Geometry, Ground, Row, Seen, Shape, Sight, Sum};
use crate::lattice::cells_of;
use crate::real::{Columns, surface};

/// A view on one face.
pub fn on(view: &View, (on, format): Face) -> &SurfaceView {
    match format {
        Some(format) => view.in_format(surface(on), format),
        None => view.on(surface(on)),
    }
}

/// Looks at one case through its views.
pub struct Observer<'a> {
    rows: &'a [Row],
    columns: Columns,
    /// Regions that were met, by their hash.
    grounds: HashMap<[u8; 32], Ground>,
}

impl<'a> Observer<'a> {
    pub fn new(case: &'a Case) -> Self {
        Self {
            rows: &case.rows,
            columns: Columns::of(&case.rows),
            grounds: HashMap::new(),
        }
    }

    pub fn sees(&mut self, view: &View, (on, format): Face) -> Sight {
        self.sees_surface(self::on(view, (on, format)))
    }

    pub fn sees_surface(&mut self, view: &SurfaceView) -> Sight {
        if view.is_nothing() {
            return Sight::Nothing;
        }
        if view.is_everything() {
            let whole = |row: &Row| {
                Some(Seen {
                    attributes: (0..FIELDS.len()).map(|f| (f, false)).collect(),
                    geometry: row
                        .shape
                        .as_ref()
                        .map_or(Geometry::Absent, |_| Geometry::Whole),
                })
            };
            return Sight::Rows(
                self.rows.iter().map(whole).collect(),
                (0..FIELDS.len()).collect(),
            );
        }
        let schema = view
            .slices()
            .iter()
            .flat_map(|s| s.attributes.iter().copied())
            .collect();
        let selected: Vec<u64> = view.slices().iter().map(|s| self.selected(s)).collect();
        for area in view.slices().iter().flat_map(|s| &s.areas) {
            let known = self.grounds.entry(area.region.hash());
            known.or_insert_with(|| cells_of(&area.region));
        }
        let rows = (0..self.rows.len()).map(|row| {
            let matching = view.slices().iter().zip(&selected);
            let matching = matching.filter(|(_, rows)| **rows & 1 << row != 0);
            self.row(row, matching.map(|(slice, _)| slice))
        });
        Sight::Rows(rows.collect(), schema)
    }

    /// The rows that pass all filters of a slice, one bit each.
    fn selected(&self, slice: &Slice) -> u64 {
        let filters = slice.rows.iter();
        filters.fold(u64::MAX, |rows, filter| {
            filter.bind(&self.columns).block(0, rows)
        })
    }

    fn row<'s>(&self, row: usize, selecting: impl Iterator<Item = &'s Slice>) -> Option<Seen> {
        let shape = self.rows[row].shape.as_ref();
        let matching: Vec<_> = selecting
            .filter_map(|slice| Some((slice, self.cut(slice, shape)?)))
            .collect();
        let finest = matching.iter().map(|(s, _)| s.precision.as_ref()).min()?;
        let counting = matching
            .iter()
            .filter(|(s, _)| s.precision.as_ref() == finest);
        let shown = counting
            .clone()
            .flat_map(|(_, cut)| cut.atoms.clone())
            .collect();
        if let Some(precision) = finest {
            let geometry = Geometry::Cell(cells(precision), shown);
            return shape.map(|_| Seen {
                attributes: BTreeMap::new(),
                geometry,
            });
        }
        let mut attributes = BTreeMap::new();
        let mut whole = false;
        for (slice, cut) in counting {
            whole |= cut.whole;
            for place in &slice.attributes {
                let rule = slice.derived.iter().find(|(p, _)| p == place && !cut.whole);
                match rule {
                    None => {
                        attributes.insert(*place, false);
                    }
                    Some((_, Derived::Recompute)) => {
                        attributes.entry(*place).or_insert(true);
                    }
                    Some((_, Derived::Mask)) => {}
                }
            }
        }
        let geometry = match shape {
            None => Geometry::Absent,
            Some(_) if whole => Geometry::Whole,
            Some(_) => Geometry::Cut(shown),
        };
        Some(Seen {
            attributes,
            geometry,
        })
    }

    /// What a slice leaves of a shape; `None` if the shape does not pass its areas.
    fn cut(&self, slice: &Slice, shape: Option<&Shape>) -> Option<Cut> {
        let Some(shape) = shape else {
            return slice.areas.is_empty().then(|| Cut {
                atoms: BTreeSet::new(),
                whole: true,
            });
        };
        let mut left = shape.atoms.clone();
        for area in &slice.areas {
            let ground = &self.grounds[&area.region.hash()];
            let inside = |reach| move |atom: &_| shape.meets(*atom, ground, reach);
            let passes = match area.mode {
                AreaMode::Clip => {
                    left.retain(inside(0));
                    !left.is_empty()
                }
                AreaMode::Intersects => shape.atoms.iter().any(inside(1)),
                AreaMode::Within => shape.atoms.iter().all(inside(0)),
            };
            if !passes {
                return None;
            }
        }
        let whole = left == shape.atoms;
        Some(Cut { atoms: left, whole })
    }
}

struct Cut {
    atoms: BTreeSet<crate::case::Atom>,
    whole: bool,
}

fn cells(precision: &Precision) -> Cells {
    let word = |how| match how {
        guichet::access::Aggregate::Sum => Sum::Sum,
        guichet::access::Aggregate::Mean => Sum::Mean,
        guichet::access::Aggregate::Min => Sum::Min,
        guichet::access::Aggregate::Max => Sum::Max,
    };
    Cells {
        grid_m: precision.grid_m,
        min_count: precision.min_count,
        sums: precision
            .aggregates
            .iter()
            .map(|(n, how)| (n.clone(), word(*how)))
            .collect(),
    }
}
