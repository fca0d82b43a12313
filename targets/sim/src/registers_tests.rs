use netmap_core::model::FieldModel;
use netmap_core::register::{Piece, RegOffset};
use proptest::prelude::*;

use super::*;

const fn register(
    name: &'static str,
    width: u8,
    access: Access,
    reset: u64,
    pieces: &'static [Piece],
) -> RegisterModel {
    RegisterModel {
        name,
        title: "",
        only_on: &[],
        section: "1",
        width,
        access,
        reset,
        must_write: false,
        pieces,
        fields: &[],
    }
}

const LOW: FieldModel = FieldModel {
    name: "LOW",
    low: 0,
    width: 4,
    values: &[],
    doc: "",
};

const fn piece(first: u32, count: u32, offset: u32, stride: u32) -> Piece {
    Piece {
        first,
        count,
        offset: RegOffset(offset),
        stride,
    }
}

static ALL: [RegisterModel; 9] = [
    register("RW", 32, Access::ReadWrite, 0x1234, &[piece(0, 1, 0x00, 4)]),
    register("RO", 32, Access::ReadOnly, 0x55, &[piece(0, 1, 0x04, 4)]),
    register("WO", 16, Access::WriteOnly, 0, &[piece(0, 1, 0x08, 2)]),
    register("RC", 32, Access::ReadClear, 0xff, &[piece(0, 1, 0x0c, 4)]),
    register(
        "W1C",
        8,
        Access::WriteOneClear,
        0xff,
        &[piece(0, 1, 0x10, 1)],
    ),
    register("W1S", 8, Access::WriteOneSet, 0, &[piece(0, 1, 0x11, 1)]),
    register("WIDE", 64, Access::ReadWrite, 0, &[piece(0, 1, 0x18, 8)]),
    register(
        "ARRAY",
        32,
        Access::ReadWrite,
        7,
        &[piece(0, 4, 0x40, 0x10), piece(4, 2, 0x100, 4)],
    ),
    RegisterModel {
        fields: &[LOW],
        ..register(
            "PARTLY",
            32,
            Access::ReadWrite,
            0x100,
            &[piece(0, 1, 0x20, 4)],
        )
    },
];

fn file() -> RegisterFile {
    RegisterFile::new(0x200, &ALL, "").unwrap()
}

fn place(file: &RegisterFile, name: &str, element: u32) -> Place {
    Place {
        register: file.lookup(name).unwrap(),
        element,
    }
}

/// A read over the bus.
fn read(file: &mut RegisterFile, name: &str, violations: &mut Violations) -> u64 {
    let place = place(file, name, 0);
    let seen = file.get(place);
    file.read(place, seen, violations)
}

fn write(file: &mut RegisterFile, name: &str, value: u64, violations: &mut Violations) -> bool {
    let place = place(file, name, 0);
    file.write(place, value, violations)
}

#[test]
fn every_access_kind_does_what_its_name_says() {
    let (mut file, mut none) = (file(), Violations::default());
    assert_eq!(read(&mut file, "RW", &mut none), 0x1234);
    assert!(write(&mut file, "RW", 0xffff_ffff, &mut none));
    assert_eq!(read(&mut file, "RW", &mut none), 0xffff_ffff);
    assert_eq!(read(&mut file, "RO", &mut none), 0x55);
    assert_eq!(read(&mut file, "RC", &mut none), 0xff);
    assert_eq!(read(&mut file, "RC", &mut none), 0);
    assert!(write(&mut file, "W1C", 0x0f, &mut none));
    assert_eq!(read(&mut file, "W1C", &mut none), 0xf0);
    assert!(write(&mut file, "W1S", 0x11, &mut none));
    assert!(write(&mut file, "W1S", 0x02, &mut none));
    assert_eq!(read(&mut file, "W1S", &mut none), 0x13);
    assert!(write(&mut file, "WIDE", u64::MAX, &mut none));
    assert_eq!(read(&mut file, "WIDE", &mut none), u64::MAX);
    assert!(write(&mut file, "WO", 0x7, &mut none));
    assert!(none.is_empty(), "{none}");
}

#[test]
fn forbidden_accesses_are_recorded_and_have_no_effect() {
    let (mut file, mut all) = (file(), Violations::default());
    assert!(!write(&mut file, "RO", 1, &mut all));
    assert!(!write(&mut file, "RC", 1, &mut all));
    assert_eq!(read(&mut file, "RO", &mut all), 0x55);
    write(&mut file, "WO", 0x7, &mut all);
    assert_eq!(read(&mut file, "WO", &mut all), 0);
    let all: Vec<_> = all.iter().copied().collect();
    assert_eq!(
        all,
        [
            Violation::WriteOfReadOnly {
                register: "RO",
                element: 0,
                value: 1
            },
            Violation::WriteOfReadOnly {
                register: "RC",
                element: 0,
                value: 1
            },
            Violation::ReadOfWriteOnly { register: "WO" },
        ]
    );
}

#[test]
fn reserved_bits_may_be_kept_or_cleared_but_not_set() {
    let (mut file, mut all) = (file(), Violations::default());
    assert!(write(&mut file, "PARTLY", 0x10f, &mut all));
    assert!(write(&mut file, "PARTLY", 0x00f, &mut all));
    assert!(all.is_empty(), "{all}");
    assert!(write(&mut file, "PARTLY", 0x31f, &mut all));
    let all: Vec<_> = all.iter().copied().collect();
    let register = "PARTLY";
    assert_eq!(
        all,
        [Violation::ReservedBits {
            register,
            bits: 0x310
        }]
    );
}

#[test]
fn a_reset_restores_power_on_values_and_forgets_writes() {
    let (mut file, mut none) = (file(), Violations::default());
    let (rw, wide) = (place(&file, "RW", 0), place(&file, "WIDE", 0));
    write(&mut file, "RW", 1, &mut none);
    write(&mut file, "WIDE", 2, &mut none);
    assert!(file.was_written(rw) && file.was_any_written(wide.register));
    file.reset(&[wide.register]);
    assert_eq!((file.get(rw), file.get(wide)), (0x1234, 2));
    assert!(!file.was_written(rw) && file.was_written(wide));
}

#[test]
fn invalid_registers_are_refused() {
    static OVERLAP: [RegisterModel; 2] = [
        register("A", 32, Access::ReadWrite, 0, &[piece(0, 1, 0x10, 4)]),
        register("B", 16, Access::ReadWrite, 0, &[piece(0, 1, 0x12, 4)]),
    ];
    static TWICE: [RegisterModel; 2] = [
        register("A", 32, Access::ReadWrite, 0, &[piece(0, 1, 0, 4)]),
        register("A", 32, Access::ReadWrite, 0, &[piece(0, 1, 4, 4)]),
    ];
    static TOO_MUCH: [RegisterModel; 1] = [register(
        "A",
        8,
        Access::ReadWrite,
        0x100,
        &[piece(0, 1, 0, 1)],
    )];
    static OUTSIDE: [RegisterModel; 1] = [register(
        "A",
        32,
        Access::ReadWrite,
        0,
        &[piece(0, 2, 0x1fc, 4)],
    )];
    static GAP: [RegisterModel; 1] = [register(
        "A",
        32,
        Access::ReadWrite,
        0,
        &[piece(1, 2, 0, 4)],
    )];
    for (registers, text) in [
        (&OVERLAP[..], "A and B overlap at 0x00012"),
        (&TWICE, "there are two registers A"),
        (&TOO_MUCH, "A has a reset value wider than the register"),
        (&OUTSIDE, "A is misaligned or outside its space"),
        (&GAP, "A has pieces that are not consecutive"),
    ] {
        assert_eq!(
            RegisterFile::new(0x200, registers, "")
                .unwrap_err()
                .to_string(),
            text
        );
    }
}

#[test]
fn unknown_names_are_refused() {
    let file = file();
    let name = |register, element, field| FieldName {
        register,
        element,
        field,
    };
    for (name, text) in [
        (
            name("X", Element::Fixed(0), ""),
            "test names register X, which the model does not have",
        ),
        (
            name("RW", Element::Fixed(0), "Y"),
            "test names field RW.Y, which the model does not have",
        ),
        (
            name("ARRAY", Element::Queue, ""),
            "test names ARRAY[7], which the model does not have",
        ),
        (
            name("ARRAY", Element::Fixed(6), ""),
            "test names ARRAY[6], which the model does not have",
        ),
    ] {
        assert_eq!(file.field(&name, 8, "test").unwrap_err().to_string(), text);
    }
    assert!(
        file.field(&name("ARRAY", Element::Queue, ""), 6, "test")
            .is_ok()
    );
}

proptest! {
    #[test]
    fn an_access_is_located_if_and_only_if_it_is_exactly_one_element(
        offset in 0u32..0x200,
        width in 0usize..4,
    ) {
        let bytes = [1, 2, 4, 8][width];
        let file = file();
        let mut exact = None;
        let mut touched = None;
        for model in &ALL {
            for piece in model.pieces {
                for element in 0..piece.count {
                    let at = piece.offset.0 + element * piece.stride;
                    let size = u32::from(model.width) / 8;
                    if at == offset && size == bytes {
                        exact = Some((model.name, piece.first + element));
                    } else if at < offset + bytes && offset < at + size {
                        touched = Some(model.name);
                    }
                }
            }
        }
        match file.locate(offset, bytes) {
            Ok(place) => {
                prop_assert_eq!(Some((file.name(place.register), place.element)), exact);
            }
            Err(Violation::PartOfRegister { .. }) => {
                prop_assert!(exact.is_none() && touched.is_some());
            }
            Err(_) => prop_assert!(exact.is_none() && touched.is_none()),
        }
    }

    #[test]
    fn elements_of_an_array_are_independent(
        writes in proptest::collection::vec((0u32..6, any::<u32>()), 0..20),
    ) {
        let (mut file, mut none) = (file(), Violations::default());
        let mut expected = [7u64; 6];
        for (element, value) in writes {
            let place = place(&file, "ARRAY", element);
            file.write(place, value.into(), &mut none);
            expected[element as usize] = value.into();
        }
        for (element, value) in expected.into_iter().enumerate() {
            prop_assert_eq!(file.get(place(&file, "ARRAY", element as u32)), value);
        }
        prop_assert!(none.is_empty());
    }

    #[test]
    fn a_field_is_put_and_got_without_touching_its_neighbours(
        background in any::<u64>(), value in any::<u64>(), low in 0u8..64, width in 1u8..=64,
    ) {
        prop_assume!(u32::from(low) + u32::from(width) <= 64);
        let bits = Bits::new(low, width);
        let with = bits.put(background, value);
        prop_assert_eq!(bits.get(with), value & (u64::MAX >> (64 - u32::from(width))));
        prop_assert_eq!(with & !bits.mask(), background & !bits.mask());
    }
}
