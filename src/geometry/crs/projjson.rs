//! PROJJSON (the JSON form of WKT 2, written by GeoParquet) → the system it stands for.

use super::Crs;
use super::parse::from_authority_code;
use serde_json::Value;

/// See [`Crs::from_wkt`]. Definitions without an identifier are not guessed at.
pub(super) fn identify(text: &str) -> Option<Crs> {
    identify_value(&serde_json::from_str(text).ok()?)
}

/// See [`super::describe_wkt`].
pub(super) fn describe(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let name = value.get("name")?.as_str()?;
    Some(match identifier(&value) {
        Some((authority, code)) => format!("{name} ({authority}:{code})"),
        None => name.to_owned(),
    })
}

fn identify_value(value: &Value) -> Option<Crs> {
    let projected = match value.get("type")?.as_str()? {
        "CompoundCRS" => return identify_value(value.get("components")?.get(0)?),
        "BoundCRS" => return identify_value(value.get("source_crs")?),
        "ProjectedCRS" => true,
        "GeographicCRS" | "GeodeticCRS" => false,
        _ => return None,
    };
    let (authority, code) = identifier(value)?;
    let crs = from_authority_code(authority, &code)?.ok()?;
    (crs.is_geographic() != projected).then_some(crs)
}

/// `id`, or the last of `ids`; codes are numbers or strings.
fn identifier(value: &Value) -> Option<(&str, String)> {
    let id = value
        .get("id")
        .or_else(|| value.get("ids")?.as_array()?.last())?;
    let code = match id.get("code")? {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    Some((id.get("authority")?.as_str()?, code))
}
