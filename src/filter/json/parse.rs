//! From JSON to the tree.

use super::super::ast::{
    ArithmeticOp, ArrayOp, Bound, CompareOp, Expr, FoldOp, Node, Span, SpatialOp, TemporalOp,
};
use super::super::fault::{Expected, Fault, FaultKind};
use super::super::instant::parse_instant;
use super::super::limits::Limits;
use super::super::text::lex::quote;
use super::geometry::{self, Reading, array, expected};
use super::members::{Member, Members};
use super::scan::{Kind, Tokens};
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
        nodes: 0,
        vertices: 0,
    };
    reader.predicate(0, 0)
}

/// What an `op` is, but for functions.
#[derive(Clone, Copy)]
enum Op {
    And,
    Or,
    Not,
    Like,
    Between,
    In,
    IsNull,
    Compare(CompareOp),
    Arithmetic(ArithmeticOp),
    Fold(FoldOp),
    Spatial(SpatialOp),
    Temporal(TemporalOp),
    Array2(ArrayOp),
}

impl Op {
    fn find(name: &str) -> Option<Self> {
        const WORDS: [(&str, Op); 7] = [
            ("and", Op::And),
            ("or", Op::Or),
            ("not", Op::Not),
            ("like", Op::Like),
            ("between", Op::Between),
            ("in", Op::In),
            ("isNull", Op::IsNull),
        ];
        let word = WORDS.iter().find(|(w, _)| w.eq_ignore_ascii_case(name));
        word.map(|(_, op)| *op)
            .or_else(|| CompareOp::find(name).map(Self::Compare))
            .or_else(|| ArithmeticOp::find(name).map(Self::Arithmetic))
            .or_else(|| FoldOp::find(name).map(Self::Fold))
            .or_else(|| SpatialOp::find(name).map(Self::Spatial))
            .or_else(|| TemporalOp::find(name).map(Self::Temporal))
            .or_else(|| ArrayOp::find(name).map(Self::Array2))
    }
}

struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    limits: &'a Limits,
    /// The most levels above a part so far.
    deepest: usize,
    /// Parts of the tree so far.
    nodes: usize,
    /// Vertices so far.
    vertices: usize,
}

/// An operation that is being read.
#[derive(Clone, Copy)]
struct Call<'n> {
    /// As the `op` has it.
    name: &'n str,
    /// The token of `args`.
    args: usize,
    /// Levels of the tree above the arguments.
    depth: usize,
}

impl Reader<'_> {
    /// Reads something true or false, or what the schema may know to be so, that has `depth` levels above it.
    fn predicate(&mut self, token: usize, depth: usize) -> Result<Expr, Fault> {
        let expr = self.expr(token, depth)?;
        if may_be_true(&expr.node) {
            Ok(expr)
        } else {
            Err(expected(self.tokens, token, Expected::Predicate))
        }
    }

    /// Reads a value that has `depth` levels above it.
    fn expr(&mut self, token: usize, depth: usize) -> Result<Expr, Fault> {
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

    fn exprs(&mut self, list: usize, depth: usize) -> Result<Vec<Expr>, Fault> {
        array(self.tokens, list)?
            .map(|token| self.expr(token, depth))
            .collect()
    }

    /// One more part, with `depth` levels above it.
    fn enter(&mut self, token: usize, depth: usize) -> Result<(), Fault> {
        if depth >= self.limits.depth {
            return Err(self.fault(token, FaultKind::TooDeep(self.limits.depth)));
        }
        self.deepest = self.deepest.max(depth);
        self.count(1, token)
    }

    fn count(&mut self, nodes: usize, token: usize) -> Result<(), Fault> {
        self.nodes += nodes;
        if self.nodes > self.limits.nodes {
            return Err(self.fault(token, FaultKind::TooManyNodes(self.limits.nodes)));
        }
        Ok(())
    }

    fn fault(&self, token: usize, kind: FaultKind) -> Fault {
        Fault::new(self.tokens.get(token).at(), kind)
    }

    /// A number without fraction and exponent is a whole one, if it fits.
    fn number(&self, token: usize) -> Result<Node, Fault> {
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
            let vertices = &mut self.vertices;
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

    fn text(&self, token: usize) -> Result<String, Fault> {
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

    fn operation(&mut self, op: usize, args: usize, depth: usize) -> Result<Node, Fault> {
        let name = self.text(op)?;
        let call = Call {
            name: &name,
            args,
            depth,
        };
        match Op::find(&name) {
            Some(Op::And) => self.two_or_more(call).map(all),
            Some(Op::Or) => self.two_or_more(call).map(any),
            Some(Op::Not) => self.not(call),
            Some(Op::IsNull) => self.is_null(call),
            Some(Op::Like) => self.like(call),
            Some(Op::Between) => self.between(call),
            Some(Op::In) => self.in_list(call),
            Some(Op::Fold(op)) => self.exact(call).map(|[a]| Node::Fold(op, Box::new(a))),
            Some(Op::Compare(op)) => self.pair(call).map(|pair| Node::Compare(op, pair)),
            Some(Op::Arithmetic(op)) => self.pair(call).map(|pair| Node::Arithmetic(op, pair)),
            Some(Op::Spatial(op)) => self.pair(call).map(|pair| Node::Spatial(op, pair)),
            Some(Op::Temporal(op)) => self.pair(call).map(|pair| Node::Temporal(op, pair)),
            Some(Op::Array2(op)) => self.pair(call).map(|pair| Node::Array2(op, pair)),
            None => {
                let args = self.exprs(args, depth)?;
                Ok(Node::Function(name, args))
            }
        }
    }

    /// Exactly `N` arguments.
    fn exact<const N: usize>(&mut self, call: Call<'_>) -> Result<[Expr; N], Fault> {
        let found = array(self.tokens, call.args)?.count();
        if found != N {
            return Err(self.arguments(call.name, (N, N), found, call.args));
        }
        let args = self.exprs(call.args, call.depth)?;
        <[Expr; N]>::try_from(args)
            .map_err(|args| self.arguments(call.name, (N, N), args.len(), call.args))
    }

    fn pair(&mut self, call: Call<'_>) -> Result<Box<[Expr; 2]>, Fault> {
        self.exact(call).map(Box::new)
    }

    fn two_or_more(&mut self, call: Call<'_>) -> Result<Vec<Expr>, Fault> {
        let found = array(self.tokens, call.args)?.count();
        if found < 2 {
            return Err(self.arguments(call.name, (2, usize::MAX), found, call.args));
        }
        array(self.tokens, call.args)?
            .map(|token| self.predicate(token, call.depth))
            .collect()
    }

    fn not(&mut self, call: Call<'_>) -> Result<Node, Fault> {
        let args: Vec<usize> = array(self.tokens, call.args)?.collect();
        let [operand] = args[..] else {
            return Err(self.arguments(call.name, (1, 1), args.len(), call.args));
        };
        let operand = self.predicate(operand, call.depth)?;
        Ok(Node::Not(Box::new(operand)))
    }

    fn arguments(&self, name: &str, range: (usize, usize), found: usize, args: usize) -> Fault {
        let kind = FaultKind::ArgumentCount {
            name: name.to_owned(),
            least: range.0,
            most: range.1,
            found,
        };
        self.fault(args, kind)
    }

    /// A draft of the standard had the operand in place of the array.
    fn is_null(&mut self, call: Call<'_>) -> Result<Node, Fault> {
        let operand = if self.tokens.get(call.args).kind == Kind::Array {
            let [operand] = self.exact(call)?;
            operand
        } else {
            self.expr(call.args, call.depth)?
        };
        Ok(Node::IsNull(Box::new(operand)))
    }

    fn like(&mut self, call: Call<'_>) -> Result<Node, Fault> {
        let args = self.pair(call)?;
        let mut pattern = &args[1];
        while let Node::Fold(_, inner) = &pattern.node {
            pattern = inner;
        }
        if !matches!(pattern.node, Node::Text(_)) {
            let at = pattern.at;
            let written = self.tokens.slice(at);
            let (expected, found) = (Expected::Text, quote(written));
            return Err(Fault::new(at, FaultKind::Expected { expected, found }));
        }
        Ok(Node::Like(args))
    }

    fn in_list(&mut self, call: Call<'_>) -> Result<Node, Fault> {
        let args: Vec<usize> = array(self.tokens, call.args)?.collect();
        let [value, list] = args[..] else {
            return Err(self.arguments(call.name, (2, 2), args.len(), call.args));
        };
        let value = self.expr(value, call.depth)?;
        let list = self.exprs(list, call.depth)?;
        Ok(Node::In(Box::new(value), list))
    }

    /// A draft of the standard had both bounds in an array of their own.
    fn between(&mut self, call: Call<'_>) -> Result<Node, Fault> {
        let args: Vec<usize> = array(self.tokens, call.args)?.collect();
        let bounds = match args[..] {
            [_, bounds] if self.tokens.get(bounds).kind == Kind::Array => {
                array(self.tokens, bounds)?.collect()
            }
            _ => Vec::new(),
        };
        let (value, low, high) = match (&args[..], &bounds[..]) {
            ([value, low, high], _) | ([value, _], [low, high]) => (*value, *low, *high),
            _ => return Err(self.arguments(call.name, (3, 3), args.len(), call.args)),
        };
        let outside = std::mem::take(&mut self.deepest);
        let before = self.nodes;
        let x = self.expr(value, call.depth)?;
        let size = self.nodes - before;
        let low = self.expr(low, call.depth)?;
        let high = self.expr(high, call.depth)?;
        let are_numbers = !is_other_literal(&low.node) && !is_other_literal(&high.node);
        if are_numbers {
            self.deepest = self.deepest.max(outside);
            return Ok(Node::Between(Box::new([x, low, high])));
        }
        // The value stands in the tree twice, and each of its own may do so again; all of them stand one level deeper.
        let deeper = self.deepest + 1;
        self.enter(call.args, deeper)?;
        self.deepest = deeper.max(outside);
        self.count(size + 1, call.args)?;
        let at = x.at;
        let least = Node::Compare(CompareOp::GreaterOrEqual, Box::new([x.clone(), low]));
        let most = Node::Compare(CompareOp::LessOrEqual, Box::new([x, high]));
        Ok(Node::And(vec![Expr::new(least, at), Expr::new(most, at)]))
    }
}

/// False for what no schema makes true or false.
fn may_be_true(node: &Node) -> bool {
    !matches!(
        node,
        Node::Int(_)
            | Node::Float(_)
            | Node::Text(_)
            | Node::Date(_)
            | Node::Timestamp(_)
            | Node::Interval(_)
            | Node::Geometry(_)
            | Node::Bbox(_)
            | Node::Array(_)
            | Node::Fold(..)
            | Node::Arithmetic(..)
    )
}

/// Literals that can be compared but are no numbers: `between` with one is `>=` and `<=`.
fn is_other_literal(node: &Node) -> bool {
    matches!(
        node,
        Node::Text(_) | Node::Fold(..) | Node::Date(_) | Node::Timestamp(_)
    )
}

/// All of them, as one list.
fn all(members: Vec<Expr>) -> Node {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member.node {
            Node::And(inner) => flat.extend(inner),
            _ => flat.push(member),
        }
    }
    Node::And(flat)
}

/// One of them, as one list.
fn any(members: Vec<Expr>) -> Node {
    let mut flat = Vec::with_capacity(members.len());
    for member in members {
        match member.node {
            Node::Or(inner) => flat.extend(inner),
            _ => flat.push(member),
        }
    }
    Node::Or(flat)
}
