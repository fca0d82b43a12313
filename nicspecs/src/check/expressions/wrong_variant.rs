use crate::diagnostic::{FindingDraft, Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::visit::{self, Visitor};
use crate::ir::{
    Action, Cond, Doorbell, Place, Register, RingRegisters, Step, TxCompletion, Variants,
};
use crate::suggest::quoted;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0508",
    "register missing on a variant",
    "A register with `only_on` is used only where a condition limits the variants to those.",
    &[(
        "      - if: \"variant == B\"\n        then:\n          - write: { FAN: 9 }\n",
        "      - write: { FAN: 9 }\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    facts(draft, findings);
    let all = Variants::all(draft.variants.len());
    // The variants that run each sequence: those of its callers. They grow until nothing changes.
    let mut known: BTreeMap<&str, Variants> = BTreeMap::new();
    for sequence in draft
        .sequences
        .iter()
        .filter(|sequence| sequence.body.signature.is_port)
    {
        known.insert(&sequence.body.signature.name, all.clone());
    }
    for _ in 0..=draft.sequences.len() {
        let before = known.clone();
        for sequence in &draft.sequences {
            let Some(variants) = before.get(sequence.body.signature.name.as_str()) else {
                continue;
            };
            let walk = Walk::of(&sequence.body.steps, variants);
            for (name, variants) in walk.runs {
                let Some(callee) = draft.sequence(&name) else {
                    continue;
                };
                let merged = known
                    .entry(&callee.body.signature.name)
                    .or_insert_with(|| all.not());
                *merged = merged.or(&variants);
            }
        }
        if known == before {
            break;
        }
    }
    for sequence in &draft.sequences {
        let Some(variants) = known.get(sequence.body.signature.name.as_str()) else {
            continue;
        };
        let walk = Walk::of(&sequence.body.steps, variants);
        for (node, register, variants) in walk.uses {
            if !variants.is_subset(&register.variants) {
                findings.add(finding(draft, node, &register));
            }
        }
    }
}

/// Registers that the driver uses on every variant. Counters are not included: the driver skips those that a variant
/// lacks.
fn facts(draft: &Draft<'_>, findings: &mut Findings) {
    let all = Variants::all(draft.variants.len());
    let mut one = |register: &Register, node: NodeId| {
        if !all.is_subset(&register.variants) {
            let span = draft.tree.span(node);
            let message = format!("not every variant has `{}`", register.name);
            let finding = RULE.at(span, message);
            findings.add(
                finding.help("use a register without `only_on`, or write a spec for each variant"),
            );
        }
    };
    let mut ring = |key: &str, registers: &RingRegisters, doorbell: &Doorbell| {
        for (part, register) in registers.named() {
            one(register, draft.node(&[key, "registers", part]));
        }
        if let Some(register) = doorbell.register() {
            one(register, draft.node(&[key, "doorbell", "register"]));
        }
    };
    if let Some(tx) = &draft.tx {
        ring("tx", &tx.registers, &tx.doorbell);
    }
    if let Some(rx) = &draft.rx {
        ring("rx", &rx.registers, &rx.doorbell);
    }
    if let Some(tx) = &draft.tx {
        let items = draft
            .tree
            .list(draft.node(&["tx", "completion"]))
            .unwrap_or_default();
        for (completion, item) in tx.completions.iter().zip(items) {
            if let TxCompletion::HeadWriteback { low, high, .. } = completion {
                one(low, draft.tree.at(*item, "low"));
                one(high, draft.tree.at(*item, "high"));
            }
        }
    }
    if let Some(interrupts) = &draft.interrupts {
        one(
            &interrupts.cause,
            draft.node(&["interrupts", "cause", "register"]),
        );
        for (key, register) in interrupts.mask.keys() {
            one(register, draft.node(&["interrupts", key]));
        }
    }
    if let Some(rss) = &draft.rss {
        one(&rss.key, draft.node(&["rss", "key"]));
        let table = draft.node(&["rss", "table", "register"]);
        one(&rss.table.register, table);
    }
    if let Some(filters) = &draft.filters {
        one(
            &filters.table,
            draft.node(&["filters", "multicast", "table"]),
        );
    }
}

fn finding(draft: &Draft<'_>, node: NodeId, register: &Register) -> FindingDraft {
    let names: Vec<&str> = register
        .variants
        .indices()
        .filter_map(|index| Some(draft.variants.get(index)?.name.as_str()))
        .collect();
    // The step's first key is its verb.
    let verb = draft.tree.map(node).and_then(|entries| entries.first());
    let span = verb.map_or(draft.tree.span(node), |entry| entry.key_span);
    let only_on = draft
        .registers
        .iter()
        .find(|other| other.name == register.name);
    let finding = RULE.at(
        span,
        format!(
            "not every variant that runs this step has `{}`",
            register.name
        ),
    );
    let finding = match only_on {
        Some(other) => finding.label(
            draft.tree.span_at(other.node, "only_on"),
            format!("only on {}", quoted(&names)),
        ),
        None => finding,
    };
    finding.help(format!(
        "add a condition: `if: \"variant in [{}]\"`",
        names.join(", ")
    ))
}

/// Walks a sequence and tracks which variants can reach each step.
struct Walk {
    variants: Variants,
    node: Option<NodeId>,
    uses: Vec<(NodeId, Arc<Register>, Variants)>,
    runs: Vec<(String, Variants)>,
}

impl Walk {
    /// The walk through a sequence that runs on some variants.
    fn of(steps: &[Step], variants: &Variants) -> Walk {
        let mut walk = Walk {
            variants: variants.clone(),
            node: None,
            uses: Vec::new(),
            runs: Vec::new(),
        };
        walk.steps(steps);
        walk
    }

    /// Walks with fewer variants, then restores the present ones.
    fn under(&mut self, variants: &Variants, walk: impl FnOnce(&mut Self)) {
        let narrowed = self.variants.and(variants);
        let before = std::mem::replace(&mut self.variants, narrowed);
        walk(self);
        self.variants = before;
    }

    /// The variants that are left if a condition holds, and if it does not.
    fn split(&self, cond: &Cond) -> (Variants, Variants) {
        let all = Variants::all(self.variants.has.len());
        match cond {
            Cond::Variant(variants) => (variants.clone(), variants.not()),
            Cond::Not(inner) => {
                let (yes, no) = self.split(inner);
                (no, yes)
            }
            Cond::And(left, right) => {
                let (left, right) = (self.split(left), self.split(right));
                (left.0.and(&right.0), left.1.or(&right.1))
            }
            Cond::Or(left, right) => {
                let (left, right) = (self.split(left), self.split(right));
                (left.0.or(&right.0), left.1.and(&right.1))
            }
            _ => (all.clone(), all),
        }
    }

    fn uses(&mut self, register: &Arc<Register>) {
        if let Some(node) = self.node {
            self.uses
                .push((node, Arc::clone(register), self.variants.clone()));
        }
    }
}

impl Visitor for Walk {
    fn step(&mut self, step: &Step) {
        self.node = Some(step.node);
        match &step.action {
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                self.cond(cond);
                let (yes, no) = self.split(cond);
                self.under(&yes, |walk| walk.steps(then));
                self.under(&no, |walk| walk.steps(otherwise));
                return;
            }
            Action::WriteEach { register, .. } => self.uses(register),
            Action::Run { callee, .. } => {
                self.runs.push((callee.name.clone(), self.variants.clone()))
            }
            _ => {}
        }
        visit::step(self, step);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::And(left, right) => {
                self.cond(left);
                let (yes, _) = self.split(left);
                self.under(&yes, |walk| walk.cond(right));
            }
            Cond::Or(left, right) => {
                self.cond(left);
                let (_, no) = self.split(left);
                self.under(&no, |walk| walk.cond(right));
            }
            _ => visit::cond(self, cond),
        }
    }

    fn place(&mut self, place: &Place) {
        self.uses(&place.register);
        visit::place(self, place);
    }
}
