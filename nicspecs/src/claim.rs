//! The PCI ids that specs claim.

use std::sync::Arc;

use crate::diagnostic::{File, Findings, Note, Span};
use crate::ir::PciId;
use crate::load::SpecFile;
use crate::tree::{self, Tree};

/// A PCI id in the `variants` of a spec.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Claim {
    /// The id.
    pub id: PciId,
    /// The title of the variant, or its position if it has none.
    pub part: String,
    span: Span,
}

/// The claims of a spec, as far as they can be read.
pub(crate) fn of(tree: &Tree) -> Vec<Claim> {
    let variants = tree.items(tree.root(), "variants").iter().enumerate();
    let claims = variants.flat_map(|(index, &variant)| {
        let title = tree
            .get(variant, "title")
            .and_then(|title| tree.text(title));
        let part = title.map_or(format!("variant {index}"), str::to_owned);
        let ids = tree.items(variant, "pci").iter();
        ids.filter_map(move |&at| {
            Some(Claim {
                id: PciId::parse(tree.text(at)?)?,
                part: part.clone(),
                span: tree.span(at),
            })
        })
    });
    claims.collect()
}

impl Claim {
    /// Its place in the spec.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The same place, for a report on another spec.
    pub(crate) fn note(&self, spec: &SpecFile) -> Note {
        Note {
            message: format!("`{}` has it for {}", spec.stem(), self.part),
            span: self.span,
            source: Arc::new(spec.source()),
        }
    }
}

impl SpecFile {
    /// The PCI ids that its variants claim, as far as they can be read.
    pub fn claims(&self) -> Vec<Claim> {
        let tree = tree::scan(&self.text, File::Own, &mut Findings::default());
        tree.as_ref().map_or(Vec::new(), of)
    }

    /// Whether its text has one of these ids. Most specs have none and need no parsing.
    pub(crate) fn mentions(&self, claims: &[Claim]) -> bool {
        let text = self.text.to_ascii_lowercase();
        claims
            .iter()
            .any(|claim| text.contains(&claim.id.to_string()))
    }
}
