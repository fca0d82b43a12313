//! A panic of this half is one of the kernel's, which shows where it came from.

use core::ffi::c_char;
use core::panic::PanicInfo;

use crate::boundary::nmd_panic;
use crate::failure::Line;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let line = Line::of(format_args!("{info}"));
    let text = line.text();
    // SAFETY: the function takes that many bytes at that address, and does not return.
    unsafe { nmd_panic(text.as_ptr().cast::<c_char>(), text.len()) }
}
