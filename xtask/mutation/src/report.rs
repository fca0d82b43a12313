//! The results of all changes: for the terminal, as JSON, and for the book.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use miette::ensure;
use nicspecs::SpecFile;
use nicspecs::mutants::{Kind, Mutant};
use serde_json::{Value, json};

use super::Candidate;
use super::attempt::Verdicts;
use super::page::Page;
use super::verdict::Verdict;
use xtask_workspace::specs;

/// The chapter of the book.
pub const PAGE: &str = "docs/src/mutation.md";

/// The file of the chapter.
pub fn page() -> PathBuf {
    specs::root().join(PAGE)
}

/// The results of the changes of some specs.
pub struct Report<'a> {
    nics: Vec<Nic<'a>>,
}

struct Nic<'a> {
    name: String,
    tried: Vec<(&'a Mutant, &'a Verdict)>,
    /// The spec's `unobservable` entries.
    excuses: Vec<(String, String)>,
}

/// Numbers of changes by verdict.
#[derive(Default, Clone, Copy)]
struct Count {
    rule: usize,
    suite: usize,
    survived: usize,
    apart: usize,
}

/// The note for a run that was not thorough.
const SPARED: &str = " The run skipped behaviours that repeat at many places what others check at one, and trusted the \
`unobservable` entries of the specs.\n";

impl Count {
    fn of<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> Self {
        let mut count = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Rule(_) => &mut count.rule,
                Verdict::Suite { .. } => &mut count.suite,
                Verdict::Survived => &mut count.survived,
                Verdict::Apart(_) => &mut count.apart,
            } += 1;
        }
        count
    }

    fn countable(&self) -> usize {
        self.rule + self.suite + self.survived
    }

    fn noticed(&self) -> usize {
        self.rule + self.suite
    }

    fn all(&self) -> usize {
        self.countable() + self.apart
    }

    /// The share of noticed changes among `these`, in percent.
    fn share(&self, these: usize) -> String {
        match these {
            0 => "-".to_owned(),
            _ => format!("{:.1} %", 100.0 * self.noticed() as f64 / these as f64),
        }
    }

    fn row(&self, name: &str) -> String {
        let Self {
            rule,
            suite,
            survived,
            apart,
        } = self;
        let (countable, all) = (self.countable(), self.all());
        let (of_countable, of_all) = (self.share(countable), self.share(all));
        format!(
            "| {name} | {all} | {rule} | {suite} | {survived} | {apart} | {of_countable} | {of_all} |\n"
        )
    }
}

const HEAD: &str =
    "| | changes | noticed by a rule | by the suite | unnoticed | not countable | noticed of the countable | of all |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

impl<'a> Report<'a> {
    /// Collects the results of the candidates, with verdicts by index.
    pub fn new<'s>(
        specs: impl IntoIterator<Item = &'s SpecFile>,
        candidates: &'a [Candidate<'_>],
        verdicts: &'a Verdicts,
    ) -> miette::Result<Self> {
        let nic = |spec: &SpecFile| {
            let tried = verdicts.iter();
            let tried = tried.map(|(index, verdict)| (&candidates[*index], verdict));
            let tried = tried.filter(|(candidate, _)| std::ptr::eq(candidate.spec, spec));
            let nic = spec.compile()?;
            // The facts of inherited entries are changed in the base spec.
            let base = spec.parent().map(SpecFile::compile).transpose()?;
            let inherited = base.iter().flat_map(|base| &base.model().unobservable);
            let inherited: Vec<_> = inherited.collect();
            let excuses = nic.model().unobservable.iter();
            let excuses = excuses.filter(|entry| !inherited.contains(entry));
            Ok(Nic {
                name: spec.stem(),
                tried: tried
                    .map(|(candidate, verdict)| (&candidate.mutant, verdict))
                    .collect(),
                excuses: excuses
                    .map(|entry| (entry.facts.join(", "), entry.why.clone()))
                    .collect(),
            })
        };
        let nics = specs.into_iter().map(nic).collect::<miette::Result<_>>()?;
        Ok(Self { nics })
    }

    /// A short summary.
    pub fn terminal(&self) -> String {
        let mut text = String::new();
        let width = self.nics.iter().map(|nic| nic.name.len()).max();
        let width = width.unwrap_or_default();
        for nic in &self.nics {
            let count = nic.count();
            let _ = writeln!(
                text,
                "{:<width$}  {} of {} countable changes noticed ({}): {} by a rule, {} by the suite; with {} that are not \
                 countable, {} of all",
                nic.name,
                count.noticed(),
                count.countable(),
                count.share(count.countable()),
                count.rule,
                count.suite,
                count.apart,
                count.share(count.all()),
            );
            for (mutant, _) in nic.survivors() {
                let _ = writeln!(text, "  survived: line {}: {}", mutant.line, mutant.name());
            }
        }
        text
    }

    /// An array with an object for each change.
    pub fn json(&self) -> String {
        let change = |nic: &Nic<'_>, mutant: &Mutant, verdict: &Verdict| {
            let (by, why) = match verdict {
                Verdict::Rule(code) => (*code, ""),
                Verdict::Suite { by, why } => (by.as_str(), why.as_str()),
                Verdict::Apart(why) => ("", why.as_str()),
                Verdict::Survived => ("", ""),
            };
            json!({
                "line": mutant.line,
                "nic": nic.name,
                "kind": mutant.kind.name(),
                "at": mutant.at,
                "change": mutant.change,
                "verdict": verdict.name(),
                "by": by,
                "why": why,
            })
        };
        let changes = self.nics.iter().flat_map(|nic| {
            let tried = nic.tried.iter();
            tried.map(move |(mutant, verdict)| change(nic, mutant, verdict))
        });
        format!("{:#}\n", changes.collect::<Value>())
    }

    /// The chapter.
    pub fn markdown(&self, thorough: bool) -> String {
        let mut text = String::from(INTRODUCTION);
        let tried: usize = self.nics.iter().map(|nic| nic.tried.len()).sum();
        text.push_str(&match thorough {
            true => format!("\nAll {tried} changes were tried: `cargo xtask mutate --all --write`.\n"),
            false => format!(
                "\nAll {tried} changes were tried: `cargo xtask mutate --all --quick --write`.{SPARED}"
            ),
        });
        let all = |kind: Option<Kind>| {
            let tried = self.nics.iter().flat_map(|nic| &nic.tried);
            let tried = tried.filter(|(mutant, _)| kind.is_none_or(|kind| mutant.kind == kind));
            Count::of(tried.map(|(_, verdict)| *verdict))
        };
        text.push_str("\n## By NIC\n\n");
        text.push_str(HEAD);
        for nic in &self.nics {
            text.push_str(&nic.count().row(&nic.name));
        }
        text.push_str(&all(None).row("all"));
        text.push_str("\n## By kind of fact\n\n");
        text.push_str(HEAD);
        for kind in Kind::ALL {
            text.push_str(&all(Some(kind)).row(kind.name()));
        }
        self.rules(&mut text);
        for nic in &self.nics {
            let _ = write!(text, "\n## {}\n", nic.name);
            nic.markdown(&mut text);
        }
        text
    }

    fn rules(&self, text: &mut String) {
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, verdict) in self.nics.iter().flat_map(|nic| &nic.tried) {
            if let Verdict::Rule(code) = verdict {
                *rules.entry(code).or_default() += 1;
            }
        }
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        text.push_str("\n## By rule\n\n| rule | changes |\n| --- | --- |\n");
        for (code, count) in rules {
            let _ = writeln!(text, "| [{code}](rules.md) | {count} |");
        }
    }

    /// The NICs that the chapter does not know yet.
    pub fn not_on(&self, page: &Page<'_>) -> Vec<&str> {
        let names = self.nics.iter().map(|nic| nic.name.as_str());
        names.filter(|name| page.of(name).is_none()).collect()
    }

    /// Survivors that the chapter does not list, of the NICs that it knows.
    pub fn survivors_not_on(&self, page: &Page<'_>) -> Vec<String> {
        let mut unknown = Vec::new();
        for nic in &self.nics {
            let Some(listed) = page.of(&nic.name) else {
                continue;
            };
            let names = nic.survivors().map(|(mutant, _)| mutant.name());
            let names = names.filter(|name| !listed.contains(&cell(name).as_str()));
            unknown.extend(names.map(|name| format!("{}: {name}", nic.name)));
        }
        unknown
    }

    /// Refuses `unobservable` entries under which every change is noticed.
    pub fn refuse_idle_excuses(&self) -> miette::Result<()> {
        let idle = self.nics.iter().flat_map(|nic| {
            let used = nic.reasons();
            let excuses = nic.excuses.iter();
            let idle = excuses.filter(move |(_, reason)| !used.contains_key(reason.as_str()));
            idle.map(|(what, _)| format!("{}: {what}", nic.name))
        });
        let idle: Vec<String> = idle.collect();
        ensure!(
            idle.is_empty(),
            "`unobservable` entries whose changes are all noticed:\n{}",
            idle.join("\n")
        );
        Ok(())
    }
}

impl Nic<'_> {
    fn survivors(&self) -> impl Iterator<Item = &(&Mutant, &Verdict)> {
        self.tried
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Survived)
    }

    fn count(&self) -> Count {
        Count::of(self.tried.iter().map(|(_, verdict)| *verdict))
    }

    /// Why changes are not countable, and how many.
    fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for (_, verdict) in &self.tried {
            if let Verdict::Apart(reason) = verdict {
                *reasons.entry(reason.as_str()).or_default() += 1;
            }
        }
        reasons
    }

    fn markdown(&self, text: &mut String) {
        let reasons = self.reasons();
        if !reasons.is_empty() {
            text.push_str("\nNot countable, because\n\n");
        }
        for (reason, count) in reasons {
            let about = self.excuses.iter().filter(|(_, why)| why == reason);
            let about: Vec<_> = about.map(|(what, _)| format!("`{what}`")).collect();
            let about = match about.as_slice() {
                [] => String::new(),
                about => format!(": {}", about.join(", ")),
            };
            let _ = writeln!(text, "- {reason} ({count}){about}");
        }
        text.push_str("\nUnnoticed changes:\n\n");
        for (mutant, _) in self.survivors() {
            let _ = writeln!(text, "- line {}, {}", mutant.line, cell(&mutant.name()));
        }
        if self.survivors().next().is_none() {
            text.push_str("none: every countable change is noticed.\n");
        }
    }
}

/// Code in a line of the book.
fn cell(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

const INTRODUCTION: &str = "# Mutation testing

This chapter shows how many wrong facts in a spec the rules and the tests detect. `cargo xtask mutate` changes one fact at a
time, of all facts about starting a NIC, sending, receiving, the link and interrupts. A change moves an offset by a register
or a field by one bit, flips a bit of a number, negates a condition, leaves out a step, or swaps two steps. A change is
*noticed* if a [rule](rules.md) refuses the spec, or if the [conformance suite](testing.md#the-conformance-suite) fails with
a driver that has the changed fact and a simulated device that has the original one.

Some facts are constants of types in a driver: limits of rings and frames, and descriptor fields. To try a change of these,
the driver is generated from the changed spec and compiled together with the original device. For all other facts no driver
is compiled: the suite interprets the sequences. A test checks, access by access, that the interpreter and the generated
code agree for every sequence of every variant.

Changes that have no effect on any model are *not countable* and are listed separately: nobody knows whether a test on
hardware would notice them. So the tables show two shares, of the countable changes and of all. A spec lists most of these facts
itself (`model.unobservable`), with the reason; an entry is refused if every change of its facts is noticed. Counters are
left out, and so are changes without effect: the order of steps that access different registers, read nothing and are not
part of an order rule; the position of a field that is only ever written as zero, or that no driver reads in a descriptor; a
limit that follows from another one; reserved bits.

The figures do not show whether a fact is *true*, because driver and device read it from the same spec
([what they share](testing.md#what-driver-and-model-share)).
";

#[cfg(test)]
mod tests {
    use nicspecs::mutants::mutants;

    use super::*;

    #[test]
    fn unobservable_facts_do_not_count() {
        let suite = Verdict::Suite {
            by: String::new(),
            why: String::new(),
        };
        let verdicts = [
            Verdict::Rule("NS0303"),
            suite,
            Verdict::Survived,
            Verdict::Apart(String::new()),
            Verdict::Survived,
        ];
        let count = Count::of(verdicts.iter());
        assert_eq!(count.countable(), 4);
        assert_eq!(count.share(count.countable()), "50.0 %");
        assert_eq!(count.share(count.all()), "40.0 %");
    }

    #[test]
    fn a_chapter_that_does_not_know_a_nic_demands_nothing_of_it() {
        let specs = [SpecFile::new("toy.yaml", nicspecs::TOY)];
        let mutant = mutants(&specs[0]).unwrap().swap_remove(0);
        let (candidates, verdicts) = (
            [Candidate {
                spec: &specs[0],
                mutant,
            }],
            Verdicts::from([(0, Verdict::Survived)]),
        );
        let report = Report::new(&specs, &candidates, &verdicts).unwrap();
        let unknown = |page: &str| report.survivors_not_on(&Page::read(page));
        let name = report.nics[0].tried[0].0.name();
        let line = format!("\n- line 1, {}\n", cell(&name));
        assert_eq!(unknown("\n## other\n"), [""; 0]);
        assert_eq!(unknown("\n## toy\n"), [format!("toy: {name}")]);
        assert_eq!(unknown(&format!("\n## toy\n{line}")), [""; 0]);
        // The same change of another NIC is another one.
        let other = format!("\n## toy\n\n## other\n{line}");
        assert_eq!(unknown(&other), [format!("toy: {name}")]);
    }

    #[test]
    fn program_output_is_quoted() {
        let specs = [SpecFile::new("toy.yaml", nicspecs::TOY)];
        let mutant = mutants(&specs[0]).unwrap().swap_remove(0);
        let candidates = [Candidate {
            spec: &specs[0],
            mutant,
        }];
        let suite = Verdict::Suite {
            by: "a\"b\\\n".to_owned(),
            why: String::new(),
        };
        let verdicts = Verdicts::from([(0, suite)]);
        let report = Report::new(&specs, &candidates, &verdicts).unwrap();
        let json = report.json();
        assert!(json.contains(r#""by": "a\"b\\\n""#), "{json}");
    }
}
