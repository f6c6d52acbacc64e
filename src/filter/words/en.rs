//! English.

use super::{Expected, Fault, FaultKind, Hint, Type, bytes, cut};
use crate::filter::fault::GeometryFault;

pub(super) fn describe(fault: &Fault) -> String {
    match &fault.kind {
        FaultKind::Expected { expected, found } => token(*expected, found),
        FaultKind::Unclosed(sign) => unclosed(*sign),
        FaultKind::Number(text) => format!(
            "{} is no number that a double holds. Write it like 12, -0.5 or 1.5e3.",
            quoted(text)
        ),
        FaultKind::Date(text) => format!(
            "{} is no day of the calendar. Write it YYYY-MM-DD, like 2024-02-29.",
            quoted(text)
        ),
        FaultKind::Timestamp(text) => format!(
            "{} is no instant. Write it in UTC with a Z at its end, like 2024-02-29T12:00:00Z.",
            quoted(text)
        ),
        FaultKind::IntervalOrder => {
            "this interval ends before it starts. Exchange its ends.".to_owned()
        }
        FaultKind::Geometry(fault) => geometry(*fault).to_owned(),
        FaultKind::BoxCount(count) => format!(
            "a box has four numbers, or six with heights; this one has {count}. Write its lower corner, then its upper one."
        ),
        FaultKind::BoxOrder(axis) => format!(
            "on axis {axis} the second corner of the box lies below the first. Write the lower corner first, with the axes in the order of the CRS."
        ),
        FaultKind::OutOfCrs(text) => format!(
            "{} lies outside of the filter's CRS. Check the order of the axes, and filter-crs.",
            quoted(text)
        ),
        FaultKind::Json(text) => format!(
            "{} is no JSON here. Texts and names of members stand in \"double quotes\"; the words are true and false.",
            quoted(text)
        ),
        FaultKind::UnknownMember { name, near } => unknown(
            &format!("the member {} has no meaning in this object", quoted(name)),
            near.as_deref(),
            "Take it out",
        ),
        FaultKind::RepeatedMember(name) => format!(
            "the member {} is there twice. Keep one of them.",
            quoted(name)
        ),
        FaultKind::UnknownFunction { name, near } => function(name, near.as_deref()),
        FaultKind::ArgumentCount {
            name,
            least,
            most,
            found,
        } => arguments(name, *least, *most, *found),
        FaultKind::UnknownProperty { name, near } => property(fault, name, near.as_deref()),
        FaultKind::Untyped(name) => format!(
            "the values of {} are of no single type. Only IS NULL and the functions A_EQUALS, A_CONTAINS, A_CONTAINEDBY and A_OVERLAPS can look at them.",
            quoted(name)
        ),
        FaultKind::TypeMismatch { expected, found } => mismatch(expected, *found),
        FaultKind::Incomparable(a, b) => {
            let sentence = format!("{} and {} cannot be compared.", of(*a), of(*b));
            hinted(sentence, Hint::of_type(*a, *b).or(Hint::of_type(*b, *a)))
        }
        FaultKind::InstantNotInterval => "this function compares intervals, and an instant is none. Write INTERVAL(start, end), or use T_AFTER, T_BEFORE, T_DISJOINT, T_EQUALS or T_INTERSECTS.".to_owned(),
        FaultKind::NoTransform => "geometries in the filter's CRS cannot be brought together with those of this collection. Use another filter-crs: the collection lists its CRS.".to_owned(),
        FaultKind::TooLong(_)
        | FaultKind::TooDeep(_)
        | FaultKind::TooManyNodes(_)
        | FaultKind::TooManyVertices(_)
        | FaultKind::TooCostly { .. } => ceiling(&fault.kind),
    }
}

fn ceiling(kind: &FaultKind) -> String {
    match kind {
        FaultKind::TooLong(most) => {
            let (size, kib) = bytes(*most);
            let unit = if kib { "KiB" } else { "bytes" };
            format!(
                "the filter is longer than {size} {unit}. Shorten its lists, or simplify its geometries."
            )
        }
        FaultKind::TooDeep(most) => format!(
            "more than {most} levels of brackets, operators or functions stand inside of each other here. Write it flatter, for example with IN."
        ),
        FaultKind::TooManyNodes(most) => format!(
            "the filter has more than {most} parts. Shorten its lists, or ask in several requests."
        ),
        FaultKind::TooManyVertices(most) => format!(
            "the geometries of the filter have more than {most} vertices together. Simplify them."
        ),
        FaultKind::TooCostly { cost, most } => format!(
            "the filter costs too much on every row (estimate {cost}, at most {most}). Use fewer conditions and functions on it, shorter lists and texts, simpler geometries."
        ),
        // `describe` sends only ceilings here.
        _ => String::new(),
    }
}

fn token(expected: Expected, found: &str) -> String {
    let wanted = match expected {
        Expected::Predicate => "a condition (such as a comparison)".to_owned(),
        Expected::Value => "a value (a property, a literal, a function)".to_owned(),
        Expected::Operator => "a comparison (=, <>, <, >, <=, >=), LIKE, IN, BETWEEN or IS NULL".to_owned(),
        Expected::Token(signs) => format!("“{}”", signs.replace(' ', "” or “")),
        Expected::End => "the end of the filter".to_owned(),
        Expected::Number => "a number".to_owned(),
        Expected::Text => "a text".to_owned(),
        Expected::Geometry => "a geometry".to_owned(),
        Expected::Bound => "a date, an instant, a property, a function or '..'".to_owned(),
        Expected::Member(name) => return format!("this object needs a member “{name}”."),
        Expected::JsonExpression => "an object (with \"op\" and \"args\", or with \"property\", \"date\", \"timestamp\", \"interval\" or \"bbox\", or a geometry)".to_owned(),
    };
    let sentence = if found.is_empty() {
        format!("the filter ends where {wanted} is expected.")
    } else {
        format!("{wanted} is expected here, not {}.", quoted(found))
    };
    hinted(sentence, Hint::of_token(expected, found))
}

fn unclosed(sign: char) -> String {
    match sign {
        '\'' => "this text has no closing quote '. Inside of a text a quote is written twice: 'l''Isle'.".to_owned(),
        '"' => "double quotes open here and do not close. Write \" at the end.".to_owned(),
        '(' => "this bracket is not closed. Write ) at the end of what it holds.".to_owned(),
        other => format!("{} opens something here that has no end.", quoted(&other.to_string())),
    }
}

fn geometry(fault: GeometryFault) -> &'static str {
    match fault {
        GeometryFault::RingNotClosed => {
            "this ring is not closed. Repeat its first vertex at its end."
        }
        GeometryFault::RingTooShort => {
            "a ring has four vertices at least, the last one equal to the first."
        }
        GeometryFault::LineTooShort => "a line has two vertices at least.",
        GeometryFault::MixedDimensions => {
            "some vertices have a height and others have none. Give all of them one, or none."
        }
        GeometryFault::Position => "a position has two numbers, or three with a height.",
        GeometryFault::NotFinite => "a coordinate is no finite number.",
        GeometryFault::Kind => {
            "this is no kind of geometry. There are Point, LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon and GeometryCollection."
        }
    }
}

fn arguments(name: &str, least: usize, most: usize, found: usize) -> String {
    let wanted = match (least, most) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "one argument".to_owned(),
        (n, usize::MAX) => format!("{n} arguments or more"),
        (n, m) if n == m => format!("{n} arguments"),
        (n, m) => format!("{n} to {m} arguments"),
    };
    let found = match found {
        0 => "none".to_owned(),
        n => n.to_string(),
    };
    format!("{} takes {wanted}, and here it has {found}.", quoted(name))
}

fn function(name: &str, near: Option<&str>) -> String {
    let sentence = format!("there is no function {}", quoted(name));
    match Hint::of_sign(name) {
        None => unknown(
            &sentence,
            near,
            "The functions are listed in the documentation of this service",
        ),
        hint => hinted(format!("{sentence}."), hint),
    }
}

fn property(fault: &Fault, name: &str, near: Option<&str>) -> String {
    let sentence = format!("{} is no property of this collection", quoted(name));
    match near {
        Some(_) => unknown(&sentence, near, ""),
        None if fault.is_quoted_name(name) => format!(
            "{sentence}. Double quotes are for names: a text is written '{}', in single quotes.",
            cut(name)
        ),
        None if fault.is_bare_name(name) => format!(
            "{sentence}. If a text is meant, write '{}', in single quotes; the properties are listed under queryables.",
            cut(name)
        ),
        None => format!("{sentence}. Its properties are listed under queryables."),
    }
}

/// “…; did you mean …?”, or the other advice.
fn unknown(sentence: &str, near: Option<&str>, advice: &str) -> String {
    match near {
        Some(near) => format!("{sentence}; did you mean {}?", quoted(near)),
        None => format!("{sentence}. {advice}."),
    }
}

fn mismatch(expected: &[Type], found: Type) -> String {
    let names: Vec<&str> = expected.iter().map(|t| of(*t)).collect();
    let names = match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "another value".to_owned(),
    };
    let sentence = format!("{names} is expected here, not {}.", of(found));
    let hint = expected.iter().find_map(|t| Hint::of_type(*t, found));
    hinted(sentence, hint)
}

fn of(value: Type) -> &'static str {
    match value {
        Type::Bool => "a truth value",
        Type::Number => "a number",
        Type::Text => "a text",
        Type::Date => "a date",
        Type::Timestamp => "an instant",
        Type::Interval => "an interval",
        Type::Geometry => "a geometry",
        Type::Array => "an array",
    }
}

fn hinted(sentence: String, hint: Option<Hint>) -> String {
    let hint = match hint {
        None => return sentence,
        Some(Hint::Text) => "A text is written 'in single quotes' (in JSON \"in double quotes\").",
        Some(Hint::Number) => "A number is written without quotes.",
        Some(Hint::Time) => {
            "A date is written DATE('2024-02-29'), an instant TIMESTAMP('2024-02-29T12:00:00Z')."
        }
        Some(Hint::Interval) => {
            "An interval is written INTERVAL('2024-01-01', '2024-12-31'); '..' leaves an end open."
        }
        Some(Hint::Geometry) => {
            "A geometry is the name of the geometry property, or written like POINT(5.4 43.5) (in JSON as GeoJSON)."
        }
        Some(Hint::Array) => "An array is written ('a', 'b') (in JSON [\"a\", \"b\"]).",
        Some(Hint::Condition) => {
            "A condition compares something: name = 'Aix', floors > 5, name IS NULL."
        }
        Some(Hint::Equality) => "Equality is written =, its opposite <>.",
        Some(Hint::Words) => "Conditions are joined with AND, OR and NOT.",
        Some(Hint::Null) => {
            "Whether a value is missing is asked with IS NULL (in JSON \"isNull\")."
        }
    };
    format!("{sentence} {hint}")
}

fn quoted(text: &str) -> String {
    format!("“{}”", cut(text))
}
