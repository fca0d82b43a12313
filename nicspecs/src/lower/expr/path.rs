//! Names in expressions.

use std::sync::Arc;

use super::{Typer, largest_given, num};
use crate::diagnostic::{FindingDraft, Span};
use crate::errors::{
    array_index, not_given, read_write_only, scheme_not_listed, type_mismatch, unknown_name,
};
use crate::expr::{Ast, AstKind, At, Path, Word};
use crate::ir::builtin::{COMPLETION, Given, heads, is_head};
use crate::ir::{
    Builtin, Cond, Field, FieldPlace, Need, Num, NumKind, Place, Range, Register, Relation, Scheme,
    Value,
};
use crate::lower::cx::{Part, RssSize, broken_field};
use crate::lower::scope::LocalKind;

impl Typer<'_, '_, '_> {
    pub(super) fn path(&mut self, path: &Path, at: At) -> Option<Value> {
        let head = path.head.text.as_str();
        if let Some(local) = self.scope.local(head).cloned() {
            return self.local(path, local);
        }
        if self.cx.registers.has(head) {
            return self.register(path, at);
        }
        if is_head(head) {
            return self.builtin(path, at);
        }
        if let Some(word) = path.word() {
            if let Some(constant) = self.cx.constant(head).cloned() {
                self.cx.used_names.insert(word.text.clone());
                let range = constant.range();
                return Some(num(NumKind::Constant(constant), range));
            }
            if let Some(option) = self.cx.option(head).cloned() {
                self.cx.used_names.insert(word.text.clone());
                let range = Range::up_to(option.max);
                return Some(match option.is_switch() {
                    true => Value::Cond(Cond::Choice(option)),
                    false => num(NumKind::Choice(option), range),
                });
            }
            if self.cx.broken.contains(head) {
                return None;
            }
        }
        self.unknown(&path.head)
    }

    /// Whether a name is declared as something other than a value of a field.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.scope.local(name).is_some()
            || is_head(name)
            || self.cx.registers.has(name)
            || self.cx.broken.contains(name)
            || self.cx.constant(name).is_some()
            || self.cx.option(name).is_some()
    }

    /// The field that a path names, if it names one; reports no errors.
    pub(super) fn peek_field(&self, path: &Path) -> Option<(Arc<Register>, Arc<Field>)> {
        let [field] = path.rest.as_slice() else {
            return None;
        };
        let register = match self.scope.local(&path.head.text) {
            Some(LocalKind::Register(register)) => register,
            Some(_) => return None,
            None => self.cx.registers.find(&path.head.text)?,
        };
        Some((
            Arc::clone(register),
            Arc::clone(register.field(&field.text)?),
        ))
    }

    /// Whether a path names something that could not be read, which has been reported where it stands.
    pub(super) fn is_broken(&self, path: &Path) -> bool {
        let head = path.head.text.as_str();
        let register = match self.scope.local(head) {
            Some(LocalKind::Broken) => return true,
            Some(LocalKind::Register(register)) => register,
            Some(LocalKind::Num(_) | LocalKind::Cond) => return false,
            None => match self.cx.registers.find(head) {
                Some(register) => register,
                None => return self.cx.registers.has(head),
            },
        };
        path.rest.iter().any(|field| {
            self.cx
                .broken
                .contains(&broken_field(&register.name, &field.text))
        })
    }

    fn unknown(&mut self, word: &Word) -> Option<Value> {
        let name = word.text.as_str();
        // Only names of registers are in capitals; a name that is close to one of them gets a suggestion.
        let kind = match name.starts_with(|c: char| c.is_ascii_uppercase()) {
            true => "register",
            false => "name",
        };
        let locals = self.scope.locals.iter().map(|local| local.name.as_str());
        let constants = self
            .cx
            .constants
            .iter()
            .map(|constant| constant.name.as_str());
        let options = self.cx.options.iter().map(|option| option.name.as_str());
        let mut known: Vec<&str> = locals.chain(self.cx.registers.names()).collect();
        known.extend(heads());
        known.extend(constants.chain(options));
        let finding = unknown_name::finding(self.span(word.at), kind, name, &known);
        self.fail(finding)
    }

    fn local(&mut self, path: &Path, local: LocalKind) -> Option<Value> {
        let name = &path.head.text;
        if let LocalKind::Broken = local {
            return None;
        }
        if path.index.is_some() {
            let finding = array_index::not_an_array(self.span(path.head.at), name);
            return self.fail(finding);
        }
        match (local, path.rest.as_slice()) {
            (LocalKind::Num(range), []) => Some(num(NumKind::Local(name.clone()), range)),
            (LocalKind::Cond, []) => Some(Value::Cond(Cond::Local(name.clone()))),
            (LocalKind::Register(register), []) => {
                let range = Range::up_to(u32::try_from(register.max()).unwrap_or(u32::MAX));
                let local = name.clone();
                Some(num(NumKind::LocalRegister { local, register }, range))
            }
            (LocalKind::Register(register), [field]) => {
                let field = self.cx.field(&register, &field.text, self.span(field.at))?;
                let (local, range) = (name.clone(), range_of(&field));
                Some(match field.is_bit() {
                    true => Value::Cond(Cond::LocalBit {
                        local,
                        register,
                        field,
                    }),
                    false => num(
                        NumKind::LocalField {
                            local,
                            register,
                            field,
                        },
                        range,
                    ),
                })
            }
            (_, rest) => {
                let at = rest[0].at;
                let finding = type_mismatch::no_fields(self.span(at), name);
                self.fail(finding)
            }
        }
    }

    fn register(&mut self, path: &Path, at: At) -> Option<Value> {
        let place = self.place(path)?;
        let register = Arc::clone(&place.register);
        if !register.access.can_read() {
            let finding = read_write_only::finding(self.span(at), &register.name);
            return self.fail(finding);
        }
        match path.rest.as_slice() {
            [] => {
                let Ok(max) = u32::try_from(register.max()) else {
                    let finding =
                        type_mismatch::too_wide(self.span(at), &register.name, register.width);
                    return self.fail(finding);
                };
                Some(num(NumKind::Register(place), Range::up_to(max)))
            }
            [field, ..] => {
                let field = self.only_field(&register, path, field)?;
                if field.width > 32 {
                    let finding = type_mismatch::too_wide(self.span(at), &field.name, field.width);
                    return self.fail(finding);
                }
                let range = range_of(&field);
                let at = FieldPlace { place, field };
                Some(match at.field.is_bit() {
                    true => Value::Cond(Cond::Bit(at)),
                    false => num(NumKind::Field(at), range),
                })
            }
        }
    }

    /// The register, or element of an array, at the head of a path.
    pub(crate) fn place(&mut self, path: &Path) -> Option<Place> {
        let span = self.span(path.head.at);
        let registers = &self.cx.registers;
        let register = registers.get(&path.head.text, span, self.cx.findings)?;
        let index = match &path.index {
            Some(index) => {
                let num = self.num(index)?;
                if !register.is_array {
                    return self.fail(array_index::not_an_array(span, &register.name));
                }
                let (name, count) = (&register.name, register.count());
                if num.range.max >= count {
                    let at = self.span(index.at);
                    return self.fail(past_the_end(at, name, count, &num));
                }
                Some(Box::new(num))
            }
            None if register.is_array => {
                let finding = array_index::missing(span, &register.name, register.count());
                return self.fail(finding);
            }
            None => None,
        };
        Some(Place { register, index })
    }

    /// The field at the end of a path.
    pub(crate) fn only_field(
        &mut self,
        register: &Register,
        path: &Path,
        field: &Word,
    ) -> Option<Arc<Field>> {
        if let Some(more) = path.rest.get(1) {
            let finding = type_mismatch::no_fields(self.span(more.at), &field.text);
            return self.fail(finding);
        }
        let span = self.span(field.at);
        self.cx.field(register, &field.text, span)
    }

    /// A path that is a field of a register.
    pub(crate) fn field_place(mut self) -> Option<FieldPlace> {
        let path = self.parsed_path()?;
        self.field_place_of(&path)
    }

    /// The same for a path that is parsed already.
    pub(crate) fn field_place_of(&mut self, path: &Path) -> Option<FieldPlace> {
        let place = self.place(path)?;
        let Some(field) = path.rest.first() else {
            let finding = type_mismatch::field_wanted(self.span(path.head.at), &path.head.text);
            return self.fail(finding);
        };
        let field = self.only_field(&place.register, path, field)?;
        Some(FieldPlace { place, field })
    }

    /// A value that the port passes in.
    fn builtin(&mut self, path: &Path, at: At) -> Option<Value> {
        let dotted = path.dotted();
        let Some(given) = Given::named(&dotted) else {
            let known: Vec<&str> = Given::all().map(Given::name).collect();
            let finding = unknown_name::finding(self.span(at), "value", &dotted, &known);
            return self.fail(finding);
        };
        let elements = given.elements();
        // The index comes after the whole name.
        let last = path.rest.last().map_or(path.head.at, |word| word.at);
        let index = path.index.as_deref();
        let is_last = index.is_some_and(|index| index.at.start > last.start);
        if (elements > 0) != is_last || index.is_some() != is_last {
            let span = self.span(at);
            return self.fail(match (elements, index) {
                (0, _) => array_index::not_an_array(span, &dotted),
                (elements, None) => array_index::missing(span, &dotted, elements),
                (_, Some(_)) => array_index::not_an_array(span, &path.head.text),
            });
        }
        let value = match given {
            Given::Condition(flag) => Value::Cond(Cond::Given(flag)),
            Given::Number(builtin) => {
                let (range, elements) = self.limits(builtin, at)?;
                let index = match index {
                    Some(index) => Some(Box::new(self.element(index, &dotted, elements)?)),
                    None => None,
                };
                num(NumKind::Builtin { builtin, index }, range)
            }
        };
        if !self.scope.given.has(given.need()) {
            let finding = not_given::finding(self.span(at), &dotted, &self.scope.place);
            return self.fail(finding);
        }
        Some(value)
    }

    /// The range of a value, and the number of its elements where that is known: those of the table, if the spec does
    /// not say less.
    fn limits(&mut self, builtin: Builtin, at: At) -> Option<(Range, Option<u32>)> {
        let limits = self.cx.limits;
        let range = match builtin {
            Builtin::RingBytes => self.scope.ring.bytes,
            Builtin::RingSlots => self.scope.ring.slots,
            Builtin::Queue => self.scope.queue,
            Builtin::Queues => {
                let max = limits.queues();
                let min = max.min(1);
                Range { min, max }
            }
            Builtin::Messages | Builtin::Message => {
                let Some(count) = limits.messages else {
                    let finding = not_given::without_messages(self.span(at), builtin.name());
                    return self.fail(finding);
                };
                // The last vector in use is for the other causes.
                let queues = count.saturating_sub(1).max(1);
                match builtin {
                    Builtin::Messages => Range {
                        min: 1,
                        max: queues,
                    },
                    _ => Range::up_to(queues - 1),
                }
            }
            Builtin::RssKey | Builtin::RssTable => {
                let (queues, entries) = match limits.rss {
                    Part::Known(RssSize { queues, entries }) => (queues, Some(entries)),
                    Part::Unknown => (0, None),
                    Part::None => {
                        let finding = not_given::without_rss(self.span(at), builtin.name());
                        return self.fail(finding);
                    }
                };
                if builtin == Builtin::RssTable {
                    return Some((Range::up_to(queues.saturating_sub(1)), entries));
                }
                Range::up_to(builtin.largest())
            }
            Builtin::Multicast => {
                let words = match limits.multicast {
                    Part::Known(words) => Some(words),
                    Part::Unknown => None,
                    Part::None => {
                        let finding = not_given::without_table(self.span(at), builtin.name());
                        return self.fail(finding);
                    }
                };
                return Some((Range::up_to(builtin.largest()), words));
            }
            Builtin::FrameMax => Range::up_to(limits.frame_max.unwrap_or(builtin.largest())),
            _ => Range::up_to(builtin.largest()),
        };
        Some((range, Some(builtin.elements())))
    }

    /// The index of a value with elements.
    fn element(&mut self, index: &Ast, name: &str, count: Option<u32>) -> Option<Num> {
        let num = self.num(index)?;
        match count {
            Some(count) if num.range.max >= count => {
                let span = self.span(index.at);
                self.fail(past_the_end(span, name, count, &num))
            }
            _ => Some(num),
        }
    }

    /// `completion == scheme`. `None` if it is another comparison.
    pub(super) fn compare_completion(
        &mut self,
        relation: Relation,
        left: &Ast,
        right: &Ast,
    ) -> Option<Option<Value>> {
        let word = |ast: &Ast| match &ast.kind {
            AstKind::Path(path) => path.word().cloned(),
            _ => None,
        };
        let (head, name) = (word(left)?, word(right)?);
        if head.text != COMPLETION || self.scope.local(COMPLETION).is_some() {
            return None;
        }
        let equal = super::equality(relation)?;
        if !self.scope.given.has(Need::Headwb) {
            let finding = not_given::finding(self.span(head.at), COMPLETION, &self.scope.place);
            return Some(self.fail(finding));
        }
        let mut schemes = Scheme::ALL.into_iter();
        let Some(scheme) = schemes.find(|scheme| scheme.name() == name.text) else {
            let known = Scheme::ALL.map(Scheme::name);
            let finding = unknown_name::finding(self.span(name.at), "scheme", &name.text, &known);
            return Some(self.fail(finding));
        };
        let listed = self.cx.schemes.as_slice();
        if !listed.is_empty() && !listed.contains(&scheme) {
            let listed: Vec<&str> = listed.iter().map(|scheme| scheme.name()).collect();
            let finding = scheme_not_listed::finding(self.span(name.at), scheme.name(), &listed);
            return Some(self.fail(finding));
        }
        let cond = match listed {
            [_] => Cond::Literal(true),
            _ => Cond::Completion(scheme),
        };
        Some(Some(Value::Cond(super::holds(cond, equal))))
    }
}

fn range_of(field: &Field) -> Range {
    Range::up_to(u32::try_from(field.max()).unwrap_or(u32::MAX))
}

fn past_the_end(span: Span, name: &str, count: u32, index: &Num) -> FindingDraft {
    array_index::past_the_end(span, name, count, index.range.max, &largest_given(index))
}
