//! Where an answer leads: links of documents and pages, addresses of tiles.

use crate::publish::BASE;

/// The items of a collection in the CRS of its source.
pub fn in_storage_crs(collection: &serde_json::Value) -> Option<String> {
    let crs = collection["storageCrs"].as_str()?;
    let links = collection["links"].as_array()?;
    let items = links.iter().find(|l| {
        l["rel"] == "items" && l["href"].as_str().is_some_and(|h| h.contains("f=json"))
    })?;
    Some(format!(
        "{}&crs={}",
        items["href"].as_str()?,
        crate::requests::encoded(crs)
    ))
}

/// Addresses of tiles with variables.
pub fn templates(document: &serde_json::Value, found: &mut dyn FnMut(&str)) {
    match document {
        serde_json::Value::String(text) if text.starts_with(BASE) && text.contains(".mvt") => {
            found(text);
        }
        serde_json::Value::Array(all) => all.iter().for_each(|v| templates(v, found)),
        serde_json::Value::Object(all) => all.values().for_each(|v| templates(v, found)),
        _ => {}
    }
}

/// Values of attributes of a page that look like addresses, those within values of JSON too.
pub fn attributes(html: &str) -> Vec<String> {
    let unescaped = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
            .replace("&#38;", "&")
    };
    let values = html
        .split("=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    values
        .map(unescaped)
        .flat_map(|value| value.split('"').map(str::to_owned).collect::<Vec<_>>())
        .filter(|value| (value.starts_with('/') || value.starts_with(BASE)) && !value.contains('{'))
        .collect()
}

/// A path without what it names, and its form.
pub fn kind(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<_> = path
        .split('/')
        .enumerate()
        .map(
            |(i, part)| match (i, part.trim_end_matches(".mvt").parse::<i32>()) {
                (4, _) if !path.contains("/tiles/") => "…",
                (_, Ok(_)) => "…",
                _ => part,
            },
        )
        .collect();
    let form = if query.contains("f=html") {
        " as HTML"
    } else {
        ""
    };
    parts.join("/") + form
}
