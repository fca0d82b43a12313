//! Walks over steps and expressions.
//!
//! A visitor overrides the functions that it needs, and calls the function of the same name to visit the children.

use super::{Action, Binding, Cond, Num, NumKind, Place, Step, Value, Written};

/// Some steps and every step inside them, each before those inside it.
pub fn all(steps: &[Step]) -> Vec<&Step> {
    let mut found = Vec::new();
    for step in steps {
        found.push(step);
        found.extend(step.action.bodies().flat_map(all));
    }
    found
}

/// A visitor of steps and expressions.
pub trait Visitor {
    /// Looks at each of some steps.
    fn steps(&mut self, steps: &[Step]) {
        for each in steps {
            self.step(each);
        }
    }

    /// Looks at a step.
    fn step(&mut self, step: &Step) {
        self::step(self, step);
    }

    /// Looks at a number.
    fn num(&mut self, num: &Num) {
        self::num(self, num);
    }

    /// Looks at a condition.
    fn cond(&mut self, cond: &Cond) {
        self::cond(self, cond);
    }

    /// Looks at a register or an element of an array.
    fn place(&mut self, place: &Place) {
        self::place(self, place);
    }
}

/// Everything in a step.
pub fn step<V: Visitor + ?Sized>(visitor: &mut V, step: &Step) {
    match &step.action {
        Action::Write {
            place,
            value: Written::Number(num),
        } => {
            visitor.place(place);
            visitor.num(num);
        }
        Action::Write {
            place,
            value: Written::Fields(fields),
        }
        | Action::Modify { place, fields } => {
            visitor.place(place);
            let values = fields.iter().map(|assign| &assign.value);
            values.for_each(|value| value_of(visitor, value));
        }
        Action::WriteEach { value, .. } => visitor.num(value),
        Action::Let {
            value: Binding::Value(value),
            ..
        } => value_of(visitor, value),
        Action::Let {
            value: Binding::Register(place),
            ..
        }
        | Action::Flush(place) => visitor.place(place),
        Action::Poll { until, .. } => visitor.cond(until),
        Action::Delay(duration) | Action::Sleep(duration) => visitor.num(&duration.count),
        Action::If { cond, .. } | Action::Verify { cond, .. } => visitor.cond(cond),
        Action::For { first, end, .. } => {
            visitor.num(first);
            visitor.num(end);
        }
        Action::Run { args, .. } => args.iter().for_each(|passed| visitor.num(&passed.value)),
        Action::Return(num) => visitor.num(num),
        Action::ReturnMac(octets) => octets.iter().for_each(|num| visitor.num(num)),
        Action::Publish | Action::Fail(_) | Action::Guard { .. } => {}
    }
    for body in step.action.bodies() {
        visitor.steps(body);
    }
}

fn value_of<V: Visitor + ?Sized>(visitor: &mut V, value: &Value) {
    match value {
        Value::Num(num) => visitor.num(num),
        Value::Cond(cond) => visitor.cond(cond),
    }
}

/// The operands of a number.
pub fn num<V: Visitor + ?Sized>(visitor: &mut V, num: &Num) {
    match &num.kind {
        NumKind::Literal { .. }
        | NumKind::Named { .. }
        | NumKind::Constant(_)
        | NumKind::Choice(_)
        | NumKind::Local(_)
        | NumKind::LocalField { .. }
        | NumKind::LocalRegister { .. } => {}
        NumKind::Builtin { index, .. } => index.iter().for_each(|index| visitor.num(index)),
        NumKind::Register(place) => visitor.place(place),
        NumKind::Field(field) => visitor.place(&field.place),
        NumKind::FromCond(cond) => visitor.cond(cond),
        NumKind::Invert(inner)
        | NumKind::Call {
            argument: inner, ..
        } => visitor.num(inner),
        NumKind::Binary { left, right, .. } => {
            visitor.num(left);
            visitor.num(right);
        }
    }
}

/// The operands of a condition.
pub fn cond<V: Visitor + ?Sized>(visitor: &mut V, cond: &Cond) {
    match cond {
        Cond::Literal(_)
        | Cond::LocalBit { .. }
        | Cond::Local(_)
        | Cond::Choice(_)
        | Cond::Given(_)
        | Cond::Completion(_)
        | Cond::Variant(_) => {}
        Cond::Bit(field) => visitor.place(&field.place),
        Cond::Not(inner) => visitor.cond(inner),
        Cond::And(left, right) | Cond::Or(left, right) => {
            visitor.cond(left);
            visitor.cond(right);
        }
        Cond::Compare { left, right, .. } => {
            visitor.num(left);
            visitor.num(right);
        }
    }
}

/// The index of a place.
pub fn place<V: Visitor + ?Sized>(visitor: &mut V, place: &Place) {
    if let Some(index) = &place.index {
        visitor.num(index);
    }
}
