//! Functions of texts. Characters are code points, counted from 1.

use std::borrow::Cow;

use super::{Argument, Function, LONGEST, argument, function, whole};
use crate::filter::value::{Type, Value};

const TEXT: &[Type] = &[Type::Text];
const ONE: &[Argument] = &[argument("text", TEXT)];
const PART: &[Argument] = &[argument("text", TEXT), argument("part", TEXT)];
const COUNT: &[Argument] = &[argument("text", TEXT), argument("count", &[Type::Number])];

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "upper",
        ["Le texte en majuscules.", "The text in capital letters."],
        ONE,
        Type::Text,
        60,
        |a| with(a, |t| Cow::Owned(t.to_uppercase())),
    ),
    function(
        "lower",
        ["Le texte en minuscules.", "The text in small letters."],
        ONE,
        Type::Text,
        60,
        |a| with(a, |t| Cow::Owned(t.to_lowercase())),
    ),
    function(
        "trim",
        [
            "Le texte sans les blancs du début et de la fin.",
            "The text without the white space at both ends.",
        ],
        ONE,
        Type::Text,
        10,
        |a| with(a, |t| part(t, trimmed(t))),
    ),
    function(
        "length",
        ["Le nombre de caractères.", "The number of characters."],
        ONE,
        Type::Number,
        10,
        |a| match a {
            [Value::Text(t)] => Value::Int(t.chars().count() as i64),
            _ => Value::Null,
        },
    ),
    function(
        "concat",
        [
            "Les textes mis bout à bout.",
            "The texts one after the other.",
        ],
        PART,
        Type::Text,
        60,
        concat,
    )
    .taking(2, 8),
    function(
        "substring",
        [
            "Les caractères à partir du rang donné (le premier est 1), tous ou autant que demandé.",
            "The characters from the given place on (the first is 1), all or as many as asked for.",
        ],
        &[
            argument("text", TEXT),
            argument("start", &[Type::Number]),
            argument("length", &[Type::Number]),
        ],
        Type::Text,
        20,
        substring,
    )
    .taking(2, 3),
    function(
        "left",
        ["Les premiers caractères.", "The first characters."],
        COUNT,
        Type::Text,
        15,
        |a| counted(a, |t, count| (0, place(t, count))),
    ),
    function(
        "right",
        ["Les derniers caractères.", "The last characters."],
        COUNT,
        Type::Text,
        15,
        |a| {
            counted(a, |t, count| {
                let all = t.chars().count();
                (place(t, all.saturating_sub(count)), t.len())
            })
        },
    ),
    function(
        "replace",
        [
            "Le texte où chaque occurrence de la partie est remplacée.",
            "The text with each occurrence of the part replaced.",
        ],
        &[
            argument("text", TEXT),
            argument("part", TEXT),
            argument("by", TEXT),
        ],
        Type::Text,
        100,
        replace,
    ),
    function(
        "starts_with",
        [
            "Vrai si le texte commence par cette partie.",
            "True if the text starts with this part.",
        ],
        PART,
        Type::Bool,
        5,
        |a| two(a, |t, part| t.starts_with(part)),
    ),
    function(
        "ends_with",
        [
            "Vrai si le texte finit par cette partie.",
            "True if the text ends with this part.",
        ],
        PART,
        Type::Bool,
        5,
        |a| two(a, |t, part| t.ends_with(part)),
    ),
    function(
        "contains",
        [
            "Vrai si le texte contient cette partie.",
            "True if this part occurs in the text.",
        ],
        PART,
        Type::Bool,
        30,
        |a| two(a, |t, part| t.contains(part)),
    ),
];

/// A stretch of a text, borrowed for as long as the text itself is.
fn part<'v>(text: &Cow<'v, str>, (start, end): (usize, usize)) -> Cow<'v, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
    }
}

fn with<'v>(
    arguments: &[Value<'v>],
    result: impl FnOnce(&Cow<'v, str>) -> Cow<'v, str>,
) -> Value<'v> {
    match arguments {
        [Value::Text(text)] => Value::Text(result(text)),
        _ => Value::Null,
    }
}

fn two<'v>(arguments: &[Value<'v>], result: impl FnOnce(&str, &str) -> bool) -> Value<'v> {
    match arguments {
        [Value::Text(text), Value::Text(part)] => Value::Bool(result(text, part)),
        _ => Value::Null,
    }
}

/// A stretch by a count of characters; NULL for one that is negative or broken.
fn counted<'v>(
    arguments: &[Value<'v>],
    stretch: impl FnOnce(&str, usize) -> (usize, usize),
) -> Value<'v> {
    let [Value::Text(text), count] = arguments else {
        return Value::Null;
    };
    match whole(count).map(usize::try_from) {
        Some(Ok(count)) => Value::Text(part(text, stretch(text, count))),
        _ => Value::Null,
    }
}

fn trimmed(text: &str) -> (usize, usize) {
    let start = text.len() - text.trim_start().len();
    (start, start + text.trim().len())
}

/// Where the character stands that has `before` others before it; the end if there is none.
fn place(text: &str, before: usize) -> usize {
    text.char_indices()
        .nth(before)
        .map_or(text.len(), |(at, _)| at)
}

/// As in SQL: places before the first character count, so `substring('abc', 0, 2)` is `'a'`.
fn substring<'v>(arguments: &[Value<'v>]) -> Value<'v> {
    let [Value::Text(text), start, rest @ ..] = arguments else {
        return Value::Null;
    };
    let Some(start) = whole(start) else {
        return Value::Null;
    };
    let end = match rest.first().map(whole) {
        None => i64::MAX,
        Some(Some(length)) if length >= 0 => start.saturating_add(length),
        Some(_) => return Value::Null,
    };
    let before = |number: i64| usize::try_from(number.saturating_sub(1)).unwrap_or(0);
    let from = place(text, before(start));
    let to = place(text, before(end)).max(from);
    Value::Text(part(text, (from, to)))
}

fn concat<'v>(arguments: &[Value<'v>]) -> Value<'v> {
    let mut texts = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument {
            Value::Text(text) => texts.push(text.as_ref()),
            _ => return Value::Null,
        }
    }
    let longest = texts.iter().map(|t| t.len()).max().unwrap_or(0);
    if texts.iter().map(|t| t.len()).sum::<usize>() > longest.max(LONGEST) {
        return Value::Null;
    }
    Value::Text(Cow::Owned(texts.concat()))
}

fn replace<'v>(arguments: &[Value<'v>]) -> Value<'v> {
    let [Value::Text(text), Value::Text(part), Value::Text(by)] = arguments else {
        return Value::Null;
    };
    if part.is_empty() {
        return Value::Text(text.clone());
    }
    // Both lengths are below 4 GiB, those of a text of a column.
    let found = text.matches(part.as_ref()).count();
    let length = text.len() - found * part.len() + found.saturating_mul(by.len());
    if length > LONGEST.max(text.len()).max(by.len()) {
        return Value::Null;
    }
    Value::Text(Cow::Owned(text.replace(part.as_ref(), by)))
}
