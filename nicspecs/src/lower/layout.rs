//! Whether fields and reserved bits of a descriptor cover it.

use std::sync::Arc;

use crate::diagnostic::{Findings, NodeId, Span};
use crate::errors::descriptor_layout;
use crate::ir::DescriptorField;
use crate::schema;
use crate::tree::Tree;

/// Bits and what covers them.
struct Part {
    low: u32,
    end: u32,
    name: Option<String>,
    span: Span,
}

impl Part {
    fn called(&self) -> String {
        match &self.name {
            Some(name) => format!("field `{name}`"),
            None => "`reserved`".to_owned(),
        }
    }
}

/// Checks a layout and returns the reserved bits as (lowest bit, number of bits).
pub(super) fn reserved(
    tree: &Tree,
    name: &str,
    node: NodeId,
    size: u32,
    fields: &[Arc<DescriptorField>],
    findings: &mut Findings,
) -> Option<Vec<(u32, u32)>> {
    let all_fields_read = tree.entries(node, "fields").len() == fields.len();
    let of_field = |field: &Arc<DescriptorField>| Part {
        low: field.low,
        end: field.low + field.width,
        name: Some(field.name.clone()),
        span: tree.span_at(tree.at(tree.at(node, "fields"), &field.name), "bits"),
    };
    let mut parts: Vec<Part> = fields.iter().map(of_field).collect();
    let mut reserved = Vec::new();
    let mut good = all_fields_read;
    for &item in tree.items(node, "reserved") {
        let Some(bits) = schema::element::<schema::Bits>(tree, item, "reserved", findings) else {
            good = false;
            continue;
        };
        reserved.push((bits.low, bits.width));
        parts.push(Part {
            low: bits.low,
            end: bits.low + bits.width,
            name: None,
            span: tree.span(item),
        });
    }
    parts.sort_by_key(|part| (part.low, part.end));
    reserved.sort_unstable();
    let complain_of_gaps = good;
    let crosses = |part: &&Part| part.name.is_some() && part.low / 64 != (part.end - 1) / 64;
    for part in parts.iter().filter(crosses) {
        findings.add(descriptor_layout::crosses(part.span, &part.called()));
        good = false;
    }
    for pair in parts.windows(2).filter(|pair| pair[1].low < pair[0].end) {
        let shared = bits(pair[1].low, pair[0].end.min(pair[1].end) - 1);
        findings.add(descriptor_layout::overlaps(
            pair[1].span,
            name,
            &pair[1].called(),
            (&pair[0].called(), pair[0].span),
            &shared,
        ));
        good = false;
    }
    let mut next = 0;
    let mut gaps = Vec::new();
    for part in &parts {
        if part.low > next {
            gaps.push(bits(next, part.low - 1));
        }
        next = next.max(part.end);
    }
    if next < size * 8 {
        gaps.push(bits(next, size * 8 - 1));
    }
    if let Some(past) = parts.iter().find(|part| part.end > size * 8) {
        let high = past.end - 1;
        let finding = descriptor_layout::outside(past.span, name, &past.called(), high, size);
        findings.add(finding);
        good = false;
    }
    if complain_of_gaps && !gaps.is_empty() {
        let span = tree.key_span(node);
        findings.add(descriptor_layout::uncovered(span, name, &gaps));
        good = false;
    }
    good.then_some(reserved)
}

fn bits(low: u32, high: u32) -> String {
    match low == high {
        true => format!("bit {low}"),
        false => format!("bits {high}:{low}"),
    }
}
