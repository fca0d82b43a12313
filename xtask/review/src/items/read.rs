//! The public items of a crate, from its files.

use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Result, WrapErr};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, ImplItem, Item, Meta, Token, TraitItem, Type, UseTree, Visibility};

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
    fn module(&mut self, known_as: &str, path: &Path, only: Option<&str>) -> Result<()> {
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
                    let name = module.ident.to_string();
                    self.add(below(known_as, &name), "mod", String::new());
                    if let Some(path) = self.file_of(folder, &name) {
                        self.module(&below(known_as, &name), &path, None)?;
                    }
                }
                Item::Use(exported) if is_public(&exported.vis) && only.is_none() => {
                    self.exported(known_as, folder, &exported.tree)?;
                }
                item => self.item(known_as, item, only),
            }
        }
        Ok(())
    }

    fn file_of(&self, folder: &Path, name: &str) -> Option<PathBuf> {
        let files = [
            folder.join(format!("{name}.rs")),
            folder.join(name).join("mod.rs"),
        ];
        files.into_iter().find(|path| self.files.contains_key(path))
    }

    /// `pub use driver::Name`: the item's public path is that of the exporting module.
    fn exported(&mut self, known_as: &str, folder: &Path, tree: &UseTree) -> Result<()> {
        if let UseTree::Path(path) = tree
            && let UseTree::Name(name) = &*path.tree
            && let Some(file) = self.file_of(folder, &path.ident.to_string())
        {
            self.module(known_as, &file, Some(&name.ident.to_string()))?;
        }
        Ok(())
    }

    fn add(&mut self, path: String, signature: &str, value: String) {
        self.add_listed(path, signature, value, None);
    }

    fn add_listed(
        &mut self,
        path: String,
        signature: &str,
        value: String,
        listed_in: Option<String>,
    ) {
        let entry = Entry {
            signature: signature.to_owned(),
            value,
            listed_in,
        };
        self.entries.insert(path, entry);
    }

    fn item(&mut self, known_as: &str, item: &Item, only: Option<&str>) {
        let wanted = |name: &str| only.is_none_or(|only| only == name);
        match item {
            Item::Struct(each) if is_public(&each.vis) && wanted(&each.ident.to_string()) => {
                self.structure(&below(known_as, &each.ident.to_string()), each);
            }
            Item::Enum(each) if is_public(&each.vis) && wanted(&each.ident.to_string()) => {
                let path = below(known_as, &each.ident.to_string());
                self.add(path.clone(), "enum", String::new());
                for variant in &each.variants {
                    let listed = (!has(&each.attrs, "non_exhaustive")).then(|| path.clone());
                    let shape = text(&variant.fields);
                    self.add_listed(
                        below(&path, &variant.ident.to_string()),
                        &format!("variant{shape}"),
                        String::new(),
                        listed,
                    );
                }
            }
            Item::Const(each) if is_public(&each.vis) && wanted(&each.ident.to_string()) => {
                let path = below(known_as, &each.ident.to_string());
                self.add(
                    path,
                    &format!("const: {}", text(&each.ty)),
                    text(&each.expr),
                );
            }
            Item::Static(each) if is_public(&each.vis) && wanted(&each.ident.to_string()) => {
                let path = below(known_as, &each.ident.to_string());
                self.add(
                    path,
                    &format!("static: {}", text(&each.ty)),
                    text(&each.expr),
                );
            }
            Item::Fn(each) if is_public(&each.vis) && wanted(&each.sig.ident.to_string()) => {
                self.add(
                    below(known_as, &each.sig.ident.to_string()),
                    &text(&each.sig),
                    String::new(),
                );
            }
            Item::Trait(each) if is_public(&each.vis) && wanted(&each.ident.to_string()) => {
                let path = below(known_as, &each.ident.to_string());
                self.add(path.clone(), "trait", text(&each.supertraits));
                for item in &each.items {
                    self.part_of_a_trait(&path, item);
                }
            }
            Item::Impl(each) => {
                let Type::Path(of) = &*each.self_ty else {
                    return;
                };
                let Some(name) = of
                    .path
                    .get_ident()
                    .map(ToString::to_string)
                    .filter(|name| wanted(name))
                else {
                    return;
                };
                let path = below(known_as, &name);
                match &each.trait_ {
                    Some((name, _)) => self.add(
                        below(&path, &format!("impl {}", text(name))),
                        "impl",
                        String::new(),
                    ),
                    None => each
                        .items
                        .iter()
                        .for_each(|item| self.part_of_an_impl(&path, item)),
                }
            }
            _ => {}
        }
    }

    fn part_of_a_trait(&mut self, path: &str, item: &TraitItem) {
        match item {
            TraitItem::Const(each) => self.add(
                below(path, &each.ident.to_string()),
                &text(&each.ty),
                String::new(),
            ),
            TraitItem::Fn(each) => self.add(
                below(path, &each.sig.ident.to_string()),
                &text(&each.sig),
                String::new(),
            ),
            TraitItem::Type(each) => {
                self.add(below(path, &each.ident.to_string()), "type", String::new())
            }
            _ => {}
        }
    }

    fn part_of_an_impl(&mut self, path: &str, item: &ImplItem) {
        match item {
            ImplItem::Const(each) if is_public(&each.vis) => {
                let signature = format!("const: {}", text(&each.ty));
                self.add(
                    below(path, &each.ident.to_string()),
                    &signature,
                    text(&each.expr),
                );
            }
            ImplItem::Fn(each) if is_public(&each.vis) => {
                self.add(
                    below(path, &each.sig.ident.to_string()),
                    &text(&each.sig),
                    String::new(),
                );
            }
            _ => {}
        }
    }

    fn structure(&mut self, path: &str, item: &syn::ItemStruct) {
        let bits = item
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("bitfield"));
        let signature = bits.map_or_else(
            || "struct".to_owned(),
            |bits| format!("struct of {}", arguments(bits).join(", ")),
        );
        self.add(path.to_owned(), &signature, String::new());
        // The derives' output for these attributes is public, too.
        for attribute in &item.attrs {
            if ["nic", "descriptor"]
                .iter()
                .any(|name| attribute.path().is_ident(name))
            {
                for argument in arguments(attribute) {
                    let key = argument
                        .split(['(', '='])
                        .next()
                        .unwrap_or_default()
                        .trim()
                        .to_owned();
                    self.add(
                        below(path, &format!("#[{}({key})]", text(attribute.path()))),
                        "",
                        argument,
                    );
                }
            }
        }
        let derived = item
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"));
        let derived: Vec<String> = derived.flat_map(arguments).collect();
        // Only a derive constructs values of these.
        let made = bits.is_some()
            || ["Registers", "Descriptor"]
                .iter()
                .any(|name| derived.iter().any(|each| each == name));
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
                    None => attributes(&field.attrs),
                };
                self.add_listed(
                    below(path, &name.to_string()),
                    &text(&field.ty),
                    value,
                    listed.clone(),
                );
            }
            low += width;
        }
    }
}

/// Bits of a field in a bit field: from its attribute, or all bits of its type.
fn width(field: &syn::Field) -> u32 {
    let said = field
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("bits"));
    let said = said.and_then(|bits| arguments(bits).first()?.parse().ok());
    said.unwrap_or_else(|| match text(&field.ty).as_str() {
        "bool" => 1,
        integer => integer.trim_start_matches('u').parse().unwrap_or(0),
    })
}

/// The attributes, without documentation.
fn attributes(attributes: &[Attribute]) -> String {
    let attributes = attributes
        .iter()
        .filter(|attribute| !attribute.path().is_ident("doc"));
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
fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
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
