//! Every identifier that the templates make of a name, in the scope in which they use it.

use std::collections::BTreeMap;

use crate::diagnostic::{Findings, NodeId, Span};
use crate::draft::Draft;
use crate::errors::generated_name::{finding, taken};
use crate::identifiers;
use crate::ir::{Descriptor, quadword};
use crate::lifecycle;

/// Identifiers of one scope, with the names they come from; those of the templates come from none.
struct Scope<'d> {
    taken: BTreeMap<String, Option<(&'d str, Span)>>,
}

impl<'d> Scope<'d> {
    /// A scope in which templates use some identifiers.
    fn with(used: &[&str]) -> Self {
        let used = used.iter().map(|name| ((*name).to_owned(), None));
        Self {
            taken: used.collect(),
        }
    }

    /// Adds an identifier, or reports that it is taken.
    fn add(&mut self, identifier: &str, name: &'d str, span: Span, findings: &mut Findings) {
        match self.taken.get(identifier) {
            None => {
                self.taken.insert(identifier.to_owned(), Some((name, span)));
            }
            Some(None) => findings.add(finding(span, name, identifier)),
            // One report is enough for two names that have several identifiers in common.
            Some(Some(other)) if other.1 == span => {}
            Some(Some(other)) => {
                findings.add(taken(span, name, identifier, *other));
            }
        }
    }

    /// Adds all identifiers of a field.
    fn add_field(&mut self, field: &'d str, span: Span, findings: &mut Findings) {
        for identifier in identifiers::of_field(field) {
            let before = findings.len();
            self.add(&identifier, field, span, findings);
            if findings.len() > before {
                return;
            }
        }
    }
}

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    nic(draft, findings);
    types(draft, findings);
    variants(draft, findings);
    constants(draft, findings);
    functions(draft, findings);
    registers(draft, findings);
    formats(draft, findings);
    for (key, formats) in rings(draft) {
        words(draft, key, &formats, findings);
    }
}

fn nic(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some((name, ..)) = &draft.identity {
        let module = identifiers::module(name);
        let span = draft.tree.span(draft.node(&["nic", "name"]));
        if !identifiers::is_free_module(&module) {
            findings.add(finding(span, name, &module));
        }
    }
}

/// Registers, formats and the driver become types.
fn types(draft: &Draft<'_>, findings: &mut Findings) {
    let used = [&identifiers::TYPES[..], &identifiers::OF_EXPANSIONS].concat();
    let mut types = Scope::with(&used);
    if let Some((name, ..)) = &draft.identity {
        let span = draft.tree.span(draft.node(&["nic", "name"]));
        types.add(&identifiers::driver(name), name, span, findings);
    }
    for register in &draft.registers {
        let span = draft.tree.key_span(register.node);
        types.add(&register.type_name, &register.name, span, findings);
    }
    for format in &draft.descriptors {
        let span = draft.tree.key_span(format.node);
        let before = findings.len();
        for word in format.words() {
            if let Some(type_name) = &word.type_name
                && findings.len() == before
            {
                types.add(type_name, &format.name, span, findings);
            }
        }
    }
}

fn variants(draft: &Draft<'_>, findings: &mut Findings) {
    let mut enumerators = Scope::with(&["Self"]);
    for variant in &draft.variants {
        let span = draft.tree.span_at(variant.node, "name");
        enumerators.add(&variant.type_name, &variant.name, span, findings);
    }
}

fn constants(draft: &Draft<'_>, findings: &mut Findings) {
    let mut constants = Scope::with(&identifiers::CONSTANTS);
    let mut methods = Scope::with(&identifiers::OF_VARIANT);
    for constant in &draft.constants {
        let span = draft.tree.key_span(constant.node);
        constants.add(
            &constant.name.to_uppercase(),
            &constant.name,
            span,
            findings,
        );
        methods.add(&constant.name, &constant.name, span, findings);
    }
    let mut model = Scope::with(&identifiers::OF_MODEL);
    for format in &draft.descriptors {
        let span = draft.tree.key_span(format.node);
        model.add(&format.name.to_uppercase(), &format.name, span, findings);
    }
}

fn functions(draft: &Draft<'_>, findings: &mut Findings) {
    let mut functions = Scope::with(&identifiers::OF_DRIVER);
    for sequence in &draft.sequences {
        let span = draft.tree.key_span(sequence.node);
        let signature = &sequence.body.signature;
        let mut port = lifecycle::PORT.iter();
        if !signature.is_port && port.any(|port| identifiers::snake(port.name) == signature.snake) {
            findings.add(finding(span, &signature.name, &signature.snake));
        }
        functions.add(&signature.snake, &signature.name, span, findings);
    }
}

/// A register becomes a member of a struct, and its value may become a variable; its fields become methods.
fn registers(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    let mut variables = Scope::with(&identifiers::LOCALS);
    for register in &draft.registers {
        let span = tree.key_span(register.node);
        variables.add(&register.snake, &register.name, span, findings);
        let mut methods = Scope::with(&identifiers::OF_VALUES);
        let fields = tree.at(register.node, "fields");
        for field in &register.fields {
            let node = tree.at(fields, &field.name);
            methods.add_field(&field.name, tree.key_span(node), findings);
        }
        for field in &register.fields {
            let values = tree.at(tree.at(fields, &field.name), "values");
            for value in &field.values {
                let span = tree.key_span(tree.at(values, &value.name));
                methods.add(&value.const_name, &value.name, span, findings);
            }
        }
    }
}

/// The fields of a format become methods.
fn formats(draft: &Draft<'_>, findings: &mut Findings) {
    for format in &draft.descriptors {
        let mut methods = Scope::with(&identifiers::OF_VALUES);
        for field in &format.fields {
            methods.add_field(
                &field.name,
                span_of(draft, format.node, &field.name),
                findings,
            );
        }
    }
}

/// The formats of the descriptors of each direction.
fn rings<'d>(draft: &'d Draft<'_>) -> Vec<(&'static str, Vec<&'d Descriptor>)> {
    let mut rings = Vec::new();
    for ring in draft.rings() {
        let mut formats: Vec<&Descriptor> = Vec::new();
        let back = ring.bits.iter().map(|(completion, _)| &completion.format);
        for format in std::iter::once(&ring.pattern.format).chain(back) {
            if !formats.iter().any(|known| known.name == format.name) {
                formats.push(format);
            }
        }
        rings.push((ring.key, formats));
    }
    rings
}

/// The quadwords of both formats of a ring become members of one struct; those that are written back are named after
/// their format if the driver's own have the name.
fn words(draft: &Draft<'_>, key: &str, formats: &[&Descriptor], findings: &mut Findings) {
    let mut members = BTreeMap::new();
    for (at, format) in formats.iter().enumerate() {
        for mut word in format.words() {
            if at > 0 && members.contains_key(&word.name) {
                word.name = format!("{}_{}", format.name, quadword(word.index));
            }
            let Some(sited) = draft
                .descriptors
                .iter()
                .find(|sited| sited.name == format.name)
            else {
                continue;
            };
            let (name, span) = match (&word.type_name, word.fields.as_slice()) {
                (None, [field]) => (field.name.clone(), span_of(draft, sited.node, &field.name)),
                _ => (format.name.clone(), draft.tree.key_span(sited.node)),
            };
            match members.get(&word.name) {
                None => {
                    members.insert(word.name, (name, span));
                }
                Some((other, place)) => {
                    let name = format!("{key} {name}");
                    let other = (other.as_str(), *place);
                    findings.add(taken(span, &name, &word.name, other));
                }
            }
        }
    }
}

fn span_of(draft: &Draft<'_>, owner: NodeId, field: &str) -> Span {
    let fields = draft.tree.at(owner, "fields");
    draft.tree.key_span(draft.tree.at(fields, field))
}
