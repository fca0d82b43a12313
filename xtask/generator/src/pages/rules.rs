//! The page about rules, with the list of all of them.

use std::fs;
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr};

/// The page, under the workspace.
pub const PAGE: &str = "docs/src/rules.md";

/// The heading of the list, which is the rest of the page.
const LIST: &str = "## All rules\n";

/// The page with the rules that there are.
pub fn page(root: &Path) -> miette::Result<String> {
    let path = root.join(PAGE);
    let text = fs::read_to_string(&path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", path.display()))?;
    Ok(listed(&text))
}

fn listed(page: &str) -> String {
    let before = page.split(LIST).next().unwrap_or_default().trim_end();
    let mut list = format!(
        "{LIST}\n`cargo xtask gen` writes this list.\n\n| code | error | rule |\n| --- | --- | --- |\n"
    );
    for rule in nicspecs::rules() {
        let (code, title, doc) = (rule.code, rule.title, rule.doc);
        list.push_str(&format!("| `{code}` | {title} | {doc} |\n"));
    }
    format!("{before}\n\n{list}")
}

#[cfg(test)]
mod tests {
    use super::{LIST, listed};

    #[test]
    fn an_old_list_is_replaced_and_the_text_before_it_stays() {
        let page = format!("# Rules\n\nText.\n\n{LIST}\n| `NS9999` | no rule | |\n");
        let page = listed(&page);
        assert!(
            page.starts_with("# Rules\n\nText.\n\n## All rules\n"),
            "{page}"
        );
        assert!(
            !page.contains("NS9999") && page.contains("| `NS0001` |"),
            "{page}"
        );
        assert_eq!(listed(&page), page);
    }
}
