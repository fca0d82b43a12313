//! A key is left out if its value is the default.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::redundant_key::{RULE, finding};
use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Place, Step};
use crate::schema::{self, Key};
use crate::tree::{Kind, Tree, same};

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tree = draft.tree;
    defaults(tree, findings);
    overrides(draft, findings);
    for register in &draft.registers {
        if let Some(only_on) = tree.get(register.node, "only_on")
            && register.variants.is_all()
        {
            findings.add(finding(tree.key_span(only_on), "only_on"));
        }
        if let (Some(space), Some(first)) = (tree.get(register.node, "space"), draft.spaces.first())
            && register.space.name == first.name
        {
            findings.add(finding(tree.key_span(space), "space"));
        }
    }
    if let Some(model) = &draft.model {
        let refuse = model.refuse.iter().map(|refusal| &refusal.only_on);
        let require = model.require.iter().map(|require| &require.only_on);
        for (list, all) in [
            ("refuse", refuse.collect::<Vec<_>>()),
            ("require", require.collect()),
        ] {
            let items = tree.list(draft.node(&["model", list])).unwrap_or_default();
            // An item that could not be read would shift the pairs.
            let pairs = all.iter().zip(items);
            for (variants, &item) in pairs.filter(|_| all.len() == items.len()) {
                if let Some(only_on) = tree.get(item, "only_on")
                    && variants.is_all()
                {
                    findings.add(finding(tree.key_span(only_on), "only_on"));
                }
            }
        }
    }
    for sequence in &draft.sequences {
        sections(tree, &sequence.body.steps, &sequence.body.section, findings);
    }
}

/// Keys that state their default.
fn defaults(tree: &Tree, findings: &mut Findings) {
    schema::walk(tree, &mut |site| {
        let Some(entry) = site.entry else {
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
    for variant in &draft.variants {
        let constants = tree.get(variant.node, "constants");
        for entry in constants
            .and_then(|node| tree.map(node))
            .unwrap_or_default()
        {
            let whole = draft.constants.iter();
            let whole = whole.filter(|constant| constant.name == entry.key);
            let mut whole = whole.filter_map(|constant| {
                let value = tree.text(tree.at(constant.node, "value"))?;
                tree.text(entry.value).map(|own| same(own, value))
            });
            if whole.any(|same| same) {
                findings.add(finding(entry.key_span, &entry.key));
            }
        }
    }
}

/// Steps without `why` that repeat the section of their sequence or of a register that they name.
fn sections(tree: &Tree, steps: &[Step], sequence: &str, findings: &mut Findings) {
    for step in steps {
        if let (Some(section), None) = (&step.section, &step.why)
            && (section == sequence || leads_to(&step.action, section))
        {
            let span = tree.key_span(tree.at(step.node, "section"));
            let message = "without a `why`, this `section` is redundant";
            let finding = RULE.at(span, message);
            findings.add(finding.help("remove it, or add a `why`"));
        }
        for body in step.action.bodies() {
            sections(tree, body, sequence, findings);
        }
    }
}

/// Whether a section is that of a register that an action names.
fn leads_to(action: &Action, section: &str) -> bool {
    struct Sections<'a> {
        wanted: &'a str,
        found: bool,
    }
    impl Visitor for Sections<'_> {
        fn place(&mut self, place: &Place) {
            self.found |= place.register.section == self.wanted;
            visit::place(self, place);
        }
    }
    match action {
        Action::Write { place, .. } | Action::Modify { place, .. } | Action::Flush(place) => {
            place.register.section == section
        }
        Action::WriteEach { register, .. } => register.section == section,
        Action::Poll { until, .. } => {
            let mut sections = Sections {
                wanted: section,
                found: false,
            };
            sections.cond(until);
            sections.found
        }
        _ => false,
    }
}
