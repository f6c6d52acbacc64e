//! From JSON to the tree: values, literals and what counts against the ceilings. [`operation`](super::operation) reads what has an `op`.

use super::super::ast::{Bound, Expr, Node, Span};
use super::super::fault::{Expected, Fault, FaultKind};
use super::super::instant::parse_instant;
use super::super::limits::Limits;
use super::super::text::lex::quote;
use super::geometry::{self, Reading, array, expected};
use super::members::{Member, Members};
use super::tokens::{Kind, Tokens};
use crate::model::temporal::Date;

/// Reads a filter in CQL2 JSON. Types are not looked at: `1 < 'a'` is read, and refused by the check against a schema.
pub fn parse_json(text: &str, limits: &Limits) -> Result<Expr, Fault> {
    if text.len() > limits.length_bytes {
        let at = Span::new(limits.length_bytes, text.len());
        return Err(Fault::new(at, FaultKind::TooLong(limits.length_bytes)));
    }
    let tokens = Tokens::cut(text, limits)?;
    let mut reader = Reader {
        tokens: &tokens,
        limits,
        deepest: 0,
        spent: Spent::default(),
    };
    reader.predicate(0, 0)
}

/// A filter that is being read.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) limits: &'a Limits,
    /// The most levels above a part so far.
    pub(super) deepest: usize,
    pub(super) spent: Spent,
}

/// What was spent of the ceilings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    nodes: usize,
    vertices: usize,
    /// Bytes of what stands in the tree more often than in the text.
    doubled: usize,
}

impl Spent {
    /// What a part cost that stands at `at` and was begun when `before` was spent.
    pub(super) fn since(self, before: Self, at: Span) -> Self {
        Self {
            nodes: self.nodes - before.nodes,
            vertices: self.vertices - before.vertices,
            doubled: self.doubled - before.doubled + (at.end - at.start) as usize,
        }
    }
}

impl Reader<'_> {
    /// Reads something true or false, or what the schema may know to be so, that has `depth` levels above it.
    pub(super) fn predicate(&mut self, token: usize, depth: usize) -> Result<Expr, Fault> {
        let expr = self.expr(token, depth)?;
        if expr.node.may_be_true() {
            Ok(expr)
        } else {
            Err(expected(self.tokens, token, Expected::Predicate))
        }
    }

    /// Reads a value that has `depth` levels above it.
    pub(super) fn expr(&mut self, token: usize, depth: usize) -> Result<Expr, Fault> {
        self.enter(token, depth)?;
        let node = match self.tokens.get(token).kind {
            Kind::True => Node::Bool(true),
            Kind::False => Node::Bool(false),
            Kind::Text(_) => Node::Text(self.tokens.text(token)?),
            Kind::Number => self.number(token)?,
            Kind::Array => Node::Array(self.exprs(token, depth + 1)?),
            Kind::Object => self.object(token, depth)?,
            Kind::Null => return Err(expected(self.tokens, token, Expected::JsonExpression)),
        };
        Ok(Expr::new(node, self.tokens.get(token).at()))
    }

    pub(super) fn exprs(&mut self, list: usize, depth: usize) -> Result<Vec<Expr>, Fault> {
        array(self.tokens, list)?
            .map(|token| self.expr(token, depth))
            .collect()
    }

    /// One more part, with `depth` levels above it.
    pub(super) fn enter(&mut self, token: usize, depth: usize) -> Result<(), Fault> {
        if depth >= self.limits.depth {
            return Err(self.fault(token, FaultKind::TooDeep(self.limits.depth)));
        }
        self.deepest = self.deepest.max(depth);
        let one = Spent {
            nodes: 1,
            ..Spent::default()
        };
        self.spend(one, token)
    }

    pub(super) fn spend(&mut self, more: Spent, token: usize) -> Result<(), Fault> {
        let (limits, spent) = (self.limits, &mut self.spent);
        spent.nodes += more.nodes;
        spent.vertices += more.vertices;
        spent.doubled += more.doubled;
        let kind = if spent.nodes > limits.nodes {
            FaultKind::TooManyNodes(limits.nodes)
        } else if spent.vertices > limits.vertices {
            FaultKind::TooManyVertices(limits.vertices)
        } else if spent.doubled > limits.length_bytes {
            FaultKind::TooLong(limits.length_bytes)
        } else {
            return Ok(());
        };
        Err(self.fault(token, kind))
    }

    pub(super) fn fault(&self, token: usize, kind: FaultKind) -> Fault {
        Fault::new(self.tokens.get(token).at(), kind)
    }

    /// A number without fraction and exponent is a whole one, if it fits.
    pub(super) fn number(&self, token: usize) -> Result<Node, Fault> {
        match self.tokens.written(token).parse() {
            Ok(whole) => Ok(Node::Int(whole)),
            Err(_) => geometry::number(self.tokens, token).map(Node::Float),
        }
    }

    fn object(&mut self, token: usize, depth: usize) -> Result<Node, Fault> {
        let tokens = self.tokens;
        let members = Members::read(tokens, token)?;
        let has = |member| members.get(member).is_some();
        if has(Member::Op) || has(Member::Args) {
            members.only(tokens, &[Member::Op, Member::Args])?;
            let op = members.require(Member::Op)?;
            let args = members.require(Member::Args)?;
            return self.operation(op, args, depth + 1);
        }
        if has(Member::Type) || has(Member::Coordinates) || has(Member::Geometries) {
            let vertices = &mut self.spent.vertices;
            return Reading::shape(tokens, self.limits, &members, vertices, depth)
                .map(Node::Geometry);
        }
        let literals = [
            Member::Property,
            Member::Date,
            Member::Timestamp,
            Member::Interval,
            Member::Bbox,
        ];
        let found = literals.into_iter().find(|m| has(*m));
        let Some((member, value)) = found.and_then(|m| Some((m, members.get(m)?))) else {
            return Err(expected(tokens, token, Expected::JsonExpression));
        };
        members.only(tokens, &[member])?;
        match member {
            Member::Property => self.text(value).map(Node::Property),
            Member::Date => self.date(value),
            Member::Timestamp => self.timestamp(value),
            Member::Interval => self.interval(value, depth + 1),
            _ => geometry::read_box(tokens, value).map(Node::Bbox),
        }
    }

    pub(super) fn text(&self, token: usize) -> Result<String, Fault> {
        match self.tokens.get(token).kind {
            Kind::Text(_) => self.tokens.text(token),
            _ => Err(expected(self.tokens, token, Expected::Text)),
        }
    }

    fn date(&self, token: usize) -> Result<Node, Fault> {
        let text = self.text(token)?;
        let date = Date::parse(&text).map(Node::Date);
        date.ok_or_else(|| self.fault(token, FaultKind::Date(quote(&text))))
    }

    fn timestamp(&self, token: usize) -> Result<Node, Fault> {
        let text = self.text(token)?;
        let instant = parse_instant(&text).map(Node::Timestamp);
        instant.ok_or_else(|| self.fault(token, FaultKind::Timestamp(quote(&text))))
    }

    fn interval(&mut self, list: usize, depth: usize) -> Result<Node, Fault> {
        let ends: Vec<usize> = array(self.tokens, list)?.collect();
        let [start, end] = ends[..] else {
            return Err(self.arguments("interval", (2, 2), ends.len(), list));
        };
        let start = self.bound(start, depth)?;
        let end = self.bound(end, depth)?;
        Ok(Node::Interval(Box::new([start, end])))
    }

    fn bound(&mut self, token: usize, depth: usize) -> Result<Bound, Fault> {
        match self.tokens.get(token).kind {
            Kind::Text(_) => {
                let text = self.tokens.text(token)?;
                if text == ".." {
                    return Ok(Bound::Open);
                }
                self.enter(token, depth)?;
                // A day has ten letters.
                let node = if text.len() > 10 {
                    self.timestamp(token)
                } else {
                    self.date(token)
                }?;
                Ok(Bound::At(Expr::new(node, self.tokens.get(token).at())))
            }
            Kind::Object => {
                let end = self.expr(token, depth)?;
                match end.node {
                    Node::Date(_) | Node::Timestamp(_) | Node::Property(_) | Node::Function(..) => {
                        Ok(Bound::At(end))
                    }
                    _ => Err(expected(self.tokens, token, Expected::Bound)),
                }
            }
            _ => Err(expected(self.tokens, token, Expected::Bound)),
        }
    }
}
