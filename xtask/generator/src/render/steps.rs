//! Steps of a sequence as statements.

use nicspecs::Printer;
use nicspecs::ir::{
    Action, Assign, Binding, Cond, Duration, Num, NumKind, OnTimeout, Passed, Place, Signature,
    Step, Unit, Written,
};

use super::expr::Scope;
use super::forms::{Block, Change, End, Form, Statement};
use super::inherited::passed_on;
use super::text::{comment, fits, identifier, local, sentence};
use super::used::Used;

/// Turns the steps of one sequence into statements.
pub struct Writer<'a> {
    scope: Scope<'a>,
    /// Whether the sequence's function returns a `Result`.
    fallible: bool,
    /// Name of the parameter of closures that change a register.
    r: &'static str,
    /// The names and registers that the sequence uses.
    used: &'a Used,
}

impl<'a> Writer<'a> {
    /// A writer for a sequence.
    pub fn new(scope: Scope<'a>, fallible: bool, used: &'a Used) -> Self {
        let r = if used.locals.contains("r") {
            "value"
        } else {
            "r"
        };
        Self {
            scope,
            fallible,
            r,
            used,
        }
    }

    /// The body of the sequence's function.
    pub fn body(&mut self, steps: &[Step]) -> Block {
        if let [before @ .., bound, returned] = steps
            && let Some(value) = self.returned_at_once(bound, returned)
        {
            let Block(mut statements) = self.block(before, 2);
            let why = if bound.why.is_some() { bound } else { returned };
            statements.push(Statement {
                comment: self.comment(why, 2),
                form: Form::Value(value),
            });
            return Block(statements);
        }
        let returns = matches!(
            steps.last().map(|last| &last.action),
            Some(Action::Return(_) | Action::ReturnMac(_))
        );
        let block = self.block(steps, 2);
        match self.fallible && !returns {
            true => block.checked(),
            false => block,
        }
    }

    /// `let x = f(); x` is `f()`.
    fn returned_at_once(&self, bound: &Step, returned: &Step) -> Option<String> {
        let Action::Return(Num {
            kind: NumKind::Local(returned),
            ..
        }) = &returned.action
        else {
            return None;
        };
        match &bound.action {
            Action::Run {
                callee,
                args,
                bind: Some(name),
            } if name == returned => {
                let call = self.call(callee, args);
                match self.scope.facts.is_fallible(callee) {
                    true => Some(call),
                    false => Some(self.returned(call)),
                }
            }
            Action::Let {
                name,
                value: Binding::Value(value),
            } if name == returned => Some(self.returned(self.scope.value(value))),
            _ => None,
        }
    }

    fn returned(&self, value: String) -> String {
        match self.fallible {
            true => format!("Ok({value})"),
            false => value,
        }
    }

    fn block(&mut self, steps: &[Step], level: usize) -> Block {
        let mut statements = Vec::new();
        for step in steps {
            let comment = self.comment(step, level);
            match &step.action {
                Action::Guard { enter, body, leave } => {
                    let mut guard = self.guard([enter, body, leave], level);
                    if let Some(first) = guard.first_mut() {
                        first.comment.splice(0..0, comment);
                    }
                    statements.extend(guard);
                }
                action => {
                    let form = self.form(action, level);
                    statements.push(Statement { comment, form });
                }
            }
        }
        Block(statements)
    }

    /// A body that cannot fail needs no closure, since the steps after it always run.
    fn guard(&mut self, [enter, body, leave]: [&[Step]; 3], level: usize) -> Vec<Statement> {
        let Block(mut statements) = self.block(enter, level);
        if self.scope.facts.fails(body) {
            statements.push(Statement::plain(Form::Guard {
                body: self.block(body, level + 1).checked(),
                leave: self.block(leave, level),
                end: End::Propagate,
            }));
        } else {
            statements.extend(self.block(body, level).0);
            statements.extend(self.block(leave, level).0);
        }
        statements
    }

    fn form(&mut self, action: &Action, level: usize) -> Form {
        match action {
            Action::Write { place, value } => self.write(place, value, level),
            Action::Modify { place, fields } => self.modify(place, fields),
            Action::WriteEach { register, value } => Form::WriteEach {
                array: format!("REGS.{}", identifier(&register.snake)),
                count: register.count(),
                value: match self.scope.facts.is_typed(register) {
                    true => from_bits(&register.type_name, value, self.scope.raw(value, register)),
                    false => self.scope.raw(value, register),
                },
            },
            Action::Let { name, value } => Form::Let {
                name: self.bound(name),
                value: match value {
                    Binding::Value(value) => self.scope.value(value),
                    Binding::Register(place) => self.scope.read(place),
                },
            },
            Action::Poll {
                until,
                every,
                within,
                on_timeout,
            } => {
                let places = self.locate(until);
                let form = Form::Poll {
                    what: literal(&Printer::new(self.scope.facts.nic.variants()).cond(until)),
                    every: self.duration(every),
                    within: self.duration(within),
                    until: self.scope.cond(until),
                    places,
                    end: match on_timeout {
                        OnTimeout::Fail => End::Propagate,
                        OnTimeout::Continue => End::Ignore,
                    },
                };
                self.scope.located.clear();
                form
            }
            Action::Delay(time) => Form::Delay(self.duration(time)),
            Action::Sleep(time) => Form::Sleep(self.duration(time)),
            Action::Flush(place) => Form::Flush(self.scope.place(place)),
            Action::Publish => Form::Publish,
            Action::If {
                cond,
                then,
                otherwise,
            } => Form::If {
                cond: self.scope.cond(cond),
                then: self.block(then, level + 1),
                otherwise: self.block(otherwise, level + 1),
            },
            Action::For {
                name,
                first,
                end,
                body,
            } => Form::For {
                name: match Used::by_steps(body).read.contains(name) {
                    true => local(name),
                    false => "_".to_owned(),
                },
                first: self.scope.num(first),
                end: self.scope.num(end),
                body: self.block(body, level + 1),
            },
            Action::Run { callee, args, bind } => Form::Run {
                bind: bind.as_deref().map(|name| self.bound(name)),
                call: self.call(callee, args),
                end: self
                    .scope
                    .facts
                    .is_fallible(callee)
                    .then_some(End::Propagate),
            },
            // A block separates a guard.
            Action::Guard { .. } => unreachable!("a guard is several statements"),
            Action::Verify { cond, otherwise } => Form::Verify {
                cond: self.scope.cond(cond),
                otherwise: literal(otherwise),
                end: End::Propagate,
            },
            Action::Fail(what) => Form::Fail {
                what: literal(what),
                end: End::Propagate,
            },
            Action::Return(value) => Form::Value(self.returned(self.scope.num(value))),
            Action::ReturnMac(octets) => self.mac(octets),
        }
    }

    /// A bound name, with an underscore before it if its value is not used.
    fn bound(&self, name: &str) -> String {
        match self.used.read.contains(name) {
            true => local(name),
            false => format!("_{name}"),
        }
    }

    /// Reads registers once from which several octets are used.
    fn mac(&mut self, octets: &[Num; 6]) -> Form {
        let mut reads = Vec::new();
        for place in Used::by_nums(octets).places {
            let name = own_name(&place, &reads);
            let of = |octet: &&Num| {
                Used::by_nums(std::slice::from_ref(*octet))
                    .places
                    .contains(&place)
            };
            let several = octets.iter().filter(of).count() > 1;
            let clears = place.register.access.read_clears();
            if several && !clears && !self.used.locals.contains(&name) {
                reads.push((name.clone(), self.scope.read(&place)));
                self.scope.read.push((place, name));
            }
        }
        let octets: Vec<_> = octets.iter().map(|octet| self.scope.num(octet)).collect();
        self.scope.read.clear();
        Form::Mac {
            reads,
            octets: octets.join(", "),
            value: self.returned("MacAddress(octets.map(|octet| octet as u8))".to_owned()),
        }
    }

    fn write(&self, place: &Place, value: &Written, level: usize) -> Form {
        let value = self.written(place, value);
        let place_text = self.scope.place(place);
        let fits = fits(&format!("{place_text}.write(bus, {value});"), level);
        let name = identifier(&place.register.snake);
        let bind = (!fits && !self.used.locals.contains(&name)).then_some(name);
        Form::Write {
            bind,
            place: place_text,
            value,
        }
    }

    fn written(&self, place: &Place, value: &Written) -> String {
        let register = &place.register;
        match value {
            Written::Number(value) if self.scope.facts.is_typed(register) => {
                from_bits(&register.type_name, value, self.scope.raw(value, register))
            }
            Written::Number(value) => self.scope.raw(value, register),
            Written::Fields(fields) => {
                let changes = fields.iter().map(|assign| self.change(place, assign));
                let with: String = changes
                    .map(|change| format!(".with_{}({})", change.field, change.value))
                    .collect();
                format!("{}::new(){with}", register.type_name)
            }
        }
    }

    fn modify(&mut self, place: &Place, fields: &[Assign]) -> Form {
        let mut changes: Vec<_> = fields
            .iter()
            .map(|assign| self.change(place, assign))
            .collect();
        // A closure cannot return from the function, so fallible values are computed before it.
        let mut bindings = Vec::new();
        for (change, assign) in changes.iter_mut().zip(fields) {
            if Used::by_value(&assign.value).elements() {
                let name = match self.used.locals.contains(&change.field) {
                    true => format!("{}_new", change.field),
                    false => identifier(&change.field),
                };
                let value = std::mem::replace(&mut change.value, name.clone());
                bindings.push((name, value));
            }
        }
        Form::Modify {
            bindings,
            place: self.scope.place(place),
            r: self.r,
            changes,
        }
    }

    fn change(&self, place: &Place, assign: &Assign) -> Change {
        Change {
            field: assign.field.snake.clone(),
            value: self.scope.assigned(&assign.value, &place.register),
        }
    }

    /// Names for the elements of arrays in a condition that a closure tests repeatedly.
    fn locate(&mut self, cond: &Cond) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for place in Used::by_conds([cond])
            .places
            .into_iter()
            .filter(|place| place.index.is_some())
        {
            let name = own_name(&place, &named);
            named.push((name.clone(), self.scope.place(&place)));
            self.scope.located.push((place, name));
        }
        named
    }

    fn call(&self, callee: &Signature, args: &[Passed]) -> String {
        let mut passed = vec!["bus".to_owned()];
        passed.extend(passed_on(callee, self.scope.buffer_size));
        passed.extend(args.iter().map(|arg| self.scope.num(&arg.value)));
        format!("self.{}({})", identifier(&callee.snake), passed.join(", "))
    }

    fn duration(&self, duration: &Duration) -> String {
        let count = self.scope.num(&duration.count);
        match (duration.unit, duration.count.constant()) {
            (Unit::Us, _) => format!("us({count})"),
            (Unit::Ms, _) => format!("ms({count})"),
            (Unit::S, Some(seconds)) => format!("ms({})", 1000 * u64::from(seconds)),
            (Unit::S, None) => format!("ms(1000 * {count})"),
        }
    }

    /// The reason for a step, its section, and whether a poll may fail.
    fn comment(&self, step: &Step, level: usize) -> Vec<String> {
        let section = step.section.as_deref();
        let reason = match (&step.why, section) {
            (Some(why), _) => Some(sentence(why, section)),
            (None, Some(section)) => Some(format!("Section {section}.")),
            (None, None) => None,
        };
        let patient = match &step.action {
            Action::Poll { on_timeout, .. } => *on_timeout == OnTimeout::Continue,
            _ => false,
        };
        let timeout = patient.then(|| "On a timeout, continue.".to_owned());
        let said: Vec<_> = reason.into_iter().chain(timeout).collect();
        match said.is_empty() {
            true => Vec::new(),
            false => comment("//", &said.join(" "), level),
        }
    }
}

/// A name for the element at a place, different from those of other elements of its array.
pub fn own_name(place: &Place, others: &[(String, String)]) -> String {
    let snake = &place.register.snake;
    let name = (0..).map(|n| match n {
        0 => identifier(snake),
        n => format!("{snake}_{n}"),
    });
    let mut free = name.filter(|name| others.iter().all(|(other, _)| other != name));
    free.next().unwrap_or_else(|| identifier(snake))
}

/// A register's value from its bits.
fn from_bits(type_name: &str, value: &Num, bits: String) -> String {
    match value.constant() {
        Some(0) => format!("{type_name}::new()"),
        _ => format!("{type_name}::from_bits({bits})"),
    }
}

/// A string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}
