//! A reader that has seen enough, such as `head -1`, ends the program quietly.

use std::io::pipe;
use std::process::{Command, Stdio};

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    for mode in [&[][..], &["--queues", "1"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_netmap-bench"));
        command.args(["--ring", "64", "--batch", "1", "--rounds", "1"]);
        let child = command.args(mode).stdout(writer).stderr(Stdio::piped());
        let output = child.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{mode:?}");
        assert_eq!(output.status.code(), Some(0), "{mode:?}");
    }
}
