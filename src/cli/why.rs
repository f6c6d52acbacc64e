//! `guichet why`: which grants show what of a layer to whom, and why the others do not.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::desk::{At, Desk, shown};
use super::look;
use crate::access::{Explanation, Portrait, Principal, Surface};
use crate::catalog::{Catalog, RowFate};
use crate::model::Language;

/// `guichet why`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Why {
    /// Who: anonymous, key:ID, member:ID, organisation:ID or group:ID
    pub principal: String,
    /// Collection id
    pub layer: String,
    /// Id of a feature, as the source has it: says what each slice makes of it
    pub feature: Option<String>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// Explains.
pub(super) fn run(why: &Why) -> anyhow::Result<()> {
    let desk = Desk::open(&why.at)?;
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
    for (surface, portraits) in explanation.surfaces.iter().zip(&explanation.portraits) {
        let layer = &explanation.collection;
        let fates = catalogue
            .explain_row(principal, layer, *surface, id)
            .with_context(|| format!("{layer} has no feature with the id {id:?}"))?;
        let view = explanation.view.on(*surface);
        let words: Vec<String> = if view.is_everything() {
            vec!["shown whole: everything is".to_owned()]
        } else if fates.is_empty() {
            vec!["not shown: nothing is".to_owned()]
        } else {
            fates
                .iter()
                .zip(portraits)
                .enumerate()
                .map(|(i, (f, p))| of_slice(i, *f, p))
                .collect()
        };
        let line = format!("{id} in {}: {}", name(*surface), words.join("; "));
        found.push((json!({ "surface": name(*surface), "slices": words }), line));
    }
    Ok(found)
}

/// What a slice makes of a feature. Slices are numbered as in the explanation, from 1.
fn of_slice(place: usize, fate: RowFate, portrait: &Portrait) -> String {
    let as_what = match &portrait.precision {
        Some(p) => format!("counted in a cell of {} m", p.grid_m),
        None if portrait.attributes.is_empty() => "shown without properties".to_owned(),
        None => format!("shown with {}", portrait.attributes.join(", ")),
    };
    let n = place + 1;
    match fate {
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
