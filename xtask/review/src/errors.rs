//! The errors of a spec, as a report shows them.

use miette::{GraphicalReportHandler, GraphicalTheme};
use nicspecs::Report;
use xtask_workspace::findings;

use crate::sides;

/// Most errors of one spec that are shown with their lines.
const MOST: usize = 20;

/// Each error with its lines; of many, the first ones and the number of the others.
pub fn text(report: &Report, theme: GraphicalTheme) -> String {
    let handler = GraphicalReportHandler::new_themed(theme).with_width(120);
    let all = report.findings();
    let mut text = String::new();
    for finding in all.iter().take(MOST) {
        text.push_str(&findings::long(finding, Some(&handler)));
    }
    let others = all.len().saturating_sub(MOST) + report.left_out();
    if others > 0 {
        let name = report.name();
        text.push_str(&format!("{name}: {others} more"));
        if !sides::is_of_commit(name) {
            text.push_str(&format!("; `cargo xtask lint {name}` shows them"));
        }
        text.push_str("\n\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use miette::GraphicalTheme;
    use nicspecs::SpecFile;

    use super::{MOST, text};

    #[test]
    fn lint_is_named_only_for_errors_of_the_working_tree() {
        let wrong: String = (0..MOST + 2)
            .map(|number| format!("wrong{number}: 1\n"))
            .collect();
        let shown = |path: &str| {
            let spec = SpecFile::new(path, format!("{}{wrong}", nicspecs::TOY));
            text(&spec.compile().unwrap_err(), GraphicalTheme::none())
        };
        let now = shown("nicspecs/toy.yaml");
        assert!(
            now.ends_with("toy.yaml: 2 more; `cargo xtask lint nicspecs/toy.yaml` shows them\n\n"),
            "{now}"
        );
        let before = shown("HEAD~1:nicspecs/toy.yaml");
        assert!(
            before.ends_with("HEAD~1:nicspecs/toy.yaml: 2 more\n\n"),
            "{before}"
        );
    }
}
