//! Steps of a sequence as statements.

use std::collections::BTreeSet;

use nicspecs::Printer;
use nicspecs::ir::visit::Visitor as _;
use nicspecs::ir::{
    Action, Assign, Binding, Cond, Duration, Num, NumKind, OnTimeout, Passed, Place, Register,
    Signature, Step, Unit, Written,
};

use super::block::{Block, Statement, bindings};
use super::expr::Scope;

use super::inherited::passed_on;
use super::text::{comment, fits, identifier, sentence};
use super::used::Used;

/// Turns the steps of one sequence into statements.
pub struct Writer<'a> {
    scope: Scope<'a>,
    /// Whether the sequence's function returns a `Result`.
    fallible: bool,
    /// The names and registers that the sequence uses.
    used: &'a Used,
}

impl<'a> Writer<'a> {
    pub fn new(scope: Scope<'a>, fallible: bool, used: &'a Used) -> Self {
        Self {
            scope,
            fallible,
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
                ..Statement::plain(value)
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
            let mut own = match &step.action {
                Action::Guard { enter, body, leave } => self.guard([enter, body, leave], level),
                action => vec![self.statement(action, level)],
            };
            if let Some(first) = own.first_mut() {
                first.comment.splice(0..0, self.comment(step, level));
            }
            statements.extend(own);
        }
        Block(statements)
    }

    /// A body that cannot fail needs no closure, since the steps after it always run.
    fn guard(&mut self, [enter, body, leave]: [&[Step]; 3], level: usize) -> Vec<Statement> {
        let Block(mut statements) = self.block(enter, level);
        if self.scope.facts.fails(body) {
            let body = self.block(body, level + 1).checked();
            let leave = self.block(leave, level);
            let guarded = format!(
                "let guarded = || -> Result<(), Fault> {{{body}\n}};\nlet outcome = guarded();{leave}\n"
            );
            statements.push(Statement::fallible(&guarded, "outcome"));
        } else {
            statements.extend(self.block(body, level).0);
            statements.extend(self.block(leave, level).0);
        }
        statements
    }

    fn statement(&mut self, action: &Action, level: usize) -> Statement {
        Statement::plain(match action {
            Action::Write { place, value } => self.write(place, value, level),
            Action::Modify { place, fields } => self.modify(place, fields),
            Action::WriteEach { register, value } => format!(
                "for i in 0..{} {{ REGS.{}.at(i)?.write(bus, {}); }}",
                register.count(),
                identifier(&register.snake),
                self.number(register, value)
            ),
            Action::Let { name, value } => {
                let value = match value {
                    Binding::Value(value) => self.scope.value(value),
                    Binding::Register(place) => self.scope.read(place),
                };
                format!("let {} = {value};", self.bound(name))
            }
            Action::Poll {
                until,
                every,
                within,
                on_timeout,
            } => {
                let places = bindings(&self.locate(until));
                let poll = format!(
                    "poll(bus, {}, {}, {}, || {})",
                    literal(&Printer::new(self.scope.facts.nic.variants()).cond(until)),
                    self.duration(every),
                    self.duration(within),
                    self.scope.cond(until)
                );
                self.scope.located.clear();
                match on_timeout {
                    OnTimeout::Fail => return Statement::fallible(&places, &poll),
                    OnTimeout::Continue => format!("{places}let _ = {poll};"),
                }
            }
            Action::Delay(time) => format!("bus.delay({});", self.duration(time)),
            Action::Sleep(time) => format!("bus.sleep({});", self.duration(time)),
            Action::Flush(place) => format!("{}.read(bus);", self.scope.place(place)),
            Action::Publish => "bus.publish();".to_owned(),
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                let cond = self.scope.cond(cond);
                let then = self.block(then, level + 1);
                let otherwise = self.block(otherwise, level + 1);
                let otherwise = match otherwise.0.is_empty() {
                    true => String::new(),
                    false => format!(" else {{{otherwise}\n}}"),
                };
                format!("if {cond} {{{then}\n}}{otherwise}")
            }
            Action::For {
                name,
                first,
                end,
                body,
            } => {
                let name = match Used::by(|used| used.steps(body)).read.contains(name) {
                    true => identifier(name),
                    false => "_".to_owned(),
                };
                let (first, end) = (self.scope.num(first), self.scope.num(end));
                let body = self.block(body, level + 1);
                format!("for {name} in {first}..{end} {{{body}\n}}")
            }
            Action::Run { callee, args, bind } => {
                let call = self.call(callee, args);
                let bind = bind
                    .as_ref()
                    .map(|name| format!("let {} = ", self.bound(name)));
                match (bind, self.scope.facts.is_fallible(callee)) {
                    (None, true) => return Statement::fallible("", &call),
                    (Some(bind), true) => format!("{bind}{call}?;"),
                    (bind, false) => format!("{}{call};", bind.unwrap_or_default()),
                }
            }
            // A block separates a guard.
            Action::Guard { .. } => unreachable!("a guard is several statements"),
            Action::Verify { cond, otherwise } => {
                let (cond, otherwise) = (self.scope.cond(cond), literal(otherwise));
                return Statement::fallible("", &format!("verify({cond}, {otherwise})"));
            }
            Action::Fail(what) => {
                let error = format!("Err(Fault::Verify {{ what: {} }})", literal(what));
                return Statement {
                    result: Some(error.clone()),
                    ..Statement::plain(format!("return {error};"))
                };
            }
            Action::Return(value) => self.returned(self.scope.num(value)),
            Action::ReturnMac(octets) => self.mac(octets),
        })
    }

    /// A bound name, with an underscore before it if its value is not used.
    fn bound(&self, name: &str) -> String {
        match self.used.read.contains(name) {
            true => identifier(name),
            false => format!("_{name}"),
        }
    }

    /// Reads registers once from which several octets are used.
    fn mac(&mut self, octets: &[Num; 6]) -> String {
        let mut reads = Vec::new();
        let places = |octets: &[Num]| {
            let used = Used::by(|used| octets.iter().for_each(|octet| used.num(octet)));
            used.places
        };
        for place in places(octets) {
            let name = own_name(&place, &reads, &self.used.locals);
            let of = |octet: &&Num| places(std::slice::from_ref(*octet)).contains(&place);
            let several = octets.iter().filter(of).count() > 1;
            let clears = place.register.access.read_clears();
            if several && !clears {
                reads.push((name.clone(), self.scope.read(&place)));
                self.scope.read.push((place, name));
            }
        }
        let octets: Vec<_> = octets.iter().map(|octet| self.scope.num(octet)).collect();
        self.scope.read.clear();
        let value = self.returned("MacAddress(octets.map(|octet| octet as u8))".to_owned());
        let octets = octets.join(", ");
        format!("{}let octets = [{octets}];\n{value}", bindings(&reads))
    }

    fn write(&self, place: &Place, value: &Written, level: usize) -> String {
        let register = &place.register;
        let value = match value {
            Written::Number(value) => self.number(register, value),
            Written::Fields(fields) => {
                let new = format!("{}::new()", register.type_name);
                with(new, self.changes(place, fields))
            }
        };
        let place = self.scope.place(place);
        let whole = format!("{place}.write(bus, {value});");
        let name = identifier(&register.snake);
        match fits(&whole, level) || self.used.locals.contains(&register.snake) {
            true => whole,
            false => format!("let {name} = {value};\n{place}.write(bus, {name});"),
        }
    }

    /// A number as the value of a register.
    fn number(&self, register: &Register, value: &Num) -> String {
        let bits = self.scope.raw(value, register);
        match (self.scope.facts.is_typed(register), value.constant()) {
            (false, _) => bits,
            (true, Some(0)) => format!("{}::new()", register.type_name),
            (true, _) => format!("{}::from_bits({bits})", register.type_name),
        }
    }

    fn modify(&mut self, place: &Place, fields: &[Assign]) -> String {
        let mut changes = self.changes(place, fields);
        // A closure cannot return from the function, so fallible values are computed before it.
        let mut before = Vec::new();
        for ((field, value), assign) in changes.iter_mut().zip(fields) {
            if Used::by_value(&assign.value).elements() {
                let name = free_name(&format!("{field}_new"), |name| {
                    self.used.locals.contains(name)
                });
                before.push((name.clone(), std::mem::replace(value, name)));
            }
        }
        let place = self.scope.place(place);
        let changed = with("r".to_owned(), changes);
        format!("{}{place}.modify(bus, |r| {changed});", bindings(&before))
    }

    /// Fields and their new values.
    fn changes<'f>(&self, place: &Place, fields: &'f [Assign]) -> Vec<(&'f str, String)> {
        let value = |assign: &Assign| self.scope.assigned(&assign.value, &place.register);
        let changes = fields
            .iter()
            .map(|assign| (assign.field.snake.as_str(), value(assign)));
        changes.collect()
    }

    /// Names for the elements of arrays in a condition that a closure tests repeatedly.
    fn locate(&mut self, cond: &Cond) -> Vec<(String, String)> {
        let mut named = Vec::new();
        let places = Used::by(|used| used.cond(cond)).places.into_iter();
        for place in places.filter(|place| place.index.is_some()) {
            let name = own_name(&place, &named, &self.used.locals);
            named.push((name.clone(), self.scope.place(&place)));
            self.scope.located.push((place, name));
        }
        named
    }

    fn call(&self, callee: &Signature, args: &[Passed]) -> String {
        let mut passed = vec!["bus".to_owned()];
        let inherited = passed_on(callee, self.scope.buffer_size);
        passed.extend(inherited.into_iter().map(str::to_owned));
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
        let reason = match &step.why {
            Some(why) => Some(sentence(why, section)),
            None => section.map(|section| format!("Section {section}.")),
        };
        let timeout = match &step.action {
            Action::Poll {
                on_timeout: OnTimeout::Continue,
                ..
            } => Some("On a timeout, continue.".to_owned()),
            _ => None,
        };
        let parts: Vec<_> = reason.into_iter().chain(timeout).collect();
        match parts.is_empty() {
            true => Vec::new(),
            false => comment("//", &parts.join(" "), level),
        }
    }
}

/// A name for the register or element at a place, different from those of other places and from bound names.
pub fn own_name(place: &Place, others: &[(String, String)], locals: &BTreeSet<String>) -> String {
    let is_other = |name: &str| {
        let mut others = others.iter();
        others.any(|(other, _)| *other == identifier(name))
    };
    let snake = &place.register.snake;
    identifier(&free_name(snake, |name| {
        locals.contains(name) || is_other(name)
    }))
}

/// A name, with a number after it if it is taken.
fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (1..).map(|n| format!("{name}_{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !is_taken(name));
    free.expect("only so many names are taken")
}

/// The value of a register with some fields changed.
fn with(old: String, changes: Vec<(&str, String)>) -> String {
    changes.iter().fold(old, |value, (field, new)| {
        format!("{value}.with_{field}({new})")
    })
}

/// A string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}
