//! How a row looks in some ways of seeing its layer.

use std::collections::BTreeSet;

use guichet::access::{AreaMode, Attributes, Derived, Precision};

use crate::areas::{self, Degrees, Fate, Rectangle, Unclear};
use crate::faults;
use crate::rights::{Standing, Way};
use crate::world::{IdRule, Layer, Row, Shape, World};

/// A layer, looked at by somebody.
pub struct Looker<'a> {
    pub world: &'a World,
    pub standing: &'a Standing,
    pub layer: &'a Layer,
}

/// A row as it is shown.
pub struct Look {
    /// All of it that can be told.
    pub text: String,
    /// West, south, east, north of what is shown of its shape.
    pub boxes: Vec<[f64; 4]>,
    /// Of a row that is shown whole.
    pub summary: Option<Summary>,
}

/// What a row, beside its box, adds to what is said of all rows together.
pub struct Summary {
    pub time: Option<String>,
    pub kind: Option<std::mem::Discriminant<Shape>>,
}

/// Degrees that a row may lie from the far side of its cell.
const FAR: f64 = 0.3;

/// What one way leaves of a row.
#[derive(Debug, Clone, PartialEq)]
enum Left {
    Whole,
    Part(Rectangle),
}

impl Way<'_> {
    /// The precision of the one profile that has some, saying what the other says of each row as it is.
    pub fn precision(&self) -> Option<Precision> {
        let mut precision = self.profiles.iter().find_map(|p| p.precision.clone())?;
        let rows = || self.profiles.iter().filter(|p| p.precision.is_none());
        let is_shown = |name: &String| {
            rows().all(|p| opens(&p.attributes, name) && !p.derived.contains_key(name))
        };
        precision.aggregates.retain(|name, _| is_shown(name));
        Some(precision)
    }

    pub fn shows(&self, name: &str) -> bool {
        self.profiles.iter().all(|p| opens(&p.attributes, name))
    }
}

fn opens(attributes: &Attributes, name: &str) -> bool {
    match attributes {
        Attributes::All => true,
        Attributes::Only(names) => names.contains(name),
    }
}

impl Looker<'_> {
    /// True if the layer's own ids are shown: those of its file, or of a property that every way shows.
    pub fn keeps_ids(&self, ways: &[&Way<'_>]) -> bool {
        if ways.iter().any(|w| w.profiles.is_empty()) {
            return true;
        }
        match self.layer.ids {
            IdRule::File => true,
            IdRule::Declared(place) => {
                let name = &self.layer.fields[place].name;
                ways.iter()
                    .filter(|w| w.precision().is_none())
                    .all(|w| w.shows(name))
            }
            IdRule::Position => false,
        }
    }

    /// What a way means, without the names of what says so.
    pub fn definition(&self, way: &Way<'_>) -> String {
        let profiles = way.profiles.iter().map(|p| {
            let area = p
                .area
                .as_ref()
                .map(|(which, mode)| (faults::area(self.world, self.standing, which), mode));
            format!(
                "{:?} {:?} {area:?} {:?} {:?} {:?} {:?}",
                p.rows, p.attributes, p.derived, p.zooms, p.precision, p.formats
            )
        });
        let profiles: BTreeSet<_> = profiles.collect();
        format!("{profiles:?} {:?} {:?}", way.actions, way.zooms)
    }

    /// The row at a place as the ways show it together; `None` if none of them does.
    pub fn row(&self, ways: &[&Way<'_>], ids: bool, place: usize) -> Result<Option<Look>, Unclear> {
        let row = &self.layer.rows[place];
        let mut matching = Vec::new();
        for way in ways {
            if let Some(left) = self.passes(way, row)? {
                matching.push((*way, left));
            }
        }
        let exact: Vec<_> = matching
            .iter()
            .filter(|(way, _)| way.precision().is_none())
            .collect();
        if exact.is_empty() {
            return self.counted(&matching, row);
        }
        let mut values = Vec::new();
        for (field, value) in self.layer.fields.iter().zip(&row.values) {
            let said = exact
                .iter()
                .filter(|(way, _)| way.shows(&field.name))
                .map(|(way, left)| {
                    let rules = way
                        .profiles
                        .iter()
                        .filter_map(|p| p.derived.get(&field.name));
                    match rules.min() {
                        Some(Derived::Mask) if *left != Left::Whole => Said::Nothing,
                        Some(Derived::Recompute) if *left != Left::Whole => Said::Anew,
                        _ => Said::Stored,
                    }
                });
            match said.max() {
                Some(Said::Stored) => values.push(format!("{}={value:?}", field.name)),
                Some(Said::Anew) => values.push(format!("{} anew", field.name)),
                Some(Said::Nothing) | None => {}
            }
        }
        let id = ids.then(|| self.layer.item_id(place));
        let (shape, boxes) = self.shape(&exact, row);
        let is_whole = exact.iter().any(|(_, left)| *left == Left::Whole) || row.shape.is_none();
        let time = self.layer.time.as_ref().and_then(|name| {
            let place = self.layer.fields.iter().position(|f| f.name == *name)?;
            let is_shown = values.iter().any(|v| v.starts_with(&format!("{name}=")));
            is_shown.then(|| row.values[place].text())
        });
        Ok(Some(Look {
            text: format!("{id:?} {values:?} {shape}"),
            boxes,
            summary: is_whole.then(|| Summary {
                time: time.filter(|t| !t.is_empty()),
                kind: row.shape.as_ref().map(std::mem::discriminant),
            }),
        }))
    }

    fn shape(&self, exact: &[&(&Way<'_>, Left)], row: &Row) -> (String, Vec<[f64; 4]>) {
        let Some(shape) = &row.shape else {
            return ("nowhere".to_owned(), Vec::new());
        };
        let degrees = Degrees::of(shape, self.layer.crs);
        if exact.iter().any(|(_, left)| *left == Left::Whole) {
            return (format!("{shape:?}"), vec![degrees.bounds()]);
        }
        let boxes = exact.iter().map(|(_, left)| match left {
            Left::Part(rectangle) => rectangle.box_within(&degrees),
            Left::Whole => degrees.bounds(),
        });
        let boxes = boxes.collect();
        let parts = exact.iter().filter_map(|(_, left)| match left {
            Left::Part(rectangle) => Some(rectangle.look(&degrees, shape)),
            Left::Whole => None,
        });
        let parts: BTreeSet<_> = parts.collect();
        (format!("{parts:?}"), boxes)
    }

    /// A row that is seen only as one of many in a cell: the finest of those that match.
    fn counted(&self, matching: &[(&Way<'_>, Left)], row: &Row) -> Result<Option<Look>, Unclear> {
        let Some(shape) = &row.shape else {
            return Ok(None);
        };
        let precisions: Vec<_> = matching
            .iter()
            .filter_map(|(way, _)| way.precision())
            .collect();
        let Some(finest) = precisions.iter().map(|p| (p.grid_m, p.min_count)).min() else {
            return Ok(None);
        };
        let degrees = Degrees::of(shape, self.layer.crs);
        let mut counted = BTreeSet::new();
        for ((_, left), precision) in matching.iter().zip(&precisions) {
            if (precision.grid_m, precision.min_count) != finest {
                continue;
            }
            let bounds = match left {
                Left::Whole => degrees.bounds(),
                Left::Part(rectangle) => rectangle.box_within(&degrees),
            };
            let cell = areas::cell(bounds, precision.grid_m)?;
            let value = |name: &String| {
                let place = self.layer.fields.iter().position(|f| f.name == *name);
                place.map(|p| &row.values[p])
            };
            let summed: Vec<_> = precision.aggregates.keys().map(value).collect();
            counted.insert(format!("{cell:?} {precision:?} {summed:?}"));
        }
        // A cell of the coarsest step of the ladder around it.
        let [w, s, e, n] = degrees.bounds();
        let boxes = vec![[w - FAR, s - FAR, e + FAR, n + FAR]];
        let text = format!("in {counted:?}");
        Ok(Some(Look {
            text,
            boxes,
            summary: None,
        }))
    }

    /// What a way leaves of a row; `None` if it does not show it.
    fn passes(&self, way: &Way<'_>, row: &Row) -> Result<Option<Left>, Unclear> {
        let mut left = Left::Whole;
        let degrees = row
            .shape
            .as_ref()
            .map(|s: &Shape| Degrees::of(s, self.layer.crs));
        for profile in &way.profiles {
            let test = self.world.tests.get(&profile.rows);
            if test.and_then(|t| t.truth(self.layer, row)) != Some(true) {
                return Ok(None);
            }
            let Some((which, mode)) = &profile.area else {
                continue;
            };
            let area = faults::area(self.world, self.standing, which);
            let (Some(area), Some(degrees)) = (area, &degrees) else {
                return Ok(None);
            };
            match (area.fate(degrees)?, mode) {
                (Fate::Outside, _) | (Fate::Crossing, AreaMode::Within) => return Ok(None),
                (Fate::Inside, _) | (Fate::Crossing, AreaMode::Intersects) => {}
                (Fate::Crossing, AreaMode::Clip) => {
                    left = Left::Part(match left {
                        Left::Whole => area,
                        Left::Part(other) => other.and(&area),
                    });
                }
            }
        }
        if let (Left::Part(rectangle), Some(degrees)) = (&left, &degrees) {
            // Within several areas at once something else may be left than within each.
            match rectangle.fate(degrees)? {
                Fate::Outside => return Ok(None),
                Fate::Inside => return Err(Unclear),
                Fate::Crossing => {}
            }
        }
        Ok(Some(left))
    }
}

/// What a way says of a value; the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Nothing,
    Anew,
    Stored,
}
