//! Bytes that memory is too small for, sorted into bins.
//!
//! What many results need may not depend on how many there are. So it is sorted by the first byte of an id, a
//! hash, into 256 bins of about the same size; a bin is small enough to be taken out whole.

use crate::files::lock;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, OnceLock};

/// One for each value of a byte.
pub const N_BINS: usize = 256;

/// Bytes of a bin that are held before they go to the file.
const BLOCK_BYTES: usize = 1024;

const TAG_BYTES: usize = 16;

/// A temporary file without a name, which is gone with the program. It is made when something is written to it. Answers
/// that came sealed lie in it: it is encrypted with a key that is never written anywhere.
pub struct Scratch {
    cipher: Aes256Gcm,
    file: OnceLock<File>,
    end: Mutex<u64>,
}

impl Scratch {
    /// No file yet. The key has to be a new one.
    pub fn new(key: [u8; 32]) -> Self {
        let cipher = Aes256Gcm::new(&key.into());
        Scratch { cipher, file: OnceLock::new(), end: Mutex::new(0) }
    }

    /// Writes bytes, which are of no use afterwards.
    fn write(&self, bytes: &mut Vec<u8>) -> io::Result<Block> {
        let len = bytes.len() + TAG_BYTES;
        let (file, at) = self.place(len as u64)?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(at).into(), &[], bytes.as_mut_slice().into())
            .map_err(io::Error::other)?;
        bytes.extend_from_slice(&tag);
        file.write_all_at(bytes, at)?;
        Ok(Block { at, len })
    }

    /// The file, and where in it so many bytes may go.
    fn place(&self, len: u64) -> io::Result<(&File, u64)> {
        let mut end = lock(&self.end);
        let file = match self.file.get() {
            Some(file) => file,
            None => {
                let file = tempfile::tempfile()?;
                self.file.get_or_init(|| file)
            }
        };
        let at = *end;
        *end += len;
        Ok((file, at))
    }

    /// Adds a block, and those that were written to its bin before, to other bytes.
    fn read(&self, mut last: Option<Block>, bytes: &mut Vec<u8>) -> io::Result<()> {
        while let Some(block) = last {
            let file = self.file.get().ok_or(io::ErrorKind::NotFound)?;
            let start = bytes.len();
            bytes.resize(start + block.len, 0);
            let read = bytes.get_mut(start..).unwrap_or_default();
            file.read_exact_at(read, block.at)?;
            let (content, tag) =
                read.split_last_chunk_mut::<TAG_BYTES>().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.cipher
                .decrypt_inout_detached(
                    &nonce(block.at).into(),
                    &[],
                    (&mut *content).into(),
                    &(*tag).into(),
                )
                .map_err(io::Error::other)?;
            let (content, link) = content.split_last_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
            last = Block::linked(*link);
            let end = start + content.len();
            bytes.truncate(end);
        }
        Ok(())
    }
}

/// As on Unix.
#[cfg(windows)]
trait FileExt: std::os::windows::fs::FileExt {
    fn write_all_at(&self, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            let n = self.seek_write(bytes, at)?;
            bytes = bytes.get(n..).filter(|_| n > 0).ok_or(io::ErrorKind::WriteZero)?;
            at += n as u64;
        }
        Ok(())
    }

    fn read_exact_at(&self, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            let n = self.seek_read(bytes, at)?;
            bytes = bytes.get_mut(n..).filter(|_| n > 0).ok_or(io::ErrorKind::UnexpectedEof)?;
            at += n as u64;
        }
        Ok(())
    }
}

#[cfg(windows)]
impl FileExt for File {}

/// Each place of the file is written once.
fn nonce(at: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&at.to_le_bytes());
    nonce
}

/// Some bytes of a bin, in the file. The last of them say where the bin's block before is, so that no list has to.
#[derive(Clone, Copy)]
struct Block {
    at: u64,
    len: usize,
}

impl Block {
    /// Where the block before is, if there is one.
    fn link(before: Option<Self>) -> [u8; 16] {
        let Block { at, len } = before.unwrap_or(Block { at: 0, len: 0 });
        u128::to_le_bytes(u128::from(at) << 64 | len as u128)
    }

    fn linked(link: [u8; 16]) -> Option<Self> {
        let link = u128::from_le_bytes(link);
        let (at, len) = ((link >> 64) as u64, link as usize);
        (len > 0).then_some(Block { at, len })
    }
}

/// Bytes by bin. Of each bin only its youngest are in memory.
pub struct Spool {
    scratch: Arc<Scratch>,
    bins: Vec<Bin>,
}

#[derive(Default)]
struct Bin {
    held: Vec<u8>,
    written: Option<Block>,
}

impl Spool {
    /// Nothing yet.
    pub fn new(scratch: Arc<Scratch>) -> Self {
        let bins = (0..N_BINS).map(|_| Bin::default()).collect();
        Spool { scratch, bins }
    }

    /// Adds bytes to the bin of an id.
    pub fn push(&mut self, id: &[u8; 16], bytes: &[u8]) -> io::Result<()> {
        let Some(bin) = self.bins.get_mut(usize::from(id[0])) else { return Ok(()) };
        bin.held.extend_from_slice(bytes);
        if bin.held.len() >= BLOCK_BYTES {
            bin.held.extend_from_slice(&Block::link(bin.written));
            bin.written = Some(self.scratch.write(&mut bin.held)?);
            bin.held.clear();
        }
        Ok(())
    }

    /// Adds what was pushed to a bin to other bytes. What was pushed at once stays together; the order is any.
    pub fn read(&self, bin: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        let Some(bin) = self.bins.get(bin) else { return Ok(()) };
        bytes.extend_from_slice(&bin.held);
        self.scratch.read(bin.written, bytes)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    #[test]
    fn a_bin_gives_back_what_it_got_and_the_file_shows_none_of_it() {
        let scratch = Arc::new(Scratch::new([1; 32]));
        let [mut one, mut other] = [(), ()].map(|()| Spool::new(scratch.clone()));
        let pushed: Vec<(u8, String)> =
            (0..60_000_u64).map(|n| ((n * n % 251) as u8, format!("answer {n:08}"))).collect();
        for (idx, (bin, text)) in pushed.iter().enumerate() {
            let spool = if idx % 3 == 0 { &mut other } else { &mut one };
            spool.push(&[*bin; 16], text.as_bytes()).unwrap();
        }
        let mut n_long = 0;
        for bin in 0..N_BINS {
            let of_one = pushed.iter().enumerate().filter(|(idx, _)| idx % 3 != 0);
            let own = of_one.filter(|(_, (own, _))| usize::from(*own) == bin);
            let mut expected: Vec<&[u8]> = own.map(|(_, (_, text))| text.as_bytes()).collect();
            let mut read = Vec::new();
            one.read(bin, &mut read).unwrap();
            n_long += usize::from(read.len() > 3 * BLOCK_BYTES);
            let mut read: Vec<&[u8]> = read.chunks(15).collect();
            read.sort_unstable();
            expected.sort_unstable();
            assert!(read == expected, "bin {bin}");
        }
        assert!(n_long > 100, "{n_long} bins of several blocks");

        let mut content = vec![0; usize::try_from(*lock(&scratch.end)).unwrap()];
        let file = scratch.file.get().unwrap();
        file.read_exact_at(&mut content, 0).unwrap();
        assert_eq!(content.len() as u64, file.metadata().unwrap().len());
        assert!(!content.windows(6).any(|six| six == b"answer"), "not encrypted");
    }

    #[test]
    fn what_was_changed_on_the_disk_is_not_read() {
        let scratch = Arc::new(Scratch::new([1; 32]));
        let mut spool = Spool::new(scratch.clone());
        spool.push(&[0; 16], &[7; BLOCK_BYTES]).unwrap();
        let mut byte = [0];
        let file = scratch.file.get().unwrap();
        file.read_exact_at(&mut byte, 5).unwrap();
        file.write_all_at(&[byte[0] ^ 1], 5).unwrap();
        assert!(spool.read(0, &mut Vec::new()).is_err());
    }
}
