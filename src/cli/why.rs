//! `guichet why`: which grants show what of a layer to whom, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::desk::{At, Desk, shown};
use super::look;
use super::whence::Work;
use crate::access::{Explanation, Portrait, Principal, Surface, ViewId};
use crate::catalog::{Catalog, CellStep, CellTale, RowFate, RowTale};
use crate::model::Language;

/// `guichet why`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Why {
    /// Who: anonymous, key:ID, member:ID, organisation:ID or group:ID
    pub principal: String,
    /// Collection id
    pub layer: String,
    /// Id of a feature, as the source has it: says what each slice makes of it, and which cell counts it
    pub feature: Option<String>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// Explains.
pub(super) fn run(why: &Why) -> anyhow::Result<()> {
    let desk = Desk::open(&why.at, Work::Look)?;
    if !desk.files.layers().contains(&why.layer) {
        anyhow::bail!(
            "there is no layer {:?}; `guichet layer list` shows those there are",
            why.layer
        );
    }
    let (policy, _) = desk.policy(desk.stored()?);
    let principal = match look::caller(&policy, &why.principal)? {
        Ok(principal) => principal,
        Err(refusal) => {
            let line = format!("{} is refused (401): {refusal}", why.principal);
            return desk.print(
                &json!({ "caller": why.principal, "refused": refusal.to_string() }),
                [line],
            );
        }
    };
    let layers = BTreeSet::from([why.layer.clone()]);
    let catalogue = look::catalogue(&desk, &layers, Arc::new(policy))?;
    let explanation = catalogue
        .explain(&principal, &why.layer)
        .context("the layer is not served")?;
    let mut lines = explanation.lines(Language::En);
    let mut document = document(&explanation);
    if let Some(id) = &why.feature {
        let fates = of_feature(&catalogue, &principal, &explanation, id)?;
        lines.extend(fates.iter().map(|(_, line)| line.clone()));
        document["feature"] =
            json!({ "id": id, "surfaces": fates.into_iter().map(|(d, _)| d).collect::<Vec<_>>() });
    }
    desk.print(&document, lines)
}

fn document(explanation: &Explanation) -> Value {
    let surfaces = explanation.surfaces.iter().zip(&explanation.portraits);
    let surfaces = surfaces.map(|(surface, portraits)| {
        let view = explanation.view.on(*surface);
        json!({
            "surface": name(*surface),
            "view": view.id().to_string(),
            "everything": view.is_everything(),
            "slices": portraits.iter().map(|p| p.words(Language::En)).collect::<Vec<_>>(),
        })
    });
    json!({
        "caller": explanation.caller,
        "layer": explanation.collection,
        "at": shown(explanation.as_of_us),
        "surfaces": surfaces.collect::<Vec<_>>(),
        "explanation": explanation.lines(Language::En),
    })
}

fn name(surface: Surface) -> String {
    match surface {
        Surface::Discover => "discover".to_owned(),
        Surface::Tilesets => "tilesets".to_owned(),
        Surface::Items => "items".to_owned(),
        Surface::Export => "export".to_owned(),
        Surface::Tiles(zoom) => format!("tiles from zoom {zoom}"),
    }
}

/// What becomes of a feature, surface by surface.
fn of_feature(
    catalogue: &Catalog,
    principal: &Principal,
    explanation: &Explanation,
    id: &str,
) -> anyhow::Result<Vec<(Value, String)>> {
    let mut found = Vec::new();
    // Most surfaces have the same view, and cells are worked out of all rows of the layer.
    let mut known: BTreeMap<ViewId, RowTale> = BTreeMap::new();
    for (surface, portraits) in explanation.surfaces.iter().zip(&explanation.portraits) {
        let layer = &explanation.collection;
        let view = explanation.view.on(*surface);
        let tale = match known.get(&view.id()) {
            Some(tale) => tale.clone(),
            None => catalogue
                .explain_row(principal, layer, *surface, id)
                .with_context(|| format!("{layer} has no feature with the id {id:?}"))?,
        };
        let words: Vec<String> = if view.is_everything() {
            vec!["shown whole: everything is".to_owned()]
        } else if tale.fates.is_empty() {
            vec!["not shown: nothing is".to_owned()]
        } else {
            (0..portraits.len())
                .map(|place| of_slice(place, &tale, portraits))
                .collect()
        };
        let line = format!("{id} in {}: {}", name(*surface), words.join("; "));
        let mut document = json!({ "surface": name(*surface), "slices": words });
        if let Some(cells) = &tale.cells {
            document["cells"] = steps(cells);
        }
        found.push((document, line));
        known.insert(view.id(), tale);
    }
    Ok(found)
}

fn steps(cells: &CellTale) -> Value {
    let step = |s: &CellStep| json!({ "size_m": s.size_m, "cell": s.code, "count": s.count, "shown": s.is_shown });
    let steps: Vec<Value> = cells.steps.iter().map(step).collect();
    json!({ "min_count": cells.min_count, "steps": steps })
}

/// What a slice makes of a feature. Slices are numbered as in the explanation, from 1.
fn of_slice(place: usize, tale: &RowTale, portraits: &[Portrait]) -> String {
    let portrait = &portraits[place];
    let as_what = match &portrait.precision {
        Some(_) => of_cells(place, tale, portraits),
        None if portrait.attributes.is_empty() => "shown without properties".to_owned(),
        None => format!("shown with {}", portrait.attributes.join(", ")),
    };
    let n = place + 1;
    match tale.fates[place] {
        RowFate::Whole => format!("slice {n}: {as_what}"),
        RowFate::Cut => format!("slice {n}: {as_what}, cut along its area"),
        RowFate::Filtered(filter) => {
            let text = portrait.rows.get(filter).map_or("a filter", String::as_str);
            format!("slice {n}: hidden, for this is not true of it: {text}")
        }
        RowFate::Outside => {
            format!("slice {n}: hidden, for it does not lie in its area as it must")
        }
    }
}

/// Which cell counts a feature that a slice of cells shows.
fn of_cells(place: usize, tale: &RowTale, portraits: &[Portrait]) -> String {
    let is_counted_here = |cells: &&CellTale| cells.slices.contains(&place);
    if let Some(cells) = tale.cells.as_ref().filter(is_counted_here) {
        return of_steps(cells);
    }
    if let Some(other) = tale.cells.as_ref().and_then(|cells| cells.slices.first()) {
        return format!("in none of its cells, for slice {} counts it", other + 1);
    }
    let shows = |(fate, portrait): (&RowFate, &Portrait)| {
        portrait.precision.is_none() && matches!(fate, RowFate::Whole | RowFate::Cut)
    };
    let shown_by = tale.fates.iter().zip(portraits).position(shows);
    match shown_by {
        Some(other) => format!("in none of its cells, for slice {} shows it", other + 1),
        None => "in none of its cells".to_owned(),
    }
}

fn of_steps(cells: &CellTale) -> String {
    let least = cells.min_count;
    let size = |step: &CellStep| match step.size_m {
        m if m.is_multiple_of(1_000) => format!("{} km", m / 1_000),
        m => format!("{m} m"),
    };
    let too_few = |step: &CellStep| {
        let why = if step.count < least {
            ""
        } else {
            " but cannot be drawn"
        };
        format!("that of {} has {}{why}", size(step), step.count)
    };
    let (shown, not): (Vec<&CellStep>, Vec<&CellStep>) =
        cells.steps.iter().partition(|step| step.is_shown);
    let not: Vec<String> = not.into_iter().map(too_few).collect();
    match shown.first() {
        None if not.is_empty() => "in no cell, for it has no place".to_owned(),
        None => format!(
            "in no cell, for none has the {least} rows that it must have: {}",
            not.join(", ")
        ),
        Some(step) => {
            let held = format!(
                "counted in the cell {} of {} with {} rows",
                step.code,
                size(step),
                step.count
            );
            if not.is_empty() {
                held
            } else {
                format!(
                    "{held}, for a smaller one has fewer than {least}: {}",
                    not.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_cannot_be_drawn_are_not_called_too_small() {
        let step = |size_m, count, is_shown| CellStep {
            size_m,
            code: format!("cell-{size_m}"),
            count,
            is_shown,
        };
        let told = |steps| {
            of_steps(&CellTale {
                slices: vec![0],
                min_count: 11,
                steps,
            })
        };
        assert_eq!(
            told(vec![step(500, 30, true)]),
            "counted in the cell cell-500 of 500 m with 30 rows"
        );
        assert_eq!(
            told(vec![step(1_000, 2, false), step(5_000, 12, false)]),
            "in no cell, for none has the 11 rows that it must have: that of 1 km has 2, that of 5 km has 12 but cannot be drawn"
        );
        assert_eq!(told(Vec::new()), "in no cell, for it has no place");
    }
}
