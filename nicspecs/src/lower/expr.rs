//! Types and ranges of expressions.

mod arithmetic;
mod path;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cx::Cx;
use super::scope::Scope;
use crate::diagnostic::{FindingDraft, NodeId, Span};
use crate::errors::{
    does_not_fit, expression_syntax, not_a_number, out_of_range, type_mismatch, unknown_name,
};
use crate::expr::{self, Ast, AstKind, At, Path, Problem, SyntaxError, Word};
use crate::ir::{
    Builtin, Cond, Field, FieldPlace, Num, NumKind, OrderEvent, Place, Range, Register, Relation,
    Value, visit,
};

/// `and` or `or` of two conditions.
type Join = fn(Box<Cond>, Box<Cond>) -> Cond;

/// What an expression is refused with.
pub(super) fn refused(span: Span, problem: &Problem) -> FindingDraft {
    match problem {
        Problem::Syntax(message) => expression_syntax::finding(span, message),
        Problem::NotANumber(text) => not_a_number::finding(span, text),
        Problem::TooLarge(text) => {
            out_of_range::number(span, text, "a number in an expression", 0, u32::MAX.into())
        }
    }
}

/// Lowers the expression in one scalar. `None` means that a finding has been added.
pub(super) struct Typer<'c, 'a, 'f> {
    cx: &'c mut Cx<'a, 'f>,
    node: NodeId,
    scope: &'c Scope,
    /// Where the expression begins in the scalar.
    base: usize,
    /// The key it stands in, if it is a key.
    key: Option<Span>,
}

impl<'c, 'a, 'f> Typer<'c, 'a, 'f> {
    pub(super) fn new(cx: &'c mut Cx<'a, 'f>, node: NodeId, scope: &'c Scope) -> Self {
        Self {
            cx,
            node,
            scope,
            base: 0,
            key: None,
        }
    }

    /// The same for an expression that begins further on in the scalar.
    pub(super) fn starting_at(mut self, base: usize) -> Self {
        self.base = base;
        self
    }

    /// The same for an expression that is a key.
    pub(super) fn at_key(mut self, key: Span) -> Self {
        self.key = Some(key);
        self
    }

    /// The whole scalar as a number.
    pub(super) fn number(mut self) -> Option<Num> {
        let ast = self.parse()?;
        self.num(&ast)
    }

    /// The whole scalar as a condition.
    pub(super) fn condition(mut self) -> Option<Cond> {
        let ast = self.parse()?;
        self.cond(&ast)
    }

    /// The whole scalar as a number or a condition.
    pub(super) fn value(mut self) -> Option<Value> {
        let ast = self.parse()?;
        self.typed(&ast)
    }

    /// A part of the scalar as a number.
    pub(super) fn number_in(mut self, text: &str) -> Option<Num> {
        let ast = self.parse_text(text)?;
        self.num(&ast)
    }

    /// The whole scalar as a new value of a field, whose value names it may use.
    pub(super) fn value_for(
        mut self,
        register: &Arc<Register>,
        field: &Arc<Field>,
    ) -> Option<Value> {
        let ast = self.parse()?;
        let value = match self.named_value(&ast, register, field) {
            Some(value) => Value::Num(value),
            None => {
                if let Some(word) = self.unknown_value(&ast, field) {
                    let finding = self.no_value(word, register, field);
                    return self.fail(finding);
                }
                self.typed(&ast)?
            }
        };
        let (at, target) = (ast.at, format!("{}.{}", register.name, field.name));
        if field.is_bit() {
            return Some(Value::Cond(match value {
                Value::Cond(cond) => cond,
                Value::Num(num) if num.range.max <= 1 => as_cond(num),
                Value::Num(num) => return self.too_large(at, &num, &target, 1),
            }));
        }
        let num = as_num(value);
        if matches!(num.kind, NumKind::Named { .. }) {
            // NS0307 checks that the named value fits the field.
            return Some(Value::Num(num));
        }
        if u64::from(num.range.max) > field.max() {
            return self.too_large(at, &num, &target, field.max());
        }
        Some(Value::Num(num))
    }

    /// The path that the scalar consists of, not resolved.
    pub(super) fn parsed_path(&mut self) -> Option<Path> {
        let text = self.cx.text(self.node, "a name")?;
        self.parsed(expr::parse_path(text))
    }

    fn parse(&mut self) -> Option<Ast> {
        let text = self.cx.text(self.node, "an expression")?;
        self.parse_text(text)
    }

    fn parse_text(&mut self, text: &str) -> Option<Ast> {
        self.parsed(expr::parse(text))
    }

    fn parsed<T>(&mut self, parsed: Result<T, SyntaxError>) -> Option<T> {
        match parsed {
            Ok(parsed) => Some(parsed),
            Err(SyntaxError { at, problem }) => {
                let span = self.span(at);
                self.fail(refused(span, &problem))
            }
        }
    }

    /// Reports a value that does not fit the thing called `target`.
    fn too_large<T>(&mut self, at: At, value: &Num, target: &str, max: u64) -> Option<T> {
        let (span, target) = (self.span(at), format!("`{target}`"));
        self.fail(too_large(span, value, &target, max))
    }

    fn span(&self, at: At) -> Span {
        if let Some(key) = self.key {
            return key;
        }
        self.cx
            .tree
            .part(self.node, self.base + at.start, self.base + at.end)
    }

    fn fail<T>(&mut self, finding: FindingDraft) -> Option<T> {
        self.cx.fail(finding)
    }

    fn num(&mut self, ast: &Ast) -> Option<Num> {
        self.typed(ast).map(as_num)
    }

    fn cond(&mut self, ast: &Ast) -> Option<Cond> {
        match self.typed(ast)? {
            Value::Cond(cond) => Some(cond),
            Value::Num(num) if num.range.max <= 1 => Some(as_cond(num)),
            Value::Num(_) => self.fail(type_mismatch::number_as_condition(self.span(ast.at))),
        }
    }

    fn typed(&mut self, ast: &Ast) -> Option<Value> {
        match &ast.kind {
            AstKind::Number { value, hex } => Some(Value::Num(literal(*value, *hex))),
            AstKind::Path(path) => self.path(path, ast.at),
            AstKind::Not(inner) => Some(Value::Cond(not(self.cond(inner)?))),
            AstKind::And(left, right) => self.both(left, right, (Cond::And, true)),
            AstKind::Or(left, right) => self.both(left, right, (Cond::Or, false)),
            AstKind::Invert(inner) => {
                let inner = self.num(inner)?;
                let range = Range {
                    min: !inner.range.max,
                    max: !inner.range.min,
                };
                Some(num(NumKind::Invert(Box::new(inner)), range))
            }
            AstKind::Binary { op, left, right } => self.binary(*op, left, right, ast.at),
            AstKind::Compare {
                relation,
                left,
                right,
            } => self.compare(*relation, left, right),
            AstKind::Call { function, argument } => self.call(function, argument),
            AstKind::Variant(names) => {
                let mut variants = self.cx.no_variant();
                let mut known = true;
                for name in names {
                    match self.cx.variants_of(&name.text, self.span(name.at)) {
                        Some(named) => variants = variants.or(&named),
                        None => known = false,
                    }
                }
                let is_none = variants.indices().next().is_none();
                known.then_some(Value::Cond(match variants.is_all() || is_none {
                    true => Cond::Literal(!is_none),
                    false => Cond::Variant(variants),
                }))
            }
        }
    }

    /// Two conditions; one that is `neutral` leaves the other as it is.
    fn both(&mut self, left: &Ast, right: &Ast, (join, neutral): (Join, bool)) -> Option<Value> {
        // In an inherited part, a test of variants may be constant, and what it excludes need not exist.
        let folds = self.span(left.at).file.is_inherited();
        let left = self.cond(left);
        if let (true, Some(Cond::Literal(value))) = (folds, &left) {
            return match *value == neutral {
                true => self.cond(right).map(Value::Cond),
                false => Some(Value::Cond(Cond::Literal(*value))),
            };
        }
        let right = self.cond(right);
        let (left, right) = (left?, right?);
        Some(Value::Cond(joined(folds, left, right, (join, neutral))))
    }

    fn compare(&mut self, relation: Relation, left: &Ast, right: &Ast) -> Option<Value> {
        let named = self
            .compare_completion(relation, left, right)
            .or_else(|| self.compare_with_name(relation, left, right));
        if let Some(value) = named {
            return value;
        }
        let (typed_left, typed_right) = (self.typed(left), self.typed(right));
        let (typed_left, typed_right) = (typed_left?, typed_right?);
        let (cond, bit) = match (&typed_left, &typed_right) {
            (Value::Cond(cond), Value::Num(num)) | (Value::Num(num), Value::Cond(cond)) => {
                (Some(cond), num.constant())
            }
            _ => (None, None),
        };
        if let (Some(cond), Some(bit @ (0 | 1)), Some(equal)) = (cond, bit, equality(relation)) {
            return Some(Value::Cond(holds(cond.clone(), equal == (bit == 1))));
        }
        let (left_num, right_num) = (as_num(typed_left), as_num(typed_right));
        if equality(relation).is_some() {
            for (num, other, at) in [
                (&left_num, &right_num, right.at),
                (&right_num, &left_num, left.at),
            ] {
                if let (Some(field), Some(value)) = (field_of(num), other.constant())
                    && u64::from(value) > field.max()
                {
                    let (name, max) = (field.name.clone(), field.max());
                    return self.too_large(at, other, &name, max);
                }
            }
        }
        Some(Value::Cond(Cond::Compare {
            relation,
            left: left_num,
            right: right_num,
        }))
    }

    /// `FIELD == name`, where the name is one of the field's values. `None` if it is another comparison.
    fn compare_with_name(
        &mut self,
        relation: Relation,
        left: &Ast,
        right: &Ast,
    ) -> Option<Option<Value>> {
        for (side, other) in [(left, right), (right, left)] {
            let (AstKind::Path(path), AstKind::Path(name)) = (&side.kind, &other.kind) else {
                return None;
            };
            let Some(word) = name.word() else { continue };
            if self.is_broken(path) && !self.is_known(&word.text) {
                return Some(None);
            }
            let Some((register, field)) = self.peek_field(path) else {
                continue;
            };
            let Some(value) = self.named_value(other, &register, &field) else {
                if self.is_known(&word.text) {
                    continue;
                }
                let finding = self.no_value(word, &register, &field);
                return Some(self.fail(finding));
            };
            let Some(typed) = self.typed(side) else {
                return Some(None);
            };
            return Some(Some(match (typed, equality(relation)) {
                (Value::Cond(cond), Some(equal)) => {
                    let one = value.constant() == Some(1);
                    Value::Cond(holds(cond, equal == one))
                }
                (typed, _) => {
                    let (left, right) = match std::ptr::eq(side, left) {
                        true => (as_num(typed), value),
                        false => (value, as_num(typed)),
                    };
                    Value::Cond(Cond::Compare {
                        relation,
                        left,
                        right,
                    })
                }
            }));
        }
        None
    }

    /// A lone name where a field with named values gets a new one, if nothing else has that name.
    fn unknown_value<'w>(&self, ast: &'w Ast, field: &Field) -> Option<&'w Word> {
        let AstKind::Path(path) = &ast.kind else {
            return None;
        };
        let word = path.word()?;
        let is_misspelt = !field.values.is_empty() && !self.is_known(&word.text);
        is_misspelt.then_some(word)
    }

    fn no_value(&self, word: &Word, register: &Register, field: &Field) -> FindingDraft {
        let values = field.values.iter().map(|value| value.name.as_str());
        let values: Vec<&str> = values.collect();
        let name = format!("{}.{}", register.name, field.name);
        unknown_name::of_field(self.span(word.at), &name, &word.text, &values)
    }

    /// A lone name that is one of the field's values.
    fn named_value(&self, ast: &Ast, register: &Arc<Register>, field: &Arc<Field>) -> Option<Num> {
        let AstKind::Path(path) = &ast.kind else {
            return None;
        };
        let word = path.word()?;
        let value = field.values.iter().find(|value| value.name == word.text)?;
        let number = u32::try_from(value.value).ok()?;
        let kind = NumKind::Named {
            register: Arc::clone(register),
            field: Arc::clone(field),
            value: Arc::clone(value),
        };
        Some(Num {
            kind,
            range: Range::exactly(number),
        })
    }
}

pub(super) fn literal(value: u32, hex: bool) -> Num {
    Num {
        kind: NumKind::Literal { value, hex },
        range: Range::exactly(value),
    }
}

/// Whether a relation asks for equality (`true`), its opposite (`false`), or something else.
fn equality(relation: Relation) -> Option<bool> {
    match relation {
        Relation::Equal => Some(true),
        Relation::NotEqual => Some(false),
        Relation::Less | Relation::LessOrEqual | Relation::Greater | Relation::GreaterOrEqual => {
            None
        }
    }
}

/// The field that a number is, if it is one.
fn field_of(num: &Num) -> Option<&Field> {
    match &num.kind {
        NumKind::Field(place) => Some(&place.field),
        NumKind::LocalField { field, .. } => Some(field),
        _ => None,
    }
}

/// A value as a number; a condition is 1 or 0.
pub(super) fn as_num(value: Value) -> Num {
    match value {
        Value::Num(num) => num,
        Value::Cond(Cond::Literal(value)) => literal(u32::from(value), false),
        Value::Cond(cond) => Num {
            kind: NumKind::FromCond(Box::new(cond)),
            range: Range::up_to(1),
        },
    }
}

/// A number of at most 1 as a condition.
fn as_cond(num: Num) -> Cond {
    match (num.constant(), num) {
        (Some(value), _) => Cond::Literal(value != 0),
        (
            None,
            Num {
                kind: NumKind::FromCond(cond),
                ..
            },
        ) => *cond,
        (None, num) => Cond::Compare {
            relation: Relation::NotEqual,
            left: num,
            right: literal(0, false),
        },
    }
}

/// A number with its range.
fn num(kind: NumKind, range: Range) -> Value {
    Value::Num(Num { kind, range })
}

/// A condition, or its opposite.
fn holds(cond: Cond, holds: bool) -> Cond {
    match holds {
        true => cond,
        false => not(cond),
    }
}

/// A number that does not fit its target.
pub(super) fn too_large(span: Span, num: &Num, target: &str, max: u64) -> FindingDraft {
    does_not_fit::finding(span, num.range.max.into(), target, max, &largest_given(num))
}

/// The largest values of what the port passes in for a number, to follow a sentence.
fn largest_given(num: &Num) -> String {
    struct Used(BTreeSet<&'static str>);
    impl visit::Visitor for Used {
        fn num(&mut self, num: &Num) {
            if let NumKind::Builtin { builtin, .. } = num.kind {
                self.0.insert(builtin.name());
            }
            visit::num(self, num);
        }
    }
    let mut used = Used(BTreeSet::new());
    visit::Visitor::num(&mut used, num);
    let used = Builtin::ALL
        .into_iter()
        .filter(|builtin| used.0.contains(builtin.name()));
    used.map(|builtin| {
        let (name, largest) = (builtin.name(), builtin.largest_in_words());
        format!("; that of `{name}` is {largest}")
    })
    .collect()
}

/// Two conditions as one; `neutral` leaves the other as it is. If it folds, a constant is no part of the result.
fn joined(folds: bool, left: Cond, right: Cond, (join, neutral): (Join, bool)) -> Cond {
    match (folds, &left, &right) {
        (true, Cond::Literal(value), _) if *value == neutral => right,
        (true, _, Cond::Literal(value)) if *value == neutral => left,
        (true, Cond::Literal(_), _) => left,
        (true, _, Cond::Literal(_)) => right,
        _ => join(Box::new(left), Box::new(right)),
    }
}

/// The opposite of a condition.
fn not(cond: Cond) -> Cond {
    match cond {
        Cond::Literal(value) => Cond::Literal(!value),
        Cond::Not(inner) => *inner,
        other => Cond::Not(Box::new(other)),
    }
}

/// A condition outside sequences.
pub(super) fn condition(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Cond> {
    Typer::new(cx, node, &Scope::facts()).condition()
}

/// A condition that identifies a device: outside sequences, but with its PCI configuration space.
pub(super) fn condition_on_device(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Cond> {
    Typer::new(cx, node, &Scope::device()).condition()
}

/// A field of a register. An array may be named without an index, which means every element.
pub(super) fn field_of_any_element(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<FieldPlace> {
    field_of_queues(cx, node, cx.limits.queues())
}

/// The same, where `queue` is one of the first `queues`.
pub(super) fn field_of_queues(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    queues: u32,
) -> Option<FieldPlace> {
    let scope = Scope::of_queue(queues);
    let path = Typer::new(cx, node, &scope).parsed_path()?;
    let register = cx.registers.find(&path.head.text).cloned();
    match (register, path.index.is_none(), path.rest.as_slice()) {
        (Some(register), true, [field]) if register.is_array => {
            let span = cx.tree.part(node, field.at.start, field.at.end);
            let field = cx.field(&register, &field.text, span)?;
            let index = None;
            Some(FieldPlace {
                place: Place { register, index },
                field,
            })
        }
        _ => Typer::new(cx, node, &scope).field_place_of(&path),
    }
}

/// A register, or a field of one.
pub(super) fn order_event(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<OrderEvent> {
    let names_field = cx.tree.text(node).is_some_and(|text| text.contains('.'));
    match names_field {
        true => field_of_any_element(cx, node).map(OrderEvent::Set),
        false => cx.register(node).map(OrderEvent::Written),
    }
}
