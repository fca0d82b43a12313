//! The nearest of several names.

/// The known name that somebody who wrote `wrong` probably meant.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|&(distance, name)| {
            distance <= 1 + wrong.len().min(name.len()) / 4 && distance < name.len()
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// "did you mean", or the whole list where nothing is near and the list is short.
pub(crate) fn help(wrong: &str, known: &[&str]) -> Option<String> {
    match nearest(wrong, known.iter().copied()) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None if known.is_empty() || known.len() > 24 => None,
        None => Some(format!("known here: {}", quoted(known))),
    }
}

/// Names in backticks, with commas.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        assert_eq!(nearest("ofset", ["stride", "offset"]), Some("offset"));
        assert_eq!(nearest("TXDCLT", ["TDH", "TXDCTL"]), Some("TXDCTL"));
        assert_eq!(nearest("rctl", ["TDH", "RCTL"]), Some("RCTL"));
        assert_eq!(nearest("banana", ["TDH", "RCTL"]), None);
    }
}
