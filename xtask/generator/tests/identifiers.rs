//! The lists of names that generated code uses, against that code: none is missing, and none is there without need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nicspecs::identifiers::{
    CONSTANTS, KEYWORDS, LOCALS, MODULES, OF_DRIVER, OF_MODEL, OF_VARIANT, TYPES, camel, snake,
};
use nicspecs::ir::{Action, Nic, Step};
use xtask_workspace::specs;

/// A name in code, with the names and signs around it.
struct Word<'a> {
    before: &'a str,
    text: &'a str,
    after: &'a str,
}

impl Word<'_> {
    /// Whether it is the first or only name of a path, not a method, a field or a part of another item.
    fn is_head(&self) -> bool {
        let is_range = self.before.ends_with("..");
        !self.before.ends_with("::") && (is_range || !self.before.ends_with('.'))
    }

    /// Whether a path goes on after it.
    fn is_module(&self) -> bool {
        self.after.starts_with("::")
    }

    /// Whether it is a field or parameter with its value or type.
    fn is_labelled(&self) -> bool {
        self.after.starts_with(':') && !self.is_module()
    }

    fn is_macro(&self) -> bool {
        self.after.starts_with('!') && !self.after.starts_with("!=")
    }

    fn is_type(&self) -> bool {
        let is_constant = self.text.len() > 1 && !self.text.contains(|c: char| c.is_lowercase());
        self.text.starts_with(|c: char| c.is_uppercase()) && !is_constant
    }

    fn is_lower(&self) -> bool {
        let is_primitive = PRIMITIVES.contains(&self.text);
        !is_primitive && self.text.starts_with(|c: char| c.is_lowercase())
    }
}

/// Types that are no names of items.
const PRIMITIVES: [&str; 8] = ["bool", "str", "u8", "u16", "u32", "u64", "usize", "i32"];

/// Code without its comments, strings, lifetimes and attributes.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut attribute = false;
    for line in text.lines() {
        let start = line.trim_start();
        attribute |= start.starts_with("#[") || start.starts_with("#![");
        let hidden = attribute || start.starts_with("//");
        attribute &= !line.ends_with(']');
        if !hidden {
            let outside = line.replace("\\\"", "").replace("'static", "");
            code.extend(outside.split('"').step_by(2));
            code.push('\n');
        }
    }
    code
}

fn words(code: &str) -> Vec<Word<'_>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find(is_word).map(|start| at + start) {
        let end = code[start..].find(|c| !is_word(c));
        let end = end.map_or(code.len(), |end| start + end);
        words.push(Word {
            before: code[..start].trim_end(),
            text: &code[start..end],
            after: code[end..].trim_start(),
        });
        at = end;
    }
    words
}

fn nics() -> Vec<Nic> {
    let specs = specs::with_toys().unwrap();
    specs::compile(&specs).unwrap_or_else(|_| panic!("the specs compile"))
}

fn sources() -> PathBuf {
    specs::root().join("generated/src")
}

/// The files of a NIC by their names; the code of those that are not there is empty.
fn files(nic: &Nic, names: &[&str]) -> String {
    let folder = sources().join(nic.module());
    let paths = names.iter().map(|name| folder.join(name));
    let texts = paths.filter_map(|path| fs::read_to_string(path).ok());
    texts.map(|text| code(&text)).collect()
}

/// Variables of code in which no name of a spec stands.
const APART: [&str; 2] = ["id", "octet"];

/// The words of the templates and of the texts that fill them in.
fn of_templates() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![folder.join("templates"), folder.join("src/render")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("snapshots")).then_some(path));
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let text = match path.extension() == Some("rs".as_ref()) {
                    true => strings(&text),
                    false => text,
                };
                found.extend(words(&text).iter().map(|word| word.text.to_owned()));
            }
        }
    }
    found
}

/// The contents of the string literals of a file.
fn strings(text: &str) -> String {
    let text = text.replace("\\\"", "").replace("'\"'", "");
    let strings: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    strings.join(" ")
}

fn missing<'a>(used: impl IntoIterator<Item = &'a str>, known: &[&str]) -> BTreeSet<&'a str> {
    let used = used.into_iter();
    used.filter(|name| !known.contains(name)).collect()
}

/// Types of registers and descriptors stand beside these in the same files.
#[test]
fn types_that_the_files_of_a_driver_name_are_reserved() {
    for nic in nics() {
        let own = nic.registers().iter().map(|register| &register.type_name);
        let formats = nic.descriptors().iter();
        let formats: Vec<_> = formats.flat_map(|format| format.words()).collect();
        let formats = formats.iter().flat_map(|word| &word.type_name);
        let mut known: Vec<&str> = own.chain(formats).map(String::as_str).collect();
        let driver = format!("Nic{}", camel(nic.name()));
        known.push(&driver);
        let code = files(&nic, &["regs.rs", "desc.rs", "driver.rs", "messages.rs"]);
        let variant = files(&nic, &["variant.rs"]);
        let variant = variant.split("impl Variant").nth(1).unwrap();
        known.extend(TYPES);
        let found = [words(&code), words(variant)];
        let found = found.iter().flatten();
        let used = found.filter(|word| word.is_head() && word.is_type());
        let missing = missing(used.map(|word| word.text), &known);
        assert!(missing.is_empty(), "{}: {missing:?}", nic.name());
    }
}

/// Names that the steps of a spec bind.
fn bound(steps: &[Step], names: &mut BTreeSet<String>) {
    for step in steps {
        match &step.action {
            Action::Let { name, .. } | Action::For { name, .. } => {
                names.insert(name.clone());
            }
            Action::Run { bind, .. } => names.extend(bind.clone()),
            _ => {}
        }
        for body in step.action.bodies() {
            bound(body, names);
        }
    }
}

#[test]
fn variables_and_functions_that_bodies_name_are_reserved() {
    for nic in nics() {
        let mut own: BTreeSet<String> = BTreeSet::from(["i".to_owned()]);
        own.extend(nic.registers().iter().map(|register| snake(&register.name)));
        for sequence in nic.sequences() {
            bound(&sequence.steps, &mut own);
            own.extend(sequence.signature.args.iter().map(|arg| arg.name.clone()));
        }
        let is_own = |name: &str| {
            let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
            let base = base.strip_suffix("_new").unwrap_or(base);
            own.contains(name) || own.contains(base) || name.ends_with("_new")
        };
        let code = files(&nic, &["driver.rs", "messages.rs"]);
        let bodies = code.split("\nimpl ").skip(1).collect::<String>();
        let found = words(&bodies);
        let used = found.iter().filter(|word| {
            let is_definition = ["fn", "as"].iter().any(|word_before| {
                let rest = word.before.strip_suffix(word_before);
                rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            let is_other = word.is_module() || word.is_macro() || word.is_labelled();
            let is_value = !is_other && !is_definition;
            word.is_head() && word.is_lower() && is_value
        });
        let used = used.map(|word| word.text);
        let is_known = |name: &str| KEYWORDS.contains(&name) || APART.contains(&name);
        let used = used.filter(|name| !is_known(name) && !is_own(name));
        let missing = missing(used, &LOCALS);
        assert!(missing.is_empty(), "{}: {missing:?}", nic.name());
    }
}

#[test]
fn modules_that_the_root_names_are_reserved() {
    let root = code(&fs::read_to_string(sources().join("lib.rs")).unwrap());
    let own: Vec<_> = nics().iter().map(Nic::module).collect();
    let found = words(&root);
    let used = found.iter().filter(|word| {
        let is_declared = word.before.ends_with("mod");
        let is_primitive = PRIMITIVES.contains(&word.text);
        word.is_head() && (is_declared || is_primitive || word.is_module() && word.is_lower())
    });
    let used = used.map(|word| word.text);
    let used = used.filter(|name| !KEYWORDS.contains(name));
    let used = used.filter(|name| !own.iter().any(|own| own == name));
    let missing = missing(used, &MODULES);
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn nothing_is_reserved_without_need() {
    let mut used = of_templates();
    used.extend(["core", "std", "alloc"].map(str::to_owned));
    let lists: [&[&str]; 7] = [
        &TYPES,
        &LOCALS,
        &MODULES,
        &CONSTANTS,
        &OF_DRIVER,
        &OF_MODEL,
        &OF_VARIANT,
    ];
    let reserved = lists.into_iter().flatten();
    let unused: Vec<_> = reserved.filter(|name| !used.contains(**name)).collect();
    assert!(unused.is_empty(), "no template uses {unused:?}");
}
