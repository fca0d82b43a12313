//! Edits of an inherited list: items of it are removed, changed and added.

use super::merge::{At, Merging, Part, same};
use super::node::{Entry, Kind, Tree};
use crate::diagnostic::{NodeId, Span};
use crate::errors::{missing_key, redundant_key, removes_nothing, unknown_key, wrong_type};

/// What an edit does.
const EDITS: [&str; 4] = ["remove", "change", "add", "insert"];

/// The items of the new list that stand where an inherited item stands.
#[derive(Default)]
struct Fate {
    before: Vec<NodeId>,
    /// The place of the edit that removes or changes it.
    edited: Option<Span>,
    /// What it becomes; `None` if it is removed.
    becomes: Option<NodeId>,
    after: Vec<NodeId>,
}

impl Merging<'_, '_> {
    /// The inherited list with the edits that stand in its place.
    pub(super) fn edited(&mut self, own: At<'_>, edits: &[Entry], parent: At<'_>) -> NodeId {
        let items = parent.0.list(parent.1).unwrap_or_default();
        let mut fates: Vec<Fate> = items.iter().map(|_| Fate::default()).collect();
        let mut added = Vec::new();
        for edit in edits {
            let tree = own.0;
            let Some(list) = self.some(tree, edit) else {
                continue;
            };
            match edit.key.as_str() {
                "remove" => {
                    for &pattern in list {
                        if let Some(index) = self.find((tree, pattern), (parent.0, items)) {
                            self.decide(&mut fates[index], tree.span(pattern));
                        }
                    }
                }
                "change" => {
                    for &change in list {
                        let [Some(pattern), Some(to)] =
                            self.parts(tree, change, "`change`", ["where", "to"])
                        else {
                            continue;
                        };
                        if let Some(index) = self.find((tree, pattern), (parent.0, items)) {
                            let (to, item) = ((tree, to), (parent.0, items[index]));
                            self.decide(&mut fates[index], tree.span(pattern));
                            fates[index].becomes = Some(self.changed(to, item));
                        }
                    }
                }
                "add" => {
                    for &item in list {
                        self.new_item((tree, item), (parent.0, items));
                        added.push(self.own((tree, item)));
                    }
                }
                "insert" => {
                    for &insert in list {
                        self.insert((tree, insert), (parent.0, items), &mut fates);
                    }
                }
                other => {
                    let what = "an edit of a list";
                    let finding = unknown_key::finding(edit.key_span, what, other, false, &EDITS);
                    self.findings.add(finding);
                }
            }
        }
        let mut all = Vec::new();
        for (fate, &item) in fates.into_iter().zip(items) {
            all.extend(fate.before);
            match fate.edited {
                None => all.push(self.inherited((parent.0, item), false)),
                Some(_) => all.extend(fate.becomes),
            }
            all.extend(fate.after);
        }
        all.extend(added);
        self.push(own, Kind::List(all))
    }

    /// The items of an edit, which has at least one.
    fn some<'t>(&mut self, tree: &'t Tree, edit: &Entry) -> Option<&'t [NodeId]> {
        let list = tree.list(edit.value);
        match list {
            None => {
                let what = format!("`{}`", edit.key);
                let (span, text) = (tree.span(edit.value), tree.text(edit.value));
                self.findings
                    .add(wrong_type::finding(span, &what, "a list", text));
            }
            Some([]) => {
                let finding = redundant_key::finding(edit.key_span, &edit.key);
                self.findings.add(finding);
            }
            Some(_) => {}
        }
        list
    }

    /// The values of the two keys of an edit; reports a missing or unknown key.
    fn parts(
        &mut self,
        tree: &Tree,
        node: NodeId,
        what: &str,
        keys: [&str; 2],
    ) -> [Option<NodeId>; 2] {
        let Some(entries) = tree.map(node) else {
            let expected = format!("maps with `{}` and `{}`", keys[0], keys[1]);
            let (span, text) = (tree.span(node), tree.text(node));
            self.findings
                .add(wrong_type::finding(span, what, &expected, text));
            return [None, None];
        };
        for entry in entries {
            if !keys.contains(&entry.key.as_str()) {
                let finding = unknown_key::finding(entry.key_span, what, &entry.key, false, &keys);
                self.findings.add(finding);
            }
        }
        keys.map(|key| {
            let value = tree.get(node, key);
            if value.is_none() {
                let finding = missing_key::finding(tree.key_span(node), what, key);
                self.findings.add(finding);
            }
            value
        })
    }

    /// An inherited item with the changes of `to`, which is another item or the difference to this one.
    fn changed(&mut self, to: At<'_>, item: At<'_>) -> NodeId {
        let equal = match to.0.map(to.1) {
            Some(entries) => entries.is_empty(),
            None => super::merge::says_again(to, item),
        };
        if equal {
            let span = to.0.key_span(to.1);
            let by = self.stated_by(item.0.span(item.1).file).to_owned();
            self.findings.add(redundant_key::again(span, "to", &by));
        }
        self.both(to, item, Part::Other)
    }

    /// Items before or behind an inherited one.
    fn insert(&mut self, own: At<'_>, parent: (&Tree, &[NodeId]), fates: &mut [Fate]) {
        let (tree, node) = own;
        let is_before = tree.get(node, "before").is_some();
        let place = if is_before { "before" } else { "after" };
        let [Some(pattern), Some(list)] = self.parts(tree, node, "`insert`", [place, "items"])
        else {
            return;
        };
        let entry = tree.map(node).unwrap_or_default().iter();
        let mut entry = entry.filter(|entry| entry.value == list);
        let Some(items) = entry.next().and_then(|entry| self.some(tree, entry)) else {
            return;
        };
        if let Some(index) = self.find((tree, pattern), parent) {
            let items: Vec<_> = items.iter().map(|&item| self.own((tree, item))).collect();
            match is_before {
                true => fates[index].before.extend(items),
                false => fates[index].after.extend(items),
            }
        }
    }

    /// Notes that an edit removes or changes an item; reports a second one.
    fn decide(&mut self, fate: &mut Fate, span: Span) {
        match fate.edited {
            Some(first) => self.findings.add(removes_nothing::twice(span, first)),
            None => fate.edited = Some(span),
        }
    }

    /// Reports a word that the list has already.
    fn new_item(&mut self, own: At<'_>, (tree, items): (&Tree, &[NodeId])) {
        let Some(word) = own.0.text(own.1) else {
            return;
        };
        let mut known = items
            .iter()
            .filter_map(|&item| Some((tree.text(item)?, item)));
        if let Some((_, item)) = known.find(|(text, _)| same(text, word)) {
            let by = self.stated_by(tree.span(item).file).to_owned();
            let finding = redundant_key::again(own.0.span(own.1), word, &by);
            self.findings.add(finding);
        }
    }

    /// The one inherited item that has what a pattern states.
    fn find(&mut self, pattern: At<'_>, (tree, items): (&Tree, &[NodeId])) -> Option<usize> {
        let matching = |without: Option<NodeId>| -> Vec<usize> {
            let fits = |&index: &usize| fits(pattern, (tree, items[index]), without);
            (0..items.len()).filter(fits).collect()
        };
        let span = pattern.0.span(pattern.1);
        if is_empty(pattern) {
            let (what, expected) = ("an edit of a list", "at least one key of the item");
            self.findings
                .add(wrong_type::finding(span, what, expected, None));
            return None;
        }
        let found = matching(None);
        let said = flow(pattern, None);
        match found.as_slice() {
            [index] => {
                let mut keys = Vec::new();
                spare(pattern, &mut keys);
                let mut spare = keys.iter().rev();
                if let Some(key) = spare.find(|key| matching(Some(key.value)) == found) {
                    let finding = redundant_key::spare(key.key_span, &key.key);
                    self.findings.add(finding);
                }
                Some(*index)
            }
            [] => {
                let known: Vec<String> = items
                    .iter()
                    .map(|&item| flow((tree, item), Some(pattern)))
                    .collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                self.findings
                    .add(removes_nothing::none(span, &said, &known));
                None
            }
            several => {
                let places = several.iter().map(|&index| tree.span(items[index]));
                let finding = removes_nothing::several(span, &said, places.collect());
                self.findings.add(finding);
                None
            }
        }
    }
}

/// Whether an item has what a pattern states, except at the value `without`: a map has all its keys, and a word may stand
/// for a map with that only key.
fn fits(pattern: At<'_>, item: At<'_>, without: Option<NodeId>) -> bool {
    match (pattern.0.kind(pattern.1), item.0.kind(item.1)) {
        (Kind::Scalar { text, .. }, Kind::Map(entries)) => {
            matches!(entries.as_slice(), [entry] if entry.key == *text)
        }
        (Kind::Map(stated), Kind::Map(_)) => {
            let mut stated = stated.iter().filter(|entry| Some(entry.value) != without);
            let has = |entry: &Entry| {
                let value = item.0.get(item.1, &entry.key);
                value.is_some_and(|value| fits((pattern.0, entry.value), (item.0, value), without))
            };
            stated.all(has)
        }
        (Kind::Scalar { text, .. }, Kind::Scalar { text: theirs, .. }) => same(text, theirs),
        (Kind::List(ours), Kind::List(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len()
                && pairs.all(|(&our, &their)| fits((pattern.0, our), (item.0, their), without))
        }
        _ => false,
    }
}

/// Whether a pattern has a map that states nothing.
fn is_empty((tree, node): At<'_>) -> bool {
    match tree.kind(node) {
        Kind::Scalar { .. } => false,
        Kind::List(items) => items.iter().any(|&item| is_empty((tree, item))),
        Kind::Map(entries) => {
            let mut below = entries.iter().map(|entry| entry.value);
            entries.is_empty() || below.any(|value| is_empty((tree, value)))
        }
    }
}

/// The keys of a pattern that are not alone in their map.
fn spare<'t>((tree, node): At<'t>, keys: &mut Vec<&'t Entry>) {
    match tree.kind(node) {
        Kind::Scalar { .. } => {}
        Kind::List(items) => items.iter().for_each(|&item| spare((tree, item), keys)),
        Kind::Map(entries) => {
            for entry in entries {
                keys.extend((entries.len() > 1).then_some(entry));
                spare((tree, entry.value), keys);
            }
        }
    }
}

/// A node on one line; of an item, as much as the pattern states of it.
fn flow((tree, node): At<'_>, pattern: Option<At<'_>>) -> String {
    let stated = pattern.map(|(tree, node)| (tree, tree.kind(node)));
    match (tree.kind(node), stated) {
        (Kind::Scalar { text, .. }, _) => text.clone(),
        (Kind::List(items), _) => {
            let items: Vec<_> = items.iter().map(|&item| flow((tree, item), None)).collect();
            format!("[{}]", items.join(", "))
        }
        (Kind::Map(entries), Some((_, Kind::Scalar { .. }))) if entries.len() == 1 => {
            entries[0].key.clone()
        }
        (Kind::Map(entries), stated) => {
            let keys = match stated {
                Some((tree, Kind::Map(keys))) => Some((tree, keys)),
                _ => None,
            };
            let mut texts = Vec::new();
            for entry in entries {
                let stated = keys.map(|(tree, keys)| {
                    let key = keys.iter().find(|key| key.key == entry.key)?;
                    Some((tree, key.value))
                });
                if matches!(stated, Some(None)) {
                    continue;
                }
                let value = flow((tree, entry.value), stated.flatten());
                let is_map = tree.map(entry.value).is_some() && value.contains(':');
                texts.push(match is_map {
                    true => format!("{}: {{ {value} }}", entry.key),
                    false => format!("{}: {value}", entry.key),
                });
            }
            texts.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use crate::diagnostic::{File, Findings};
    use crate::tree::{merge, scan};

    /// What is done with an item of a list.
    #[derive(Clone, Debug)]
    enum Fate {
        Kept,
        Removed,
        Changed,
        Before,
        After,
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![
            Just(Fate::Kept),
            Just(Fate::Removed),
            Just(Fate::Changed),
            Just(Fate::Before),
            Just(Fate::After),
        ]
    }

    /// A map in place of a list.
    fn edits(parts: &BTreeMap<&str, Vec<String>>) -> String {
        let parts = parts.iter();
        let parts: Vec<_> = parts
            .map(|(key, items)| format!("{key}: [{}]", items.join(", ")))
            .collect();
        format!("like: base\nlist: {{ {} }}\n", parts.join(", "))
    }

    proptest! {
        #[test]
        fn edits_make_the_list_that_they_say(fates in prop::collection::vec(fate(), 1..12), added in 0..3usize) {
            let (mut inherited, mut expected) = (Vec::new(), Vec::new());
            let mut parts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            let mut part = |key, item| parts.entry(key).or_default().push(item);
            for (at, fate) in fates.iter().enumerate() {
                let (item, new) = (format!("old{at}"), format!("new{at}"));
                inherited.push(item.clone());
                match fate {
                    Fate::Kept => expected.push(item),
                    Fate::Removed => part("remove", item),
                    Fate::Changed => {
                        part("change", format!("{{ where: {item}, to: {new} }}"));
                        expected.push(new);
                    }
                    Fate::Before => {
                        part("insert", format!("{{ before: {item}, items: [{new}] }}"));
                        expected.extend([new, item]);
                    }
                    Fate::After => {
                        part("insert", format!("{{ after: {item}, items: [{new}] }}"));
                        expected.extend([item, new]);
                    }
                }
            }
            for at in 0..added {
                part("add", format!("added{at}"));
                expected.push(format!("added{at}"));
            }
            prop_assume!(!parts.is_empty());
            let mut findings = Findings::default();
            let base = format!("list: [{}]\n", inherited.join(", "));
            let base = scan(&base, File::Base(0), &mut findings).unwrap();
            let own = scan(&edits(&parts), File::Own, &mut findings).unwrap();
            let whole = merge(&own, &base, "base", &mut findings);
            prop_assert!(findings.is_empty(), "{}", findings.said());
            let items = whole.items(whole.root(), "list").iter();
            let items: Vec<_> = items.map(|&item| whole.text(item).unwrap_or_default()).collect();
            prop_assert_eq!(items, expected);
        }
    }
}
