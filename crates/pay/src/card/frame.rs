//! How a till and a terminal pack what they say: STX, the text, ETX, and a check byte over text and ETX.

use tokio::io::{AsyncRead, AsyncReadExt};

pub(super) const STX: u8 = 0x02;
pub(super) const ETX: u8 = 0x03;
pub(super) const ACK: u8 = 0x06;
pub(super) const NAK: u8 = 0x15;

/// No vendor's messages come near it.
const TEXT_BYTES_MAX: usize = 4096;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    Frame(String),
    Ack,
    Nak,
    /// A frame that came damaged.
    Damaged,
}

/// Packs `text`. The check byte begins as `lrc_base`, which differs by vendor.
pub(super) fn pack(text: &str, lrc_base: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 3);
    bytes.push(STX);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(ETX);
    bytes.push(lrc(&bytes[1..], lrc_base));
    bytes
}

/// Reads the next thing; bytes between frames that mean nothing are passed over.
pub(super) async fn read(
    from: &mut (impl AsyncRead + Unpin),
    lrc_base: u8,
) -> std::io::Result<Read> {
    loop {
        match from.read_u8().await? {
            ACK => return Ok(Read::Ack),
            NAK => return Ok(Read::Nak),
            STX => break,
            _ => {}
        }
    }
    let mut checked = Vec::new();
    loop {
        let byte = from.read_u8().await?;
        checked.push(byte);
        if byte == ETX {
            break;
        }
        if checked.len() > TEXT_BYTES_MAX {
            return Ok(Read::Damaged);
        }
    }
    let is_whole = from.read_u8().await? == lrc(&checked, lrc_base);
    checked.pop();
    match String::from_utf8(checked) {
        Ok(text) if is_whole => Ok(Read::Frame(text)),
        _ => Ok(Read::Damaged),
    }
}

fn lrc(bytes: &[u8], base: u8) -> u8 {
    bytes.iter().fold(base, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_byte_covers_text_and_end() {
        assert_eq!(pack("A", 0), [STX, b'A', ETX, b'A' ^ ETX]);
        assert_eq!(pack("A", 0x7f), [STX, b'A', ETX, b'A' ^ ETX ^ 0x7f]);
    }

    #[tokio::test]
    async fn reads_what_was_packed_and_sees_damage() {
        let packed = pack("SALE|100|中", 0x7f);
        let read_from = async |bytes: &[u8]| read(&mut &bytes[..], 0x7f).await;
        assert_eq!(
            read_from(&packed).await.unwrap(),
            Read::Frame("SALE|100|中".to_owned())
        );
        for at in 1..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x40;
            let read = read_from(&damaged).await;
            assert!(!matches!(read, Ok(Read::Frame(_))), "byte {at}");
        }
        assert!(read_from(&packed[..4]).await.is_err());
        assert_eq!(read_from(&[0x00, b'x', ACK]).await.unwrap(), Read::Ack);
        assert_eq!(read_from(&[NAK]).await.unwrap(), Read::Nak);
        let endless = vec![STX; 2 * TEXT_BYTES_MAX];
        assert_eq!(read_from(&endless).await.unwrap(), Read::Damaged);
    }
}
