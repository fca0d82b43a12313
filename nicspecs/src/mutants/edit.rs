//! Taking items out of lists and maps, and exchanging them, in the text of a spec.

use std::ops::Range;

use super::maker::Maker;
use crate::diagnostic::NodeId;
use crate::tree::Entry;

impl Maker<'_> {
    /// The lines of an item of a block list, from its dash to before what follows it.
    pub(super) fn lines_of(&self, item: NodeId) -> Option<Range<usize>> {
        let start = self.tree.key_span(item).start;
        let line = self.line_start(start);
        let dash = self.text[line..start].find('-')?;
        let blank = self.text[line..line + dash].trim().is_empty();
        (blank && self.text[line + dash + 1..start].trim().is_empty())
            .then(|| line..self.end_of_block(line, dash))
    }

    fn line_start(&self, byte: usize) -> usize {
        self.text[..byte].rfind('\n').map_or(0, |at| at + 1)
    }

    /// The start of the first line after `line` that is indented by `indent` or less.
    fn end_of_block(&self, line: usize, indent: usize) -> usize {
        let mut end = line;
        let mut at = line;
        for (index, text) in self.text[line..].split_inclusive('\n').enumerate() {
            let content = text.trim_start();
            let depth = text.len() - content.len();
            let is_text = !content.is_empty() && !content.starts_with('#');
            if index > 0 && is_text && depth <= indent {
                break;
            }
            at += text.len();
            if is_text {
                end = at;
            }
        }
        end
    }

    /// An item taken out of a block list; an empty list stays one.
    pub(super) fn without_item(
        &self,
        items: &[NodeId],
        item: NodeId,
    ) -> Option<(Range<usize>, String)> {
        let lines = self.lines_of(item)?;
        if items.len() > 1 {
            return Some((lines, String::new()));
        }
        let line = &self.text[lines.clone()];
        let indent = &line[..line.len() - line.trim_start().len()];
        Some((lines, format!("{indent}[]\n")))
    }

    /// An entry taken out of a map that has others.
    pub(super) fn without_entry(&self, entries: &[Entry], index: usize) -> Option<Range<usize>> {
        let start = entries[index].key_span.start;
        let line = self.line_start(start);
        if self.text[line..start].trim().is_empty() {
            return Some(line..self.end_of_block(line, start - line));
        }
        match (index.checked_sub(1), entries.get(index + 1)) {
            (_, Some(next)) => Some(start..next.key_span.start),
            (Some(before), None) => {
                let comma = self.text[entries[before].key_span.start..start].rfind(',')?;
                let from = entries[before].key_span.start + comma;
                let span = self.tree.span(entries[index].value);
                Some(from..span.end)
            }
            (None, None) => None,
        }
    }

    /// A scalar taken out of a list between brackets.
    pub(super) fn without_word(&self, items: &[NodeId], index: usize) -> Range<usize> {
        let span = |index: usize| self.tree.span(items[index]);
        match index.checked_sub(1) {
            _ if index + 1 < items.len() => span(index).start..span(index + 1).start,
            Some(before) => span(before).end..span(index).end,
            None => span(index).start..span(index).end,
        }
    }
}
