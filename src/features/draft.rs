//! `cql-text`, the name of the language in drafts of OGC API Features Part 3, under which GDAL's driver (OAPIF) sends filters. What it
//! writes is CQL2 text but for a few habits, which are brought to the standard's spelling here: names stand without quotes whatever
//! they hold, `ILIKE` ignores case, a backslash is one, booleans are 0 and 1, and instants compared with a property are mere texts that
//! may be cut (`2024-01-31T`).

use std::collections::BTreeMap;

use crate::filter::Span;
use crate::model::temporal::Date;
use crate::model::{DataType, Field, Schema};

/// CQL2 text, and where its parts stood in the draft's.
pub(super) struct Standard {
    pub(super) text: String,
    /// Runs taken over: start in the new text, start in the old one, bytes.
    runs: Vec<(usize, usize, usize)>,
}

/// Words that GDAL writes in capitals between operands; a property of such a name has to be quoted.
const KEYWORDS: [&str; 6] = ["AND", "OR", "NOT", "IS", "NULL", "LIKE"];

/// Brings the text to the standard's spelling. What is not understood stays as it is: it is the parser that complains.
pub(super) fn standard(text: &str, schema: &Schema) -> Standard {
    let mut by_start: BTreeMap<u8, Vec<&Field>> = BTreeMap::new();
    for field in &schema.fields {
        if let Some(first) = field.name.bytes().next()
            && !KEYWORDS.contains(&field.name.as_str())
        {
            by_start.entry(first).or_default().push(field);
        }
    }
    let mut pen = Pen {
        old: text,
        at: 0,
        new: Standard {
            text: String::with_capacity(text.len() + text.len() / 4),
            runs: Vec::new(),
        },
    };
    while let Some(first) = pen.rest().bytes().next() {
        let fields = by_start.get(&first).map_or(&[][..], Vec::as_slice);
        let named = fields
            .iter()
            .filter(|field| pen.names(&field.name))
            .filter(|field| !may_be_literal(&field.name) || pen.is_compared(&field.name))
            .max_by_key(|field| field.name.len());
        match named {
            Some(field) => pen.property(field),
            None => pen.other(),
        }
    }
    pen.new.runs.push((pen.new.text.len(), pen.at, 0));
    pen.new
}

impl Standard {
    /// Where a part of the new text stood in the old one.
    pub(super) fn back(&self, at: Span) -> Span {
        let back = |new: u32| {
            let new = new as usize;
            let before = self.runs.partition_point(|(start, ..)| *start <= new);
            let (start, old, bytes) = before.checked_sub(1).map_or((0, 0, 0), |i| self.runs[i]);
            old + (new - start).min(bytes)
        };
        Span::new(back(at.start), back(at.end))
    }
}

struct Pen<'a> {
    old: &'a str,
    /// Bytes of it that have been read.
    at: usize,
    new: Standard,
}

/// True for a name that, without quotes, says a number or a truth value.
fn may_be_literal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) || matches!(name, "TRUE" | "FALSE")
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Pen<'a> {
    fn rest(&self) -> &'a str {
        &self.old[self.at..]
    }

    /// True if the name stands here as a whole, and is not the name of a function.
    fn names(&self, name: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(name) else {
            return false;
        };
        let goes_on =
            |before: &str, after: &str| before.ends_with(is_part) && after.starts_with(is_part);
        !goes_on(name, after)
            && !goes_on(&self.old[..self.at], name)
            && !after.trim_start().starts_with('(')
    }

    /// True if the name stands before a comparison and not after one: there a driver writes the property, not the literal.
    fn is_compared(&self, name: &str) -> bool {
        let after = self.rest()[name.len()..].trim_start();
        let before = self.old[..self.at].trim_end();
        after.starts_with(['=', '<', '>']) && !before.ends_with(['=', '<', '>', '+', '-', '*', '/'])
    }

    /// Takes over that many bytes.
    fn copy(&mut self, bytes: usize) {
        let run = (self.new.text.len(), self.at, bytes);
        self.new.runs.push(run);
        self.new.text.push_str(&self.rest()[..bytes]);
        self.at += bytes;
    }

    fn add(&mut self, text: &str) {
        self.new.text.push_str(text);
    }

    /// Bytes of the text in quotes that starts at `from`; all that is left if it has no end.
    fn quoted(text: &str) -> Option<usize> {
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut at = 1;
        loop {
            let Some(end) = text[at..].find(quote) else {
                return Some(text.len());
            };
            at += end + 1;
            if !text[at..].starts_with(quote) {
                return Some(at);
            }
            at += 1;
        }
    }

    /// A text, a name in quotes, a word, or one sign.
    fn other(&mut self) {
        let rest = self.rest();
        if rest.starts_with('\'') {
            // A pattern reads backslashes once more.
            let is_pattern = self.old[..self.at].trim_end().ends_with("LIKE");
            let bytes = Self::quoted(rest).unwrap_or(rest.len());
            return self.text(bytes, if is_pattern { 4 } else { 2 });
        }
        let bytes = Self::quoted(rest).unwrap_or_else(|| {
            let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            word.max(rest.chars().next().map_or(0, char::len_utf8))
        });
        self.copy(bytes);
    }

    /// The name of a property, with what it is compared to.
    fn property(&mut self, field: &Field) {
        let after = &self.rest()[field.name.len()..];
        let operator = after.trim_start();
        let blank = after.len() - operator.len();
        let sign = ["<=", ">=", "<>", "=", "<", ">", "ILIKE", "LIKE"]
            .into_iter()
            .find(|sign| operator.starts_with(sign));
        let literal = sign.map(|sign| operator[sign.len()..].trim_start());
        if let (DataType::Boolean, Some(literal)) = (field.data_type, literal)
            && let Some(truth) = truth(literal)
        {
            self.name(field);
            self.copy(blank + operator.len() - literal.len());
            self.new.runs.push((self.new.text.len(), self.at, 0));
            self.add(truth);
            self.at += 1;
            return;
        }
        let quoted = literal.filter(|l| l.starts_with('\''));
        let (Some(sign), Some(literal)) = (sign, quoted) else {
            return self.name(field);
        };
        let between = operator.len() - literal.len();
        let bytes = Self::quoted(literal).unwrap_or(0);
        if sign == "ILIKE" {
            self.add("CASEI(");
            self.name(field);
            self.add(") LIKE CASEI(");
            self.at += blank + between;
            self.text(bytes, 4);
            self.add(")");
            return;
        }
        self.name(field);
        self.copy(blank + between);
        match moment(field.data_type, &literal[..bytes]) {
            Some(moment) => {
                // All of it stands for the literal.
                self.new.runs.push((self.new.text.len(), self.at, 0));
                self.add(&moment);
                self.at += bytes;
            }
            None => self.text(bytes, if sign == "LIKE" { 4 } else { 2 }),
        }
    }

    /// A text in quotes of that many bytes. A backslash is written twice, and once more twice in a pattern.
    fn text(&mut self, bytes: usize, backslashes: usize) {
        let mut rest = &self.rest()[..bytes];
        while let Some(before) = rest.find('\\') {
            self.copy(before);
            self.add(&"\\".repeat(backslashes));
            self.at += 1;
            rest = &rest[before + 1..];
        }
        self.copy(rest.len());
    }

    fn name(&mut self, field: &Field) {
        self.add("\"");
        if field.name.contains('"') {
            self.new.runs.push((self.new.text.len(), self.at, 0));
            self.add(&field.name.replace('"', "\"\""));
            self.at += field.name.len();
        } else {
            self.copy(field.name.len());
        }
        self.add("\"");
    }
}

/// The word for a number that starts the text, if it is that of a boolean.
fn truth(text: &str) -> Option<&'static str> {
    let truth = match text.as_bytes().first() {
        Some(b'0') => "FALSE",
        Some(b'1') => "TRUE",
        _ => return None,
    };
    (!text[1..].starts_with(|c: char| is_part(c) || c == '.')).then_some(truth)
}

/// The function and its text for a literal that is compared with a property of that type; `None` if it is no moment.
fn moment(data_type: DataType, literal: &str) -> Option<String> {
    let text = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let (day, time) = text.split_at_checked(10)?;
    Date::parse(day)?;
    // A mere day is one in CQL2 as well.
    let time = time.strip_prefix('T')?;
    let (time, zone) = match time.strip_suffix('Z') {
        Some(time) => (time, "Z"),
        None => (time, ""),
    };
    let digits = time.chars().all(|c| c.is_ascii_digit() || ":.".contains(c));
    let whole = match time.len() {
        0 => "00:00:00".to_owned(),
        2 => format!("{time}:00:00"),
        5 => format!("{time}:00"),
        8.. => time.to_owned(),
        _ => return None,
    };
    match data_type {
        DataType::Date if digits && whole == "00:00:00" => Some(format!("DATE('{day}')")),
        DataType::Date if digits => Some(format!("TIMESTAMP('{day}T{whole}Z')")),
        // Without a zone it is what a clock showed, as in the property's values.
        DataType::DateTime if digits && zone.is_empty() => Some(format!("'{day}T{whole}'")),
        DataType::DateTime if digits => Some(format!("TIMESTAMP('{day}T{whole}Z')")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let fields = [
            ("nom", DataType::String),
            ("nom d'usage", DataType::String),
            ("date", DataType::Date),
            ("maj", DataType::DateTime),
            ("é\"è", DataType::Integer),
            ("AND", DataType::Integer),
            ("ok", DataType::Boolean),
        ];
        Schema {
            fields: fields.map(|(n, t)| Field::new(n, t)).to_vec(),
            ..Schema::default()
        }
    }

    #[test]
    fn what_gdal_writes() {
        for (draft, standard_text) in [
            ("nom = 'L''Île'", "\"nom\" = 'L''Île'"),
            (
                "(nom = 'nom') AND (nom d'usage <> 'x')",
                "(\"nom\" = 'nom') AND (\"nom d'usage\" <> 'x')",
            ),
            ("nom ILIKE 'a%'", "CASEI(\"nom\") LIKE CASEI('a%')"),
            ("nom LIKE 'a%'", "\"nom\" LIKE 'a%'"),
            ("date >= '2024-01-31T'", "\"date\" >= DATE('2024-01-31')"),
            (
                "date < '2024-01-31T12:00:00Z'",
                "\"date\" < TIMESTAMP('2024-01-31T12:00:00Z')",
            ),
            ("maj>'2024-01-31T'", "\"maj\">'2024-01-31T00:00:00'"),
            (
                "maj = '2024-01-31T12:30Z'",
                "\"maj\" = TIMESTAMP('2024-01-31T12:30:00Z')",
            ),
            ("maj = 'hier'", "\"maj\" = 'hier'"),
            ("nom = '2024-01-31'", "\"nom\" = '2024-01-31'"),
            ("(é\"è IS NULL)", "(\"é\"\"è\" IS NULL)"),
            ("NOT (\"nom\" = 'a')", "NOT (\"nom\" = 'a')"),
            ("maj > DATE('2024-01-31')", "\"maj\" > DATE('2024-01-31')"),
            ("date('x') = nombre", "date('x') = nombre"),
            ("nom = 'ouvert", "\"nom\" = 'ouvert"),
            (
                "(ok = 1) AND (ok<>0)",
                "(\"ok\" = TRUE) AND (\"ok\"<>FALSE)",
            ),
            ("ok = 10", "\"ok\" = 10"),
            (r"nom = 'C:\n\'", r#""nom" = 'C:\\n\\'"#),
            (r"nom LIKE '\%'", r#""nom" LIKE '\\\\%'"#),
            ("prénom = 1", "prénom = 1"),
            ("", ""),
        ] {
            assert_eq!(standard(draft, &schema()).text, standard_text, "{draft}");
        }
    }

    #[test]
    fn places_lead_back() {
        let draft = "(nom d'usage ILIKE 'é') AND (maj > '2024-01-31T') AND rien";
        let new = standard(draft, &schema());
        let part = |text: &str| {
            let start = new.text.find(text).expect(text);
            let at = new.back(Span::new(start, start + text.len()));
            &draft[at.start as usize..at.end as usize]
        };
        assert_eq!(part("rien"), "rien");
        assert_eq!(part("nom d'usage"), "nom d'usage");
        assert_eq!(part("'é'"), "'é'");
        let end = new.back(Span::new(new.text.len(), new.text.len()));
        assert_eq!(end.start as usize, draft.len());
    }
}
