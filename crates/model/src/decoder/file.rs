//! A GGUF file in mapped memory.

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use candle_core::quantized::gguf_file::Content;
use candle_core::{Device, Tensor};
use memmap2::Mmap;

use crate::error::ModelError;

/// A GGUF file's table of contents, and its bytes in mapped memory.
pub(crate) struct GgufFile {
    pub(super) id: FileId,
    pub(crate) content: Content,
    pub(super) bytes: Arc<Mmap>,
}

/// What a file is known by: its path, its length and when it was last written to.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FileId(PathBuf, u64, Option<SystemTime>);

impl GgufFile {
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(|cause| ModelError::io(path, cause))?;
        let about = file.metadata().map_err(|cause| ModelError::io(path, cause))?;
        let id = FileId(path.canonicalize().unwrap_or_else(|_| path.to_owned()), about.len(), about.modified().ok());
        // SAFETY: the file is only read, and model files are replaced by renaming, never written in place.
        #[allow(unsafe_code)]
        let bytes = unsafe { Mmap::map(&file) }.map_err(|cause| ModelError::io(path, cause))?;
        let content = Content::read(&mut Cursor::new(&bytes[..]))
            .map_err(|_| ModelError::unusable(path, "it is no GGUF file, or a broken one"))?;
        Ok(Self { id, content, bytes: Arc::new(bytes) })
    }

    /// One tensor as f32 on the CPU.
    pub(crate) fn tensor(&self, name: &str) -> candle_core::Result<Tensor> {
        let cpu = Device::Cpu;
        self.content.tensor(&mut Cursor::new(&self.bytes[..]), name, &cpu)?.dequantize(&cpu)
    }

    /// Some of the file's bytes are not needed again soon: they no longer count as this program's memory.
    pub(super) fn let_go(&self, bytes: std::ops::Range<usize>) {
        /// The largest pages of files that systems use.
        const PAGE: usize = 1 << 16;
        let (start, end) = (bytes.start.next_multiple_of(PAGE), bytes.end / PAGE * PAGE);
        #[cfg(unix)]
        if start < end {
            // SAFETY: the mapping is of a file and never written to, so what is let go is read anew when it is asked for.
            #[allow(unsafe_code)]
            let _ =
                unsafe { self.bytes.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, end - start) };
        }
        #[cfg(not(unix))]
        let _ = (start, end);
    }
}
