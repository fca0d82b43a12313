//! The CRC of Ethernet frames.

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ ((crc & 1) * 0xedb8_8320);
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// The CRC register after `bytes`, before it is inverted.
pub(crate) fn register(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (crc >> 8) ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize]
    })
}

/// The CRC of a frame; its little-endian bytes follow the frame.
pub(crate) fn of(frame: &[u8]) -> u32 {
    !register(frame)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_crc_has_the_check_value_of_the_catalogues() {
        assert_eq!(super::of(b"123456789"), 0xcbf4_3926);
    }
}
