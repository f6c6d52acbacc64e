//! What a member of a body should have been, in words: read from the schema that the definition shows, so that both say the same.

use serde_json::Value;

use crate::api::texts::pick;
use crate::catalog::Language;
use crate::model::Words;

/// What stands at a path of a body (`layers[1]`, `scopes.max_zoom`), in words.
pub(super) fn expected(body: &Value, path: &str) -> Option<Words> {
    let path = path.replace('[', ".[");
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    let schema = steps.try_fold(body, below)?;
    let (fr, en) = (said(schema, Language::Fr), said(schema, Language::En));
    Some(Words::new(
        format!("il faut {fr}"),
        format!("it must be {en}"),
    ))
}

fn below<'a>(schema: &'a Value, step: &str) -> Option<&'a Value> {
    let own = if step.starts_with('[') {
        schema.get("items")
    } else {
        let named = schema.get("properties").and_then(|p| p.get(step));
        named.or_else(|| schema.get("additionalProperties").filter(|a| a.is_object()))
    };
    own.or_else(|| {
        let mut all = schema.get("oneOf")?.as_array()?.iter();
        all.find_map(|one| below(one, step))
    })
}

fn said(schema: &Value, l: Language) -> String {
    let own = if let Some(all) = schema["oneOf"].as_array() {
        let all: Vec<String> = all.iter().map(|one| said(one, l)).collect();
        all.join(pick(l, ", ou ", ", or "))
    } else if let Some(all) = schema["enum"].as_array() {
        let all: Vec<String> = all.iter().map(Value::to_string).collect();
        let of = if all.len() == 1 {
            ""
        } else {
            pick(l, "une des valeurs ", "one of ")
        };
        format!("{of}{}", all.join(", "))
    } else {
        of_type(schema, l)
    };
    match schema["nullable"].as_bool() {
        Some(true) => format!("{own}{}", pick(l, ", ou null", ", or null")),
        _ => own,
    }
}

fn of_type(schema: &Value, l: Language) -> String {
    match (schema["type"].as_str(), schema["example"].as_str()) {
        (Some("string"), Some(example)) if schema["format"] == "date-time" => {
            format!(
                "{} \"{example}\"",
                pick(l, "un instant tel que", "an instant such as")
            )
        }
        (Some("string"), Some(example)) => {
            format!(
                "{} \"{example}\"",
                pick(l, "un texte tel que", "a text such as")
            )
        }
        (Some("string"), None) => pick(l, "un texte", "a text").to_owned(),
        (Some("integer"), _) => match (&schema["minimum"], &schema["maximum"]) {
            (Value::Number(least), Value::Number(most)) => pick(
                l,
                format!("un nombre entier de {least} à {most}"),
                format!("a whole number from {least} to {most}"),
            ),
            (Value::Number(least), _) => pick(
                l,
                format!("un nombre entier, au moins {least}"),
                format!("a whole number, {least} at least"),
            ),
            _ => pick(l, "un nombre entier", "a whole number").to_owned(),
        },
        (Some("boolean"), _) => pick(l, "true ou false", "true or false").to_owned(),
        (Some("array"), _) => {
            let of = said(&schema["items"], l);
            pick(
                l,
                format!("une liste (chaque membre : {of})"),
                format!("a list (each member: {of})"),
            )
        }
        _ => {
            let names = schema["required"].as_array();
            let names: Vec<String> = names.into_iter().flatten().map(Value::to_string).collect();
            let object = pick(l, "un objet", "an object");
            match names.join(", ") {
                names if names.is_empty() => object.to_owned(),
                names => format!("{object} {} {names}", pick(l, "avec", "with")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes;
    use super::super::table::{Act, Kind};
    use super::*;

    #[test]
    fn what_is_expected_is_said_in_one_language() {
        let body = |act, kind| shapes::body(act, kind, Language::En).unwrap();
        let profile = body(Act::Create, Kind::Profiles);
        for (schema, path, fr, en) in [
            (
                &profile,
                "precision.grid_m",
                "il faut un nombre entier de 1 à 1000000",
                "it must be a whole number from 1 to 1000000",
            ),
            (
                &profile,
                "precision.aggregates.surface",
                "il faut une des valeurs \"sum\", \"mean\", \"min\", \"max\"",
                "it must be one of \"sum\", \"mean\", \"min\", \"max\"",
            ),
            (
                &profile,
                "area.mode",
                "il faut une des valeurs \"clip\", \"intersects\", \"within\"",
                "it must be one of \"clip\", \"intersects\", \"within\"",
            ),
            (
                &profile,
                "zooms",
                "il faut un objet avec \"min\", \"max\", ou null",
                "it must be an object with \"min\", \"max\", or null",
            ),
            (
                &body(Act::Change, Kind::Grants),
                "layers[1]",
                "il faut un texte tel que \"region-sud.parcelles\"",
                "it must be a text such as \"region-sud.parcelles\"",
            ),
            (
                &body(Act::Approve, Kind::Requests),
                "until",
                "il faut un instant tel que \"2027-06-30T22:00:00Z\", ou null",
                "it must be an instant such as \"2027-06-30T22:00:00Z\", or null",
            ),
        ] {
            assert_eq!(expected(schema, path), Some(Words::new(fr, en)), "{path}");
        }
        assert_eq!(expected(&profile, "nothing"), None);
    }
}
