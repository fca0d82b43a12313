//! The nearest of several names.

/// The known names that are nearest to `wrong`: all with the smallest distance.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = wrong.to_lowercase();
    let near = |name: &str| {
        let distance = strsim::osa_distance(&lower, &name.to_lowercase());
        (distance <= 1 + wrong.len().min(name.len()) / 5 && distance < name.len())
            .then_some(distance)
    };
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| Some((near(name)?, name)))
        .collect();
    let best = found.iter().map(|(distance, _)| *distance).min();
    found.retain(|(distance, _)| Some(*distance) == best);
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Most names to list in a message.
pub(crate) const MANY: usize = 24;

/// "did you mean", or the whole list where nothing is near and the list is short.
pub(crate) fn help(wrong: &str, known: &[&str]) -> Option<String> {
    let near = nearest(wrong, known.iter().copied());
    if !near.is_empty() && near.len() <= 3 {
        return Some(format!("did you mean {}?", alternatives(&near)));
    }
    (!known.is_empty() && known.len() <= MANY).then(|| format!("known here: {}", quoted(known)))
}

/// Names in backticks, with commas.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    in_backticks(names).join(", ")
}

/// Names in backticks, with "or".
pub(crate) fn alternatives<S: AsRef<str>>(names: &[S]) -> String {
    in_backticks(names).join(" or ")
}

fn in_backticks<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_finds_the_intended_name() {
        assert_eq!(nearest("ofset", ["stride", "offset"]), ["offset"]);
        assert_eq!(nearest("TXDCLT", ["TDH", "TXDCTL"]), ["TXDCTL"]);
        assert_eq!(nearest("rctl", ["TDH", "RCTL"]), ["RCTL"]);
        assert_eq!(nearest("TDX", ["TDH", "RCTL", "TDT"]), ["TDH", "TDT"]);
        assert!(nearest("banana", ["TDH", "RCTL"]).is_empty());
    }
}
