//! What has an `op`: operators and functions.

use super::super::ast::{
    ArithmeticOp, ArrayOp, CompareOp, Expr, FoldOp, Node, SpatialOp, TemporalOp,
};
use super::super::fault::{Expected, Fault, FaultKind};
use super::super::text::lex::quote;
use super::geometry::array;
use super::parse::Reader;
use super::tokens::Kind;

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
    ArrayRelation(ArrayOp),
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
            .or_else(|| ArrayOp::find(name).map(Self::ArrayRelation))
    }
}

/// True for the name of an operator: a function cannot be called so, its JSON would say something else (`functionRef` of the schema).
pub fn is_operator(name: &str) -> bool {
    Op::find(name).is_some()
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
    /// Reads an operation by the tokens of its members; its arguments have `depth` levels above them.
    pub(super) fn operation(
        &mut self,
        op: usize,
        args: usize,
        depth: usize,
    ) -> Result<Node, Fault> {
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
            Some(Op::ArrayRelation(op)) => {
                self.pair(call).map(|pair| Node::ArrayRelation(op, pair))
            }
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

    pub(super) fn arguments(
        &self,
        name: &str,
        range: (usize, usize),
        found: usize,
        args: usize,
    ) -> Fault {
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
        let before = self.spent;
        let x = self.expr(value, call.depth)?;
        let inside = self.spent.since(before, x.at);
        let low = self.expr(low, call.depth)?;
        let high = self.expr(high, call.depth)?;
        let are_numbers = !is_other_literal(&low.node) && !is_other_literal(&high.node);
        if are_numbers {
            self.deepest = self.deepest.max(outside);
            return Ok(Node::Between(Box::new([x, low, high])));
        }
        // The value stands in the tree twice, and each of its own may do so again; all of them stand one level deeper.
        let deeper = self.deepest + 1;
        self.deepest = deeper.max(outside);
        self.enter(call.args, deeper)?;
        self.enter(call.args, deeper)?;
        self.spend(inside, call.args)?;
        let at = x.at;
        let least = Node::Compare(CompareOp::GreaterOrEqual, Box::new([x.clone(), low]));
        let most = Node::Compare(CompareOp::LessOrEqual, Box::new([x, high]));
        Ok(Node::And(vec![Expr::new(least, at), Expr::new(most, at)]))
    }
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
