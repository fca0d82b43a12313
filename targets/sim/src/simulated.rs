//! What a device simulates.

use netmap_core::model::{Model, VariantModel};

use crate::error::ModelError;

/// A variant of a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Simulated {
    pub(crate) model: &'static Model,
    pub(crate) variant: &'static VariantModel,
    /// Position of the variant in the model.
    pub(crate) index: usize,
}

impl Simulated {
    /// The variant of that name.
    pub(crate) fn new(model: &'static Model, name: &str) -> Result<Simulated, ModelError> {
        let mut variants = model.variants.iter().enumerate();
        let found = variants.find(|(_, variant)| variant.name == name);
        let (index, variant) = found.ok_or_else(|| ModelError::NoVariant {
            variant: name.to_owned(),
        })?;
        Ok(Simulated {
            model,
            variant,
            index,
        })
    }
}
