//! How tightly operators bind.

use crate::filter::ast::{ArithmeticOp, Expr, Node};

/// Operators from the loosest to the tightest. `NOT` takes everything up to `AND`; `IS NULL` takes a whole comparison
/// (`a = b IS NULL` can be derived from the grammar in one way only); `-a ^ 2` is `(-a) ^ 2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Or,
    And,
    Not,
    Is,
    /// Comparisons, `LIKE`, `IN`, `BETWEEN`. They do not chain.
    Compare,
    Sum,
    Product,
    /// Does not chain either: `a ^ b ^ c` needs brackets.
    Exponent,
    /// No operator: a name, literal, function or something in brackets.
    Operand,
}

impl Rank {
    /// The rank of an arithmetic operator.
    pub(super) fn of_arithmetic(op: ArithmeticOp) -> Self {
        match op {
            ArithmeticOp::Add | ArithmeticOp::Subtract => Self::Sum,
            ArithmeticOp::Multiply
            | ArithmeticOp::Divide
            | ArithmeticOp::Remainder
            | ArithmeticOp::WholeDivide => Self::Product,
            ArithmeticOp::Power => Self::Exponent,
        }
    }

    /// The rank of a part as it is printed.
    pub(super) fn of(expr: &Expr) -> Self {
        match &expr.node {
            Node::Or(_) => Self::Or,
            Node::And(_) => Self::And,
            Node::Not(inner) => match inner.node {
                Node::IsNull(_) => Self::Is,
                Node::Like(_) | Node::In(..) | Node::Between(_) => Self::Compare,
                _ => Self::Not,
            },
            Node::IsNull(_) => Self::Is,
            Node::Compare(..) | Node::Like(_) | Node::Between(_) | Node::In(..) => Self::Compare,
            Node::Arithmetic(op, _) => Self::of_arithmetic(*op),
            _ => Self::Operand,
        }
    }

    /// The next tighter rank.
    pub(super) fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Is,
            Self::Is => Self::Compare,
            Self::Compare => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Exponent,
            Self::Exponent | Self::Operand => Self::Operand,
        }
    }

    /// The tightest rank of an operator that may follow an operation of this rank without brackets.
    pub(super) fn then(self) -> Self {
        match self {
            Self::Not => Self::And,
            Self::Compare => Self::Is,
            Self::Exponent => Self::Product,
            other => other,
        }
    }
}

/// Where a bracket opens: whether it is a list depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Something true or false is wanted.
    Predicate,
    /// A value is wanted.
    Value,
    /// An argument of a function or a member of an array.
    Element,
    /// An argument of an `A_` function: a bracket around all of it is always an array.
    ArrayOperand,
}

impl Place {
    /// The place of the first part inside of a bracket that opens here.
    pub(super) fn inside(self) -> Self {
        match self {
            Self::ArrayOperand => Self::Element,
            other => other,
        }
    }

    /// Whether `(first)`, if that is all that stands here, is an array of one member. The grammar has no brackets around texts,
    /// times, geometries and arrays but those of arrays; around anything else they may just group.
    pub(super) fn is_array_of(self, first: &Expr) -> bool {
        match self {
            Self::ArrayOperand => true,
            Self::Predicate | Self::Value => false,
            Self::Element => matches!(
                first.node,
                Node::Text(_)
                    | Node::Fold(..)
                    | Node::Date(_)
                    | Node::Timestamp(_)
                    | Node::Interval(_)
                    | Node::Geometry(_)
                    | Node::Bbox(_)
                    | Node::Array(_)
            ),
        }
    }
}
