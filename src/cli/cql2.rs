//! `guichet cql2`: filters from one encoding of CQL2 into the other, as whoever writes row filters wants to try them.

use std::fmt::Write as _;
use std::io::{BufRead, Write};

use super::args::Encoding;
use crate::filter::{self, Expr, Fault, Limits};
use crate::model::Language;

/// Characters of a filter shown around its fault.
const SHOWN: usize = 100;

/// Writes each filter on a line of `out`, and each fault with its place to `faults`. True if there was none.
pub(super) fn convert(
    filters: &[String],
    to: Encoding,
    out: &mut dyn Write,
    faults: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut good = true;
    for (i, text) in filters.iter().enumerate() {
        let name = match filters.len() {
            1 => String::new(),
            _ => format!("filter {}, ", i + 1),
        };
        good &= convert_one(text, &name, to, out, faults)?;
    }
    Ok(good)
}

/// The same for each line that is not empty.
pub(super) fn convert_lines(
    lines: impl BufRead,
    to: Encoding,
    out: &mut dyn Write,
    faults: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut good = true;
    for (i, line) in lines.lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let name = format!("line {}, ", i + 1);
            good &= convert_one(&line, &name, to, out, faults)?;
        }
    }
    Ok(good)
}

fn convert_one(
    text: &str,
    name: &str,
    to: Encoding,
    out: &mut dyn Write,
    faults: &mut dyn Write,
) -> anyhow::Result<bool> {
    match read(text) {
        Ok(expr) => {
            let written = match to {
                Encoding::Text => filter::to_text(&expr),
                Encoding::Json => filter::to_json(&expr),
            };
            writeln!(out, "{written}")?;
            Ok(true)
        }
        Err(fault) => {
            writeln!(faults, "{}", shown(&fault, text, name))?;
            Ok(false)
        }
    }
}

/// Reads either encoding: a filter in JSON starts with a bracket that none in text can start with; `true` is the same in both.
fn read(text: &str) -> Result<Expr, Fault> {
    let limits = Limits::default();
    if text.trim_start().starts_with(['{', '[']) {
        filter::parse_json(text, &limits)
    } else {
        filter::parse_text(text, &limits)
    }
}

/// A fault in words, with the line that it stands in and a caret below its place.
pub(super) fn shown(fault: &Fault, text: &str, name: &str) -> String {
    let place = fault.place(text);
    let mut shown = format!("{name}character {}: ", place.character);
    let _infallible = writeln!(shown, "{}", fault.describe(Language::En));
    let range = fault.range(text);
    let start = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let before = place.column - 1;
    let skipped = before.saturating_sub(SHOWN / 2);
    let excerpt: String = line.chars().skip(skipped).take(SHOWN).map(plain).collect();
    let part = text[range].lines().next().unwrap_or_default();
    let room = excerpt.chars().count().saturating_sub(before - skipped);
    let carets = part.chars().count().min(room).max(1);
    let _infallible = write!(
        shown,
        "  {excerpt}\n  {}{}",
        " ".repeat(before - skipped),
        "^".repeat(carets)
    );
    shown
}

/// One column for each character.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(filters: &[&str], to: Encoding) -> (bool, String, String) {
        let filters: Vec<String> = filters.iter().map(|f| (*f).to_owned()).collect();
        let (mut out, mut faults) = (Vec::new(), Vec::new());
        let good = convert(&filters, to, &mut out, &mut faults).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (good, text(out), text(faults))
    }

    #[test]
    fn both_ways() {
        let text = "etat = 'en service' AND NOT pose IS NULL";
        let (good, json, faults) = converted(&[text], Encoding::Json);
        assert!(good && faults.is_empty(), "{faults}");
        assert!(
            json.starts_with("{\"op\":\"and\"") && json.ends_with("]}\n"),
            "{json}"
        );
        let (good, back, _) = converted(&[json.trim(), text, "TRUE"], Encoding::Text);
        assert!(good);
        let lines: Vec<&str> = back.lines().collect();
        assert_eq!(lines[0], lines[1]);
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn faults_are_shown_at_their_place() {
        let (good, out, faults) = converted(&["été = 1 AND AND b = 2"], Encoding::Json);
        assert!(!good && out.is_empty());
        let lines: Vec<&str> = faults.lines().collect();
        assert!(lines[0].starts_with("character 13: "), "{faults}");
        assert_eq!(lines[1..], ["  été = 1 AND AND b = 2", "              ^^^"]);
        let (good, out, faults) = converted(&["a = 1", "{\"op\":\n \"=\"}"], Encoding::Json);
        assert!(!good && out.lines().count() == 1);
        let lines: Vec<&str> = faults.lines().collect();
        assert!(lines[0].starts_with("filter 2, character 1: "), "{faults}");
        assert_eq!(lines[1..], ["  {\"op\":", "  ^^^^^^"]);
    }

    #[test]
    fn long_filters_are_shown_in_part() {
        let long = format!("{} AND b == 2", vec!["a = 1"; 500].join(" AND "));
        let (_, _, faults) = converted(&[&long], Encoding::Json);
        let lines: Vec<&str> = faults.lines().collect();
        assert!(lines[1].chars().count() <= SHOWN + 2);
        let caret = lines[2].find('^').unwrap();
        assert_eq!(lines[1].get(caret..=caret), Some("="), "{faults}");
        let (_, _, faults) = converted(&["a ="], Encoding::Json);
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines[1..], ["  a =", "     ^"]);
    }

    #[test]
    fn lines_are_filters() {
        let lines = "a = 1\n\n  b = 'x'\r\nc ==\n";
        let (mut out, mut faults) = (Vec::new(), Vec::new());
        let good = convert_lines(lines.as_bytes(), Encoding::Text, &mut out, &mut faults).unwrap();
        assert!(!good);
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 2);
        let faults = String::from_utf8(faults).unwrap();
        assert!(faults.starts_with("line 4, character 4: "), "{faults}");
    }
}
