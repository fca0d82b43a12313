//! Bits of a word, by the constants that `#[bitfield]` declares for its fields.

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Type;
use syn::ext::IdentExt;

/// A field of a word, or the whole word.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) word: Rc<Type>,
    pub(super) field: Option<Ident>,
}

impl Place {
    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        match &self.field {
            Some(field) => format!("`{field}`"),
            None => "the word".to_owned(),
        }
    }

    /// The tokens for the location of messages.
    pub(super) fn at(&self) -> TokenStream {
        match &self.field {
            Some(field) => field.to_token_stream(),
            None => self.word.to_token_stream(),
        }
    }

    /// The lowest bit.
    pub(super) fn offset(&self) -> TokenStream {
        match &self.field {
            Some(field) => self.constant(field, "OFFSET"),
            None => quote!(0),
        }
    }

    /// The largest value: ones for all bits, from bit 0.
    pub(super) fn max(&self) -> TokenStream {
        match &self.field {
            Some(field) => {
                let bits = self.constant(field, "BITS");
                quote!((::core::primitive::u64::MAX >> (64 - #bits)))
            }
            None => quote!(::core::primitive::u64::MAX),
        }
    }

    /// The mask of the field in the word.
    pub(super) fn mask(&self) -> TokenStream {
        let max = self.max();
        self.shifted(&max)
    }

    /// The lower bits of `value`, shifted to the field's position.
    pub(super) fn holding(&self, value: &TokenStream) -> TokenStream {
        if self.field.is_none() {
            return value.clone();
        }
        let max = self.max();
        self.shifted(&quote!((#value & const { #max })))
    }

    /// `value`, shifted to the field's position.
    pub(super) fn shifted(&self, value: &impl ToTokens) -> TokenStream {
        let offset = self.offset();
        quote!((#value << #offset))
    }

    fn constant(&self, field: &Ident, what: &str) -> TokenStream {
        let word = &self.word;
        let field_upper = field.unraw().to_string().to_uppercase();
        let constant = format_ident!("{field_upper}_{what}", span = field.span());
        quote!(<#word>::#constant)
    }
}
