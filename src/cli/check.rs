//! `guichet check`: reads sources as the server would and reports, without serving.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::discover;
use super::progress::Progress;
use super::publish::{self, Loader, Outcome, Published};
use crate::catalog::{Catalog, Platform, Principal, Surface, VisibleLayer};
use crate::config::Limits;
use crate::ingest::{IngestLimits, Report};

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// `[[layer]]` blocks to paste.
    Toml,
}

#[derive(Serialize)]
struct Checked<'a> {
    id: &'a str,
    report: &'a Report,
    extent: Option<[f64; 4]>,
    geometry: Vec<&'static str>,
    fields: Vec<(&'a str, &'static str)>,
    feature_id: &'static str,
}

/// Checks `paths`. True if every layer can be served, and every file of a folder whose name promises one.
pub(super) fn check(
    paths: &[PathBuf],
    style: Style,
    limits: &IngestLimits,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let found = discover::discover(paths, limits, Limits::default().layers)?;
    let loader = Loader {
        secret: [0; 32],
        time_zone: jiff::tz::TimeZone::UTC,
        limits: *limits,
        snapshots: None,
        progress: &Progress::Silent,
    };
    let outcome = loader.publish(found.plans, &Outcome::default());
    let entries = outcome.layers.values().map(|p| p.entry.clone()).collect();
    let catalogue = Catalog::new(Platform::default(), Vec::new(), entries);
    let visible = catalogue.visible(&Principal::Anonymous, Surface::Items);
    let pairs = || outcome.layers.values().zip(&visible);
    match style {
        Style::Json => {
            let layers: Vec<Checked<'_>> = pairs().map(|(p, v)| checked(p, v)).collect();
            let failed: Vec<_> = outcome
                .failed
                .iter()
                .map(|(id, e)| serde_json::json!({ "id": id, "error": e }))
                .collect();
            let skipped: Vec<&str> = found.skipped.iter().map(|s| s.reason.as_str()).collect();
            let document =
                serde_json::json!({ "layers": layers, "refused": failed, "skipped": skipped });
            writeln!(out, "{document:#}")?;
        }
        Style::Toml => {
            for (p, v) in pairs() {
                writeln!(out, "{}", toml_block(p, v))?;
            }
        }
        Style::Text => {
            for (p, v) in pairs() {
                writeln!(out, "{}", text(p, v))?;
            }
        }
    }
    if style != Style::Json {
        for (id, e) in &outcome.failed {
            eprintln!("{id}: refused: {e}");
        }
        for skipped in &found.skipped {
            eprintln!("skipped: {}", skipped.reason);
        }
    }
    Ok(outcome.failed.is_empty() && !found.skipped.iter().any(|s| s.fault))
}

fn checked<'a>(published: &'a Published, visible: &'a VisibleLayer) -> Checked<'a> {
    Checked {
        id: visible.id(),
        report: &published.report,
        extent: visible
            .extent_crs84()
            .map(|b| [b.min[0], b.min[1], b.max[0], b.max[1]]),
        geometry: visible
            .schema()
            .geometry_kinds
            .iter()
            .map(|k| k.name())
            .collect(),
        fields: visible
            .schema()
            .fields
            .iter()
            .map(|f| (f.name.as_str(), f.data_type.name()))
            .collect(),
        feature_id: visible.id_stability().name(),
    }
}

fn text(published: &Published, visible: &VisibleLayer) -> String {
    let c = checked(published, visible);
    let mut text = format!(
        "{} ({})\n  {}",
        c.id,
        c.report.format,
        publish::summary(c.report)
    );
    if !c.geometry.is_empty() {
        let _infallible = write!(text, "\n  geometry: {}", c.geometry.join(", "));
    }
    if let Some([w, s, e, n]) = c.extent {
        let _infallible = write!(text, "\n  extent: {w:.5} {s:.5} {e:.5} {n:.5}");
    }
    let _infallible = write!(text, "\n  ids: {}", c.feature_id);
    for (name, data_type) in c.fields {
        let _infallible = write!(text, "\n  - {name}: {data_type}");
    }
    for (code, faults) in &c.report.codes {
        let _infallible = write!(text, "\n  ! {}: {}", code.name(), faults.example);
    }
    text
}

/// A block that declares what is computed today: a restricted layer has to declare it, so that nothing of it is inferred from rows.
fn toml_block(published: &Published, visible: &VisibleLayer) -> String {
    let path = published.source_path().display().to_string();
    let quoted = |s: &str| serde_json::Value::from(s).to_string();
    let mut block = format!(
        "[[layer]]\nid = {}\nsource = {{ path = {}{}, crs = {} }}\naccess = \"restricted\"   # or \"open\"\n",
        quoted(visible.id()),
        quoted(&path),
        published
            .source_layer()
            .map(|l| format!(", layer = {}", quoted(l)))
            .unwrap_or_default(),
        quoted(&visible.storage_crs().name()),
    );
    let (first, last) = visible.tile_zooms();
    let _infallible = writeln!(block, "tiles = {{ min_zoom = {first}, max_zoom = {last} }}");
    let candidates: Vec<&str> = unique_fields(visible);
    if let Some(first) = candidates.first() {
        let _infallible = writeln!(
            block,
            "feature_id = {}   # unique: {}",
            quoted(first),
            candidates.join(", ")
        );
    }
    for field in &visible.schema().fields {
        let _infallible = writeln!(
            block,
            "[layer.fields.{}]\ntype = {}",
            quoted(&field.name),
            quoted(field.data_type.name())
        );
    }
    block
}

/// Integer and text properties that have a value in every row, never twice.
fn unique_fields(visible: &VisibleLayer) -> Vec<&str> {
    use crate::model::ValueRef;
    let unique = |field: usize| {
        let mut seen = std::collections::HashSet::new();
        let mut all = true;
        visible.scan(&crate::catalog::Scan::default(), &mut |row| {
            all = match row.value(field) {
                ValueRef::Int(i) => seen.insert(i.to_string()),
                ValueRef::Text(t) => !t.is_empty() && seen.insert(t.to_owned()),
                _ => false,
            };
            if all {
                std::ops::ControlFlow::Continue(())
            } else {
                std::ops::ControlFlow::Break(())
            }
        });
        all && visible.feature_count() > 0
    };
    let fields = &visible.schema().fields;
    (0..fields.len())
        .filter(|i| unique(*i))
        .map(|i| fields[i].name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::{Access, Config};

    fn checked_as(style: Style, path: &Path) -> (bool, String) {
        let mut out = Vec::new();
        let limits = IngestLimits::default();
        let good = check(&[path.to_owned()], style, &limits, &mut out).unwrap();
        (good, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_printed_block_loads_as_a_restricted_layer() {
        let source = Path::new("data/capteurs.fgb");
        let (good, block) = checked_as(Style::Toml, source);
        assert!(good);
        let file = std::env::current_dir().unwrap().join("guichet.toml");
        let config = Config::from_text(&block, &file, "var".into(), None).unwrap();
        let [layer] = &config.layers[..] else {
            panic!("one block gives {} layers", config.layers.len())
        };
        assert_eq!(layer.access, Access::Restricted);
        assert!(layer.source.path.ends_with(source));
        assert!(layer.tiles.min_zoom.unwrap() <= layer.tiles.max_zoom.unwrap());
        assert!(!layer.fields.is_empty());
        publish::plan(&config, layer).expect("its CRS is known");
    }

    #[test]
    fn a_file_that_promises_a_layer_and_is_none_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        fs::copy("data/capteurs.fgb", folder.path().join("good.fgb")).unwrap();
        fs::write(folder.path().join("package.json"), "{\"name\": \"x\"}").unwrap();
        assert!(checked_as(Style::Json, folder.path()).0);
        fs::write(folder.path().join("bad.gpkg"), "no database").unwrap();
        let (good, report) = checked_as(Style::Json, folder.path());
        assert!(!good);
        assert!(report.contains("bad.gpkg"), "{report}");
    }
}
