use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::Value;

use super::schema;

fn validator() -> Validator {
    jsonschema::draft7::new(&schema()).expect("a schema")
}

fn json(text: &str) -> Option<Value> {
    let yaml: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
    Some(serde_json::to_value(yaml).expect("keys are scalars"))
}

/// What is wrong with a spec by the schema.
fn faults(validator: &Validator, text: &str) -> Vec<String> {
    let spec = json(text).expect("YAML");
    let faults = validator.iter_errors(&spec);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

#[test]
fn every_spec_is_valid() {
    let validator = validator();
    let specs = nicspecs::load_dir(xtask_workspace::specs::root().join("nicspecs")).unwrap();
    assert!(specs.iter().any(|spec| spec.parent().is_some()));
    for spec in &specs {
        assert_eq!(faults(&validator, &spec.text), [""; 0], "{}", spec.stem());
        assert_eq!(
            spec.text.lines().next(),
            Some(super::FIRST_LINE),
            "{}",
            spec.stem()
        );
    }
    assert_eq!(faults(&validator, nicspecs::TOY), [""; 0], "toy");
}

/// A spec that is `like` another one takes everything else from it.
#[test]
fn a_spec_like_another_has_a_name_and_variants_of_its_own() {
    let validator = validator();
    let specs = nicspecs::load_dir(xtask_workspace::specs::root().join("nicspecs")).unwrap();
    let like = specs.iter().find(|spec| spec.parent().is_some()).unwrap();
    for key in ["nic", "variants"] {
        let mut spec = json(&like.text).unwrap();
        spec.as_object_mut().unwrap().remove(key).unwrap();
        assert!(!validator.is_valid(&spec), "{key}");
    }
}

/// The forms of a spec with `like`, and the same with an error in them.
#[test]
fn a_spec_like_another_may_edit_lists_and_steps() {
    let validator = validator();
    let with = |rest: &str| {
        let spec = format!(
            "like: toy\nnic: {{ name: heir, title: Heir, datasheet: Heir }}\nvariants: [{{ name: A, title: A, pci: [\"1234:0003\"] }}]\n{rest}\n"
        );
        faults(&validator, &spec)
    };
    let item = "{ field: CTRL.KEEP, is: 1, section: \"1\" }";
    for (right, wrong) in [
        (
            format!("model: {{ require: {{ remove: [{{ is: 0 }}], change: [{{ where: {{ is: 1 }}, to: {{ is: 2 }} }}], add: [{item}] }} }}"),
            "model: { require: { removes: [{ is: 0 }] } }".to_owned(),
        ),
        (
            format!("model: {{ require: {{ insert: [{{ before: {{ is: 0 }}, items: [{item}] }}] }} }}"),
            format!("model: {{ require: {{ insert: [{{ behind: {{ is: 0 }}, items: [{item}] }}] }} }}"),
        ),
        (
            "model: { keeps: { remove: [PBA], add: [WUC] } }".to_owned(),
            "model: { keeps: { add: [] } }".to_owned(),
        ),
        (
            "order: { change: [{ where: { then: A.B }, to: { first: { remove: [C] } } }] }".to_owned(),
            "order: { change: [{ where: {}, to: { first: { remove: [C] } } }] }".to_owned(),
        ),
        (
            "sequences: { init: { steps: { remove: [{ write: WUC }], change: [{ where: { if: A.B }, to: { then: { add: [{ set: A.C }] } } }] } } }".to_owned(),
            "sequences: { init: { doc: \"Without steps.\" } }".to_owned(),
        ),
    ] {
        assert_eq!(with(&right), [""; 0], "{right}");
        assert_ne!(with(&wrong), [""; 0], "{wrong}");
    }
}

#[test]
fn every_error_of_form_is_refused() {
    let validator = validator();
    let form = |code: &str| code.starts_with("NS01");
    let refused: BTreeSet<&str> = nicspecs::rules()
        .filter(|rule| form(rule.code))
        .filter(|rule| json(&rule.example()).is_some_and(|spec| !validator.is_valid(&spec)))
        .map(|rule| rule.code)
        .collect();
    // These are about other files, about other names of the same spec, or about Rust.
    let beyond = ["NS0108", "NS0109", "NS0110", "NS0113"];
    let expected: BTreeSet<&str> = nicspecs::rules()
        .map(|rule| rule.code)
        .filter(|code| form(code) && !beyond.contains(code))
        .collect();
    assert_eq!(refused, expected);
}

/// A spec without one of its keys or with a key misspelled, for every key that stands in a map of the language.
#[test]
fn a_map_of_the_language_has_the_keys_of_the_language() {
    let validator = validator();
    let toy = json(nicspecs::TOY).unwrap();
    for chapter in ["tx", "rx", "interrupts", "link", "filters"] {
        let keys = toy[chapter].as_object().unwrap().keys();
        for key in keys {
            let mut misspelled = toy.clone();
            let map = misspelled[chapter].as_object_mut().unwrap();
            let value = map.remove(key).unwrap();
            map.insert(format!("{key}_"), value);
            assert!(!validator.is_valid(&misspelled), "{chapter}.{key}");
        }
    }
}
