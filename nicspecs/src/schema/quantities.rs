//! Whether the quantities of a spec are in their ranges: checked before anything counts or adds them.

use super::types::{Style, Type};
use super::walk::walk;
use crate::bounds;
use crate::diagnostic::{FindingDraft, Findings, Span};
use crate::errors::out_of_range;
use crate::number::{self, NotANumber};
use crate::tree::{Kind, Tree};

/// Checks every number, and the lengths of every list, map and text. Returns whether all are in range.
pub(crate) fn check(tree: &Tree, findings: &mut Findings) -> bool {
    let before = findings.len();
    walk(tree, &mut |site| {
        let (Some(key), Some(ty)) = (site.nearest_key(), site.ty) else {
            return;
        };
        let what = || match site.entry {
            Some(entry) => format!("`{}`", entry.key),
            None => format!("an item of `{}`", key.name),
        };
        let span = || tree.span(site.node);
        match tree.kind(site.node) {
            Kind::Scalar { text, plain, .. } => {
                if text.chars().count() > bounds::SCALAR {
                    let has = format!("{} characters", text.chars().count());
                    let most = bounds::SCALAR.to_string();
                    findings.add(out_of_range::length(span(), &what(), &has, &most));
                }
                let (min, max) = match (ty, plain) {
                    (Type::Number(_), true) => key.range(ty),
                    (Type::Bits, _) => (0, bounds::BIT),
                    _ => return,
                };
                for number in text.split(':').map(str::trim) {
                    if !is_within(number, min, max) {
                        findings.add(out_of_range::number(span(), number, &what(), min, max));
                    }
                }
            }
            Kind::List(items) => {
                findings.extend(too_many(span(), &what(), items.len(), key.most()));
            }
            Kind::Map(entries) => {
                findings.extend(too_many(span(), &what(), entries.len(), key.most()));
                for entry in entries.iter().filter(|_| has_numbers(ty)) {
                    if !is_within(&entry.key, 0, bounds::KEY) {
                        let what = format!("a key of {}", what());
                        let span = entry.key_span;
                        findings.add(out_of_range::number(
                            span,
                            &entry.key,
                            &what,
                            0,
                            bounds::KEY,
                        ));
                    }
                }
            }
        }
    });
    findings.len() == before
}

/// Whether a text is in range, if it is a number; what is none is reported where it is read.
fn is_within(text: &str, min: u64, max: u64) -> bool {
    match number::parse(text) {
        Ok(value) => (min..=max).contains(&value),
        Err(NotANumber::TooLarge) => false,
        Err(NotANumber::Malformed) => true,
    }
}

fn has_numbers(ty: Type) -> bool {
    matches!(ty, Type::Names(Style::Number, _))
}

fn too_many(span: Span, what: &str, count: usize, most: usize) -> Option<FindingDraft> {
    let has = format!("{count} entries");
    (count > most).then(|| out_of_range::length(span, what, &has, &most.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::ops::Range;

    use crate::diagnostic::{File, Findings};
    use crate::ir::Limit;
    use crate::schema::{Key, Style, Type, places, walk};
    use crate::tree::{self, Kind};
    use crate::{SpecFile, bounds};

    /// A value in a spec, or a key that is a number.
    struct Place {
        spec: usize,
        bytes: Range<usize>,
        plain: bool,
        ty: Type,
        key: &'static Key,
    }

    /// The toy spec, as it is and with every limit of a variant, and the specs of this repository, smallest first.
    fn specs() -> Vec<SpecFile> {
        let specs = crate::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap();
        let above = "    constants: { settle: 20 }\n";
        let limits: String = Limit::ALL
            .into_iter()
            .map(|limit| format!("      {}: 64\n", limit.name()))
            .collect();
        let narrowed = crate::TOY.replace(above, &format!("{above}    limits:\n{limits}"));
        assert_ne!(narrowed, crate::TOY);
        let narrowed = narrowed
            .replace("  name: toy\n", "  name: narrowed\n")
            .replace("1234:0001", "1234:0003")
            .replace("1234:0002", "1234:0004");
        let toys = vec![
            SpecFile::new("toy.yaml", crate::TOY),
            SpecFile::new("narrowed.yaml", narrowed),
        ];
        let mut specs = [toys, specs].concat();
        specs.sort_by_key(|spec| spec.text.len() + spec.parent().map_or(0, |base| base.text.len()));
        specs
    }

    /// One value for each kind of place: the keys of the language that lead to it, up to three.
    fn values(specs: &[SpecFile]) -> BTreeMap<(String, *const Key), Place> {
        let mut found: BTreeMap<(String, *const Key), Place> = BTreeMap::new();
        for (spec, file) in specs.iter().enumerate() {
            let text = &file.text;
            let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
            let mut known: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
            walk(&tree, &mut |site| {
                let above = site.path.split_last().map(|(_, above)| above.to_vec());
                let mut path = above
                    .and_then(|above| known.get(&above).cloned())
                    .unwrap_or_default();
                path.push(site.key.map_or("*", |key| key.name));
                known.insert(site.path.to_vec(), path.clone());
                // What names an inherited item has to be as it is there.
                if site
                    .path
                    .iter()
                    .any(|key| key == "where" || key == "remove")
                {
                    return;
                }
                let (Some(ty), Some(key)) = (site.ty, site.nearest_key()) else {
                    return;
                };
                let name = path[path.len().saturating_sub(3)..].join(".");
                let mut add = |name: String, bytes: Range<usize>, plain, ty| {
                    let place = Place {
                        spec,
                        bytes,
                        plain,
                        ty,
                        key,
                    };
                    found
                        .entry((
                            format!("{name}: {}", ty.in_words()),
                            std::ptr::from_ref(key),
                        ))
                        .or_insert(place);
                };
                match tree.kind(site.node) {
                    Kind::Scalar { text, plain, .. } if text != "null" => {
                        let span = tree.span(site.node);
                        let ty = match ty {
                            Type::Either(Type::List(_) | Type::Names(..), ty)
                            | Type::Either(ty, _) => *ty,
                            ty => ty,
                        };
                        add(name, span.start..span.end, *plain, ty);
                    }
                    Kind::Map(entries) if matches!(ty, Type::Names(Style::Number, _)) => {
                        for entry in entries {
                            let span = entry.key_span;
                            let ty = Type::Number(bounds::KEY);
                            add(format!("{name} (key)"), span.start..span.end, true, ty);
                        }
                    }
                    _ => {}
                }
            });
        }
        found
    }

    /// The codes of the errors on the line of a place, after the text there is replaced.
    fn codes(specs: &[SpecFile], place: &Place, bytes: Range<usize>, with: &str) -> Vec<String> {
        let file = &specs[place.spec];
        let mut text = file.text.clone();
        let line = text[..bytes.start].matches('\n').count() + 1;
        text.replace_range(bytes, with);
        let changed = SpecFile::new(&file.path, text).among(specs);
        let Err(report) = changed.compile() else {
            return Vec::new();
        };
        let name = file.path.to_string_lossy();
        let here = format!("{name}:{line}:");
        let short = report.short();
        let at_line = short
            .lines()
            .filter_map(|finding| finding.strip_prefix(&here));
        at_line
            .filter_map(|rest| Some(rest.split(' ').nth(1)?.trim_end_matches(':').to_owned()))
            .collect()
    }

    /// Keys below which a type is used.
    fn keys_with(is: fn(Type) -> bool) -> BTreeSet<(&'static str, *const Key)> {
        fn leaves(ty: Type) -> Vec<Type> {
            match ty {
                Type::List(ty) | Type::Names(_, ty) => leaves(*ty),
                Type::Either(one, other) => [leaves(*one), leaves(*other)].concat(),
                ty => vec![ty],
            }
        }
        let keys = places().into_iter().flat_map(|place| place.map.keys());
        let keys = keys.filter(|key| leaves(key.ty).into_iter().any(is));
        keys.map(|key| (key.name, std::ptr::from_ref(key)))
            .collect()
    }

    fn is_numeric(ty: Type) -> bool {
        matches!(
            ty,
            Type::Number(_) | Type::Bits | Type::Expression | Type::Duration
        )
    }

    /// The first number in a text that begins there.
    fn number(text: &str, bytes: &Range<usize>) -> Option<Range<usize>> {
        let value = &text[bytes.clone()];
        let mut words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let digits = match word.strip_prefix("0x") {
            Some(_) => word.len(),
            None => word
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(word.len()),
        };
        let start = bytes.start + (word.as_ptr() as usize - value.as_ptr() as usize);
        Some(start..start + digits)
    }

    #[test]
    fn a_number_has_one_grammar_wherever_it_stands() {
        let specs = specs();
        let values = values(&specs);
        let mut seen = BTreeSet::new();
        for ((name, _), place) in values.iter().filter(|(_, place)| is_numeric(place.ty)) {
            seen.insert((place.key.name, std::ptr::from_ref(place.key)));
            let text = &specs[place.spec].text;
            let (at, unit) = match (number(text, &place.bytes), place.ty) {
                (Some(at), _) => (at, ""),
                (None, Type::Duration) => (place.bytes.clone(), "us"),
                (None, _) => (place.bytes.clone(), ""),
            };
            let all = [
                "0o4", "0b100", "010", "1_0", "0x1_0", "+4", "-4", "4.0", "4e1", "0X4",
            ];
            // A larger spec is compiled less often.
            let some = if place.spec == 0 { &all[..] } else { &all[..3] };
            for other in some {
                let found = codes(&specs, place, at.clone(), &format!("{other}{unit}"));
                assert!(
                    found.iter().any(|code| code == "NS0104"),
                    "{other} at {name}: {found:?}"
                );
            }
        }
        let missing: Vec<_> = keys_with(is_numeric)
            .difference(&seen)
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(missing, [""; 0], "keys that no spec uses");
    }

    #[test]
    fn no_quantity_is_too_large_to_be_reported() {
        let specs = specs();
        for ((name, _), place) in values(&specs) {
            let Type::Number(_) = place.ty else { continue };
            let (min, max) = match name.contains("(key)") {
                true => (0, bounds::KEY),
                false => place.key.range(place.ty),
            };
            assert!(place.plain, "{name}");
            for value in [
                0,
                1,
                min.wrapping_sub(1),
                max,
                max.wrapping_add(1),
                u32::MAX.into(),
                u64::MAX,
            ] {
                let found = codes(&specs, &place, place.bytes.clone(), &value.to_string());
                let out = found.iter().any(|code| code == "NS0115");
                assert_eq!(
                    out,
                    !(min..=max).contains(&value),
                    "{value} at {name}: {found:?}"
                );
            }
            let found = codes(&specs, &place, place.bytes.clone(), "18446744073709551616");
            assert!(
                found.iter().any(|code| code == "NS0115"),
                "2^64 at {name}: {found:?}"
            );
        }
    }

    #[test]
    fn bits_and_durations_are_quantities_too() {
        let specs = specs();
        for ((name, _), place) in values(&specs) {
            let too_large = match place.ty {
                Type::Bits => [
                    "1024",
                    "\"1024:0\"",
                    "\"1:4294967296\"",
                    "\"0:0x10000000000000000\"",
                ],
                Type::Duration => [
                    "61s",
                    "60000001us",
                    "4294967296us",
                    "18446744073709551616ms",
                ],
                _ => continue,
            };
            for text in too_large {
                let found = codes(&specs, &place, place.bytes.clone(), text);
                assert_eq!(found, ["NS0115"], "{text} at {name}");
            }
        }
    }

    #[test]
    fn a_text_is_one_line_that_may_stand_in_code() {
        let is_text = |ty| matches!(ty, Type::Text | Type::Section);
        let specs = specs();
        let mut seen = BTreeSet::new();
        for ((name, _), place) in values(&specs).iter().filter(|(_, place)| is_text(place.ty)) {
            seen.insert((place.key.name, std::ptr::from_ref(place.key)));
            for other in [
                "\"a\\u202eb\"",
                "\"a\\u2066b\"",
                "\"a\\nb\"",
                "\"a\\rb\"",
                "\"a\\tb\"",
                "\"a\\x7fb\"",
                "\"a\\u2028b\"",
                "\"a */ b\"",
                "\"/* a\"",
                "\"```\"",
                "\"\"",
                "\" \"",
            ] {
                let found = codes(&specs, place, place.bytes.clone(), other);
                assert!(
                    found.iter().any(|code| code == "NS0116"),
                    "{other} at {name}: {found:?}"
                );
            }
        }
        let missing: Vec<_> = keys_with(is_text)
            .difference(&seen)
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(missing, [""; 0], "keys that no spec uses");
    }

    /// Repeats one line of the toy spec with a number in it.
    fn grown(line: &str, count: usize) -> String {
        assert_eq!(crate::TOY.matches(line).count(), 1, "{line}");
        let more: String = (0..count)
            .map(|n| line.replace('#', &n.to_string()))
            .collect();
        crate::TOY.replace(line, &(line.to_owned() + &more))
    }

    /// Sizes that took minutes, or all memory, before they had bounds.
    #[test]
    fn what_is_far_too_much_is_refused_before_it_is_looked_at() {
        let field = |n: usize| format!("      F{n}: {{ bits: 0 }}\n");
        let fields: String = (0..20_000).map(field).collect();
        let piece = "      - { first: 0, count: 0xffffffff, offset: 0x200, stride: 0x20 }\n";
        let huge = [
            crate::TOY.replace("      UP: { bits: 0 }\n", &fields),
            crate::TOY.replace(
                "    pieces:\n",
                &format!("    pieces:\n{}", piece.repeat(15_000)),
            ),
            crate::TOY.replace("\"0..4\"", "\"0..4294967295\""),
            crate::TOY.replace(
                "max: 4096, multiple: 8, align: 16",
                "max: 8200, multiple: 8, align: 16",
            ),
            grown("      - flush: STATUS\n", 300),
            crate::TOY.to_owned() + &"#\n".repeat(bounds::FILE),
            format!("{}: &a [{}]\n", "nic", "a, ".repeat(300_000)),
        ];
        for text in huge {
            let report = crate::compile("toy.yaml", &text).unwrap_err();
            let codes: BTreeSet<_> = report
                .findings()
                .iter()
                .map(|finding| finding.rule().code)
                .collect();
            assert!(codes.contains("NS0115"), "{codes:?}: {}", &text[..80]);
        }
        let nested = "[".repeat(100_000);
        assert!(crate::compile("toy.yaml", &nested).is_err());
    }

    /// A report of all of them takes minutes to print.
    #[test]
    fn of_far_too_many_errors_the_first_are_shown_and_the_others_counted() {
        let keys: String = (0..50_000).map(|n| format!("k{n}: 1\n")).collect();
        let report = crate::compile("toy.yaml", &keys).unwrap_err();
        assert_eq!(report.findings().len(), Findings::MOST);
        let all = report.findings().len() + report.left_out();
        assert!(all >= 50_000, "{all}");
        assert_eq!(report.to_string(), format!("{all} errors in toy.yaml"));
        let others = format!("\ntoy.yaml: and {} more\n", report.left_out());
        assert!(report.short().ends_with(&others));
    }

    #[test]
    fn a_loop_runs_forwards() {
        let text = crate::TOY.replace("\"0..4\"", "\"4..0\"");
        let short = crate::compile("toy.yaml", &text).unwrap_err().short();
        assert!(short.contains("NS0616: this loop never runs"), "{short}");
    }
}
