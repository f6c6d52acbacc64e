//! JSON (RFC 8259) cut into tokens: one pass, no recursion, every value with its place.

use super::super::ast::Span;
use super::super::fault::{Expected, Fault, FaultKind};
use super::super::limits::Limits;
use super::super::text::lex::quote;
use super::tokens::{Kind, Token};

/// The tokens of `text`.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<Vec<Token>, Fault> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        here: 0,
        limits,
        open: Vec::new(),
        tokens: Vec::new(),
    };
    scanner.run()?;
    Ok(scanner.tokens)
}

/// What may stand next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    ElementOrEnd,
    NameOrEnd,
    Name,
    CommaOrEnd,
    Nothing,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    here: usize,
    limits: &'a Limits,
    /// Tokens of the arrays and objects that are open.
    open: Vec<usize>,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut next = Next::Value;
        loop {
            self.skip_space();
            next = match next {
                Next::Nothing if self.here == self.bytes.len() => return Ok(()),
                Next::Nothing => return Err(self.expected(Expected::End)),
                Next::ElementOrEnd if self.eat(b']') => self.close(),
                Next::Value | Next::ElementOrEnd => self.value()?,
                Next::NameOrEnd if self.eat(b'}') => self.close(),
                Next::NameOrEnd | Next::Name => self.name()?,
                Next::CommaOrEnd => self.comma()?,
            };
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.here += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.here).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.here += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Next, Fault> {
        match self.peek() {
            Some(b'{') => self.open(Kind::Object, Next::NameOrEnd),
            Some(b'[') => self.open(Kind::Array, Next::ElementOrEnd),
            Some(b'"') => {
                self.string()?;
                Ok(self.after())
            }
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                self.number()?;
                Ok(self.after())
            }
            None | Some(b',' | b':' | b']' | b'}') => Err(self.expected(Expected::Value)),
            Some(_) => {
                self.word()?;
                Ok(self.after())
            }
        }
    }

    fn open(&mut self, kind: Kind, next: Next) -> Result<Next, Fault> {
        let start = self.here;
        self.here += 1;
        // An operator is an object with an array in it, that of `in` has one more; a collection of polygons adds five.
        if self.open.len() > 3 * self.limits.depth + 5 {
            let kind = FaultKind::TooDeep(self.limits.depth);
            return Err(fault(start, self.here, kind));
        }
        self.open.push(self.tokens.len());
        self.push(kind, start);
        Ok(next)
    }

    /// Ends the innermost array or object, whose sign has been read.
    fn close(&mut self) -> Next {
        if let Some(opened) = self.open.pop() {
            let next = self.tokens.len() as u32;
            let token = &mut self.tokens[opened];
            token.end = self.here as u32;
            token.next = next;
        }
        self.after()
    }

    fn after(&self) -> Next {
        if self.open.is_empty() {
            Next::Nothing
        } else {
            Next::CommaOrEnd
        }
    }

    fn name(&mut self) -> Result<Next, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.expected(Expected::Token("\"")));
        }
        self.string()?;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.expected(Expected::Token(":")));
        }
        Ok(Next::Value)
    }

    fn comma(&mut self) -> Result<Next, Fault> {
        let in_object = self
            .open
            .last()
            .is_some_and(|t| self.tokens[*t].kind == Kind::Object);
        let (end, another, both) = if in_object {
            (b'}', Next::Name, ", }")
        } else {
            (b']', Next::Value, ", ]")
        };
        if self.eat(b',') {
            Ok(another)
        } else if self.eat(end) {
            Ok(self.close())
        } else {
            Err(self.expected(Expected::Token(both)))
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token {
            kind,
            start: start as u32,
            end: self.here as u32,
            next: self.tokens.len() as u32 + 1,
        });
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.here;
        let mut escapes = false;
        self.here += 1;
        loop {
            match self.peek() {
                None => return Err(fault(start, self.here, FaultKind::Unclosed('"'))),
                Some(b'"') => break,
                Some(b'\\') => {
                    escapes = true;
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.no_json(self.here, self.here + 1)),
                Some(_) => self.here += 1,
            }
        }
        self.here += 1;
        self.push(Kind::Text(escapes), start);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.here;
        match self.bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.here += 2;
                Ok(())
            }
            Some(b'u') => {
                self.here += 6;
                let known = match self.code_unit(start) {
                    // The first half of a character beyond U+FFFF has its second half behind it.
                    Some(0xd800..=0xdbff) => {
                        self.here += 6;
                        matches!(self.code_unit(start + 6), Some(0xdc00..=0xdfff))
                    }
                    Some(0xdc00..=0xdfff) | None => false,
                    Some(_) => true,
                };
                if known {
                    Ok(())
                } else {
                    Err(self.no_json(start, self.here))
                }
            }
            _ => Err(self.no_json(start, start + 2)),
        }
    }

    /// The UTF-16 unit of an escape `\uXXXX` that starts at `start`.
    fn code_unit(&self, start: usize) -> Option<u32> {
        let digits = self.bytes.get(start..start + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| {
            Some(unit * 16 + char::from(*digit).to_digit(16)?)
        })
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.here;
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
        self.here += self.bytes[start..].iter().take_while(|b| part(b)).count();
        let written = &self.text[start..self.here];
        if !is_number(written.as_bytes()) {
            let kind = FaultKind::Number(quote(written));
            return Err(fault(start, self.here, kind));
        }
        self.push(Kind::Number, start);
        Ok(())
    }

    fn word(&mut self) -> Result<(), Fault> {
        let start = self.here;
        let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        self.here += self.bytes[start..].iter().take_while(|b| part(b)).count();
        let kind = match &self.text[start..self.here] {
            "true" => Kind::True,
            "false" => Kind::False,
            "null" => Kind::Null,
            "" => return Err(self.no_json(start, start + 1)),
            _ => return Err(self.no_json(start, self.here)),
        };
        self.push(kind, start);
        Ok(())
    }

    /// Something else was expected here.
    fn expected(&self, expected: Expected) -> Fault {
        let rest = &self.text[self.here..];
        let end = rest.chars().next().map_or(0, char::len_utf8);
        let found = rest[..end].to_owned();
        let kind = FaultKind::Expected { expected, found };
        fault(self.here, self.here + end, kind)
    }

    /// `start..end` is no JSON; the end is moved to the end of a character.
    fn no_json(&self, start: usize, end: usize) -> Fault {
        let end = self.text.ceil_char_boundary(end);
        let found = quote(&self.text[start..end]);
        fault(start, end, FaultKind::Json(found))
    }
}

fn fault(start: usize, end: usize, kind: FaultKind) -> Fault {
    Fault::new(Span::new(start, end), kind)
}

/// RFC 8259 §6: `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`
fn is_number(written: &[u8]) -> bool {
    let rest = written.strip_prefix(b"-").unwrap_or(written);
    let (whole, rest) = digits(rest);
    if whole == 0 || (whole > 1 && written[written.len() - rest.len() - whole] == b'0') {
        return false;
    }
    let rest = match rest.strip_prefix(b".").map(digits) {
        Some((0, _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let unsigned = match exponent {
                [b'+' | b'-', rest @ ..] => rest,
                rest => rest,
            };
            matches!(digits(unsigned), (1.., []))
        }
        _ => false,
    }
}

/// How many digits stand at the start, and what follows them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (count, &text[count..])
}
