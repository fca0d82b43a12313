//! The public items of a crate, from its files.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Result, WrapErr};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Fields, Ident, ImplItem, Item, ItemImpl, Meta, Token, TraitItem, Type, UseTree,
    Visibility,
};

use super::{Entries, Entry};
use xtask_generator::outputs::Outputs;

/// All public items.
pub fn entries(files: &Outputs) -> Result<Entries> {
    let mut reader = Reader {
        files,
        entries: Entries::new(),
    };
    reader.module("", Path::new("src/lib.rs"), None)?;
    Ok(reader.entries)
}

struct Reader<'a> {
    files: &'a Outputs,
    entries: Entries,
}

impl Reader<'_> {
    /// Reads a module under its public path; if `only` is given, only the item of that name.
    fn module(&mut self, known_as: &str, path: &Path, only: Option<&Ident>) -> Result<()> {
        let Some(text) = self.files.get(path) else {
            return Ok(());
        };
        let file = syn::parse_file(text)
            .into_diagnostic()
            .wrap_err_with(|| format!("{} is not valid Rust", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for item in &file.items {
            match item {
                Item::Mod(module) if is_public(&module.vis) && only.is_none() => {
                    let path = below(known_as, &module.ident);
                    self.add(&path, "mod", String::new());
                    if let Some(file) = self.file_of(folder, &module.ident) {
                        self.module(&path, &file, None)?;
                    }
                }
                // `pub use driver::Name`: the item's public path is that of the exporting module.
                Item::Use(exported) if is_public(&exported.vis) && only.is_none() => {
                    if let UseTree::Path(path) = &exported.tree
                        && let UseTree::Name(name) = &*path.tree
                        && let Some(file) = self.file_of(folder, &path.ident)
                    {
                        self.module(known_as, &file, Some(&name.ident))?;
                    }
                }
                item => self.item(known_as, item, only),
            }
        }
        Ok(())
    }

    fn file_of(&self, folder: &Path, name: &Ident) -> Option<PathBuf> {
        let files = [format!("{name}.rs"), format!("{name}/mod.rs")];
        let mut files = files.map(|file| folder.join(file)).into_iter();
        files.find(|path| self.files.contains_key(path))
    }

    fn add(&mut self, path: &str, signature: impl Into<String>, value: String) {
        self.add_listed(path, signature, value, None);
    }

    fn add_listed(
        &mut self,
        path: &str,
        signature: impl Into<String>,
        value: String,
        listed_in: Option<String>,
    ) {
        let entry = Entry {
            signature: signature.into(),
            value,
            listed_in,
        };
        self.entries.insert(path.to_owned(), entry);
    }

    fn item(&mut self, known_as: &str, item: &Item, only: Option<&Ident>) {
        let (visibility, name) = match item {
            Item::Struct(each) => (&each.vis, &each.ident),
            Item::Enum(each) => (&each.vis, &each.ident),
            Item::Const(each) => (&each.vis, &each.ident),
            Item::Static(each) => (&each.vis, &each.ident),
            Item::Fn(each) => (&each.vis, &each.sig.ident),
            Item::Trait(each) => (&each.vis, &each.ident),
            Item::Impl(each) => return self.implementation(known_as, each, only),
            _ => return,
        };
        if !is_public(visibility) || only.is_some_and(|only| only != name) {
            return;
        }
        let path = &below(known_as, name);
        match item {
            Item::Struct(each) => self.structure(path, each),
            Item::Enum(each) => {
                self.add(path, "enum", String::new());
                let listed = (!has(&each.attrs, "non_exhaustive")).then(|| path.clone());
                for variant in &each.variants {
                    let shape = format!("variant{}", text(&variant.fields));
                    let path = below(path, &variant.ident);
                    self.add_listed(&path, shape, String::new(), listed.clone());
                }
            }
            Item::Const(each) => {
                self.add(path, format!("const: {}", text(&each.ty)), text(&each.expr));
            }
            Item::Static(each) => {
                self.add(
                    path,
                    format!("static: {}", text(&each.ty)),
                    text(&each.expr),
                );
            }
            Item::Fn(each) => self.add(path, text(&each.sig), String::new()),
            Item::Trait(each) => {
                self.add(path, "trait", text(&each.supertraits));
                for item in &each.items {
                    let (name, signature) = match item {
                        TraitItem::Const(each) => (&each.ident, text(&each.ty)),
                        TraitItem::Fn(each) => (&each.sig.ident, text(&each.sig)),
                        TraitItem::Type(each) => (&each.ident, "type".to_owned()),
                        _ => continue,
                    };
                    self.add(&below(path, name), signature, String::new());
                }
            }
            _ => {}
        }
    }

    fn implementation(&mut self, known_as: &str, item: &ItemImpl, only: Option<&Ident>) {
        let Type::Path(of) = &*item.self_ty else {
            return;
        };
        let name = of.path.get_ident();
        let Some(name) = name.filter(|name| only.is_none_or(|only| only == *name)) else {
            return;
        };
        let path = below(known_as, name);
        if let Some((name, _)) = &item.trait_ {
            let path = below(&path, format_args!("impl {}", text(name)));
            self.add(&path, "impl", String::new());
            return;
        }
        for item in &item.items {
            match item {
                ImplItem::Const(each) if is_public(&each.vis) => {
                    let signature = format!("const: {}", text(&each.ty));
                    self.add(&below(&path, &each.ident), signature, text(&each.expr));
                }
                ImplItem::Fn(each) if is_public(&each.vis) => {
                    let path = below(&path, &each.sig.ident);
                    self.add(&path, text(&each.sig), String::new());
                }
                _ => {}
            }
        }
    }

    fn structure(&mut self, path: &str, item: &syn::ItemStruct) {
        let mut attributes = item.attrs.iter();
        let bits = attributes.find(|attribute| attribute.path().is_ident("bitfield"));
        let signature = match bits {
            Some(bits) => format!("struct of {}", arguments(bits).join(", ")),
            None => "struct".to_owned(),
        };
        self.add(path, signature, String::new());
        let named = |name: &'static str| {
            let attributes = item.attrs.iter();
            attributes.filter(move |attribute| attribute.path().is_ident(name))
        };
        // The derives' output for these attributes is public, too.
        for attribute in ["nic", "descriptor"].into_iter().flat_map(named) {
            for argument in arguments(attribute) {
                let key = argument.split(['(', '=']).next().unwrap_or_default().trim();
                let name = format!("#[{}({key})]", text(attribute.path()));
                self.add(&below(path, name), "", argument);
            }
        }
        let derived: Vec<String> = named("derive").flat_map(arguments).collect();
        // Only a derive constructs values of these.
        let is_derive = |each: &String| ["Registers", "Descriptor"].contains(&each.as_str());
        let made = bits.is_some() || derived.iter().any(is_derive);
        let Fields::Named(fields) = &item.fields else {
            return;
        };
        let all_public = fields.named.iter().all(|field| is_public(&field.vis));
        let listed =
            (all_public && !made && !has(&item.attrs, "non_exhaustive")).then(|| path.to_owned());
        let mut low = 0;
        for field in &fields.named {
            let width = width(field);
            if let Some(name) = field.ident.as_ref().filter(|_| is_public(&field.vis)) {
                let value = match bits {
                    Some(_) if width == 1 => format!("bit {low}"),
                    Some(_) => format!("bits {}:{low}", low + width - 1),
                    None => self::attributes(&field.attrs),
                };
                let path = below(path, name);
                self.add_listed(&path, text(&field.ty), value, listed.clone());
            }
            low += width;
        }
    }
}

/// Bits of a field in a bit field: from its attribute, or all bits of its type.
fn width(field: &syn::Field) -> u32 {
    let mut said = field.attrs.iter();
    let said = said.find(|attribute| attribute.path().is_ident("bits"));
    let said = said.and_then(|bits| arguments(bits).first()?.parse().ok());
    said.unwrap_or_else(|| match text(&field.ty).as_str() {
        "bool" => 1,
        integer => integer.trim_start_matches('u').parse().unwrap_or(0),
    })
}

/// The attributes, without documentation.
fn attributes(attributes: &[Attribute]) -> String {
    let attributes = attributes.iter();
    let attributes = attributes.filter(|attribute| !attribute.path().is_ident("doc"));
    let texts = attributes.map(|attribute| arguments(attribute).join(", "));
    texts.collect::<Vec<_>>().join("; ")
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident(name))
}

/// The arguments of an attribute, split at its commas.
fn arguments(attribute: &Attribute) -> Vec<String> {
    let Meta::List(list) = &attribute.meta else {
        return Vec::new();
    };
    let split = list.parse_args_with(Punctuated::<Argument, Token![,]>::parse_terminated);
    match split {
        Ok(arguments) => arguments
            .iter()
            .map(|argument| tidy(&argument.0.to_string()))
            .collect(),
        Err(_) => vec![tidy(&list.tokens.to_string())],
    }
}

/// Tokens up to a comma outside brackets.
struct Argument(proc_macro2::TokenStream);

impl syn::parse::Parse for Argument {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let mut tokens = proc_macro2::TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            tokens.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        Ok(Self(tokens))
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The path of an item in a module; the crate itself has an empty path.
fn below(path: &str, name: impl Display) -> String {
    match path {
        "" => name.to_string(),
        path => format!("{path}::{name}"),
    }
}

/// Code in one line, as usually formatted.
fn text(tokens: &impl ToTokens) -> String {
    tidy(&tokens.to_token_stream().to_string())
}

fn tidy(tokens: &str) -> String {
    let mut text = tokens.to_owned();
    for (spaced, tight) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" , ", ", "),
        (" ,", ","),
        (" : ", ": "),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("& ", "&"),
        (" ;", ";"),
        (" [", "["),
        ("[ ", "["),
        (" ]", "]"),
        (" .. ", ".."),
        (" ..= ", "..="),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}
