//! Captures of the programs on both buses: what fails is reported with file and reason after what arrived, no input is
//! overwritten, a pipe never hides a signal, and a growing capture can be followed.

mod program_support;
mod qemu_support;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use netmap_nics::NAMES;
use netmap_userspace::{Error, Memory, PortConfig, open};
use pcap_file::pcap::PcapReader;
use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_setfl, mknodat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Signal;
use tempfile::TempDir;

use program_support::children::{ended, output, program, signal, wait_for_handlers};
use program_support::{LONG, TRAFFIC, assert_same, frames, long_demo, padded, text, with_queues};
use qemu_support::first_port;

/// A program that was stopped ends within about a second; more on a machine under load.
const SOON: Duration = Duration::from_secs(10);

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The first ten frames of real traffic, and a part of the next.
    fn cut(&self) -> String {
        let bytes = fs::read(TRAFFIC).unwrap();
        let len = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let end = (0..10).fold(24, |at, _| at + 16 + len(at + 8));
        fs::write(self.path("cut"), &bytes[..end + 30]).unwrap();
        self.name("cut")
    }

    fn copy(&self, name: &str) -> String {
        fs::copy(TRAFFIC, self.path(name)).unwrap();
        self.name(name)
    }

    fn pipe(&self, name: &str) -> String {
        let path = self.path(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        self.name(name)
    }
}

/// The first NIC on a bus.
fn nic(bus: &str) -> String {
    match bus {
        "qemu" => first_port(),
        bus => format!("{bus}:{}", NAMES[0]),
    }
}

fn traffic(count: usize) -> Vec<Vec<u8>> {
    let mut frames = frames(Path::new(TRAFFIC));
    frames.truncate(count);
    frames
}

/// A failed run; returns what it said.
fn failed(command: Command) -> String {
    let shown = format!("{command:?}");
    let output = ended(command);
    let error = text(&output.stderr).to_owned();
    assert_eq!(output.status.code(), Some(1), "{shown}: {error}");
    error
}

fn a_failing_wire_is_reported_after_what_arrived(bus: &str) {
    let folder = Folder::new();
    let (cut, out) = (folder.cut(), folder.name("out"));
    let nic = nic(bus);
    let from = format!("{nic}?replay={cut}");
    let reasons = [
        format!("cannot replay {cut}"),
        "because it ends in the middle of frame 11".to_owned(),
    ];
    let all = |error: &str| reasons.iter().all(|reason| error.contains(reason));

    let error = failed(program(
        "pkt-gen",
        &["-i", &from, "-f", "rx", "-P", &out, "-w", "20"],
    ));
    assert!(all(&error), "{error}");
    assert_same(&padded(frames(Path::new(&out))), &padded(traffic(10)));

    let to = format!("sim:{}?record={out}", NAMES[0]);
    let error = failed(program("bridge", &["-w", "20", &from, &to]));
    assert!(all(&error), "{error}");
    assert_same(&padded(frames(Path::new(&out))), &padded(traffic(10)));

    let error = failed(program("nm-info", &[&from, "-w", "20"]));
    assert!(all(&error), "{error}");

    // A full disk.
    let full = format!("{nic}?record=/dev/full");
    for (name, arguments) in [
        ("pkt-gen", &["-f", "tx", "-n", "1000", "-i", &full][..]),
        ("bridge", &["-L", &full]),
        ("nm-info", &[&full]),
    ] {
        let error = failed(program(name, arguments));
        assert!(
            error.contains("cannot record to /dev/full"),
            "{name}: {error}"
        );
        assert!(error.contains("because No space left"), "{name}: {error}");
    }
    // An output that fails later: a pipe whose reader ends.
    let pipe = folder.pipe("pipe");
    let reader = Command::new("head")
        .args(["-c", "5000", &pipe])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let record = format!("{nic}?record={pipe}");
    let arguments = [
        "-i", &record, "-f", "tx", "-l", "1514", "-R", "2000", "-w", "20",
    ];
    let error = failed(program("pkt-gen", &arguments));
    output(reader, LONG, "head");
    assert!(
        error.contains(&format!("cannot record to {pipe}")),
        "{error}"
    );
    assert!(error.contains("because Broken pipe"), "{error}");

    // The port of the library.
    let config = PortConfig {
        promiscuous: true,
        ..PortConfig::default()
    };
    let memory = Memory::create(config.buffers() + 2).unwrap();
    let mut port = open(&from, &memory, config).unwrap();
    port.start().unwrap();
    port.wait_for_link(LONG).unwrap();
    let mut rx = port.rx(0).unwrap();
    let since = Instant::now();
    while port.tick().is_ok() {
        assert!(since.elapsed() < LONG);
        thread::sleep(Duration::from_millis(1));
    }
    let mut received = Vec::new();
    while received.len() < 10 && rx.wait(LONG).unwrap() {
        let mut frames = rx.frames();
        received.extend(frames.by_ref().map(|frame| frame.to_vec().unwrap()));
        frames.release();
    }
    assert_same(&padded(received), &padded(traffic(10)));
    assert!(matches!(port.tick(), Err(Error::Wire(_))));
    assert!(matches!(port.stop(), Err(Error::Wire(_))));
}

#[test]
fn a_failing_wire_is_reported_after_what_arrived_on_sim() {
    a_failing_wire_is_reported_after_what_arrived("sim");
}

#[test]
fn a_failing_wire_is_reported_after_what_arrived_on_qemu() {
    need_qemu!();
    a_failing_wire_is_reported_after_what_arrived("qemu");
}

#[test]
fn a_limit_on_file_sizes_is_reported() {
    let folder = Folder::new();
    let out = folder.name("out");
    let record = format!("sim:{}?record={out}", NAMES[0]);
    let replay = format!("sim:{}?wire=source", NAMES[0]);
    for arguments in [
        &["-f", "tx", "-n", "100000", "-l", "1514", "-i", &record][..],
        &["-f", "rx", "-n", "2000000", "-P", &out, "-i", &replay],
    ] {
        let mut shell = Command::new("sh");
        // 32 MiB: more than the memory of the port.
        let script = "ulimit -f 65536; exec \"$@\"";
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_pkt-gen")]);
        shell.args(arguments);
        let output = ended(shell);
        let (error, line) = (text(&output.stderr), text(&output.stdout));
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(
            error.contains(&out) && error.contains("ulimit -f"),
            "{error}"
        );
        // The file ends with a whole frame, and the totals count all that are in it.
        let written = frames(Path::new(&out)).len();
        assert!(written > 20_000, "{written}");
        let counted = line.split(' ').nth(1).unwrap().parse::<usize>().unwrap();
        assert!(counted >= written, "{written} are written: {line}");
    }
}

#[test]
fn a_capture_that_is_cut_or_bad_is_sent_as_far_as_it_goes() {
    let folder = Folder::new();
    let (cut, out) = (folder.cut(), folder.name("out"));
    let to = format!("sim:{}?record={out}", NAMES[0]);
    let error = failed(program("pkt-gen", &["-f", "tx", "-i", &to, "-P", &cut]));
    assert!(error.contains(&format!("cannot read {cut}")), "{error}");
    assert!(
        error.contains("because it ends in the middle of frame 11"),
        "{error}"
    );
    assert_same(&padded(frames(Path::new(&out))), &padded(traffic(10)));

    // Of several threads only one sends it.
    let to = format!("sim:{}?record={out}", with_queues(2));
    let arguments = ["-f", "tx", "-i", &to, "-P", &cut, "-p", "2", "-b", "1"];
    failed(program("pkt-gen", &arguments));
    assert_same(&padded(frames(Path::new(&out))), &padded(traffic(10)));

    // Frame 2 is too long for every NIC, frame 3 is too short, frame 5 has no bytes, and frame 6 is cut.
    let record = |captured: usize, original: usize| {
        let lengths = [captured, original]
            .map(|len| (len as u32).to_le_bytes())
            .concat();
        [&[0; 8][..], &lengths, &vec![0xff; captured]].concat()
    };
    let mut capture = fs::read(TRAFFIC).unwrap();
    capture.truncate(24);
    for (captured, original) in [
        (60, 60),
        (65000, 65000),
        (7, 7),
        (64, 64),
        (0, 0),
        (96, 1514),
    ] {
        capture.extend(record(captured, original));
    }
    let odd = folder.name("odd");
    fs::write(&odd, &capture).unwrap();
    let output = ended(program(
        "pkt-gen",
        &["-f", "tx", "-i", &to, "-P", &odd, "-n", "3"],
    ));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    assert!(line.starts_with("sent 3 frames"), "{line}");
    assert!(line.contains(&format!("1 frame of {odd} is cut")), "{line}");
    assert!(
        line.contains(&format!("3 of {odd} were passed over, first: frame")),
        "{line}"
    );
    let lengths: Vec<_> = frames(Path::new(&out)).iter().map(Vec::len).collect();
    assert_eq!(lengths, [60, 64, 96]);

    let arguments = ["-f", "tx", "-i", &to, "-P", &odd, "--strict"];
    let error = failed(program("pkt-gen", &arguments));
    assert!(error.contains("because frame 5 has no bytes"), "{error}");
    // A refusal changes no output.
    assert_eq!(frames(Path::new(&out)).len(), 3);

    // The same through a wire, where the NIC drops what is too long.
    let from = format!("sim:{}?replay={odd}", NAMES[0]);
    let output = ended(program("pkt-gen", &["-f", "rx", "-i", &from, "-n", "3"]));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    assert!(line.contains(&format!("frame of {odd} is cut")), "{line}");
    assert!(
        line.contains(&format!("1 of {odd} was passed over, first: frame 5")),
        "{line}"
    );
    let error = failed(program(
        "pkt-gen",
        &["-f", "rx", "-i", &format!("{from}&strict=yes")],
    ));
    assert!(error.contains("because frame 5 has no bytes"), "{error}");
}

#[test]
fn wrong_captures_and_names_say_what_is_wrong() {
    let folder = Folder::new();
    let text_file = folder.name("text");
    fs::write(&text_file, "# no capture\n").unwrap();
    let cooked = folder.copy("cooked");
    let file = OpenOptions::new().write(true).open(&cooked).unwrap();
    std::os::unix::fs::FileExt::write_at(&file, &[113], 20).unwrap();
    let missing = folder.name("missing");
    let nowhere = folder.name("no/where");
    let here = folder.name("");
    for (file, reason) in [
        (&text_file, "neither a libpcap nor a pcapng capture"),
        (&cooked, "its frames are LINUX_SLL, not Ethernet"),
        (&missing, "No such file"),
        (&here, "Is a directory"),
    ] {
        let from = format!("sim:{}?replay={file}", NAMES[0]);
        for (name, arguments) in [
            ("pkt-gen", &["-f", "rx", "-i", &from][..]),
            ("pkt-gen", &["-f", "tx", "-i", &nic("sim"), "-P", file]),
            ("bridge", &["-L", &from]),
            ("nm-info", &[&from]),
            ("netmap-demo", &[&nic("sim"), "--capture", file]),
        ] {
            let error = failed(program(name, arguments));
            let lines: Vec<_> = error.lines().collect();
            assert_eq!(lines.len(), 2, "{error}");
            assert!(lines[0].contains(file.as_str()), "{error}");
            assert!(lines[1].contains(reason), "{error}");
        }
    }
    let to = format!("sim:{}?record={nowhere}", NAMES[0]);
    for (name, arguments) in [
        ("pkt-gen", &["-f", "tx", "-i", &to][..]),
        ("pkt-gen", &["-f", "rx", "-i", &nic("sim"), "-P", &nowhere]),
        ("bridge", &["-L", &to]),
        ("nm-info", &[&to]),
    ] {
        let error = failed(program(name, arguments));
        assert!(
            error.contains(&nowhere) && error.contains("No such file"),
            "{error}"
        );
    }
}

#[test]
fn an_input_is_never_overwritten_and_a_refusal_changes_no_output() {
    let folder = Folder::new();
    let a = folder.copy("a");
    let (link, hard, b) = (folder.name("link"), folder.name("hard"), folder.copy("b"));
    symlink(&a, &link).unwrap();
    fs::hard_link(&a, &hard).unwrap();
    let original = fs::read(TRAFFIC).unwrap();
    let nic = nic("sim");
    for other in [&a, &link, &hard] {
        let both = format!("{nic}?replay={a}&record={other}");
        let (from, to) = (format!("{nic}?replay={a}"), format!("{nic}?record={other}"));
        let and_b = format!("{nic}?replay={a}&record={b}");
        for (name, arguments) in [
            ("pkt-gen", &["-f", "rx", "-n", "10", "-i", &both][..]),
            (
                "pkt-gen",
                &["-f", "rx", "-n", "10", "-i", &from, "-P", other],
            ),
            ("pkt-gen", &["-f", "tx", "-n", "10", "-i", &to, "-P", &a]),
            ("bridge", &["-n", "10", &from, &to]),
            ("bridge", &["-n", "10", &to, &from]),
            ("bridge", &["-n", "10", &and_b, &and_b]),
            ("nm-info", &[&both]),
        ] {
            let error = failed(program(name, arguments));
            assert!(
                error.contains("is the same file as"),
                "{name} {arguments:?}: {error}"
            );
            assert_eq!(fs::read(&a).unwrap(), original, "{name} {arguments:?}");
            assert_eq!(fs::read(&b).unwrap(), original, "{name} {arguments:?}");
        }
    }
    // What is wrong elsewhere does not cost a capture either.
    let new = folder.name("new");
    for out in [&b, &new] {
        let to = format!("{nic}?record={out}");
        let (none, variant) = (
            format!("sim:none?record={out}"),
            format!("{nic}/none?record={out}"),
        );
        for (name, arguments) in [
            ("pkt-gen", &["-i", &none][..]),
            ("pkt-gen", &["-i", &variant]),
            ("pkt-gen", &["-i", &to, "--slots", "7"]),
            ("pkt-gen", &["-i", &to, "-o", "none=1"]),
            ("pkt-gen", &["-f", "tx", "-i", &to, "-P", "/none"]),
            ("pkt-gen", &["-f", "rx", "-i", "sim:none", "-P", out]),
            (
                "pkt-gen",
                &["-f", "rx", "-i", &nic, "-P", out, "--slots", "7"],
            ),
            ("bridge", &[&to, "sim:none"]),
            ("bridge", &[&to, &format!("{nic}?replay=/none")]),
            ("nm-info", &[&none]),
        ] {
            failed(program(name, arguments));
            let left = fs::read(out).ok();
            let expected = (*out == b).then(|| original.clone());
            assert!(left == expected, "{name} {arguments:?}");
        }
    }
    // Not even standard output, be it a file or a pipe.
    let file = File::create(folder.path("output")).unwrap();
    let pipe = folder.pipe("pipe");
    let mut both = OpenOptions::new();
    let pipe_end = both.read(true).write(true).open(&pipe).unwrap();
    for (stream, name) in [(file, folder.name("output")), (pipe_end, pipe)] {
        let child = program("pkt-gen", &["-i", &nic, "-P", &name])
            .stdout(stream)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = output(child, LONG, "pkt-gen");
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(
            error.contains("the same file as standard output"),
            "{error}"
        );
    }
}

#[test]
fn a_file_may_have_any_name() {
    let folder = Folder::new();
    for name in ["a&b=?%.pcap", "new\nline", " "] {
        folder.copy(name);
        let escaped = folder.name(name).replace('%', "%25").replace('&', "%26");
        let from = format!("sim:{}?replay={escaped}", NAMES[0]);
        let output = ended(program("pkt-gen", &["-f", "rx", "-n", "10", "-i", &from]));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

/// Starts a program, waits until it handles signals and a moment more, and stops it. Returns its output.
fn stopped_by(how: Signal, name: &str, arguments: &[&str]) -> Output {
    stopped(program(name, arguments), how)
}

fn stopped(mut command: Command, how: Signal) -> Output {
    let what = format!("{command:?} after {how:?}");
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_handlers(&child);
    thread::sleep(Duration::from_millis(200));
    signal(&child, how);
    let output = output(child, SOON, &what);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{what}: {error}");
    output
}

fn a_signal_ends_every_wait(bus: &str) {
    let folder = Folder::new();
    let nic = nic(bus);
    let (empty, unread) = (folder.pipe("empty"), folder.pipe("unread"));
    let (from, to) = (
        format!("{nic}?replay={empty}"),
        format!("{nic}?record={unread}"),
    );
    let source = format!("{nic}?wire=source");
    let both = format!("{nic}?replay={empty}&record={unread}");
    for how in [Signal::INT, Signal::TERM] {
        for (name, arguments, totals) in [
            (
                "pkt-gen",
                &["-f", "tx", "-i", &nic, "-P", &empty][..],
                "sent 0 frames",
            ),
            ("pkt-gen", &["-f", "rx", "-i", &from], "received 0 frames"),
            ("pkt-gen", &["-f", "tx", "-i", &to], "sent"),
            (
                "pkt-gen",
                &["-f", "rx", "-i", &source, "-P", &unread],
                "received",
            ),
            ("pkt-gen", &["-f", "tx", "-i", &both], "sent"),
            ("bridge", &["-L", &both], "0 frames"),
            ("netmap-demo", &["--capture", &empty, &nic], ""),
            ("netmap-demo", &long_demo(&nic), ""),
        ] {
            let output = stopped_by(how, name, arguments);
            let line = text(&output.stdout);
            assert!(line.contains(totals), "{name} {arguments:?}: {line}");
        }
    }
    // Nothing waits for a pipe that is only named.
    let output = ended(program("nm-info", &[&both, "-w", "20"]));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_signal_ends_every_wait_on_sim() {
    a_signal_ends_every_wait("sim");
}

#[test]
fn a_signal_ends_every_wait_on_qemu() {
    need_qemu!();
    a_signal_ends_every_wait("qemu");
}

#[test]
fn a_pipe_that_is_filled_slowly_is_sent_and_replayed() {
    for tx in [true, false] {
        let folder = Folder::new();
        let (pipe, out) = (folder.pipe("pipe"), folder.name("out"));
        let (to, from) = (
            format!("sim:{}?record={out}", NAMES[0]),
            format!("sim:{}?replay={pipe}", NAMES[0]),
        );
        let arguments = match tx {
            true => ["-n", "20", "-f", "tx", "-i", &to, "-P", &pipe],
            false => ["-n", "20", "-f", "rx", "-i", &from, "-P", &out],
        };
        let child = program("pkt-gen", &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
        for piece in fs::read(TRAFFIC).unwrap()[..20_000].chunks(999) {
            thread::sleep(Duration::from_millis(5));
            // A receiver that has its 20 frames does not read the rest.
            if writer.write_all(piece).is_err() {
                break;
            }
        }
        drop(writer);
        let output = output(child, LONG, "pkt-gen");
        let received = padded(frames(Path::new(&out)));
        assert_same(&received, &padded(traffic(20)));
        // The capture is cut, which matters only to the one that reads all of it.
        assert_eq!(
            output.status.code(),
            Some(i32::from(tx)),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_slow_reader_of_a_pipe_gets_every_frame() {
    for record in [true, false] {
        let folder = Folder::new();
        let pipe = folder.pipe("pipe");
        let to = format!("sim:{}?record={pipe}", NAMES[0]);
        let from = format!("sim:{}?wire=source", NAMES[0]);
        let arguments = match record {
            true => ["-n", "3000", "-f", "tx", "-i", &to, "-l", "1000"].to_vec(),
            false => ["-n", "3000", "-f", "rx", "-i", &from, "-P", &pipe].to_vec(),
        };
        let child = program("pkt-gen", &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(100));
        let mut copy = File::create(folder.path("copy")).unwrap();
        let mut reader = File::open(&pipe).unwrap();
        std::io::copy(&mut reader, &mut copy).unwrap();
        let output = output(child, LONG, "pkt-gen");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(frames(&folder.path("copy")).len(), 3000);
    }
}

#[test]
fn a_growing_capture_can_be_followed() {
    for record in [true, false] {
        let folder = Folder::new();
        let out = folder.name("out");
        let to = format!("sim:{}?record={out}", NAMES[0]);
        let from = format!("sim:{}?replay={TRAFFIC}", NAMES[0]);
        let arguments = match record {
            true => ["-R", "100", "-f", "tx", "-i", &to].to_vec(),
            false => ["-f", "rx", "-i", &from, "-P", &out].to_vec(),
        };
        let mut child = program("pkt-gen", &arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let since = Instant::now();
        // The header is there before the first frame, and then every whole frame.
        while fs::metadata(&out).map_or(0, |file| file.len()) < 24 + 100 {
            assert!(since.elapsed() < LONG, "nothing is written");
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have been killed in the middle of a write.
        let mut reader = PcapReader::new(File::open(&out).unwrap()).unwrap();
        assert!(matches!(reader.next_packet(), Some(Ok(_))));
    }
}

/// A QEMU that never answers.
#[test]
fn a_signal_ends_the_wait_for_a_qemu() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let qemu = folder.path("qemu-system-x86_64");
    fs::write(&qemu, "#!/bin/sh\nexec sleep 1000\n").unwrap();
    fs::set_permissions(&qemu, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.name(""), std::env::var("PATH").unwrap());
    let nic = nic("qemu");
    for (name, arguments) in [
        ("pkt-gen", &["-i", &nic][..]),
        ("bridge", &["-L", &nic]),
        ("nm-info", &[&nic]),
        ("netmap-demo", &["--capture", TRAFFIC, &nic]),
    ] {
        let mut command = program(name, arguments);
        command.env("PATH", &path);
        let output = stopped(command, Signal::INT);
        assert!(!text(&output.stderr).contains("panicked"));
    }
}

/// Frames that cannot leave, because nobody reads the pipe, are not waited for after a signal.
#[test]
fn a_signal_ends_the_wait_for_the_last_frames() {
    let folder = Folder::new();
    let to = format!("{}?record={}", nic("sim"), folder.pipe("unread"));
    let arguments = ["-f", "tx", "-n", "300", "-l", "1514", "-i", &to];
    let since = Instant::now();
    let output = stopped_by(Signal::INT, "pkt-gen", &arguments);
    let last = text(&output.stdout);
    assert!(last.starts_with("sent "), "{last}");
    assert!(last.contains(" not taken by the wire"), "{last}");
    assert!(since.elapsed() < Duration::from_secs(4));
}

/// Two signals end a program that cannot end after the first, because nobody reads its last line.
#[test]
fn a_second_signal_ends_a_program_at_once() {
    let nic = nic("sim");
    let (reader, full) = full_pipe();
    let mut child = program("pkt-gen", &["-f", "tx", "-i", &nic])
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_handlers(&child);
    signal(&child, Signal::INT);
    thread::sleep(Duration::from_secs(2));
    assert!(child.try_wait().unwrap().is_none(), "it has ended");
    signal(&child, Signal::TERM);
    assert_eq!(output(child, SOON, "pkt-gen").status.code(), Some(130));
    drop(reader);
}

/// The reader and the writer of a pipe that has no room left.
fn full_pipe() -> (OwnedFd, OwnedFd) {
    let (reader, writer) = pipe_with(PipeFlags::NONBLOCK).unwrap();
    while rustix::io::write(&writer, &[0; 4096]).is_ok() {}
    while rustix::io::write(&writer, &[0]).is_ok() {}
    fcntl_setfl(&writer, OFlags::empty()).unwrap();
    (reader, writer)
}
