//! `[basemap]`: the background of the maps on the pages.

use std::path::PathBuf;

use super::names::{Kind, reference};
use super::node::Node;
use super::platform::base_url;
use super::table::Table;

/// The background of the maps on the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Basemap {
    /// Nothing was said: the platform's own open layers.
    #[default]
    Own,
    /// These layers (collection ids), the first at the bottom.
    Layers(Vec<String>),
    /// A MapLibre style in a file. Its sources may say `guichet://`, which stands for the platform's own base URL.
    Style(PathBuf),
    /// A style of another host: the only case in which a page asks a foreign origin for anything.
    External {
        /// Its URL.
        url: String,
        /// Every origin that its tiles, glyphs and images come from, the style's own first.
        origins: Vec<String>,
    },
}

const ORIGINS: &str = "\"origins\" is for a style of another host (style = \"https://…\"), which [basemap] does not have";

/// Reads the table; `resolve` finds a path relative to the file.
pub(super) fn read(t: Table<'_>, resolve: impl Fn(&str) -> PathBuf) -> Basemap {
    let layers = t.get("layers");
    let style = t.get("style");
    let origins = t.get("origins");
    if let (Some(_), Some(style)) = (&layers, &style) {
        style.fault("[basemap] has both \"layers\" and \"style\": keep one of them");
    }
    let basemap = match (layers, style) {
        (_, Some(node)) => read_style(&node, origins.as_ref(), resolve),
        (Some(node), None) => Some(Basemap::Layers(references(&node))),
        (None, None) => None,
    };
    if let (None | Some(Basemap::Layers(_)), Some(node)) = (&basemap, &origins) {
        node.fault(ORIGINS);
    }
    t.finish();
    basemap.unwrap_or_default()
}

fn references(node: &Node<'_>) -> Vec<String> {
    let nodes = node.list().unwrap_or_default();
    nodes
        .iter()
        .filter_map(|n| reference(n, Kind::Layer))
        .collect()
}

fn read_style(
    node: &Node<'_>,
    origins: Option<&Node<'_>>,
    resolve: impl Fn(&str) -> PathBuf,
) -> Option<Basemap> {
    let text = node.string()?;
    if !text.contains("://") {
        if let Some(origins) = origins {
            origins.fault(ORIGINS);
        }
        return Some(Basemap::Style(resolve(&text)));
    }
    // A style's URL may carry a query, often with a key; its base may not.
    let base = text.split(['?', '#']).next().and_then(base_url);
    let Some(own) = base.and_then(origin).map(str::to_owned) else {
        node.wrong::<()>("the path of a style file or an http(s) address");
        return Some(Basemap::Own);
    };
    let mut all = vec![own];
    for other in origins.and_then(Node::list).unwrap_or_default() {
        let text = other.string();
        let Some(text) = text else { continue };
        match base_url(&text).filter(|base| origin(base) == Some(base)) {
            Some(base) => all.push(base.to_owned()),
            None => drop(
                other
                    .wrong::<()>("an origin such as \"https://tiles.example.org\", without a path"),
            ),
        }
    }
    Some(Basemap::External {
        url: text,
        origins: all,
    })
}

/// Scheme, host and port of a base URL.
fn origin(base: &str) -> Option<&str> {
    let host = base.find("://")? + 3;
    let end = base[host..]
        .find('/')
        .map_or(base.len(), |slash| host + slash);
    Some(&base[..end])
}
