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
        // PROJ writes no identifier on the components of a system that has its own.
        "CompoundCRS" => {
            return identify_value(value.get("components")?.get(0)?).or_else(|| identified(value));
        }
        "BoundCRS" => return identify_value(value.get("source_crs")?),
        "ProjectedCRS" => true,
        "GeographicCRS" | "GeodeticCRS" => false,
        _ => return None,
    };
    let crs = identified(value)?;
    (crs.is_geographic() != projected).then_some(crs)
}

/// The system of the value's own identifier.
fn identified(value: &Value) -> Option<Crs> {
    let (authority, code) = identifier(value)?;
    from_authority_code(authority, &code)?.ok()
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
