//! The form above the table of items: what is in it now, and what is wrong with it.

use super::context::Context;
use super::examples;
use super::language;
use super::model::{FilterBox, FormFault, ItemsForm, Mark};
use super::routes::Route;
use super::texts;
use crate::catalog::VisibleLayer;
use crate::features::{FILTER_LANGUAGES, Fault, FaultKind};

/// Fields of the form that may be left empty.
pub(super) const OPTIONAL: [&str; 4] = ["bbox", "datetime", "filter", "limit"];
/// Parameters that the form sends anew, or that a change of it makes wrong.
const OWN: [&str; 6] = ["bbox", "datetime", "filter", "limit", "cursor", "offset"];
/// Characters of a filter that are shown on either side of what is wrong with it.
const AROUND: usize = 120;

/// The form of a request; `limit` is the page length in force.
pub(super) fn form(
    context: &Context,
    layer: &VisibleLayer,
    limit: u32,
    faults: &[Fault],
) -> ItemsForm {
    let given = |name: &str| {
        let pair = context.pairs.iter().find(|(n, _)| n == name);
        pair.map_or_else(String::new, |(_, v)| v.clone())
    };
    let faulty = |name: &str| faults.iter().any(|f| f.parameter == name);
    let mut kept: Vec<_> = context
        .changed(&OWN.map(|n| (n, None)))
        .into_iter()
        // Sent again, it would be refused again.
        .filter(|(n, _)| !faulty(n))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    if let Some(l) = context.base.language() {
        kept.push(("lang".to_owned(), language::tag(l).to_owned()));
    }
    let base = context.base.clone().with_language(None);
    ItemsForm {
        action: base.path(Route::Items(layer.id()), &[]),
        bbox: given("bbox"),
        datetime: layer.time_field().map(|_| given("datetime")),
        filter: filter_box(context, layer, given("filter"), given("filter-lang")),
        limit: limit.into(),
        limit_max: context.api.settings.page_rows.into(),
        kept,
        faults: faults.iter().map(|f| told(f, context)).collect(),
    }
}

fn filter_box(
    context: &Context,
    layer: &VisibleLayer,
    text: String,
    language: String,
) -> FilterBox {
    let schema = layer.schema();
    let geometry = (!schema.geometry_kinds.is_empty()).then(|| schema.geometry_name());
    let fields = schema.fields.iter();
    let names = fields
        .map(|f| (examples::name(&f.name), f.title.clone()))
        .chain(geometry.map(|g| (examples::name(g), None)));
    let known = FILTER_LANGUAGES.contains(&language.as_str());
    FilterBox {
        text,
        language: if known {
            language
        } else {
            FILTER_LANGUAGES[0].to_owned()
        },
        example: examples::of_items(layer).pop(),
        names: names.collect(),
        queryables: context.base.path(Route::Queryables(layer.id()), &[]),
    }
}

fn told(fault: &Fault, context: &Context) -> FormFault {
    let mark = match &fault.kind {
        FaultKind::Cql2 { fault, text } => Some(mark(text, fault.range(text))),
        _ => None,
    };
    FormFault {
        parameter: texts::quotable(&fault.parameter),
        sentence: texts::fault_of_field(fault, context.language),
        mark,
    }
}

fn mark(text: &str, range: std::ops::Range<usize>) -> Mark {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let from = before.char_indices().rev().nth(AROUND).map(|(at, _)| at);
    let to = after.char_indices().nth(AROUND).map(|(at, _)| at);
    Mark {
        before: from.map_or_else(|| before.to_owned(), |at| format!("…{}", &before[at..])),
        part: texts::quotable(&text[range]),
        after: to.map_or_else(|| after.to_owned(), |at| format!("{}…", &after[..at])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_shown_with_what_stands_around_it() {
        let text = "nom = é AND";
        let whole = mark(text, 6..8);
        assert_eq!(
            (&*whole.before, &*whole.part, &*whole.after),
            ("nom = ", "é", " AND")
        );
        let end = mark(text, text.len()..text.len());
        assert_eq!((&*end.before, &*end.part, &*end.after), (text, "", ""));
        let long = "é".repeat(1000);
        let middle = mark(&long, 500..502);
        assert_eq!(middle.before.chars().count(), AROUND + 2);
        assert_eq!(middle.after.chars().count(), AROUND + 1);
        assert!(mark(&long, 0..2000).part.chars().count() <= 101);
    }
}
