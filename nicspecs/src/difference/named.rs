//! The items that a step names, and how it uses them.

use crate::ir::visit::{self, Visitor};
use crate::ir::{
    Action, Assign, Binding, Cond, Field, Num, NumKind, Place, Register, Step, Value, Written,
};

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Register(String),
    Field(String, String),
    /// Named values of a field.
    Values(String, String, Vec<String>),
    Constant(String),
    Choice(String),
    DescriptorField(String, String),
    Descriptor(String),
    Sequence(String),
}

/// An item that a step names, and how the step uses it.
#[derive(Debug, PartialEq)]
enum Named {
    Register(String),
    Field(String, String),
    Value(String, String, String),
    Constant(String),
    Choice(String),
}

/// What a step itself names, without the steps inside it.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    names: Vec<(Named, &'static str)>,
    /// The register that the step writes as a whole, and with it fields that it does not name.
    whole: Option<String>,
    /// What is done with whatever is found in an expression.
    reads: &'static str,
}

impl Expressions {
    /// The registers among it.
    pub(super) fn registers(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter_map(|(named, _)| match named {
            Named::Register(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn register(&mut self, register: &Register, does: &'static str) {
        self.names
            .push((Named::Register(register.name.clone()), does));
    }

    fn field(&mut self, register: &Register, field: &Field, does: &'static str) {
        self.names.push((
            Named::Field(register.name.clone(), field.name.clone()),
            does,
        ));
    }

    fn assigned(&mut self, place: &Place, fields: &[Assign], does: &'static str) {
        self.register(&place.register, does);
        visit::place(self, place);
        for assign in fields {
            self.field(&place.register, &assign.field, does);
            match &assign.value {
                Value::Num(num) => self.num(num),
                Value::Cond(cond) => self.cond(cond),
            }
        }
    }

    /// What is done with the target; the first that fits.
    pub(super) fn does(&self, target: &Target) -> Option<&'static str> {
        let fits = |named: &Named| match (target, named) {
            (Target::Register(name), Named::Register(other))
            | (Target::Constant(name), Named::Constant(other))
            | (Target::Choice(name), Named::Choice(other)) => name == other,
            (Target::Field(register, field), Named::Field(other, of_other)) => {
                (register, field) == (other, of_other)
            }
            (Target::Values(register, field, values), Named::Value(other, of_other, value)) => {
                (register, field) == (other, of_other) && values.contains(value)
            }
            _ => false,
        };
        let named = self
            .names
            .iter()
            .find(|(named, _)| fits(named))
            .map(|(_, does)| *does);
        named.or_else(|| match target {
            Target::Field(register, _) if self.whole.as_ref() == Some(register) => {
                Some("writes over")
            }
            _ => None,
        })
    }
}

impl Visitor for Expressions {
    fn steps(&mut self, _: &[Step]) {
        // Inner steps are separate steps.
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Named {
                register,
                field,
                value,
            } => {
                let named = Named::Value(
                    register.name.clone(),
                    field.name.clone(),
                    value.name.clone(),
                );
                self.names.push((named, "uses"));
            }
            NumKind::Constant(constant) => {
                self.names
                    .push((Named::Constant(constant.name.clone()), "uses"));
            }
            NumKind::Choice(choice) => {
                self.names
                    .push((Named::Choice(choice.name.clone()), "follows"));
            }
            NumKind::LocalField {
                register, field, ..
            } => self.field(register, field, "uses"),
            NumKind::Field(field) => self.field(&field.place.register, &field.field, self.reads),
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Bit(field) => self.field(&field.place.register, &field.field, self.reads),
            Cond::LocalBit {
                register, field, ..
            } => self.field(register, field, "uses"),
            Cond::Choice(choice) => {
                self.names
                    .push((Named::Choice(choice.name.clone()), "follows"));
            }
            _ => {}
        }
        visit::cond(self, cond);
    }

    fn place(&mut self, place: &Place) {
        self.register(&place.register, self.reads);
        visit::place(self, place);
    }
}

/// What a step names.
pub(super) fn expressions(step: &Step) -> Expressions {
    let mut found = Expressions {
        names: Vec::new(),
        whole: match &step.action {
            Action::Write { place, .. } => Some(place.register.name.clone()),
            Action::WriteEach { register, .. } => Some(register.name.clone()),
            _ => None,
        },
        reads: match step.action {
            Action::Poll { .. } => "polls",
            Action::If { .. } | Action::Verify { .. } => "tests",
            _ => "reads",
        },
    };
    match &step.action {
        Action::Write {
            place,
            value: Written::Number(num),
        } => {
            found.assigned(place, &[], "writes");
            found.num(num);
        }
        Action::Write {
            place,
            value: Written::Fields(fields),
        } => found.assigned(place, fields, "writes"),
        Action::Modify { place, fields } => found.assigned(place, fields, "modifies"),
        Action::WriteEach { register, value } => {
            found.register(register, "writes");
            found.num(value);
        }
        Action::Let {
            value: Binding::Register(place),
            ..
        }
        | Action::Flush(place) => found.place(place),
        _ => visit::step(&mut found, step),
    }
    found
}
