//! A reproducible sample.

use std::time::SystemTime;

use super::Candidate;

/// Days since 1970 in UTC.
pub fn today() -> u64 {
    const DAY: u64 = 24 * 60 * 60;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / DAY)
}

/// Selects `count` of them by a hash of their names, so that changing one fact does not change the rest of the sample.
pub fn sample(candidates: Vec<Candidate<'_>>, count: usize, seed: u64) -> Vec<Candidate<'_>> {
    let mut keyed: Vec<_> = candidates.into_iter().enumerate().collect();
    keyed.sort_by_cached_key(|(_, candidate)| key(candidate, seed));
    keyed.truncate(count);
    keyed.sort_by_key(|(index, _)| *index);
    keyed.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Selects one of each spec in the same manner.
pub fn one_each(mut candidates: Vec<Candidate<'_>>, seed: u64) -> Vec<Candidate<'_>> {
    candidates.sort_by_cached_key(|candidate| (candidate.spec.stem(), key(candidate, seed)));
    candidates.dedup_by_key(|candidate| candidate.spec.stem());
    candidates
}

fn key(Candidate { spec, mutant }: &Candidate<'_>, seed: u64) -> u64 {
    hash(&format!("{}:{}", spec.stem(), mutant.name()), seed)
}

/// FNV-1a over the seed and the name, mixed once more so that names that differ at the end have unrelated hashes.
fn hash(name: &str, seed: u64) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(name.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use nicspecs::SpecFile;
    use nicspecs::mutants::mutants;

    use super::{hash, one_each};
    use crate::Candidate;

    #[test]
    fn one_of_each_spec_is_selected() {
        let specs = ["one", "two"].map(|name| {
            let text = nicspecs::TOY.replace("name: toy\n", &format!("name: {name}\n"));
            SpecFile::new(format!("{name}.yaml"), text)
        });
        let chosen = |seed| {
            let candidates = specs.iter().flat_map(|spec| {
                let all = mutants(spec).unwrap().into_iter();
                all.map(move |mutant| Candidate { spec, mutant })
            });
            let chosen = one_each(candidates.collect(), seed).into_iter();
            chosen.map(|each| each.name()).collect::<Vec<_>>()
        };
        let names = chosen(1);
        assert_eq!(names.len(), 2);
        assert!(names[0].starts_with("one: ") && names[1].starts_with("two: "));
        assert!(chosen(1) == names && chosen(2) != names);
    }

    #[test]
    fn a_sample_depends_on_names_and_seed_only() {
        assert_eq!(hash("a", 1), hash("a", 1));
        assert_ne!(hash("a", 1), hash("a", 2));
        assert_ne!(hash("a", 1), hash("b", 1));
    }
}
