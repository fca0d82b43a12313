//! Steps of a sequence as statements.

use std::collections::BTreeSet;
use std::fmt;

use askama::Template;
use nicspecs::ir::{
    Access, Action, Assign, Binding, Cond, Duration, Num, NumKind, OnTimeout, Passed, Place,
    Signature, Step, Unit, Written,
};

use super::expr::Scope;
use super::functions::passed_on;
use super::text::{comment, fits, identifier, sentence};
use super::used::Used;
use super::words;

/// A statement and the comment above it.
#[derive(Template)]
#[template(path = "statement.rs.jinja", escape = "none")]
pub struct Statement {
    comment: Vec<String>,
    form: Form,
}

/// Statements in braces.
pub struct Block(Vec<Statement>);

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|statement| write!(f, "{statement}"))
    }
}

/// What a statement does.
enum Form {
    Write {
        /// A name for a value that is too long for the line.
        bind: Option<String>,
        place: String,
        value: String,
    },
    Modify {
        bindings: Vec<(String, String)>,
        place: String,
        r: &'static str,
        changes: Vec<Change>,
    },
    WriteEach {
        array: String,
        count: u32,
        value: String,
    },
    Let {
        name: String,
        value: String,
    },
    Poll {
        places: Vec<(String, String)>,
        what: String,
        every: String,
        within: String,
        until: String,
        end: End,
    },
    Delay(String),
    Sleep(String),
    Flush(String),
    Publish,
    If {
        cond: String,
        then: Block,
        otherwise: Block,
    },
    For {
        name: String,
        first: String,
        end: String,
        body: Block,
    },
    Run {
        bind: Option<String>,
        call: String,
        end: End,
    },
    Guard {
        body: Block,
        leave: Block,
        end: End,
    },
    Verify {
        cond: String,
        otherwise: String,
        end: End,
    },
    Mac {
        reads: Vec<(String, String)>,
        octets: String,
        returns: bool,
        value: String,
    },
    /// The value of a block.
    Value(String),
    /// A value that ends the function early.
    Return(String),
}

/// A field and its new value.
struct Change {
    with: String,
    value: String,
}

/// What happens to the `Result` of a statement.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// It is the block's own.
    Tail,
    /// An error ends the function.
    Propagate,
    /// An error changes nothing.
    Ignore,
    /// There is none.
    Plain,
}

impl End {
    fn start(self) -> &'static str {
        match self {
            Self::Ignore => "let _ = ",
            _ => "",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Tail => "",
            Self::Propagate => "?;",
            Self::Ignore | Self::Plain => ";",
        }
    }
}

/// What a block has to end with.
#[derive(Clone, Copy, PartialEq)]
pub enum Ending {
    /// Nothing: more follows.
    Open,
    /// `()`
    Unit,
    /// `Result<(), Fault>`
    Checked,
    /// The number or address that the sequence returns.
    Value,
    /// The same in a `Result`.
    CheckedValue,
}

impl Ending {
    fn is_result(self) -> bool {
        matches!(self, Self::Checked | Self::CheckedValue)
    }

    fn has_value(self) -> bool {
        matches!(self, Self::Value | Self::CheckedValue)
    }

    fn of(self, value: String) -> String {
        match self.is_result() {
            true => format!("Ok({value})"),
            false => value,
        }
    }
}

/// Turns the steps of one sequence into statements.
pub struct Writer<'a> {
    scope: Scope<'a>,
    /// Section of the whole sequence.
    section: &'a str,
    /// How the sequence's function ends.
    ending: Ending,
    /// Name of the parameter of closures that change a register.
    r: &'static str,
    /// Names that the sequence binds.
    locals: &'a BTreeSet<String>,
}

impl<'a> Writer<'a> {
    /// A writer for a sequence.
    pub fn new(scope: Scope<'a>, section: &'a str, ending: Ending, used: &'a Used) -> Self {
        let r = if used.locals.contains("r") {
            "value"
        } else {
            "r"
        };
        Self {
            scope,
            section,
            ending,
            r,
            locals: &used.locals,
        }
    }

    /// The body of the function.
    pub fn body(&mut self, steps: &[Step]) -> Block {
        self.block(steps, self.ending, 2)
    }

    fn block(&mut self, steps: &[Step], ending: Ending, level: usize) -> Block {
        let mut statements = Vec::new();
        let mut ended = false;
        let mut rest = steps;
        while let [step, after @ ..] = rest {
            rest = after;
            if let (Some(value), [next]) = (self.returned_at_once(step, after), after)
                && ending.has_value()
            {
                let why = self.comment(if step.why.is_some() { step } else { next }, level);
                statements.push(Statement {
                    comment: why,
                    form: Form::Value(value),
                });
                ended = true;
                break;
            }
            let last = after.is_empty() && ending != Ending::Open;
            ended = self.step(
                step,
                if last { ending } else { Ending::Open },
                level,
                &mut statements,
            );
        }
        if !ended && ending == Ending::Checked {
            statements.push(Statement {
                comment: Vec::new(),
                form: Form::Value("Ok(())".to_owned()),
            });
        }
        Block(statements)
    }

    /// `let x = f(); x` is `f()`.
    fn returned_at_once(&self, step: &Step, after: &[Step]) -> Option<String> {
        let [
            Step {
                action:
                    Action::Return(Num {
                        kind: NumKind::Local(returned),
                        ..
                    }),
                ..
            },
        ] = after
        else {
            return None;
        };
        let (bound, value) = match &step.action {
            Action::Run {
                callee,
                args,
                bind: Some(bind),
            } => {
                let call = self.call(callee, args);
                let value = match (
                    self.scope.facts.is_fallible(callee),
                    self.ending.is_result(),
                ) {
                    (true, _) => call,
                    (false, _) => self.ending.of(call),
                };
                (bind, value)
            }
            Action::Let {
                name,
                value: Binding::Value(value),
            } => (name, self.ending.of(self.scope.value(value))),
            _ => return None,
        };
        (bound == returned).then_some(value)
    }

    /// Adds the statements of a step; true if nothing has to follow it for the block to end as it must.
    fn step(
        &mut self,
        step: &Step,
        ending: Ending,
        level: usize,
        statements: &mut Vec<Statement>,
    ) -> bool {
        let comment = self.comment(step, level);
        let tail = ending == Ending::Checked;
        let end = |result: bool| match (result, tail) {
            (true, true) => End::Tail,
            (true, false) => End::Propagate,
            (false, _) => End::Plain,
        };
        let form = match &step.action {
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
                name: identifier(name),
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
                let end = if *on_timeout == OnTimeout::Fail {
                    end(true)
                } else {
                    End::Ignore
                };
                let places = self.locate(until);
                let form = Form::Poll {
                    what: literal(&words::cond(self.scope.facts.nic, until)),
                    every: self.duration(every),
                    within: self.duration(within),
                    until: self.scope.cond(until),
                    places,
                    end,
                };
                self.scope.located.clear();
                statements.push(Statement { comment, form });
                return end == End::Tail;
            }
            Action::Delay(time) => Form::Delay(self.duration(time)),
            Action::Sleep(time) => Form::Sleep(self.duration(time)),
            Action::Flush(place) => Form::Flush(self.scope.place(place)),
            Action::Publish => Form::Publish,
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                let inner = if ending.has_value() {
                    ending
                } else {
                    Ending::Open
                };
                let form = Form::If {
                    cond: self.scope.cond(cond),
                    then: self.block(then, inner, level + 1),
                    otherwise: self.block(otherwise, inner, level + 1),
                };
                statements.push(Statement { comment, form });
                return inner != Ending::Open;
            }
            Action::For {
                name,
                first,
                end,
                body,
            } => Form::For {
                name: identifier(name),
                first: self.scope.num(first),
                end: self.scope.num(end),
                body: self.block(body, Ending::Open, level + 1),
            },
            Action::Run { callee, args, bind } => {
                let end = match bind {
                    None => end(self.scope.facts.is_fallible(callee)),
                    Some(_) if self.scope.facts.is_fallible(callee) => End::Propagate,
                    Some(_) => End::Plain,
                };
                let bind = bind.as_deref().map(identifier);
                statements.push(Statement {
                    comment,
                    form: Form::Run {
                        bind,
                        call: self.call(callee, args),
                        end,
                    },
                });
                return end == End::Tail;
            }
            Action::Guard { enter, body, leave } => {
                return self.guard([enter, body, leave], comment, ending, level, statements);
            }
            Action::Verify { cond, otherwise } => {
                let form = Form::Verify {
                    cond: self.scope.cond(cond),
                    otherwise: literal(otherwise),
                    end: end(true),
                };
                statements.push(Statement { comment, form });
                return tail;
            }
            Action::Fail(what) => {
                let fault = format!("Err(Fault::Verify {{ what: {} }})", literal(what));
                match ending.is_result() {
                    true => Form::Value(fault),
                    false => Form::Return(fault),
                }
            }
            Action::Return(value) => self.returned(self.scope.num(value), ending),
            Action::ReturnMac(octets) => self.mac(octets, ending),
        };
        let ends = matches!(form, Form::Value(_) | Form::Return(_) | Form::Mac { .. });
        statements.push(Statement { comment, form });
        ends
    }

    /// Registers of which several octets are taken are read once.
    fn mac(&mut self, octets: &[Num; 6], ending: Ending) -> Form {
        let mut reads = Vec::new();
        for place in Used::by_nums(octets).places {
            let name = identifier(&place.register.snake);
            if place.register.access != Access::ReadClears && !self.locals.contains(&name) {
                reads.push((name.clone(), self.scope.read(&place)));
                self.scope.read.push((place, name));
            }
        }
        let octets: Vec<_> = octets.iter().map(|octet| self.scope.num(octet)).collect();
        self.scope.read.clear();
        let value = self
            .ending
            .of("MacAddress(octets.map(|octet| octet as u8))".to_owned());
        Form::Mac {
            reads,
            octets: octets.join(", "),
            returns: !ending.has_value(),
            value,
        }
    }

    fn returned(&self, value: String, ending: Ending) -> Form {
        let value = self.ending.of(value);
        if ending.has_value() {
            Form::Value(value)
        } else {
            Form::Return(value)
        }
    }

    /// A body that cannot fail needs no closure: what comes after it runs anyway.
    fn guard(
        &mut self,
        [enter, body, leave]: [&[Step]; 3],
        mut comment: Vec<String>,
        ending: Ending,
        level: usize,
        statements: &mut Vec<Statement>,
    ) -> bool {
        let mut flat = |this: &mut Self, steps: &[Step], ending| {
            let Block(mut inner) = this.block(steps, ending, level);
            if let Some(first) = inner.first_mut() {
                first.comment.splice(0..0, std::mem::take(&mut comment));
            }
            statements.extend(inner);
        };
        flat(self, enter, Ending::Open);
        if !self.scope.facts.fails(body) {
            flat(self, body, Ending::Open);
            flat(self, leave, Ending::Open);
            return false;
        }
        let end = if ending == Ending::Checked {
            End::Tail
        } else {
            End::Propagate
        };
        let form = Form::Guard {
            body: self.block(body, Ending::Checked, level + 1),
            leave: self.block(leave, Ending::Open, level),
            end,
        };
        statements.push(Statement {
            comment: Vec::new(),
            form,
        });
        end == End::Tail
    }

    fn write(&self, place: &Place, value: &Written, level: usize) -> Form {
        let value = self.written(place, value);
        let place_text = self.scope.place(place);
        let fits = fits(&format!("{place_text}.write(bus, {value});"), level);
        let name = identifier(&place.register.snake);
        let bind = (!fits && !self.locals.contains(&name)).then_some(name);
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
                    .map(|change| format!(".with_{}({})", change.with, change.value))
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
        // A closure cannot end the function, so what may fail is computed before it.
        let mut bindings = Vec::new();
        for (change, assign) in changes.iter_mut().zip(fields) {
            if Used::by_value(&assign.value).elements() {
                bindings.push((
                    change.with.clone(),
                    std::mem::replace(&mut change.value, change.with.clone()),
                ));
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
            with: identifier(&assign.field.snake),
            value: self.scope.assigned(&assign.value, &place.register),
        }
    }

    /// Names for the elements of arrays in a condition that a closure asks again and again.
    fn locate(&mut self, cond: &Cond) -> Vec<(String, String)> {
        let mut named = Vec::new();
        for place in Used::by_conds([cond])
            .places
            .into_iter()
            .filter(|place| place.index.is_some())
        {
            let register = &place.register;
            let taken = named
                .iter()
                .filter(|(name, _): &&(String, String)| name.starts_with(&register.snake))
                .count();
            let name = match taken {
                0 => identifier(&register.snake),
                _ => format!("{}_{taken}", register.snake),
            };
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

    /// Why a step is taken; without a reason, only a section that the code does not lead to.
    fn comment(&self, step: &Step, level: usize) -> Vec<String> {
        let section = step.section.as_deref();
        match (&step.why, section) {
            (Some(why), _) => comment("//", &sentence(why, section), level),
            (None, Some(section)) if section != self.section && !is_own(&step.action, section) => {
                comment("//", &format!("Section {section}."), level)
            }
            _ => Vec::new(),
        }
    }
}

/// Whether the section is that of the register concerned.
fn is_own(action: &Action, section: &str) -> bool {
    match action {
        Action::Write { place, .. } | Action::Modify { place, .. } | Action::Flush(place) => {
            place.register.section == section
        }
        Action::WriteEach { register, .. } => register.section == section,
        Action::Poll { until, .. } => Used::by_conds([until])
            .places
            .iter()
            .any(|place| place.register.section == section),
        _ => false,
    }
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
