//! The keys of each map in the order of the language, with the comments that belong to them.

use std::ops::Range;

use super::tokens::{Kind, Token, column, line_start};
use crate::diagnostic::NodeId;
use crate::schema::{self, Key};
use crate::tree::{Entry, Tree};

/// The edits that sort the outermost maps whose keys are not in order. `text` is laid out.
pub(super) fn edits(text: &str, tree: &Tree, tokens: &[Token]) -> Vec<(Range<usize>, String)> {
    let mut unsorted: Vec<(usize, NodeId, Vec<usize>)> = Vec::new();
    let mut see = |depth: usize, node: NodeId, keys: &[&Key]| {
        let order = order(tree.map(node).unwrap_or_default(), keys);
        if !order.is_sorted() {
            unsorted.push((depth, node, order));
        }
    };
    let chapters: Vec<&Key> = schema::spec().keys.iter().collect();
    see(0, tree.root(), &chapters);
    schema::walk(tree, &mut |site| {
        if let Some(keys) = site.keys(tree) {
            see(site.path.len(), site.node, &keys);
        }
    });
    let outermost = unsorted.iter().map(|(depth, ..)| *depth).min();
    let sorting = Sorting { text, tokens };
    let unsorted = unsorted.iter();
    let unsorted = unsorted.filter(|(depth, ..)| Some(*depth) == outermost);
    unsorted
        .map(|(_, node, order)| sorting.sort(tree.map(*node).unwrap_or_default(), order))
        .collect()
}

/// The entries in the order of the language. One that the language does not have stays behind the one before it.
fn order(entries: &[Entry], keys: &[&Key]) -> Vec<usize> {
    let mut last = 0;
    let mut ranks = Vec::new();
    for entry in entries {
        last = keys
            .iter()
            .position(|key| key.name == entry.key)
            .unwrap_or(last);
        ranks.push(last);
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&index| ranks[index]);
    order
}

struct Sorting<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl Sorting<'_> {
    fn sort(&self, entries: &[Entry], order: &[usize]) -> (Range<usize>, String) {
        let keys: Vec<usize> = entries
            .iter()
            .map(|entry| self.token_at(entry.key_span.start))
            .collect();
        let mut before = self.tokens[..keys[0]].iter();
        let before = before.rfind(|token| !matches!(token.kind, Kind::Comment | Kind::Break));
        match before.map(|token| token.kind) {
            Some(Kind::Open) => self.in_brackets(&keys, order),
            _ => self.in_lines(&keys, order),
        }
    }

    fn token_at(&self, byte: usize) -> usize {
        self.tokens
            .partition_point(|token| token.bytes.start < byte)
    }

    fn kind(&self, token: usize) -> Option<Kind> {
        Some(self.tokens.get(token)?.kind)
    }

    fn is_comment(&self, token: usize) -> bool {
        self.kind(token) == Some(Kind::Comment)
    }

    fn is_break(&self, token: usize) -> bool {
        self.kind(token) == Some(Kind::Break)
    }

    /// A map between brackets: what stands between its entries stays, except for comments.
    fn in_brackets(&self, keys: &[usize], order: &[usize]) -> (Range<usize>, String) {
        let open = (0..keys[0]).rfind(|&token| self.kind(token) == Some(Kind::Open));
        let open = open.unwrap_or_default();
        let ends: Vec<usize> = keys.iter().map(|&key| self.end_of_value(key)).collect();
        let close = self.closing(open);
        let starts = keys.iter().copied().chain([close]);
        let gaps: Vec<Gap> = std::iter::once(open)
            .chain(ends.iter().copied())
            .zip(starts)
            .map(|(end, start)| self.gap(end, start))
            .collect();
        let indent = column(self.text, self.tokens[keys[0]].bytes.start);
        let mut sorted = String::new();
        for (place, gap) in gaps.iter().enumerate() {
            let behind = match place.checked_sub(1) {
                None => &gaps[0].behind,
                Some(before) => {
                    if gap.has_comma {
                        sorted.push(',');
                    }
                    &gaps[order[before] + 1].behind
                }
            };
            sorted.push_str(behind);
            let above = match order.get(place) {
                Some(&index) => &gaps[index].above,
                None => &gap.above,
            };
            let breaks = match behind.is_empty() && above.is_empty() {
                true => gap.breaks,
                false => gap.breaks.max(1),
            };
            match breaks {
                0 => sorted.push(' '),
                _ => sorted.push_str(&"\n".repeat(breaks)),
            }
            sorted.push_str(above);
            if breaks > 0 {
                sorted.extend(std::iter::repeat_n(' ', indent));
            }
            if let Some(&index) = order.get(place) {
                let start = self.tokens[keys[index]].bytes.start;
                sorted.push_str(&self.text[start..self.tokens[ends[index]].bytes.end]);
            }
        }
        let replaced = self.tokens[open].bytes.end..self.tokens[close].bytes.start;
        (replaced, sorted)
    }

    /// The last token of the value of a key between brackets.
    fn end_of_value(&self, key: usize) -> usize {
        let mut depth = 0_usize;
        let mut last = key;
        for (index, token) in self.tokens.iter().enumerate().skip(key) {
            match token.kind {
                Kind::Comma | Kind::Close if depth == 0 => break,
                Kind::Comment | Kind::Break => continue,
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            last = index;
        }
        last
    }

    /// The bracket that closes another one.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 1 => return index,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        open
    }

    /// What stands between the end of an entry and the next key.
    fn gap(&self, end: usize, start: usize) -> Gap {
        let mut gap = Gap::default();
        let mut at = end + 1;
        while at < start && !self.is_break(at) {
            match self.kind(at) {
                Some(Kind::Comment) => {
                    let blanks = self.tokens[at - 1].bytes.end;
                    gap.behind
                        .push_str(&self.text[blanks..self.tokens[at].bytes.end]);
                }
                _ => gap.has_comma = true,
            }
            at += 1;
        }
        while at < start && self.is_break(at) {
            gap.breaks += 1;
            at += 1;
        }
        let above = at..start;
        gap.has_comma |= above.clone().any(|at| self.kind(at) == Some(Kind::Comma));
        if above.clone().any(|at| self.is_comment(at)) {
            // The comma of the entry before may stand between its comments.
            for at in above {
                match self.kind(at) {
                    Some(Kind::Comment) => {
                        gap.above
                            .push_str(&self.text[self.tokens[at].bytes.clone()]);
                    }
                    Some(Kind::Break) => gap.above.push('\n'),
                    _ => {}
                }
            }
        }
        gap
    }

    /// A map on lines of its own: the lines of its entries change places. Empty lines stay where they are, and so does
    /// the comment at the top of the file.
    fn in_lines(&self, keys: &[usize], order: &[usize]) -> (Range<usize>, String) {
        let text = self.text;
        let start = |key: usize| self.tokens[key].bytes.start;
        let indent = column(text, start(keys[0]));
        let mut begin = self.begin(keys[0]);
        let first = begin;
        let mut entries = Vec::new();
        for &key in keys {
            let line = line_start(text, start(key)).max(begin);
            let blanks = text[begin..line].len() - text[begin..line].trim_start_matches('\n').len();
            let end = self.end(key, indent);
            entries.push(Lines {
                blanks,
                above: &text[begin + blanks..line],
                body: &text[start(key)..end],
            });
            begin = end;
        }
        let before_key = &text[line_start(text, start(keys[0]))..start(keys[0])];
        let dash = &before_key[..before_key.len() - before_key.trim_start().len()];
        let mut sorted = String::new();
        for (place, &index) in order.iter().enumerate() {
            sorted.extend(std::iter::repeat_n('\n', entries[place].blanks));
            let (above, body) = (entries[index].above, entries[index].body);
            if place > 0 {
                sorted.push_str(above);
                sorted.extend(std::iter::repeat_n(' ', indent));
            } else {
                // What stands above the first key of an item stands above its dash.
                for line in above.lines() {
                    let line = line.trim_start();
                    sorted.push_str(if line.is_empty() { "" } else { dash });
                    sorted.push_str(line);
                    sorted.push('\n');
                }
                sorted.push_str(before_key);
            }
            sorted.push_str(body);
        }
        (first..begin, sorted)
    }

    /// Where the lines of a map begin: with the comments above its first key.
    fn begin(&self, key: usize) -> usize {
        let line = line_start(self.text, self.tokens[key].bytes.start);
        let above = (0..key).rfind(|&token| {
            !self.is_comment(token) && !self.is_break(token) || self.is_behind(token)
        });
        match above.map(|token| self.tokens[token].bytes.end) {
            // On the line of its dash.
            Some(end) if end > line => line,
            Some(end) => self.next_line(end),
            None => match self.text[..line].find("\n\n") {
                Some(header) => header + 1,
                None => line,
            },
        }
    }

    /// Whether a comment stands behind something else.
    fn is_behind(&self, token: usize) -> bool {
        let before = token.checked_sub(1);
        self.is_comment(token) && before.is_some_and(|before| !self.is_break(before))
    }

    fn next_line(&self, byte: usize) -> usize {
        let end = self.text[byte..].find('\n');
        end.map_or(self.text.len(), |end| byte + end + 1)
    }

    /// Where the lines of an entry end: with the comments that are indented more than its key.
    fn end(&self, key: usize, indent: usize) -> usize {
        let mut depth = 0_usize;
        let mut end = self.tokens[key].bytes.end;
        let mut begins_line = false;
        for token in &self.tokens[key..] {
            let is_left = column(self.text, token.bytes.start) <= indent;
            match token.kind {
                Kind::Break => {
                    begins_line = depth == 0;
                    continue;
                }
                _ if begins_line && is_left => break,
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            begins_line = false;
            end = token.bytes.end;
        }
        self.next_line(end)
    }
}

/// What stands between two entries of a map between brackets.
#[derive(Default)]
struct Gap {
    has_comma: bool,
    /// The comment at the end of the line, with the blanks before it.
    behind: String,
    /// Ends of lines before the next entry.
    breaks: usize,
    /// The comments above the next entry.
    above: String,
}

/// An entry of a map on lines of its own.
struct Lines<'t> {
    /// Empty lines before it.
    blanks: usize,
    /// The lines of its comments.
    above: &'t str,
    /// The rest of the line of its key, and the lines that follow.
    body: &'t str,
}
