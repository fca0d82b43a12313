//! A spec with a base spec: what it inherits, what it replaces, and where its errors are shown.

mod support;

use nicspecs::ir::{Action, Nic};
use nicspecs::{Report, SpecFile, TOY};

use support::report as shown;

/// The shortest spec with a base spec: only its identity and `like`.
const IDENTITY: &str = "like: toy

nic:
  name: heir
  title: Heir NIC
  datasheet: Heir NIC datasheet, revision 1

variants:
  - name: A
    title: Heir A
    pci: [\"1234:0003\"]
  - name: B
    title: Heir B
    pci: [\"1234:0004\"]
";

fn heir(rest: &str) -> SpecFile {
    SpecFile::new("heir.yaml", format!("{IDENTITY}{rest}")).among(&[SpecFile::new("toy.yaml", TOY)])
}

fn compiled(spec: &SpecFile) -> Nic {
    spec.compile()
        .unwrap_or_else(|report| panic!("{}", report.short()))
}

fn report(spec: &SpecFile) -> Report {
    spec.compile().expect_err("a spec with an error")
}

#[test]
fn a_spec_without_changes_equals_its_base_spec() {
    let toy = nicspecs::compile("toy.yaml", TOY).unwrap();
    let heir = compiled(&heir(""));
    assert_eq!((heir.name(), heir.title()), ("heir", "Heir NIC"));
    assert_eq!(heir.registers().len(), toy.registers().len());
    assert_eq!(heir.sequences().len(), toy.sequences().len());
    assert_eq!(heir.order().len(), toy.order().len());
}

#[test]
fn an_inherited_section_refers_to_the_datasheet_of_the_base_spec() {
    let nic = compiled(&heir("registers:\n  CTRL: { section: \"9.9\" }\n"));
    assert_eq!(nic.register("CTRL").unwrap().section, "9.9");
    assert_eq!(nic.register("STATUS").unwrap().section, "toy 4.2");
}

#[test]
fn maps_are_merged_and_everything_else_replaces() {
    let nic = compiled(&heir(
        "registers:
  STATUS:
    offset: 0x7fc
    fields:
      SPARE: { bits: 9 }
      READY: { bits: 3 }
tx:
  completion:
    - { scheme: head_writeback, low: TDWBAL, high: TDWBAH, enable: ENABLE }
    - { scheme: done_bit, format: tx, field: DONE }
  ring: { max: 1024 }
",
    ));
    let status = nic.register("STATUS").unwrap();
    assert_eq!(
        (status.offset(), status.title.as_str()),
        (0x7fc, "Device Status")
    );
    let fields: Vec<_> = status
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.low))
        .collect();
    assert_eq!(
        fields,
        [
            ("UP", 0),
            ("DUPLEX", 1),
            ("READY", 3),
            ("ZERO", 24),
            ("SPARE", 9)
        ]
    );
    assert_eq!(nic.tx().completions.len(), 2);
    assert_eq!((nic.tx().ring.min, nic.tx().ring.max), (8, 1024));
}

#[test]
fn a_sequence_is_replaced_as_a_whole() {
    let short = report(&heir("sequences:\n  phy.read:\n    steps: []\n")).short();
    assert!(
        short.contains("heir.yaml:16:3: NS0102: sequence `phy.read` has no `section`"),
        "{short}"
    );
    let nic = compiled(&heir(
        "sequences:\n  interrupts.off:\n    section: \"1\"\n    steps: []\n",
    ));
    let off = nic.sequence("interrupts.off").unwrap();
    assert!(off.steps.is_empty());
    assert!(
        off.signature.may_sleep,
        "the parent's `may_sleep: false` went with its steps"
    );
}

#[test]
fn null_removes_an_inherited_key() {
    let nic = compiled(&heir("registers:\n  FAN: { only_on: null }\n"));
    assert!(nic.register("FAN").unwrap().variants.is_all());
    let gone = heir(
        "rss: null
registers: { RSSKEY: null, RSSTAB: null, RSSCTL: null }
sequences:
  init:
    section: \"2.2\"
    steps:
      - write: { BURST: 16 }
      - modify: { CTRL: { LOOP: loopback, SPEED: m100, STRIP: 1, KEEP: 1 } }
",
    );
    let nic = compiled(&gone);
    assert!(nic.rss().is_none() && nic.register("RSSKEY").is_none());
}

/// The heir with `model: { require: ... }`: which fields the hardware needs, and with which value.
fn required(require: &str) -> Vec<(String, u64)> {
    let nic = compiled(&heir(&format!("model:\n  require:\n{require}")));
    let require = nic.model().require.iter();
    require
        .map(|each| (each.value.field.field.name.clone(), each.value.is))
        .collect()
}

#[test]
fn a_map_in_place_of_a_list_edits_the_list() {
    let pair = |name: &str, is| (name.to_owned(), is);
    let [threshold, keep, strip] = [pair("THRESHOLD", 0), pair("KEEP", 1), pair("STRIP", 1)];
    let new = |name: &str| format!("{{ field: CTRL.{name}, is: 1, section: \"1\" }}");
    assert_eq!(
        required(&format!("    add: [{}]\n", new("KEEP"))),
        [threshold.clone(), keep.clone()]
    );
    let edits = format!(
        "    remove: [{{ is: 0 }}]\n    add: [{}]\n    insert: [{{ before: {{ is: 0 }}, items: [{}] }}]\n",
        new("KEEP"),
        new("STRIP")
    );
    assert_eq!(required(&edits), [strip, keep]);
    assert_eq!(
        required("    change: [{ where: { is: 0 }, to: { at: reset, section: \"9\" } }]\n"),
        [threshold]
    );
    // Words, in a list that an item of a list contains.
    let nic = compiled(&heir(
        "order:\n  change: [{ where: { then: TXCTL.ENABLE }, to: { first: { remove: [TDH] } } }]\n",
    ));
    let [rule] = nic.order() else {
        panic!("one rule")
    };
    assert_eq!(rule.first.len(), 4);
    assert_eq!(rule.section, "toy 3.1");
}

/// The registers that the steps of `init` of the heir write.
fn init(edits: &str) -> Vec<String> {
    let nic = compiled(&heir(&format!("sequences:\n  init:\n{edits}")));
    let init = nic.sequence("init").unwrap();
    assert_eq!(
        init.section, "toy 2.2",
        "the head of the sequence is inherited"
    );
    let register = |step: &nicspecs::ir::Step| match &step.action {
        Action::Write { place, .. } | Action::Modify { place, .. } => place.register.name.clone(),
        Action::WriteEach { register, .. } => register.name.clone(),
        Action::If { then, .. } => format!("if: {}", then.len()),
        other => format!("{other:?}"),
    };
    init.steps.iter().map(register).collect()
}

#[test]
fn steps_are_removed_changed_and_inserted() {
    let edits = "    steps:
      remove: [{ write: EVENTS }]
      change:
        - { where: { write: BURST }, to: { write: { BURST: 8 } } }
        - { where: { if: variant == B }, to: { then: { add: [{ write: { EVENTS: { OVERHEAT: 1 } } }] } } }
      insert: [{ after: { modify: CTRL }, items: [{ write: { MASK_CLEAR: 1 } }] }]
      add: [{ write: { MASK_CLEAR: 3 } }]
";
    let rest = ["RSSKEY", "RSSTAB", "RSSCTL", "MASK_CLEAR"];
    assert_eq!(
        init(edits),
        [&["BURST", "CTRL", "MASK_CLEAR", "if: 2"], rest.as_slice()].concat()
    );
}

#[test]
fn an_edit_of_a_list_without_effect_is_an_error() {
    let require = |edits: &str| heir(&format!("model:\n  require:\n{edits}"));
    let steps = |name: &str, edits: &str| {
        heir(&format!(
            "sequences:\n  {name}:\n    steps:\n      {edits}\n"
        ))
    };
    let cases = [
        require("    remove: [{ field: \"TXCTL[queue].TRESHOLD\" }]\n"),
        require("    remove: [{ field: \"TXCTL[queue].THRESHOLD\", is: 0 }]\n"),
        require("    change: [{ where: { is: 0 }, to: { is: 0 } }]\n"),
        require("    change: [{ where: { is: 0 }, too: { at: reset } }]\n"),
        require("    remove: [{ is: 0 }]\n    change: [{ where: { is: 0 }, to: { at: reset } }]\n"),
        require("    removes: [{ is: 0 }]\n    add: []\n"),
        heir("model: { reset: { add: [CTRL.RST] } }\n"),
        heir("model: { comes_up: { remove: [{ is: 0 }] } }\n"),
        steps("tx.enable", "remove: [{ write: TDT }]"),
        steps(
            "init",
            "insert: [{ after: { write_each: {} }, items: [{ flush: STATUS }] }]",
        ),
        steps(
            "reset",
            "insert: [{ behind: { sleep: settle ms }, items: [{ flush: STATUS }] }]",
        ),
        steps(
            "mac.write",
            "remove: [{ write: { SAH: { VALID: 1 } } }, { write: SAH }]",
        ),
    ];
    let mut texts: Vec<String> = Vec::new();
    for case in &cases {
        texts.push(match case.compile() {
            Ok(_) => format!("no error in\n{}", case.text),
            Err(report) => shown(&report),
        });
    }
    // Two items that have what the edit states.
    let two = "model:\n  follows:\n    add: [{ field: STATUS.DUPLEX, is: \"1\" }]\n";
    let both = third("model:\n  follows:\n    remove: [{ is: \"1\" }]\n", two);
    texts.push(shown(&report(&both)));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("like_edits", texts.join("\n\n"));
    });
}

/// A spec like another one, with variants as pairs of a name and the one that it is like.
fn with_variants(stem: &str, base: &str, variants: &[(&str, &str)], rest: &str) -> SpecFile {
    let mut text = format!(
        "like: {base}\n\nnic:\n  name: {stem}\n  title: {stem}\n  datasheet: {stem} datasheet\n\nvariants:\n"
    );
    for (index, (name, like)) in variants.iter().enumerate() {
        let pci = format!(
            "{}:{index:04}",
            if stem == "heir" { "4321" } else { "8765" }
        );
        text.push_str(&format!(
            "  - name: {name}\n    title: Part {name}\n    pci: [\"{pci}\"]\n"
        ));
        if !like.is_empty() {
            text.push_str(&format!("    like: {like}\n"));
        }
    }
    SpecFile::new(format!("{stem}.yaml"), text + rest)
}

fn renamed(variants: &[(&str, &str)], rest: &str) -> SpecFile {
    with_variants("heir", "toy", variants, rest).among(&[SpecFile::new("toy.yaml", TOY)])
}

/// Whether each variant has the fan, its milliseconds after a reset, and the verbs of `init`.
fn on_variants(nic: &Nic) -> (Option<Vec<bool>>, Vec<u32>, String) {
    let fan = nic.register("FAN").map(|fan| fan.variants.has.clone());
    let steps = nic.sequence("init").unwrap().steps.iter();
    let verbs = steps.map(|step| match &step.action {
        Action::If { .. } => "if ".to_owned(),
        Action::Write { place, .. } => format!("{} ", place.register.name),
        _ => String::new(),
    });
    let init = verbs.collect();
    (fan, nic.constants()[0].values.clone(), init)
}

#[test]
fn a_variant_stands_for_the_one_that_it_is_like() {
    let found = |variants: &[(&str, &str)]| on_variants(&compiled(&renamed(variants, "")));
    let (all, folded, gone) = (
        "BURST EVENTS if RSSCTL ",
        "BURST EVENTS FAN RSSCTL ",
        "BURST EVENTS RSSCTL ",
    );
    assert_eq!(
        found(&[("P", "A"), ("Q", "B"), ("R", "B")]),
        (
            Some(vec![false, true, true]),
            vec![10, 20, 20],
            all.to_owned()
        )
    );
    // The condition always holds.
    assert_eq!(
        found(&[("P", "B"), ("Q", "B")]),
        (Some(vec![true, true]), vec![20, 20], folded.to_owned())
    );
    // It never holds: neither the register nor the step is inherited.
    assert_eq!(found(&[("P", "A")]), (None, vec![10], gone.to_owned()));
    // A variant with the name of another one is like it.
    assert_eq!(
        found(&[("B", ""), ("P", "A")]),
        (Some(vec![true, false]), vec![20, 10], all.to_owned())
    );
    let nic = compiled(&renamed(&[("P", "B")], ""));
    assert_eq!(nic.variants()[0].title, "Part P");
    let own = compiled(&renamed(&[("P", "B")], "    constants: { settle: 30 }\n"));
    assert_eq!(on_variants(&own).1, [30]);
    let without = compiled(&renamed(&[("P", "B")], "    constants: null\n"));
    assert_eq!(on_variants(&without).1, [10]);
}

#[test]
fn a_constant_test_of_variants_is_left_out_of_every_kind_of_and() {
    let when = |when: &str| {
        let toy = TOY.replace("\"RSSCTL.ENABLE\"", &format!("\"{when}\""));
        let heir = with_variants("heir", "toy", &[("P", "B")], "");
        let nic = compiled(&heir.among(&[SpecFile::new("toy.yaml", toy)]));
        nic.rss().unwrap().enabled_when.clone()
    };
    let plain = when("RSSCTL.ENABLE");
    for same in [
        "RSSCTL.ENABLE and variant == B",
        "RSSCTL.ENABLE & (variant == B)",
        "(variant == B) & RSSCTL.ENABLE",
        "(variant == A) | RSSCTL.ENABLE",
    ] {
        assert_eq!(when(same), plain, "{same}");
    }
}

#[test]
fn a_list_of_a_spec_names_its_own_variants() {
    // The names are exchanged: the list says the opposite of the inherited one.
    let variants = [("A", "B"), ("B", "A")];
    let own = "registers:\n  FAN: { only_on: [B] }\nsequences:\n  init:\n    steps: { remove: [{ if: variant == B }] }\n";
    let nic = compiled(&renamed(&variants, own));
    assert_eq!(on_variants(&nic).0, Some(vec![false, true]));
    let inherited = compiled(&renamed(&variants, ""));
    assert_eq!(on_variants(&inherited).0, Some(vec![true, false]));
    // So does an expression.
    let when = "\"RSSCTL.ENABLE and variant == B\"";
    let toy = TOY.replace(
        "enabled_when: \"RSSCTL.ENABLE\"",
        &format!("enabled_when: {when}"),
    );
    let own = format!("rss: {{ enabled_when: {when} }}\n");
    let heir = with_variants("heir", "toy", &variants, &own);
    compiled(&heir.among(&[SpecFile::new("toy.yaml", toy)]));
}

#[test]
fn variants_are_like_others_over_several_specs() {
    let toy = SpecFile::new("toy.yaml", TOY);
    let heir = with_variants("heir", "toy", &[("P", "A"), ("Q", "B")], "");
    let third = |variants: &[(&str, &str)]| {
        let third =
            with_variants("third", "heir", variants, "").among(&[toy.clone(), heir.clone()]);
        on_variants(&compiled(&third))
    };
    assert_eq!(
        third(&[("X", "Q"), ("Y", "P")]),
        (
            Some(vec![true, false]),
            vec![20, 10],
            "BURST EVENTS if RSSCTL ".to_owned()
        )
    );
    assert_eq!(third(&[("X", "P")]).0, None);
    assert_eq!(third(&[("X", "Q")]).1, [20]);
}

/// What only vanished variants use is not inherited, and no rule asks for it.
#[test]
fn facts_about_parts_that_are_not_inherited_are_not_inherited() {
    let toy = TOY
        .replace(
            "  settle: {",
            "  speed: { value: 9, doc: \"of the fan\", section: \"2.1\" }\n  settle: {",
        )
        .replace("{ FAN: 9 }", "{ FAN: speed }")
        .replace(
            "\nsequences:\n",
            "  - { first: [FAN], then: TXCTL.ENABLE, section: \"3.1\" }\n\nsequences:\n",
        )
        .replace(
            "  reset: [CTRL.RST]\n",
            "  reset: [CTRL.RST]\n  keeps: [FAN]\n",
        );
    let toy = SpecFile::new("toy.yaml", toy);
    toy.compile()
        .unwrap_or_else(|report| panic!("{}", report.short()));
    let heir =
        |like| with_variants("heir", "toy", &[("P", like)], "").among(std::slice::from_ref(&toy));
    let nic = compiled(&heir("A"));
    assert_eq!(nic.constants().len(), 1);
    assert_eq!((nic.order().len(), nic.model().keeps.len()), (1, 0));
    let nic = compiled(&heir("B"));
    assert_eq!(nic.constants().len(), 2);
    assert_eq!((nic.order().len(), nic.model().keeps.len()), (2, 1));
}

#[test]
fn errors_of_variants_that_are_like_others_are_few() {
    let toy = SpecFile::new("toy.yaml", TOY);
    let alone = TOY.replace("    title: Toy A\n", "    title: Toy A\n    like: B\n");
    let middle = with_variants("heir", "toy", &[("P", "A"), ("Q", "B")], "");
    let third = with_variants("third", "heir", &[("X", "")], "").among(&[toy, middle]);
    let cases = [
        renamed(&[("P", ""), ("Q", "B"), ("R", "")], ""),
        renamed(&[("P", "C"), ("Q", "B")], ""),
        renamed(&[("P", "A"), ("B", "B")], ""),
        renamed(
            &[("P", "A")],
            "registers: { FAN: null }\nsequences: { init: { steps: { remove: [{ if: variant == B }] } } }\n",
        ),
        renamed(&[("P", "A")], "registers:\n  FAN: { offset: 0x7fc }\n"),
        renamed(&[("P", "B")], "registers:\n  FAN: { only_on: [B] }\n"),
        renamed(
            &[("P", "A")],
            "sequences:\n  init:\n    steps:\n      change: [{ where: { if: variant == B }, to: { then: { add: [{ write: { BURST: 8 } }] } } }]\n",
        ),
        SpecFile::new("toy.yaml", alone),
        third,
    ];
    let text = cases.each_ref().map(|case| match case.compile() {
        Ok(_) => format!("no error in\n{}", case.text),
        Err(report) => shown(&report),
    });
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("like_variants", text.join("\n\n"));
    });
}

/// All that a spec says below its identity, without what depends on the file that says it.
fn said(nic: &Nic, base: &str) -> String {
    let parts: [&dyn std::fmt::Debug; 12] = [
        &nic.constants(),
        &nic.options(),
        &nic.registers(),
        &nic.descriptors(),
        &nic.tx(),
        &nic.rx(),
        &nic.interrupts(),
        &nic.link(),
        &nic.filters(),
        &nic.statistics(),
        &nic.order(),
        &(nic.sequences(), nic.rss(), nic.model()),
    ];
    let text = format!("{parts:?}");
    let text = text.replace(&format!("Some(\"{base}\")"), "None");
    let text = text.replace(&format!("\"{base} "), "\"");
    // The numbers of nodes.
    let mut parts = text.split("NodeId(");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    plain
}

#[test]
fn a_spec_that_changes_nothing_says_what_its_base_spec_says() {
    let mut specs = nicspecs::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    specs.push(SpecFile::new("toy.yaml", TOY));
    let mut renamed = 0;
    for spec in &specs {
        let (base, nic) = (spec.stem(), compiled(spec));
        let check = |variants: &[(&str, &str)]| {
            let heir = with_variants("heir", &base, variants, "").among(&specs);
            assert_eq!(said(&compiled(&heir), &base), said(&nic, &base), "{base}");
        };
        let old = || nic.variants().iter().map(|variant| variant.name.as_str());
        check(&old().zip(std::iter::repeat("")).collect::<Vec<_>>());
        if nic.variants().len() > 1 {
            let new: Vec<_> = old().map(|name| format!("NEW_{name}")).collect();
            let pairs = new.iter().map(String::as_str).zip(old());
            let mut pairs: Vec<_> = pairs.collect();
            // Where nothing depends on a variant, `like` would have no effect.
            if let Err(report) = with_variants("heir", &base, &pairs, "")
                .among(&specs)
                .compile()
            {
                let short = report.short();
                for (_, like) in &mut pairs {
                    if short.contains(&format!("nothing inherited depends on `{like}`")) {
                        *like = "";
                    }
                }
            }
            check(&pairs);
            renamed += 1;
        }
    }
    assert!(renamed > 1);
}

#[test]
fn a_gap_in_an_edit_of_a_list_is_found_like_any_other() {
    let edits = "model:\n  require:\n    add: [{ field: CTRL.KEEP, is: 1, section: \"1\" }]\nsequences:\n  init:\n    steps:\n      change: [{ where: { write: BURST }, to: { write: { BURST: 8 } } }]\n      add: [{ write: { MASK_CLEAR: 3 } }]\n";
    let gap = heir(&edits.replace("is: 1", "is: TODO"));
    let report = report(&gap);
    assert_eq!(
        report
            .findings()
            .iter()
            .filter(|finding| finding.is_gap())
            .count(),
        1,
        "{}",
        report.short()
    );
    assert_eq!(nicspecs::with_gaps(&gap.text).unwrap(), gap.text);
}

#[test]
fn errors_are_shown_in_their_own_file() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        // An error in the spec; one in the base spec, caused by the spec; one in both.
        insta::assert_snapshot!("like_own", shown(&report(&heir("registers:\n  STATUS: { acces: ro }\n"))));
        insta::assert_snapshot!("like_inherited", shown(&report(&heir("registers:\n  BURST: null\n"))));
        insta::assert_snapshot!("like_both", shown(&report(&heir("registers:\n  SPARE: { title: Spare, section: \"1\", offset: 0x018, access: rw }\n"))));
    });
}

/// A spec with a base spec, in a folder with others.
fn third(rest: &str, heir_rest: &str) -> SpecFile {
    let identity = IDENTITY
        .replace("like: toy", "like: heir")
        .replace("heir\n  title: Heir", "third\n  title: Third");
    let identity = identity
        .replace("1234:0003", "1234:0005")
        .replace("1234:0004", "1234:0006");
    let others = [
        SpecFile::new("toy.yaml", TOY),
        SpecFile::new("heir.yaml", format!("{IDENTITY}{heir_rest}")),
    ];
    SpecFile::new("third.yaml", format!("{identity}{rest}")).among(&others)
}

#[test]
fn a_base_spec_may_have_a_base_spec() {
    let change = "registers:\n  CTRL: { section: \"9.9\" }\n  STATUS: { offset: 0x7fc }\n";
    let nic = compiled(&third(
        "registers:\n  STATUS: { fields: { SPARE: { bits: 9 } } }\n",
        change,
    ));
    let status = nic.register("STATUS").unwrap();
    assert!(status.field("SPARE").is_some() && status.field("UP").is_some());
    assert_eq!(status.offset(), 0x7fc);
    // Each section names the spec that states it.
    assert_eq!(status.section, "toy 4.2");
    assert_eq!(nic.register("CTRL").unwrap().section, "heir 9.9");
}

#[test]
fn errors_of_a_chain_are_shown_in_their_own_files() {
    let again = third(
        "registers:\n  STATUS: { offset: 0x7fc }\n  CTRL: { access: rw }\n",
        "registers:\n  STATUS: { offset: 0x7fc }\n",
    );
    let oldest = third("registers:\n  BURST: null\n", "");
    let middle = third("", "registers:\n  STATUS: { acces: ro }\n");
    let text = [again, oldest, middle]
        .each_ref()
        .map(|spec| shown(&report(spec)));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("like_chain", text.join("\n\n"));
    });
}

#[test]
fn like_names_a_spec_of_the_folder_without_a_circle() {
    let toy = SpecFile::new("toy.yaml", TOY);
    let like =
        |stem: &str, base: &str| SpecFile::new(format!("{stem}.yaml"), format!("like: {base}\n"));
    let itself = report(&like("heir", "heir").among(&[like("heir", "heir")]));
    let circle = [
        like("heir", "other"),
        like("other", "third"),
        like("third", "heir"),
    ];
    let circle = report(&circle[0].clone().among(&circle));
    let of_others = [
        like("heir", "other"),
        like("other", "third"),
        like("third", "other"),
    ];
    let of_others = report(&of_others[0].clone().among(&of_others));
    let unknown = report(&like("heir", "toi").among(std::slice::from_ref(&toy)));
    let other = report(&SpecFile::new("heir.yaml", "like: [toy]\n"));
    let deep: Vec<_> = (0..10)
        .map(|depth| like(&format!("s{depth}"), &format!("s{}", depth + 1)))
        .collect();
    let deep = report(&deep[0].clone().among(&deep));
    let text = [itself, circle, of_others, unknown, other, deep]
        .each_ref()
        .map(shown)
        .join("\n\n");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("like_whom", text);
    });
}

#[test]
fn a_syntax_error_of_the_base_spec_is_shown_in_its_file() {
    let broken = SpecFile::new("toy.yaml", "nic: [\n");
    let short = report(&SpecFile::new("heir.yaml", IDENTITY).among(&[broken])).short();
    assert!(
        short.starts_with("toy.yaml:") && short.contains("NS0001"),
        "{short}"
    );
}

#[test]
fn a_spec_finds_its_base_spec_in_its_folder() {
    let folder = std::env::temp_dir().join(format!("nicspecs-like-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("toy.yaml"), TOY).unwrap();
    std::fs::write(folder.join("heir.yaml"), IDENTITY).unwrap();
    let specs = nicspecs::load_dir(&folder).unwrap();
    let alone = nicspecs::load(folder.join("heir.yaml")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(specs[0], alone);
    assert!(specs.iter().all(|spec| spec.compile().is_ok()));
}
