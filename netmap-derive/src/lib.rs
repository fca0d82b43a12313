//! Derives for generated declarations.
#![forbid(unsafe_code)]

mod attr;
mod descriptor;
mod errors;
mod nic;
mod number;
mod registers;
mod shape;

/// Derives a register map.
#[proc_macro_derive(Registers, attributes(reg))]
pub fn registers(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    registers::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Derives a descriptor format.
#[proc_macro_derive(Descriptor, attributes(descriptor))]
pub fn descriptor(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    descriptor::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Derives the facts of a NIC.
#[proc_macro_derive(Nic, attributes(nic))]
pub fn nic(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    nic::derive(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
