//! The chapter of the book, as it is there: which unnoticed changes it lists of which NIC.

use std::collections::{BTreeMap, BTreeSet};

/// What the chapter says of NICs.
pub struct Page<'p> {
    /// The unnoticed changes that the table counts for each NIC.
    counted: BTreeMap<&'p str, usize>,
    /// The same for all NICs together.
    all: usize,
    /// The unnoticed changes that each NIC's section lists.
    listed: BTreeMap<&'p str, BTreeSet<&'p str>>,
}

impl<'p> Page<'p> {
    /// Reads the chapter; what is not there counts as nothing.
    pub fn read(text: &'p str) -> Self {
        let mut page = Self {
            counted: BTreeMap::new(),
            all: 0,
            listed: BTreeMap::new(),
        };
        for section in text.split("\n## ").skip(1) {
            let (title, body) = section.split_once('\n').unwrap_or((section, ""));
            match title {
                "By NIC" => page.counted = rows(body).collect(),
                // No NIC has a name of several words.
                words if words.contains(' ') => {}
                nic => {
                    page.listed.insert(nic, changes(body).collect());
                }
            }
        }
        page.all = page.counted.remove("all").unwrap_or_default();
        page
    }

    /// The unnoticed changes that the chapter lists of a NIC; `None` if it does not know the NIC yet.
    pub fn of(&self, nic: &str) -> Option<Vec<&'p str>> {
        let listed = self.listed.get(nic);
        let is_known = listed.is_some() || self.counted.contains_key(nic);
        is_known.then(|| listed.into_iter().flatten().copied().collect())
    }

    /// What a change by hand has left: a section, a row or a line that is gone or too many.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (nic, counted) in &self.counted {
            match self.listed.get(nic).map(BTreeSet::len) {
                None => faults.push(format!("`{nic}` has a row in the table and no section")),
                Some(listed) if listed != *counted => faults.push(format!(
                    "the table counts {counted} unnoticed changes of `{nic}`, and its section lists {listed}"
                )),
                Some(_) => {}
            }
        }
        let sections = self.listed.keys();
        let extra = sections.filter(|nic| !self.counted.contains_key(*nic));
        faults.extend(extra.map(|nic| format!("`{nic}` has a section and no row in the table")));
        let sum: usize = self.counted.values().sum();
        if sum != self.all {
            faults.push(format!(
                "the table counts {} unnoticed changes of all NICs, and {sum} in its rows",
                self.all
            ));
        }
        faults
    }
}

/// The rows of the table of NICs, each with the number of unnoticed changes.
fn rows(table: &str) -> impl Iterator<Item = (&str, usize)> {
    table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", name, _, _, _, unnoticed, ..] => Some((*name, unnoticed.parse().ok()?)),
            _ => None,
        }
    })
}

/// The unnoticed changes of a section, as they are quoted there.
fn changes(section: &str) -> impl Iterator<Item = &str> {
    section.lines().filter_map(|line| {
        let (number, change) = line.strip_prefix("- line ")?.split_once(", ")?;
        number.parse::<u32>().is_ok().then_some(change)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Page;
    use crate::report;

    #[test]
    fn the_book_lists_the_changes_that_it_counts() {
        let text = fs::read_to_string(report::page()).unwrap();
        let page = Page::read(&text);
        assert!(!page.counted.is_empty());
        assert_eq!(page.faults(), [""; 0], "`cargo xtask mutate --write`");
    }

    #[test]
    fn a_section_a_row_or_a_line_that_is_gone_is_noticed() {
        let head = "# Changes\n\n## By NIC\n\n| | changes | rule | suite | unnoticed | not |\n| --- | --- | --- | --- | --- | --- |\n";
        let rows = "| one | 9 | 4 | 3 | 2 | 0 |\n| two | 5 | 5 | 0 | 0 | 0 |\n| all | 14 | 9 | 3 | 2 | 0 |\n";
        let one =
            "\n## one\n\nUnnoticed changes:\n\n- line 3, `a: 1 -> 2`\n- line 4, `b: left out`\n";
        let two = "\n## two\n\nUnnoticed changes:\n\nnone\n";
        let whole = [head, rows, "\n## By rule\n", one, two].concat();
        let page = Page::read(&whole);
        assert_eq!(page.faults(), [""; 0]);
        assert_eq!(page.of("one").unwrap(), ["`a: 1 -> 2`", "`b: left out`"]);
        assert_eq!(page.of("two").unwrap(), [""; 0]);
        assert!(page.of("three").is_none());
        for gone in [
            one,
            two,
            "- line 4, `b: left out`\n",
            "| one | 9 | 4 | 3 | 2 | 0 |\n",
        ] {
            let text = whole.replace(gone, "");
            assert_eq!(Page::read(&text).faults().len().min(1), 1, "{gone}");
        }
        // A row that is left keeps the NIC known: each of its changes is then one that the book does not list.
        let text = whole.replace(one, "");
        assert_eq!(Page::read(&text).of("one").unwrap(), [""; 0]);
        let text = whole
            .replace(one, "")
            .replace("| one | 9 | 4 | 3 | 2 | 0 |\n", "");
        let faults = Page::read(&text).faults();
        assert_eq!(
            faults,
            ["the table counts 2 unnoticed changes of all NICs, and 0 in its rows"]
        );
    }
}
