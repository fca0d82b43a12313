//! What a NIC does not support is refused before anything is made: memory, files and processes.

mod program_support;
mod qemu_support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use netmap_core::MacAddress;
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_userspace::{Error, InterruptMode, Limits, Memory, PortConfig, PortName};
use proptest::prelude::*;

use program_support::{TRAFFIC, text};
use qemu_support::{devices, first_port};

/// Every port of a simulated NIC, and every port of a QEMU.
fn names() -> (Vec<PortName>, Vec<PortName>) {
    struct Names;
    impl Visitor for Names {
        type Output = Vec<String>;
        fn visit<D: Modelled>(self) -> Self::Output {
            let variants = D::MODEL.variants.iter();
            let sim = variants.map(|each| format!("sim:{}/{}", D::NAME, each.name));
            sim.collect()
        }
    }
    let sim = NAMES.iter().flat_map(|name| by_name(name, Names).unwrap());
    let qemu = devices()
        .into_iter()
        .map(|(_, device)| format!("qemu:{device}"));
    let parsed = |name: String| name.parse().unwrap();
    (sim.map(parsed).collect(), qemu.map(parsed).collect())
}

fn limits(name: &PortName) -> Limits {
    name.limits().unwrap().expect("a device that a spec names")
}

/// Runs a program that may write no byte to any file: a memory is refused with another message.
fn run_without_files(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 0 && exec \"$0\" \"$@\"", program]);
    command.args(arguments).output().unwrap()
}

const PKT_GEN: &str = env!("CARGO_BIN_EXE_pkt-gen");
const BRIDGE: &str = env!("CARGO_BIN_EXE_bridge");
const NM_INFO: &str = env!("CARGO_BIN_EXE_nm-info");
const DEMO: &str = env!("CARGO_BIN_EXE_netmap-demo");

/// Asserts that the arguments are refused with status 1, nothing on standard output, and `message`.
fn assert_refused(program: &str, arguments: &[&str], message: &str) {
    let output = run_without_files(program, arguments);
    let error = text(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{program} {arguments:?}: {:?} {error}",
        output.status
    );
    assert!(error.contains(message), "{program} {arguments:?}: {error}");
    assert_eq!(text(&output.stdout), "", "{program} {arguments:?}");
}

/// Settings of `pkt-gen` and `bridge` that are out of range, each with a part of the message.
fn out_of_range(limits: &Limits) -> Vec<(Vec<String>, String)> {
    let mut all = Vec::new();
    let mut add = |option: &str, value: u64, message: &str| {
        let arguments = vec![option.to_owned(), value.to_string()];
        all.push((arguments, format!("{value} {message}")));
    };
    let most = limits.tx.max.max(limits.rx.max);
    for slots in [0, 1, 1_000_000, 100_000_000, u32::MAX - 7, u32::MAX] {
        add("--slots", slots.into(), "tx slots");
    }
    add("--slots", u64::from(most) + 8, "");
    for queues in [limits.queues() + 1, 1 << 16, u32::MAX] {
        add("--queues", queues.into(), "queues");
    }
    // Products that wrap around 32 bits to small ones.
    all.push((
        ["--slots", "1073741824", "--queues", "2"]
            .map(str::to_owned)
            .to_vec(),
        "does not support".to_owned(),
    ));
    all.push((
        ["-o", "none=1"].map(str::to_owned).to_vec(),
        "the option \"none\"".to_owned(),
    ));
    for option in limits.options {
        let setting = format!("{}={}", option.name, u64::from(option.max) + 1);
        all.push((vec!["-o".to_owned(), setting.clone()], setting));
    }
    all
}

fn assert_all_refused(name: &PortName) {
    let limits = limits(name);
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    fs::write(&record, "kept").unwrap();
    let (port, other) = (name.to_string(), format!("sim:{}", NAMES[0]));
    let recording = format!("{port}?record={}", record.display());
    for (arguments, message) in out_of_range(&limits) {
        // pkt-gen has one thread for each queue.
        let threads = arguments.iter().map(|word| match word.as_str() {
            "--queues" => "--threads",
            word => word,
        });
        let threads: Vec<&str> = threads.collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        for function in ["tx", "rx"] {
            let all = [&["-i", &recording, "-f", function], &threads[..]].concat();
            assert_refused(PKT_GEN, &all, &message);
        }
        assert_refused(
            BRIDGE,
            &[&["-L", &recording], &arguments[..]].concat(),
            &message,
        );
        // The other port may support it, and may be the first.
        for ports in [[&recording, &other], [&other, &recording]] {
            let all = [&ports.map(String::as_str), &arguments[..]].concat();
            let output = run_without_files(BRIDGE, &all);
            assert_eq!(
                output.status.code(),
                Some(1),
                "{all:?}: {}",
                text(&output.stderr)
            );
        }
    }
    for frame_max in [0, limits.rx_frame_max + 1, u32::MAX - 3, u32::MAX] {
        let frame_max = frame_max.to_string();
        let message = format!("received frames of {frame_max} bytes");
        assert_refused(
            BRIDGE,
            &["-L", &recording, "--frame-max", &frame_max],
            &message,
        );
    }
    if limits.tx_frame_max < u16::MAX.into() {
        let length = (limits.tx_frame_max + 1).to_string();
        let message = format!("sent frames of {length} bytes");
        assert_refused(
            PKT_GEN,
            &["-i", &recording, "-f", "tx", "-l", &length],
            &message,
        );
    }
    if limits.rx_frame_max < u16::MAX.into() {
        let length = (limits.rx_frame_max + 1).to_string();
        let message = format!("received frames of {length} bytes");
        assert_refused(
            PKT_GEN,
            &["-i", &recording, "-f", "rx", "-l", &length],
            &message,
        );
    }
    assert_eq!(fs::read_to_string(&record).unwrap(), "kept");
}

#[test]
fn programs_refuse_simulated_ports_before_they_make_anything() {
    names().0.iter().for_each(assert_all_refused);
}

#[test]
fn programs_refuse_qemu_ports_before_they_make_anything() {
    need_qemu!();
    names().1.iter().for_each(assert_all_refused);
    // A device that no spec names, which some NIC may be.
    let unknown = ["-L", "qemu:unknown-device", "--slots", "1000000"];
    let first = format!("no NIC has such a port; {} ", NAMES[0]);
    assert_refused(BRIDGE, &unknown, &first);
    let longest = names().0.iter().map(|name| limits(name).tx_frame_max).max();
    let length = (longest.unwrap() + 1).to_string();
    let unknown = ["-f", "tx", "-i", "qemu:unknown-device", "-l", &length];
    assert_refused(PKT_GEN, &unknown, &first);
}

#[test]
fn programs_refuse_names_before_they_make_anything() {
    for (port, message) in [
        ("sim:none".to_owned(), "the NICs are"),
        (format!("sim:{}/none", NAMES[0]), "its variants are"),
        ("qemu:a,b".to_owned(), "is not a QEMU device name"),
    ] {
        assert_refused(PKT_GEN, &["-i", &port], message);
        assert_refused(BRIDGE, &[&port, &port], message);
        assert_refused(BRIDGE, &["-L", &port], message);
        assert_refused(NM_INFO, &[&port], message);
        assert_refused(DEMO, &["--capture", TRAFFIC, &port], message);
    }
}

/// The system would end the program with a signal. The other tests prove something only if this is so.
fn a_memory_is_refused_if_no_file_may_have_its_size(port: &str) {
    for (program, arguments) in [
        (PKT_GEN, vec!["-i", port, "-f", "tx", "-n", "1"]),
        (PKT_GEN, vec!["-i", port, "-f", "rx", "-n", "1"]),
        (BRIDGE, vec!["-L", port]),
        (NM_INFO, vec![port]),
        (DEMO, vec!["--capture", TRAFFIC, port]),
    ] {
        let message =
            "bytes of shared memory: files of this process may have 0 bytes (`ulimit -f`)";
        let output = run_without_files(program, &arguments);
        let (status, error) = (output.status, text(&output.stderr));
        let what = format!("{program} {arguments:?}: {status:?} {error}");
        assert!(
            status.code() == Some(1) && error.contains(message),
            "{what}"
        );
    }
}

#[test]
fn a_memory_is_refused_if_no_file_may_have_its_size_on_sim() {
    a_memory_is_refused_if_no_file_may_have_its_size(&format!("sim:{}", NAMES[0]));
}

#[test]
fn a_memory_is_refused_if_no_file_may_have_its_size_on_qemu() {
    need_qemu!();
    a_memory_is_refused_if_no_file_may_have_its_size(&first_port());
}

#[test]
fn the_limits_of_a_name_are_those_of_its_port() {
    for name in names().0 {
        let memory = Memory::for_ports([&PortConfig::default()]).unwrap();
        let port = name.open(&memory, PortConfig::default()).unwrap();
        assert_eq!(limits(&name), port.limits(), "{name}");
    }
}

#[test]
fn the_limits_of_a_qemu_name_are_those_of_its_port() {
    need_qemu!();
    for name in names().1 {
        let memory = Memory::for_ports([&PortConfig::default()]).unwrap();
        let port = name.open(&memory, PortConfig::default()).unwrap();
        assert_eq!(limits(&name), port.limits(), "{name}");
    }
}

#[test]
fn a_memory_of_too_many_buffers_is_refused() {
    for buffers in [Memory::BUFFERS_MAX + 1, 1 << 31, u32::MAX] {
        let error = Memory::create(buffers).unwrap_err();
        assert!(matches!(error, Error::TooManyBuffers { .. }), "{error}");
    }
    let config = PortConfig {
        queues: u32::MAX,
        tx_slots: Some(u32::MAX),
        rx_slots: Some(u32::MAX),
        ..PortConfig::default()
    };
    let all = std::iter::repeat_n(&config, 1000);
    let error = Memory::for_ports(all).unwrap_err();
    assert!(matches!(error, Error::TooManyBuffers { .. }), "{error}");
    // A caller may add what else it needs.
    assert!(2 * config.buffers() + 2 > Memory::BUFFERS_MAX);
}

#[test]
fn a_memory_of_few_buffers_has_none_for_a_port() {
    for buffers in 0..4 {
        let memory = Memory::create(buffers).unwrap();
        let name = PortName {
            variant: None,
            ..names().0.remove(0)
        };
        let error = name.open(&memory, PortConfig::default()).unwrap_err();
        assert!(matches!(error, Error::NoBuffers { .. }), "{error}");
    }
}

#[test]
fn the_address_of_a_port_is_that_of_one_station() {
    for name in names().0 {
        let memory = Memory::for_ports([&PortConfig::default()]).unwrap();
        let open = |octets: [u8; 6]| {
            let config = PortConfig {
                mac: Some(octets.into()),
                ..PortConfig::default()
            };
            name.open(&memory, config)
        };
        for refused in [
            [0; 6],
            [0xff; 6],
            [1, 0, 0x5e, 0, 0, 1],
            [0x33, 0x33, 0, 0, 0, 1],
        ] {
            let error = open(refused).unwrap_err();
            assert!(matches!(error, Error::Config { .. }), "{error}");
            let address = MacAddress::from(refused).to_string();
            assert!(error.to_string().contains(&address), "{error}");
        }
        for accepted in [
            [2, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 1],
            [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            let mut port = open(accepted).unwrap();
            port.start().unwrap();
            assert_eq!(port.identity().mac, Some(accepted.into()), "{name}");
        }
    }
}

/// Numbers of every size, often near a limit.
fn number(limits: Vec<u32>) -> impl Strategy<Value = u32> {
    let near = (prop::sample::select(limits), -8i64..=8)
        .prop_map(|(limit, by)| u32::try_from(i64::from(limit) + by).unwrap_or(u32::MAX));
    prop_oneof![2 => near, 2 => (1u32..=64).prop_map(|n| n * 8), 1 => any::<u32>(), 1 => Just(1)]
}

fn setting() -> impl Strategy<Value = (PortName, PortConfig)> {
    prop::sample::select(names().0).prop_flat_map(|name| {
        let limits = limits(&name);
        let ring =
            |limits: netmap_core::RingLimits| number(vec![limits.min, limits.max, 0, u32::MAX]);
        let queues = number(vec![limits.queues(), 1, u32::MAX]);
        let frame_max = number(vec![limits.rx_frame_max, 1514, 0, u32::MAX]);
        let interrupts = prop_oneof![
            4 => Just(InterruptMode::Best),
            1 => number(vec![limits.messages, 2, u32::MAX]).prop_map(InterruptMode::Messages),
        ];
        let options: Vec<_> = limits
            .options
            .iter()
            .map(|option| option.name)
            .chain(["none"])
            .collect();
        let option = (prop::sample::select(options), number(vec![1, u32::MAX]));
        let options = prop::collection::vec(option, 0..2);
        let parts = (
            Just(name),
            ring(limits.tx),
            ring(limits.rx),
            queues,
            frame_max,
            interrupts,
            options,
        );
        parts.prop_map(
            |(name, tx_slots, rx_slots, queues, frame_max, interrupts, options)| {
                let options = options
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                let config = PortConfig {
                    tx_slots: Some(tx_slots),
                    rx_slots: Some(rx_slots),
                    queues,
                    frame_max: Some(frame_max),
                    interrupts,
                    options: options.collect(),
                    ..PortConfig::default()
                };
                (name, config)
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_configuration_is_refused_before_a_memory_is_made_or_opens((name, config) in setting()) {
        /// Buffers of a memory that takes no time to make.
        const FEW: u32 = 20_000;
        let slots = [config.tx_slots, config.rx_slots].map(|slots| u128::from(slots.unwrap()));
        let exact = (slots[0] + slots[1]) * u128::from(config.queues);
        let most = u128::from(Memory::BUFFERS_MAX);
        prop_assert!(exact > most || u128::from(config.buffers()) == exact);
        prop_assert!(exact <= most || config.buffers() > Memory::BUFFERS_MAX);
        match name.check(&config) {
            Ok(()) if config.buffers() < FEW => {
                let memory = Memory::for_ports([&config]).unwrap();
                let mut port = name.open(&memory, config.clone()).unwrap();
                let [tx, rx] = port.limits().rings(&config).map(|size| size.rings);
                prop_assert!(port.tx(tx - 1).is_ok() && port.rx(rx - 1).is_ok());
                prop_assert!(port.tx(tx).is_err() && port.rx(rx).is_err());
                let unused = (config.queues - tx) * config.tx_slots.unwrap()
                    + (config.queues - rx) * config.rx_slots.unwrap();
                prop_assert_eq!(memory.free_buffers(), unused);
            }
            Ok(()) => prop_assert!(config.buffers() <= Memory::BUFFERS_MAX),
            Err(refused) => {
                prop_assert!(matches!(refused, Error::Config { .. }), "{refused}");
                let memory = Memory::create(2).unwrap();
                let error = name.open(&memory, config).unwrap_err();
                prop_assert_eq!(error.to_string(), refused.to_string());
            }
        }
    }
}

/// The tests of this file name every program.
#[test]
fn the_programs_are_all_programs() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    assert_eq!(fs::read_dir(sources).unwrap().count(), 4);
}
