//! A key is left out if its value is the default.

use crate::diagnostic::{Findings, NodeId};
use crate::draft::Draft;
use crate::errors::redundant_key::{RULE, finding};
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Place, Sequence, Variants};
use crate::schema::{self, Key};
use crate::tree::{Entry, Kind, Tree, same};

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    defaults(tree, findings);
    overrides(draft, findings);
    let mut only_on = |node: NodeId, variants: &Variants| {
        if let Some(only_on) = tree.get(node, "only_on")
            && variants.is_all()
            && !tree.key_span(only_on).file.is_inherited()
        {
            findings.add(finding(tree.key_span(only_on), "only_on"));
        }
    };
    for register in &draft.registers {
        only_on(register.node, &register.variants);
    }
    if let Some(model) = &draft.model {
        let refuse = model.refuse.iter().map(|refusal| &refusal.only_on);
        let require = model.require.iter().map(|require| &require.only_on);
        let lists: [(_, Vec<_>); 2] =
            [("refuse", refuse.collect()), ("require", require.collect())];
        for (list, all) in lists {
            let items = draft.items(&["model", list]);
            // An item that could not be read would shift the pairs.
            let pairs = all.iter().zip(items);
            for (variants, &item) in pairs.filter(|_| all.len() == items.len()) {
                only_on(item, variants);
            }
        }
    }
    for register in &draft.registers {
        if let (Some(space), Some(first)) = (tree.get(register.node, "space"), draft.spaces.first())
            && register.space.name == first.name
        {
            findings.add(finding(tree.key_span(space), "space"));
        }
    }
    for sequence in &draft.sequences {
        sections(tree, &sequence.body, findings);
    }
}

/// Keys that state their default.
fn defaults(tree: &Tree, findings: &mut Findings) {
    schema::walk(tree, &mut |site| {
        // What is inherited is reported in the spec that states it.
        let own = |entry: &&Entry| !entry.key_span.file.is_inherited();
        let Some(entry) = site.entry.filter(own) else {
            return;
        };
        let may_be_empty = site.key.is_some_and(Key::empty_is_default);
        let said = match tree.kind(site.node) {
            Kind::Scalar { text, .. } => site.default().is_some_and(|word| same(text, word)),
            Kind::List(items) => may_be_empty && items.is_empty(),
            Kind::Map(entries) => may_be_empty && entries.is_empty(),
        };
        if said {
            findings.add(finding(entry.key_span, &entry.key));
        }
    });
}

/// A variant that overrides a constant with the same value.
fn overrides(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    let entries = draft
        .variants
        .iter()
        .flat_map(|variant| tree.entries(variant.node, "constants"))
        .filter(|entry| !entry.key_span.file.is_inherited());
    for entry in entries {
        let mut whole = draft
            .constants
            .iter()
            .filter(|constant| constant.name == entry.key);
        let again = whole.any(|constant| {
            let value = tree.text(tree.at(constant.node, "value"));
            let own = tree.text(entry.value);
            value.zip(own).is_some_and(|(value, own)| same(own, value))
        });
        if again {
            findings.add(finding(entry.key_span, &entry.key));
        }
    }
}

/// Steps without `why` that repeat the section of their sequence or of a register that they name.
fn sections(tree: &Tree, sequence: &Sequence, findings: &mut Findings) {
    for step in visit::all(&sequence.steps) {
        if let (Some(section), None) = (&step.section, &step.why)
            && (*section == sequence.section || leads_to(&step.action, section))
        {
            let span = tree.key_span(tree.at(step.node, "section"));
            let finding = RULE.at(span, "without a `why`, this `section` is redundant");
            findings.add(finding.help("remove it, or add a `why`"));
        }
    }
}

/// Whether a section is that of a register that an action names.
fn leads_to(action: &Action, section: &str) -> bool {
    match action {
        Action::Write { place, .. } | Action::Modify { place, .. } | Action::Flush(place) => {
            place.register.section == section
        }
        Action::WriteEach { register, .. } => register.section == section,
        Action::Poll { until, .. } => {
            let mut sections = Sections(Vec::new());
            sections.cond(until);
            sections.0.iter().any(|own| own == section)
        }
        _ => false,
    }
}

/// The sections of the registers that an expression reads.
struct Sections(Vec<String>);

impl Visitor for Sections {
    fn place(&mut self, place: &Place) {
        self.0.push(place.register.section.clone());
        visit::place(self, place);
    }
}
