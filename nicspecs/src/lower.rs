//! Lowers a spec: resolves names, and gives types and ranges to expressions.
//!
//! What cannot be resolved becomes a finding, and lowering continues without it. The result is a [`Draft`], which the
//! rules check; without findings it becomes an [`ir::Nic`].

mod cx;
mod descriptors;
mod expr;
mod facts;
mod identity;
mod layout;
mod messages;
mod model;
mod names;
mod registers;
mod rings;
mod rss;
mod scope;
mod sequences;
mod signatures;
mod steps;
mod usage;

use crate::decider;
use crate::diagnostic::Findings;
use crate::draft::{Draft, Sited};
use crate::ir;
use crate::tree::Tree;
use cx::Cx;

/// Lowers a tree as far as possible. `stem` is the name of the file without its ending.
pub(crate) fn lower<'a>(tree: &'a Tree, stem: &str, findings: &mut Findings) -> Draft<'a> {
    let mut cx = Cx::new(tree, findings);
    cx.sections();
    let identity = identity::nic(&mut cx, stem);
    identity::spaces(&mut cx);
    identity::variant_names(&mut cx);
    identity::constants(&mut cx);
    identity::options(&mut cx);
    let usage = usage::scan(tree);
    registers::lower(&mut cx, &usage);
    descriptors::lower(&mut cx, &usage);
    let variants = identity::variants(&mut cx);
    let tx = rings::tx(&mut cx);
    let rx = rings::rx(&mut cx);
    let interrupts = facts::interrupts(&mut cx);
    let link = facts::link(&mut cx);
    let filters = facts::filters(&mut cx);
    let rss = rss::lower(&mut cx);
    let statistics = facts::statistics(&mut cx);
    let order = facts::order(&mut cx);
    let sequences = sequences::lower(&mut cx);
    let model = model::lower(&mut cx);
    cx.drop_unused();
    let Cx {
        registers,
        descriptors,
        spaces,
        constants,
        options,
        used_names,
        ..
    } = cx;
    Draft {
        tree,
        identity,
        variants,
        spaces,
        constants,
        options,
        registers: registers.known(),
        descriptors: descriptors.known(),
        tx,
        rx,
        interrupts,
        link,
        filters,
        rss: rss.flatten(),
        statistics,
        order,
        sequences,
        model,
        used_names,
    }
}

/// The finished model. `None` where something is missing; then there are findings.
pub(crate) fn finish(draft: Draft<'_>) -> Option<ir::Nic> {
    let (name, title, datasheet) = draft.identity?;
    let mut rx = draft.rx?;
    rx.crc.stripped = decider::stripped(&rx.crc, &draft.sequences)?;
    Some(ir::Nic {
        is_toy: false,
        name,
        title,
        datasheet,
        variants: plain(draft.variants),
        spaces: draft.spaces,
        constants: plain(draft.constants),
        options: plain(draft.options),
        registers: plain(draft.registers),
        descriptors: plain(draft.descriptors),
        tx: draft.tx?,
        rx,
        interrupts: draft.interrupts?,
        link: draft.link?,
        filters: draft.filters?,
        rss: draft.rss,
        statistics: plain(draft.statistics),
        order: plain(draft.order),
        sequences: draft
            .sequences
            .into_iter()
            .map(|sequence| sequence.body)
            .collect(),
        model: draft.model?,
    })
}

fn plain<T>(items: Vec<Sited<T>>) -> Vec<T> {
    items.into_iter().map(Sited::into_inner).collect()
}
