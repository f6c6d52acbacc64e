//! What is seen of a layer on its surfaces: rows as they are shown, or what is said of them all together.

use std::collections::BTreeSet;

use guichet::access::{Action, Zooms};

use crate::areas::Unclear;
use crate::look::{Look, Looker};
use crate::rights::Way;
use crate::world::IdRule;

/// What is seen on one surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// What restricts it: part of what rows are shown as, never shown itself.
    ways: BTreeSet<String>,
    pub fields: Vec<String>,
    /// Each row as it is shown, sorted; in the order of the file where that gives the ids.
    pub rows: Vec<String>,
    /// Boxes of the shapes that are shown.
    pub boxes: Vec<[f64; 4]>,
}

/// Zooms at which sights differ at most: no profile here names a higher one.
const ZOOMS: std::ops::RangeInclusive<u8> = 0..=17;
/// Formats that profiles name, and any other.
pub const FORMATS: [&str; 3] = ["mvt", "geojson", ""];

/// A surface, in a format where that matters.
pub struct Surface {
    pub name: String,
    /// No row is shown there, only what is said of all of them.
    pub is_summary: bool,
    /// Whether a way is seen there.
    pub stands: Box<dyn Fn(&Way<'_>) -> bool>,
}

/// All surfaces.
pub fn surfaces() -> Vec<Surface> {
    let mut all = Vec::new();
    let mut add = |name: String, is_summary, stands: Box<dyn Fn(&Way<'_>) -> bool>| {
        all.push(Surface {
            name,
            is_summary,
            stands,
        });
    };
    add(
        "discover".to_owned(),
        true,
        Box::new(|way| way.actions.contains(&Action::Discover)),
    );
    let drawn =
        |way: &Way<'_>| way.actions.contains(&Action::Tiles) && way.zooms.min <= way.zooms.max;
    add("tilesets".to_owned(), true, Box::new(drawn));
    for format in FORMATS {
        for (name, action) in [("items", Action::Items), ("export", Action::Export)] {
            let stands = move |way: &Way<'_>| {
                let limited = way.zooms != Zooms::ALL && way.precision().is_none();
                way.actions.contains(&action) && !limited && way.opens(format)
            };
            add(format!("{name} {format}"), false, Box::new(stands));
        }
        for zoom in ZOOMS {
            let stands = move |way: &Way<'_>| {
                let holds = (way.zooms.min..=way.zooms.max).contains(&zoom);
                way.actions.contains(&Action::Tiles) && holds && way.opens(format)
            };
            add(format!("tiles {zoom} {format}"), false, Box::new(stands));
        }
    }
    all
}

impl Way<'_> {
    /// True if all its profiles open a format.
    fn opens(&self, format: &str) -> bool {
        let formats = self.profiles.iter().filter_map(|p| p.formats.as_ref());
        formats.into_iter().all(|f| f.contains(format))
    }
}

impl Face {
    pub fn of(looker: &Looker<'_>, ways: &[&Way<'_>], is_summary: bool) -> Result<Self, Unclear> {
        let layer = looker.layer;
        // Beside a way that shows everything no other says anything.
        let whole: Vec<_> = ways
            .iter()
            .filter(|w| w.profiles.is_empty())
            .take(1)
            .copied()
            .collect();
        let ways = if whole.is_empty() { ways } else { &whole };
        let shown = |name: &String| ways.iter().any(|w| w.shows(name));
        let fields = layer
            .fields
            .iter()
            .filter(|f| shown(&f.name))
            .map(|f| format!("{f:?}"));
        let ids = looker.keeps_ids(ways);
        let mut looks = Vec::new();
        for place in 0..layer.rows.len() {
            looks.extend(looker.row(ways, ids, place)?);
        }
        let mut boxes: Vec<_> = looks.iter().flat_map(|l| l.boxes.iter().copied()).collect();
        boxes.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        // Zooms that are not declared follow from all shapes.
        let is_summary =
            is_summary && layer.tiles.max_zoom.is_some() && layer.tiles.min_zoom.is_some();
        let mut rows = if is_summary {
            summed_up(looks)
        } else {
            looks.into_iter().map(|l| l.text).collect()
        };
        if !(ids && layer.ids == IdRule::Position) {
            rows.sort();
        }
        Ok(Self {
            ways: ways.iter().map(|w| looker.definition(w)).collect(),
            fields: fields.collect(),
            rows,
            boxes: if is_summary { Vec::new() } else { boxes },
        })
    }
}

/// Rows that are cut or counted, and of those that are shown whole what is said of them together: how many, where, when, of which kinds.
fn summed_up(looks: Vec<Look>) -> Vec<String> {
    let (whole, rest): (Vec<_>, Vec<_>) = looks.into_iter().partition(|l| l.summary.is_some());
    let mut rows: Vec<_> = rest.into_iter().map(|l| l.text).collect();
    let mut around = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    for [w, s, e, n] in whole.iter().flat_map(|l| &l.boxes) {
        around = [
            around[0].min(*w),
            around[1].min(*s),
            around[2].max(*e),
            around[3].max(*n),
        ];
    }
    let summaries = || whole.iter().filter_map(|l| l.summary.as_ref());
    let times: BTreeSet<_> = summaries().filter_map(|s| s.time.as_ref()).collect();
    let kinds: Vec<_> = summaries().filter_map(|s| s.kind).collect();
    let kinds: BTreeSet<_> = kinds.iter().map(|k| format!("{k:?}")).collect();
    rows.push(format!(
        "{} {around:?} {:?} {:?} {kinds:?}",
        whole.len(),
        times.first(),
        times.last()
    ));
    rows
}
