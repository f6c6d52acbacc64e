//! Terms brought to types that can be compared, and what is constant computed at once.

use std::cmp::Ordering;

use super::ast::{Expr, Node};
use super::compare::compare;
use super::evaluate::{self, NoCells};
use super::fault::{Fault, FaultKind};
use super::functions;
use super::instant::parse_instant;
use super::term::{Predicate, Term};
use super::value::{Type, Value};
use crate::model::DataType;
use crate::model::temporal::{Date, DateTime, Zone};

pub(super) fn type_of(data_type: DataType) -> Type {
    match data_type {
        DataType::Boolean => Type::Bool,
        DataType::Integer | DataType::Number => Type::Number,
        DataType::String => Type::Text,
        DataType::Date => Type::Date,
        DataType::DateTime => Type::Timestamp,
        DataType::Json => Type::Array,
    }
}

/// The members of a list in order, if there are any and all are constants of the type that is looked for. (Days among instants are compared in another way
/// with each.)
pub(super) fn value_set(
    members: &[Term],
    term: &Term,
    wanted: Type,
) -> Option<Vec<Value<'static>>> {
    let fits = |v: &&Value<'_>| match (wanted, term) {
        (Type::Date, _) => matches!(v, Value::Date(_)),
        (Type::Timestamp, Term::Civil(_)) => false,
        (Type::Timestamp, _) => matches!(v, Value::Timestamp(_)),
        _ => !v.is_null(),
    };
    let mut set = members
        .iter()
        .map(|m| m.constant().filter(fits).cloned())
        .collect::<Option<Vec<_>>>()?;
    // Nothing is in an empty list, NULL neither: no lookup says so.
    if set.is_empty() {
        return None;
    }
    set.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
    Some(set)
}

/// Bytes of the texts that a term gives, roughly: those of properties are short, and functions that join texts have a ceiling.
pub(super) fn text_bytes(term: &Term) -> u64 {
    match term {
        Term::Constant(Value::Text(text)) => text.len() as u64,
        Term::Column(_) => 40,
        Term::Fold(_, inner) => text_bytes(inner),
        Term::Call(function, _) if function.returns != Type::Text => 0,
        Term::Call(function, terms) => {
            let longest = functions::LONGEST as u64;
            let bytes = match (function.name, &terms[..]) {
                // Each byte may make way for all of the new text.
                ("replace", [text, _, by]) => {
                    text_bytes(text).saturating_mul(text_bytes(by).max(1))
                }
                _ => terms.iter().map(text_bytes).sum(),
            };
            bytes.min(longest)
        }
        _ => 0,
    }
}

/// A text that is compared with a day or an instant is read as one, if it is one: the abstract test
/// `/conf/advanced-comparison-operators/in` asks for `IN ('2022-04-14', …)`.
fn read_moment(expr: &Expr, term: (Term, Type), other: Type) -> (Term, Type) {
    let Node::Text(text) = &expr.node else {
        return term;
    };
    if !matches!(other, Type::Date | Type::Timestamp) {
        return term;
    }
    if let Some(date) = Date::parse(text) {
        (Term::Constant(Value::Date(date.0)), Type::Date)
    } else if let Some(us) = parse_instant(text).or_else(|| civil(text)) {
        (Term::Constant(Value::Timestamp(us)), Type::Timestamp)
    } else {
        term
    }
}

/// A date-time without a zone, as values without one are shown: microseconds on its clock.
fn civil(text: &str) -> Option<i64> {
    let read = DateTime::parse(text, |_| 0)?;
    matches!(read.style.zone, Zone::Naive(_)).then_some(read.instant_us)
}

/// True for a text that is a date-time without a zone.
fn is_civil(expr: &Expr) -> bool {
    matches!(&expr.node, Node::Text(text) if civil(text).is_some())
}

pub(super) fn has_days(term: &Term) -> bool {
    match term {
        Term::Interval { days, .. } => *days,
        Term::Constant(Value::Interval(interval)) => interval.days,
        _ => false,
    }
}

/// Two scalars brought to types that can be compared.
pub(super) fn matched(
    (left, a): (&Expr, (Term, Type)),
    (right, b): (&Expr, (Term, Type)),
) -> Result<[Term; 2], Fault> {
    let type_b = b.1;
    let (a, type_a) = read_moment(left, a, type_b);
    let (b, type_b) = read_moment(right, b, type_a);
    let types = [type_a, type_b];
    let moments = [Type::Date, Type::Timestamp];
    if type_a != type_b && !types.iter().all(|t| moments.contains(t)) {
        return Err(Fault::new(
            right.at,
            FaultKind::Incomparable(type_a, type_b),
        ));
    }
    // Days, and instants without a zone, are told by the clock by which a value was written.
    let by_the_clock = types.contains(&Type::Date) || is_civil(left) || is_civil(right);
    Ok(if types.contains(&Type::Timestamp) && by_the_clock {
        [a.by_the_clock(), b.by_the_clock()]
    } else {
        [a, b]
    })
}

/// The value of a term that needs no row, at once.
pub(super) fn computed(term: Term) -> Term {
    if !term.is_free() {
        return term;
    }
    Term::Constant(owned(evaluate::value(&term, &NoCells)))
}

/// The truth of a predicate that needs no row, at once.
pub(super) fn settle(predicate: Predicate) -> Predicate {
    let mut needs_row = false;
    predicate.columns(&mut |_| needs_row = true);
    if needs_row {
        predicate
    } else {
        Predicate::Known(evaluate::truth(&predicate, &NoCells))
    }
}

fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Bool(b) => Value::Bool(b),
        Value::Int(i) => Value::Int(i),
        Value::Float(f) => Value::Float(f),
        Value::Text(text) => Value::Text(text.into_owned().into()),
        Value::Date(day) => Value::Date(day),
        Value::Timestamp(us) => Value::Timestamp(us),
        Value::Interval(interval) => Value::Interval(interval),
        Value::Geometry(shape) => Value::Geometry(shape),
        Value::Array(values) => Value::Array(values.into_iter().map(owned).collect()),
    }
}
