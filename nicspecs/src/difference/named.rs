//! The items that a step names, and how it uses them.

use super::change::Subject;
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Assign, Cond, Field, Num, NumKind, Place, Register, Step, Value, Written};

/// What is looked for.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) subject: &'a Subject,
    /// Only these named values of a field.
    pub(super) values: Option<Vec<&'a str>>,
}

/// An item that a step names, and how the step uses it.
#[derive(Debug)]
struct Named {
    subject: Subject,
    /// The named value of the field, if it is one.
    value: Option<String>,
    does: &'static str,
}

/// What a step itself names, without the steps inside it.
#[derive(Debug)]
pub(super) struct Expressions<'a> {
    names: Vec<Named>,
    /// The register that the step writes as a whole, and with it fields that it does not name.
    whole: Option<&'a str>,
    /// What is done with whatever is found in an expression.
    reads: &'static str,
}

impl Expressions<'_> {
    /// The registers among it.
    pub(super) fn registers(&self) -> impl Iterator<Item = &str> {
        let is_register =
            |subject: &Subject| subject.chapter == "registers" && subject.field.is_none();
        let registers = self
            .names
            .iter()
            .filter(move |named| is_register(&named.subject));
        registers.filter_map(|named| named.subject.name.as_deref())
    }

    fn add(&mut self, subject: Subject, does: &'static str) {
        self.names.push(Named {
            subject,
            value: None,
            does,
        });
    }

    fn register(&mut self, register: &Register, does: &'static str) {
        self.add(Subject::named("registers", &register.name), does);
    }

    fn field(&mut self, register: &Register, field: &Field, does: &'static str) {
        self.add(
            Subject::field("registers", &register.name, &field.name),
            does,
        );
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
    pub(super) fn does(&self, target: &Target<'_>) -> Option<&'static str> {
        let Target { subject, values } = target;
        let fits = |named: &&Named| {
            let fits = match (values, &named.value) {
                (Some(values), Some(value)) => values.contains(&value.as_str()),
                (values, value) => values.is_none() && value.is_none(),
            };
            fits && named.subject == **subject
        };
        let named = self.names.iter().find(fits).map(|named| named.does);
        let is_in_whole =
            values.is_none() && subject.field.is_some() && self.whole == subject.name.as_deref();
        named.or((is_in_whole && subject.chapter == "registers").then_some("writes over"))
    }
}

impl Visitor for Expressions<'_> {
    fn steps(&mut self, _: &[Step]) {
        // Inner steps are separate steps.
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Named {
                register,
                field,
                value,
            } => self.names.push(Named {
                subject: Subject::field("registers", &register.name, &field.name),
                value: Some(value.name.clone()),
                does: "uses",
            }),
            NumKind::Constant(constant) => {
                self.add(Subject::named("constants", &constant.name), "uses");
            }
            NumKind::Choice(choice) => self.add(Subject::named("options", &choice.name), "follows"),
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
            Cond::Choice(choice) => self.add(Subject::named("options", &choice.name), "follows"),
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
pub(super) fn expressions(step: &Step) -> Expressions<'_> {
    let mut found = Expressions {
        names: Vec::new(),
        whole: match &step.action {
            Action::Write { place, .. } => Some(&place.register.name),
            Action::WriteEach { register, .. } => Some(&register.name),
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
        Action::Run { callee, .. } => {
            found.add(Subject::named("sequences", &callee.name), "runs");
            visit::step(&mut found, step);
        }
        _ => visit::step(&mut found, step),
    }
    found
}
