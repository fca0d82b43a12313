//! Bytes that come from a QEMU: the bus returns, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;

// A byte with the number of commands, the commands, and the replies.
fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    if let Some((commands, replies)) = rest.split_at_checked(first.into()) {
        netmap_userspace::bus::qemu::fuzz_client(commands, replies);
    }
});
