//! Well-known text (WKT 1 in the dialects of OGC, GDAL and ESRI; WKT 2, ISO 19162) → the system it stands for.
//!
//! Files carry whole definitions. guichet looks for the identifier that the definition gives to *itself*, never for that of one of
//! its parts; where there is none, a well-known name is believed only if the parameters agree with it.

use super::parse::from_authority_code;
use super::{Crs, names, projjson};

/// Longer texts are no definition of one system.
const MAX_LEN: usize = 64 * 1024;
/// Real definitions nest 8 deep.
const MAX_DEPTH: u32 = 32;

/// One `KEYWORD[…]`.
#[derive(Debug)]
pub(super) struct Node<'a> {
    keyword: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Debug)]
enum Item<'a> {
    /// Between quotes, doubled quotes left as they are.
    Text(&'a str),
    /// A number or an enumerated word.
    Word(&'a str),
    Node(Node<'a>),
}

impl Crs {
    /// The system that a WKT or PROJJSON definition stands for; `None` when unsure. Of a compound system it is the horizontal part, of
    /// a bound one the source.
    pub fn from_wkt(text: &str) -> Option<Self> {
        let text = trim(text);
        if text.starts_with('{') {
            return projjson::identify(text);
        }
        identify(&Parser::parse(text)?)
    }
}

/// The name (and identifier, if any) that a definition gives itself, for messages about systems that are not known here.
pub fn describe(text: &str) -> Option<String> {
    let text = trim(text);
    if text.starts_with('{') {
        return projjson::describe(text);
    }
    let root = Parser::parse(text)?;
    let name = root.name()?.replace("\"\"", "\"");
    Some(match root.identifier() {
        Some((authority, code)) => format!("{name} ({authority}:{code})"),
        None => name,
    })
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}')
}

fn identify(node: &Node) -> Option<Crs> {
    let projected = match node.keyword.to_ascii_uppercase().as_str() {
        // The first member of a compound system is the horizontal one.
        "COMPD_CS" | "COMPOUNDCRS" => {
            return identify(node.nodes().next()?).or_else(|| identified(node));
        }
        "BOUNDCRS" => return identify(node.child(&["SOURCECRS"])?.nodes().next()?),
        "PROJCS" | "PROJCRS" | "PROJECTEDCRS" => true,
        "GEOGCS" | "GEOGCRS" | "GEOGRAPHICCRS" | "GEODCRS" | "GEODETICCRS" => false,
        _ => return None,
    };
    let crs = match node.identifier() {
        Some((authority, _)) if is_known_authority(authority) => identified(node)?,
        // Other authorities (ESRI:102100 …) say nothing here, the name may.
        _ => names::identify(node, projected)?,
    };
    (crs.is_geographic() != projected).then_some(crs)
}

/// The system of the node's own identifier.
fn identified(node: &Node) -> Option<Crs> {
    let (authority, code) = node.identifier()?;
    from_authority_code(authority, code)?.ok()
}

fn is_known_authority(name: &str) -> bool {
    name.eq_ignore_ascii_case("EPSG") || name.eq_ignore_ascii_case("OGC")
}

impl<'a> Node<'a> {
    /// The first text, which is the name of the thing.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self.items.first()? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The nodes directly inside.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::Node(node) => Some(node),
            _ => None,
        })
    }

    /// The last node directly inside that has one of these keywords (in capitals).
    pub(super) fn child(&self, keywords: &[&str]) -> Option<&Node<'a>> {
        self.nodes()
            .filter(|node| {
                keywords
                    .iter()
                    .any(|k| node.keyword.eq_ignore_ascii_case(k))
            })
            .last()
    }

    /// True for this keyword (in capitals).
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.keyword.eq_ignore_ascii_case(keyword)
    }

    /// The number at `position` among the items.
    pub(super) fn number(&self, position: usize) -> Option<f64> {
        match self.items.get(position)? {
            Item::Word(word) => word.parse().ok(),
            _ => None,
        }
    }

    /// The authority and code that the node gives to itself: `AUTHORITY["EPSG","2154"]`, `ID["EPSG",2154]`.
    fn identifier(&self) -> Option<(&'a str, &'a str)> {
        let id = self.child(&["AUTHORITY", "ID"])?;
        let word = |position: usize| match id.items.get(position)? {
            Item::Text(text) | Item::Word(text) => Some(*text),
            Item::Node(_) => None,
        };
        Some((word(0)?, word(1)?))
    }
}

/// A reader of one definition.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The root node, `None` if the text is not one well-formed definition.
    fn parse(text: &'a str) -> Option<Node<'a>> {
        if text.len() > MAX_LEN {
            return None;
        }
        let mut parser = Self { text, at: 0 };
        let Item::Node(root) = parser.item(0)? else {
            return None;
        };
        // ESRI sets a vertical system beside the horizontal one, separated by a comma.
        while parser.peek() == Some(b',') {
            parser.at += 1;
            match parser.item(0)? {
                Item::Node(beside) if beside.is("VERTCS") => {}
                _ => return None,
            }
        }
        (parser.at == text.len()).then_some(root)
    }

    fn item(&mut self, depth: u32) -> Option<Item<'a>> {
        self.skip_space();
        if self.peek()? == b'"' {
            return self.quoted();
        }
        let start = self.at;
        while self.peek().is_some_and(|b| !b"[](),\"".contains(&b)) {
            self.at += 1;
        }
        let word = self.text[start..self.at].trim_end();
        if word.is_empty() {
            return None;
        }
        let closing = match self.peek() {
            Some(b'[') => b']',
            Some(b'(') => b')',
            _ => return Some(Item::Word(word)),
        };
        if depth == MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.at += 1;
            items.push(self.item(depth + 1)?);
            self.skip_space();
            match self.peek()? {
                b',' => {}
                b if b == closing => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(Item::Node(Node {
            keyword: word,
            items,
        }))
    }

    fn quoted(&mut self) -> Option<Item<'a>> {
        self.at += 1;
        let start = self.at;
        loop {
            self.at += self.text[self.at..].find('"')?;
            if !self.text[self.at..].starts_with("\"\"") {
                break;
            }
            self.at += 2;
        }
        self.at += 1;
        Some(Item::Text(&self.text[start..self.at - 1]))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
}
