//! Scalars of JSON, appended to a buffer.

use crate::model::ValueRef;

/// A string with its quotes.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    let plain = |b: &u8| *b >= 0x20 && *b != b'"' && *b != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("a string goes into a buffer without fail");
    }
}

/// An integer.
pub(super) fn integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// A finite number in the shortest form that reads back to the same bits; `null` for what JSON cannot say.
///
/// NaN and the infinities become `null`, not texts: a client that has learnt from the schema, or from the first page, that the property
/// is a number must not meet a string. The `null` is the one loss that JSON forces.
pub(super) fn number(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// A property's value. Dates are texts as the source wrote them; nested values go out verbatim.
pub(super) fn value(value: ValueRef<'_>, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let written = match value {
        ValueRef::Null => out.write_all(b"null"),
        ValueRef::Bool(true) => out.write_all(b"true"),
        ValueRef::Bool(false) => out.write_all(b"false"),
        ValueRef::Int(i) => return integer(i, out),
        ValueRef::Float(f) => return number(f, out),
        ValueRef::Text(text) => return string(text, out),
        ValueRef::Date(date) => write!(out, "\"{date}\""),
        ValueRef::DateTime(t) => write!(out, "\"{t}\""),
        ValueRef::Json(text) => out.write_all(text.as_bytes()),
    };
    written.expect("a buffer takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::temporal::{Date, DateTime};

    fn written(v: ValueRef<'_>) -> String {
        let mut out = Vec::new();
        value(v, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn each_kind_of_value() {
        let t = DateTime::parse("2020-02-29 12:00:00.50+02:00", |_| 0).expect("a time");
        for (value, expected) in [
            (ValueRef::Null, "null"),
            (ValueRef::Bool(true), "true"),
            (ValueRef::Int(i64::MIN), "-9223372036854775808"),
            (ValueRef::Int(9_007_199_254_740_993), "9007199254740993"),
            (ValueRef::Float(0.1), "0.1"),
            (ValueRef::Float(-0.0), "-0.0"),
            (ValueRef::Float(f64::NAN), "null"),
            (ValueRef::Float(f64::NEG_INFINITY), "null"),
            (ValueRef::Date(Date(18_321)), "\"2020-02-29\""),
            (ValueRef::DateTime(t), "\"2020-02-29 12:00:00.50+02:00\""),
            (ValueRef::Json(r#"{"a": [1, 2.50]}"#), r#"{"a": [1, 2.50]}"#),
            (
                ValueRef::Text("Aix-en-Provence – «été» 🦀"),
                "\"Aix-en-Provence – «été» 🦀\"",
            ),
            (
                ValueRef::Text("a\"b\\c\n\t\u{1}/"),
                r#""a\"b\\c\n\t\u0001/""#,
            ),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for x in [
            0.1 + 0.2,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            1e22,
            123_456_789.123_456_79,
            1.0 / 3.0,
        ] {
            let text = written(ValueRef::Float(x));
            let read: f64 = serde_json::from_str(&text).expect("JSON");
            assert_eq!(read.to_bits(), x.to_bits(), "{text}");
        }
    }
}
