//! Operations on numbers, and the proof that none of them overflows.

use super::{Join, Typer, as_num, joined, num};
use crate::errors::{may_overflow, unknown_name};
use crate::expr::{Ast, At, Word};
use crate::ir::{BinaryOp, Cond, Function, NumKind, Range, Value};

impl Typer<'_, '_, '_> {
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: &Ast,
        right: &Ast,
        at: At,
    ) -> Option<Value> {
        let (left, right) = (self.typed(left), self.typed(right));
        let join: Option<(Join, bool)> = match op {
            BinaryOp::Or => Some((Cond::Or, false)),
            BinaryOp::And => Some((Cond::And, true)),
            _ => None,
        };
        let (left, right) = match (join, left?, right?) {
            (Some(join), Value::Cond(left), Value::Cond(right)) => {
                let folds = self.span(at).file.is_inherited();
                return Some(Value::Cond(joined(folds, left, right, join)));
            }
            (_, left, right) => (as_num(left), as_num(right)),
        };
        match range(op, left.range, right.range) {
            Ok(range) => {
                let (left, right) = (Box::new(left), Box::new(right));
                Some(num(NumKind::Binary { op, left, right }, range))
            }
            Err(problem) => {
                let finding = may_overflow::finding(self.span(at), &problem);
                self.fail(finding)
            }
        }
    }

    pub(super) fn call(&mut self, function: &Word, argument: &Ast) -> Option<Value> {
        let typed = self.num(argument);
        let named = |each: &&Function| each.name() == function.text;
        let Some(&function) = Function::ALL.iter().find(named) else {
            let known: Vec<&str> = Function::ALL.iter().map(|each| each.name()).collect();
            let (span, name) = (self.span(function.at), &function.text);
            return self.fail(unknown_name::finding(span, "function", name, &known));
        };
        let (typed, bits) = (typed?, function.bits());
        let range = Range::up_to(u32::MAX >> (32 - bits));
        let max = typed.range.max;
        if max > range.max {
            let name = function.name();
            let problem = format!("`{name}` takes {bits} bits, but this may be {max:#x}");
            let finding = may_overflow::finding(self.span(argument.at), &problem);
            return self.fail(finding);
        }
        let argument = Box::new(typed);
        Some(num(NumKind::Call { function, argument }, range))
    }
}

/// Every bit up to the highest of `x`.
fn mask_of(x: u32) -> u32 {
    match x {
        0 => 0,
        _ => u32::MAX >> x.leading_zeros(),
    }
}

/// The range of a result, or why there may be none.
fn range(op: BinaryOp, left: Range, right: Range) -> Result<Range, String> {
    let within = |max: u64| {
        u32::try_from(max).map_err(|_| format!("the result may be {max:#x}, more than 32 bits"))
    };
    let range = match op {
        BinaryOp::Add => Range {
            min: left.min.saturating_add(right.min),
            max: within(u64::from(left.max) + u64::from(right.max))?,
        },
        BinaryOp::Mul => Range {
            min: left.min.saturating_mul(right.min),
            max: within(u64::from(left.max) * u64::from(right.max))?,
        },
        BinaryOp::Sub => Range {
            min: left.min.checked_sub(right.max).ok_or_else(|| {
                format!(
                    "the result may be below zero: the left side may be {} and the right side {}",
                    left.min, right.max
                )
            })?,
            max: left.max - right.min,
        },
        BinaryOp::Div | BinaryOp::Rem if right.min == 0 => {
            return Err("the right side may be zero".to_owned());
        }
        BinaryOp::Div => Range {
            min: left.min / right.max,
            max: left.max / right.min,
        },
        BinaryOp::Rem if left.max < right.min => left,
        BinaryOp::Rem => match (left.min == left.max, right.min == right.max) {
            (true, true) => Range::exactly(left.min % right.min),
            _ => Range::up_to(left.max.min(right.max - 1)),
        },
        BinaryOp::Shl | BinaryOp::Shr if right.max > 31 => {
            return Err(format!(
                "the shift may be by {}, but a number has 32 bits",
                right.max
            ));
        }
        BinaryOp::Shl => Range {
            min: left.min.checked_shl(right.min).unwrap_or(0),
            max: within(u64::from(left.max) << right.max)?,
        },
        BinaryOp::Shr => Range {
            min: left.min >> right.max,
            max: left.max >> right.min,
        },
        BinaryOp::And | BinaryOp::Or | BinaryOp::Xor
            if left.min == left.max && right.min == right.max =>
        {
            Range::exactly(match op {
                BinaryOp::And => left.min & right.min,
                BinaryOp::Or => left.min | right.min,
                _ => left.min ^ right.min,
            })
        }
        BinaryOp::And => Range::up_to(left.max.min(right.max)),
        BinaryOp::Or => Range {
            min: left.min.max(right.min),
            max: mask_of(left.max | right.max),
        },
        BinaryOp::Xor => Range::up_to(mask_of(left.max | right.max)),
    };
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::{BinaryOp, Range, range};

    /// The result range of each operation contains every result, for all pairs of small ranges.
    #[test]
    fn a_range_contains_every_result() {
        let ops = [
            BinaryOp::Add,
            BinaryOp::Sub,
            BinaryOp::Mul,
            BinaryOp::Div,
            BinaryOp::Rem,
            BinaryOp::Shl,
            BinaryOp::Shr,
            BinaryOp::And,
            BinaryOp::Or,
            BinaryOp::Xor,
        ];
        let ranges: Vec<Range> = (0..7)
            .flat_map(|min| (min..7).map(move |max| Range { min, max }))
            .collect();
        for op in ops {
            for &left in &ranges {
                for &right in &ranges {
                    let Ok(range) = range(op, left, right) else {
                        continue;
                    };
                    for a in left.min..=left.max {
                        for b in right.min..=right.max {
                            let result = match op {
                                BinaryOp::Add => a + b,
                                BinaryOp::Sub => a - b,
                                BinaryOp::Mul => a * b,
                                BinaryOp::Div => a / b,
                                BinaryOp::Rem => a % b,
                                BinaryOp::Shl => a << b,
                                BinaryOp::Shr => a >> b,
                                BinaryOp::And => a & b,
                                BinaryOp::Or => a | b,
                                BinaryOp::Xor => a ^ b,
                            };
                            assert!(
                                range.min <= result && result <= range.max,
                                "{a} {op:?} {b} in {range:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_operation_that_may_overflow_has_no_range() {
        let wide = Range::FULL;
        for (op, left, right) in [
            (BinaryOp::Add, wide, Range::exactly(1)),
            (BinaryOp::Mul, wide, Range::exactly(2)),
            (BinaryOp::Sub, Range::up_to(3), Range::exactly(1)),
            (BinaryOp::Div, wide, Range::up_to(3)),
            (BinaryOp::Rem, wide, Range::up_to(3)),
            (BinaryOp::Shl, Range::exactly(0x100), Range::exactly(24)),
            (BinaryOp::Shr, wide, Range::exactly(32)),
        ] {
            assert!(range(op, left, right).is_err(), "{op:?}");
        }
    }
}
