//! `source` of a layer: the file, and what the file does not say of itself.

use std::path::PathBuf;

use toml::de::DeValue;

use super::node::Node;

/// Where a layer's features come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Which layer of a file that has several.
    pub layer: Option<String>,
    /// The CRS of the coordinates (`EPSG:2154`), where the file names none or a wrong one.
    pub crs: Option<String>,
    /// Encoding of its text (`windows-1252`), where the file does not say.
    pub encoding: Option<String>,
    /// What separates the columns of a text table.
    pub delimiter: Option<char>,
    /// Column of the eastward coordinate in a text table.
    pub x: Option<String>,
    /// Column of the northward coordinate in a text table.
    pub y: Option<String>,
    /// Column of the geometry, as WKT or GeoJSON, in a text table.
    pub geometry: Option<String>,
    /// Take what can be read of a damaged file, with a warning, where it would be refused.
    pub partial: bool,
}

/// The keys of the table, for hints where one is written a level too high.
pub(super) const KEYS: [&str; 9] = [
    "path",
    "layer",
    "crs",
    "encoding",
    "delimiter",
    "x",
    "y",
    "geometry",
    "partial",
];

/// Reads a path, or a table with a path; `resolve` finds a path relative to the file.
pub(super) fn read(node: &Node<'_>, resolve: impl Fn(&str) -> PathBuf) -> Option<Source> {
    if let DeValue::String(_) = node.value.get_ref() {
        return Some(Source::of_file(resolve(&node.string()?)));
    }
    let DeValue::Table(_) = node.value.get_ref() else {
        return node
            .wrong("a path or a table such as { path = \"communes.gpkg\", layer = \"communes\" }");
    };
    let t = node.table("source")?;
    let path = t.need_string("path", "which file is it?");
    let [x, y] = ["x", "y"].map(|key| t.string(key));
    if x.is_some() != y.is_some() {
        t.fault("source has only one of \"x\" and \"y\": name both columns");
    }
    let source = Source {
        layer: t.string("layer"),
        crs: t.string("crs"),
        encoding: t.string("encoding"),
        delimiter: t.get("delimiter").and_then(|n| delimiter(&n)),
        geometry: t.string("geometry"),
        partial: t.get("partial").and_then(|n| n.boolean()).unwrap_or(false),
        x,
        y,
        path: path.as_deref().map(resolve).unwrap_or_default(),
    };
    t.finish();
    path.map(|_| source)
}

impl Source {
    /// A file that says everything of itself.
    pub fn of_file(path: PathBuf) -> Self {
        Self {
            path,
            layer: None,
            crs: None,
            encoding: None,
            delimiter: None,
            x: None,
            y: None,
            geometry: None,
            partial: false,
        }
    }
}

fn delimiter(node: &Node<'_>) -> Option<char> {
    // Not `string()`: a tab is a delimiter, and blank.
    let DeValue::String(text) = node.value.get_ref() else {
        return node.wrong("one character in quotes");
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(c),
        _ => node.wrong("one character, such as \";\" or \"\\t\""),
    }
}
