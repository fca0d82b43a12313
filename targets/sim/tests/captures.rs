//! Captures: every format is read, nothing in a file makes the reader fail without saying why, and what is written can be
//! followed. The crate pcap-file writes and reads independently of the code under test.

mod toy;

use std::fs::{self, File, OpenOptions};
use std::io::{Cursor, Write as _};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use netmap_sim::wire::{
    Batch, Capture, CaptureError, CaptureReader, CaptureWriter, Next, Records, Tally,
};
use netmap_sim::{DEFAULT_MAC, Device, Wire};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use pcap_file::{DataLink, Endianness, TsResolution};
use proptest::prelude::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;
use toy::TOY;
use toy::driver::{Toy, frame, stepped};

const ALL: u32 = 1000;
const LONG: Duration = Duration::from_secs(20);

/// A capture in libpcap's format: each frame with its length on the wire.
fn pcap(order: Endianness, times: TsResolution, frames: &[(Vec<u8>, u32)]) -> Vec<u8> {
    let header = PcapHeader {
        endianness: order,
        ts_resolution: times,
        snaplen: 1 << 30,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(Vec::new(), header).unwrap();
    for (frame, original) in frames {
        let packet = PcapPacket::new(Duration::from_micros(7), *original, frame);
        writer.write_packet(&packet).unwrap();
    }
    writer.into_writer()
}

/// A capture in pcapng with one interface for each link type, and a frame of each in turn.
fn pcapng(order: Endianness, links: &[DataLink], frames: &[(Vec<u8>, u32)]) -> Vec<u8> {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), order).unwrap();
    for &link in links {
        writer
            .write_pcapng_block(InterfaceDescriptionBlock::new(link, 0))
            .unwrap();
    }
    for (number, (frame, original)) in frames.iter().enumerate() {
        writer
            .write_pcapng_block(EnhancedPacketBlock {
                interface_id: (number % links.len()) as u32,
                timestamp: Duration::from_micros(7),
                original_len: *original,
                data: frame.into(),
                options: Vec::new(),
            })
            .unwrap();
    }
    writer.into_inner()
}

fn whole(frames: &[Vec<u8>]) -> Vec<(Vec<u8>, u32)> {
    let frames = frames.iter().cloned();
    frames.map(|f| (f.clone(), f.len() as u32)).collect()
}

/// Every form in which these frames can be written.
fn forms(frames: &[(Vec<u8>, u32)]) -> Vec<Vec<u8>> {
    let orders = [Endianness::Little, Endianness::Big];
    let mut forms = Vec::new();
    for order in orders {
        for times in [TsResolution::MicroSecond, TsResolution::NanoSecond] {
            forms.push(pcap(order, times, frames));
        }
        forms.push(pcapng(order, &[DataLink::ETHERNET], frames));
    }
    forms
}

type Read = (Vec<(u64, Vec<u8>)>, Tally, Result<(), CaptureError>);

/// The frames of a capture up to its end or an error.
fn read(bytes: &[u8], strict: bool) -> Read {
    let mut records = Records::new(Cursor::new(bytes.to_vec()), strict);
    let mut frames = Vec::new();
    let result = loop {
        match records.next() {
            Ok(Next::Frame { number, bytes }) => frames.push((number, bytes.to_vec())),
            Ok(Next::End) => break Ok(()),
            Ok(Next::NotYet) => panic!("bytes in memory are there"),
            Err(error) => break Err(error),
        }
    };
    (frames, records.tally().clone(), result)
}

fn error_of(bytes: &[u8]) -> String {
    read(bytes, false).2.unwrap_err().to_string()
}

fn some(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|n| frame(n, 60 + n as usize * 13)).collect()
}

#[test]
fn both_formats_are_read_in_both_byte_orders() {
    let frames = some(20);
    for form in forms(&whole(&frames)) {
        let (read, tally, result) = read(&form, true);
        result.unwrap();
        let numbered: Vec<_> = (1..).zip(frames.clone()).collect();
        assert_eq!(read, numbered);
        assert_eq!((tally.frames, tally.cut, tally.passed_over), (20, 0, 0));
    }
}

/// What pcap-file does not write: simple packets, obsolete packets, several sections, unknown blocks.
#[test]
fn every_kind_of_block_is_read_or_passed_over() {
    for big in [false, true] {
        let u16 = |n: u16| {
            if big {
                n.to_be_bytes()
            } else {
                n.to_le_bytes()
            }
        };
        let u32 = |n: u32| {
            if big {
                n.to_be_bytes()
            } else {
                n.to_le_bytes()
            }
        };
        let block = |kind: u32, mut body: Vec<u8>| {
            body.resize(body.len().next_multiple_of(4), 0);
            let len = u32(body.len() as u32 + 12);
            [&u32(kind)[..], &len, &body, &len].concat()
        };
        let section = || {
            let fields = [&u32(0x1a2b_3c4d)[..], &u16(1), &u16(0), &[0xff; 8]];
            block(0x0a0d_0d0a, fields.concat())
        };
        let interface = |snap: u32| block(1, [&u16(1)[..], &[0; 2], &u32(snap)].concat());
        let simple = |len: u32, data: &[u8]| block(3, [&u32(len)[..], data].concat());
        let obsolete = |interface: u16, len: u32, data: &[u8]| {
            let captured = u32(data.len() as u32);
            let fields = [&u16(interface)[..], &[0; 10], &captured, &u32(len), data];
            block(2, fields.concat())
        };
        let (one, two, three) = (frame(1, 61), frame(2, 62), frame(3, 63));
        let capture = [
            section(),
            interface(64),
            block(0x0bad, vec![1, 2, 3]),
            simple(61, &one),
            // Cut by the snap length, as the interface says.
            simple(1514, &[7; 64]),
            block(5, vec![0; 2 << 20]),
            obsolete(0, 62, &two),
            obsolete(9, 62, &two),
            section(),
            obsolete(0, 62, &two),
            interface(0),
            simple(63, &three),
        ]
        .concat();
        let (frames, tally, result) = read(&capture, false);
        result.unwrap();
        let expected = [(1, one), (2, vec![7; 64]), (3, two), (6, three)];
        assert_eq!(frames, expected);
        assert_eq!((tally.frames, tally.cut, tally.passed_over), (6, 1, 2));
        let (number, why) = tally.first.unwrap();
        assert_eq!(number, 4);
        assert!(why.contains("interface 9"), "{why}");
    }
}

#[test]
fn a_crc_that_the_header_announces_is_left_out() {
    let with_crc = [frame(1, 60), vec![1, 2, 3, 4]].concat();
    let mut capture = pcap(
        Endianness::Little,
        TsResolution::MicroSecond,
        &whole(&[with_crc]),
    );
    // Two 16-bit words.
    capture[20..24].copy_from_slice(&(1u32 | 1 << 26 | 2 << 28).to_le_bytes());
    assert_eq!(read(&capture, true).0, [(1, frame(1, 60))]);
}

#[test]
fn cut_frames_are_as_captured_and_strict_reading_refuses_them() {
    let mut frames = whole(&some(5));
    frames[2].0.truncate(40);
    for form in forms(&frames) {
        let (read_frames, tally, result) = read(&form, false);
        result.unwrap();
        assert_eq!(read_frames[2].1, frames[2].0);
        assert_eq!((tally.frames, tally.cut, tally.passed_over), (5, 1, 0));
        assert_eq!(tally.notes(&"x"), ["1 frame of x is cut"]);

        let (before, _, result) = read(&form, true);
        assert_eq!(before.len(), 2);
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "frame 3 is cut: 40 of its 86 bytes were captured");
    }
}

#[test]
fn one_bad_frame_is_passed_over() {
    let mut frames = whole(&some(5));
    frames[3] = (Vec::new(), 0);
    for form in forms(&frames) {
        let (read_frames, tally, result) = read(&form, false);
        result.unwrap();
        let numbers: Vec<_> = read_frames.iter().map(|frame| frame.0).collect();
        assert_eq!(numbers, [1, 2, 3, 5]);
        let notes = tally.notes(&"x");
        assert_eq!(
            notes,
            ["1 of x was passed over, first: frame 4 has no bytes"]
        );
        let strict = read(&form, true).2.unwrap_err().to_string();
        assert_eq!(strict, "frame 4 has no bytes");
    }
    // Longer than any frame, but all of it is there.
    frames[3] = (vec![0; 3 << 20], 3 << 20);
    for form in forms(&frames) {
        let (read_frames, tally, result) = read(&form, false);
        result.unwrap();
        assert_eq!((read_frames.len(), tally.passed_over), (4, 1));
        assert_eq!(read_frames[3], (5, frames[4].0.clone()));
    }
}

#[test]
fn a_capture_that_is_cut_anywhere_has_the_whole_frames_before() {
    let frames = some(4);
    for form in forms(&whole(&frames)) {
        let mut complete = 0;
        for len in 0..form.len() {
            let (read_frames, _, result) = read(&form[..len], false);
            assert_eq!(
                read_frames,
                (1..)
                    .zip(frames.clone())
                    .take(read_frames.len())
                    .collect::<Vec<_>>()
            );
            match result {
                Ok(()) => complete += 1,
                Err(error) => {
                    let error = error.to_string();
                    let known = error.contains("ends in the middle of") || error == "it is empty";
                    assert!(known, "{len}: {error}");
                    if !read_frames.is_empty() && error.contains("frame") {
                        let number = read_frames.len().to_string();
                        let next = (read_frames.len() + 1).to_string();
                        assert!(error.contains(&number) || error.contains(&next), "{error}");
                    }
                }
            }
        }
        // After a header or a frame it ends as a shorter capture would.
        assert!(complete >= frames.len(), "{complete}");
    }
}

#[test]
fn what_is_no_capture_of_ethernet_frames_is_named() {
    let frames = whole(&some(1));
    let mut cooked = pcap(Endianness::Little, TsResolution::MicroSecond, &frames);
    cooked[20] = 113;
    let links = [DataLink::LINUX_SLL, DataLink::LINUX_SLL];
    let cooked_too = pcapng(Endianness::Big, &links, &frames);
    for (bytes, why) in [
        (&b""[..], "it is empty"),
        (b"\xd4\xc3\xb2\xa1\x02\0", "in the middle of its header"),
        (b"# netmap\n", "neither a libpcap nor a pcapng capture"),
        (b"snoop\0\0\0\0\0\0\x02", "editcap"),
        (b"\x1f\x8b\x08\0\0\0", "gzip -dc FILE > CAPTURE"),
        (b"\x28\xb5\x2f\xfd\0\0", "zstd -dc"),
        (&cooked, "its frames are LINUX_SLL, not Ethernet"),
        (&cooked_too, "its frames are LINUX_SLL, not Ethernet"),
    ] {
        let error = error_of(bytes);
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn frames_of_other_interfaces_than_ethernet_are_passed_over() {
    let frames = some(6);
    let links = [DataLink::ETHERNET, DataLink::LOOP];
    let capture = pcapng(Endianness::Little, &links, &whole(&frames));
    let (read_frames, tally, result) = read(&capture, false);
    result.unwrap();
    let numbers: Vec<_> = read_frames.iter().map(|frame| frame.0).collect();
    assert_eq!(numbers, [1, 3, 5]);
    let note = &tally.notes(&"x")[0];
    assert_eq!(
        note,
        "3 of x were passed over, first: frame 2 is LOOP, not Ethernet"
    );
}

/// A capture grows while its interfaces become known, and captures are joined.
#[test]
fn an_ethernet_interface_may_come_after_frames_of_others() {
    let frames = whole(&some(3));
    let other = |links: &[DataLink]| pcapng(Endianness::Big, links, &frames);
    let ethernet = pcapng(Endianness::Little, &[DataLink::ETHERNET], &frames);
    let joined = [other(&[DataLink::LINUX_SLL]), ethernet].concat();
    let (read_frames, tally, result) = read(&joined, false);
    result.unwrap();
    let expected: Vec<_> = (4..).zip(some(3)).collect();
    assert_eq!(read_frames, expected);
    assert_eq!((tally.frames, tally.passed_over), (6, 3));
    assert_eq!(
        error_of(&[other(&[DataLink::LOOP]), other(&[DataLink::RAW])].concat()),
        "its frames are LOOP, not Ethernet"
    );
}

/// Records with eight bytes more, in both byte orders.
#[test]
fn records_of_the_modified_format_are_read() {
    for big in [false, true] {
        let order = match big {
            false => Endianness::Little,
            true => Endianness::Big,
        };
        let u32 = |n: u32| match big {
            false => n.to_le_bytes(),
            true => n.to_be_bytes(),
        };
        let mut capture = pcap(order, TsResolution::MicroSecond, &[]);
        capture[..4].copy_from_slice(&u32(0xa1b2_cd34));
        for frame in some(3) {
            let len = u32(frame.len() as u32);
            capture.extend([&[0; 8][..], &len, &len, &[9; 8], &frame].concat());
        }
        let expected: Vec<_> = (1..).zip(some(3)).collect();
        assert_eq!(read(&capture, true).0, expected);
    }
}

#[test]
fn an_absurd_length_is_no_reason_to_allocate() {
    let frames = some(3);
    let mut capture = pcap(
        Endianness::Little,
        TsResolution::MicroSecond,
        &whole(&frames),
    );
    let second = 24 + 16 + frames[0].len();
    capture[second + 8..second + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let (read_frames, _, result) = read(&capture, false);
    assert_eq!(read_frames, [(1, frames[0].clone())]);
    let error = result.unwrap_err().to_string();
    assert_eq!(error, "it ends in the middle of frame 2");
}

proptest! {
    #[test]
    fn frames_of_any_length_are_read_from_every_form(
        frames in proptest::collection::vec((1usize..3000, 0u32..3000), 1..40),
    ) {
        let frames: Vec<_> = frames
            .iter()
            .enumerate()
            .map(|(n, &(len, more))| (vec![n as u8; len], len as u32 + more))
            .collect();
        for form in forms(&frames) {
            let (read_frames, tally, result) = read(&form, false);
            prop_assert!(result.is_ok());
            let cut = frames.iter().filter(|(frame, original)| frame.len() < *original as usize);
            prop_assert_eq!(tally.cut, cut.count() as u64);
            let expected: Vec<_> = (1..).zip(frames.iter().map(|frame| frame.0.clone())).collect();
            prop_assert_eq!(read_frames, expected);
        }
    }

    #[test]
    fn changed_bytes_never_panic(
        form in 0usize..6,
        changes in proptest::collection::vec((0usize..800, any::<u8>()), 1..20),
    ) {
        let mut capture = forms(&whole(&some(5))).swap_remove(form);
        for (at, byte) in changes {
            if let Some(place) = capture.get_mut(at) {
                *place = byte;
            }
        }
        for strict in [false, true] {
            let (_, tally, _) = read(&capture, strict);
            prop_assert!(tally.cut + tally.passed_over <= tally.frames);
        }
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn capture(&self, name: &str, frames: &[Vec<u8>]) -> std::path::PathBuf {
        let order = Endianness::Little;
        fs::write(
            self.path(name),
            pcap(order, TsResolution::NanoSecond, &whole(frames)),
        )
        .unwrap();
        self.path(name)
    }

    fn pipe(&self, name: &str) -> std::path::PathBuf {
        let path = self.path(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        path
    }
}

/// The frames of a written capture, read by another reader, and whether their times are those of today in nanoseconds.
fn written(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = PcapReader::new(File::open(path).unwrap()).unwrap();
    assert_eq!(reader.header().ts_resolution, TsResolution::NanoSecond);
    assert_eq!(reader.header().datalink, DataLink::ETHERNET);
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        assert!(now.abs_diff(packet.timestamp) < Duration::from_secs(3600));
        frames.push(packet.data.into_owned());
    }
    frames
}

#[test]
fn captures_are_replayed_and_recorded() {
    let folder = Folder::new();
    let (device, toy) = stepped();
    let frames: Vec<_> = (0..600).map(|n| frame(n, 70)).collect();
    let from = CaptureReader::replay(&folder.capture("in", &frames), false).unwrap();
    let to = CaptureWriter::record(&folder.path("out")).unwrap();
    device.plug(Capture::new().replay(from).record(to));
    let (mut rx, mut tx) = (toy.rx(0, 64), toy.tx(0, 64));
    let mut received = Vec::new();
    while received.len() < 600 {
        device.run(ALL);
        let came = rx.drain();
        assert!(!came.is_empty());
        received.extend(came);
    }
    assert_eq!(received, frames);
    for n in 0..3 {
        tx.push(&frame(n, 100));
    }
    tx.doorbell();
    device.run(ALL);
    // The capture is still being written, and can be followed.
    assert_eq!(
        written(&folder.path("out")),
        [0, 1, 2].map(|n| frame(n, 100))
    );
}

#[test]
fn a_cut_capture_is_delivered_to_its_cut_and_then_reported() {
    let folder = Folder::new();
    let path = folder.capture("in", &some(5));
    let len = fs::metadata(&path).unwrap().len();
    OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(len - 10)
        .unwrap();
    let (device, toy) = stepped();
    let mut rx = toy.rx(0, 8);
    device.plug(Capture::new().replay(CaptureReader::replay(&path, false).unwrap()));
    device.run(ALL);
    assert_eq!(rx.drain(), some(4));
    let error = device.take_wire_error().unwrap().to_string();
    assert_eq!(error, format!("cannot replay {}", path.display()));
    assert!(device.take_wire_error().is_none());
}

#[test]
fn an_output_changes_only_when_it_starts() {
    let folder = Folder::new();
    let path = folder.capture("out", &some(3));
    let mut to = CaptureWriter::record(&path).unwrap();
    to.flush().unwrap();
    assert_eq!(written_of(&path), some(3));
    to.start().unwrap();
    assert_eq!(written(&path), Vec::<Vec<u8>>::new());

    let new = folder.path("new");
    drop(CaptureWriter::record(&new).unwrap());
    assert!(!new.exists(), "a file was created for nothing");

    // Through links, the second of which leads nowhere.
    fs::create_dir(folder.path("sub")).unwrap();
    let (link, far) = (folder.path("link"), folder.path("sub/far"));
    symlink("sub/far", &link).unwrap();
    symlink("../new", &far).unwrap();
    drop(CaptureWriter::record(&link).unwrap());
    assert!(!new.exists(), "a file was created for nothing");
    assert!(link.is_symlink() && far.is_symlink());
    CaptureWriter::record(&link).unwrap().start().unwrap();
    assert_eq!(written(&new), Vec::<Vec<u8>>::new());
}

/// As [`written`], with any times.
fn written_of(path: &Path) -> Vec<Vec<u8>> {
    let (frames, _, result) = read(&fs::read(path).unwrap(), true);
    result.unwrap();
    frames.into_iter().map(|(_, frame)| frame).collect()
}

#[test]
fn no_capture_is_destroyed_by_another_use() {
    let folder = Folder::new();
    let path = folder.capture("a", &some(3));
    let (link, hard) = (folder.path("link"), folder.path("hard"));
    symlink(&path, &link).unwrap();
    fs::hard_link(&path, &hard).unwrap();
    for other in [&path, &link, &hard] {
        let input = CaptureReader::replay(&path, false).unwrap();
        let refused = CaptureWriter::record(other).unwrap_err();
        assert!(matches!(refused.source, CaptureError::InUse { .. }));
        let said = format!("{refused}: {}", refused.source);
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        // Two inputs are no harm.
        drop((CaptureReader::read(other, false).unwrap(), input));

        let output = CaptureWriter::write(&path).unwrap();
        assert!(CaptureReader::replay(other, false).is_err());
        assert!(CaptureWriter::record(other).is_err());
        drop(output);
    }
    assert_eq!(written_of(&path), some(3));
    // Devices are not files.
    let null = Path::new("/dev/null");
    let _two = [null, null].map(|path| CaptureWriter::record(path).unwrap());
}

#[test]
fn a_pipe_blocks_neither_the_reader_nor_the_writer() {
    let folder = Folder::new();
    let path = folder.pipe("pipe");
    let mut from = CaptureReader::replay(&path, false).unwrap();
    assert_eq!(from.next().unwrap(), Next::NotYet);
    let mut to = CaptureWriter::record(&path).unwrap();
    to.start().unwrap();
    let mut sent = 0;
    // Until the pipe is full.
    loop {
        to.add(&frame(sent, 1000), SystemTime::now());
        sent += 1;
        if !to.flush().unwrap() {
            break;
        }
    }
    assert!(to.pending() > 0);
    let mut received = 0;
    while received < sent {
        match from.next().unwrap() {
            Next::Frame { bytes, .. } => {
                assert_eq!(bytes, frame(received, 1000));
                received += 1;
            }
            Next::NotYet => _ = to.flush().unwrap(),
            Next::End => panic!("the pipe has a writer"),
        }
    }
    drop(to);
    assert_eq!(from.next().unwrap(), Next::End);
}

#[test]
fn a_pipe_without_a_reader_takes_frames_once_it_has_one() {
    let folder = Folder::new();
    let path = folder.pipe("pipe");
    let mut to = CaptureWriter::record(&path).unwrap();
    to.start().unwrap();
    to.add(&frame(7, 60), SystemTime::now());
    assert!(!to.flush().unwrap());
    let mut from = CaptureReader::replay(&path, false).unwrap();
    assert!(to.flush().unwrap());
    let bytes = frame(7, 60);
    let expected = Next::Frame {
        number: 1,
        bytes: &bytes,
    };
    assert_eq!(from.next().unwrap(), expected);
    drop(from);
    to.add(&frame(8, 60), SystemTime::now());
    let error = to.flush().unwrap_err().source.to_string();
    assert!(error.contains("Broken pipe"), "{error}");
    assert_eq!(to.pending(), 1);
    // The next reader would get the rest of a capture.
    let mut from = CaptureReader::replay(&path, false).unwrap();
    let error = to.flush().unwrap_err().source;
    assert!(matches!(error, CaptureError::Failed), "{error}");
    assert_eq!(from.next().unwrap(), Next::NotYet);
}

#[test]
fn a_pipe_that_is_removed_before_it_has_a_reader_is_not_replaced_by_a_file() {
    let folder = Folder::new();
    for replaced in [false, true] {
        let path = folder.pipe("pipe");
        let mut to = CaptureWriter::record(&path).unwrap();
        to.start().unwrap();
        to.add(&frame(7, 60), SystemTime::now());
        assert!(!to.flush().unwrap());
        fs::remove_file(&path).unwrap();
        if replaced {
            fs::write(&path, "kept").unwrap();
        }
        let error = to.flush().unwrap_err().source.to_string();
        assert!(error.contains("No such file"), "{error}");
        let found = fs::read_to_string(&path).ok();
        assert_eq!(found.as_deref(), replaced.then_some("kept"));
    }
}

/// A device with its own thread is woken by both ends of a pipe.
#[test]
fn a_device_is_woken_by_its_pipes() {
    let folder = Folder::new();
    let (input, output) = (folder.pipe("input"), folder.pipe("output"));
    let mut wire = Capture::new()
        .replay(CaptureReader::replay(&input, false).unwrap())
        .record(CaptureWriter::record(&output).unwrap());
    let device = Device::new(&TOY, "toy", DEFAULT_MAC).unwrap();
    let toy = Toy::new(&device);
    wire.begin().unwrap();
    device.plug(wire);
    let (mut rx, mut tx) = (toy.rx(0, 64), toy.tx(0, 64));
    for n in 0..3 {
        tx.push(&frame(n, 100));
    }
    tx.doorbell();

    let mut live = OpenOptions::new().write(true).open(&input).unwrap();
    let capture = pcap(Endianness::Big, TsResolution::MicroSecond, &whole(&some(2)));
    let mut received = Vec::new();
    for piece in capture.chunks(50) {
        live.write_all(piece).unwrap();
        thread::sleep(Duration::from_millis(2));
        received.extend(rx.drain());
    }
    let since = Instant::now();
    while received.len() < 2 {
        assert!(since.elapsed() < LONG);
        thread::sleep(Duration::from_millis(2));
        received.extend(rx.drain());
    }
    assert_eq!(received, some(2));

    let mut reader = PcapReader::new(File::open(&output).unwrap()).unwrap();
    for n in 0..3 {
        assert_eq!(reader.next_packet().unwrap().unwrap().data, frame(n, 100));
    }
    // Nothing waits for the pipes any more.
    drop(device);
}

#[test]
fn a_full_disk_is_reported() {
    let mut to = CaptureWriter::record(Path::new("/dev/full")).unwrap();
    let error = to.start().unwrap_err();
    assert_eq!(error.to_string(), "cannot record to /dev/full");
    assert!(error.source.to_string().contains("No space left"));

    let mut batch = Batch::new();
    batch.push(&frame(0, 60));
    let mut wire = Capture::new().record(CaptureWriter::record(Path::new("/dev/full")).unwrap());
    assert!(wire.transmit(&mut batch).is_err());
}
