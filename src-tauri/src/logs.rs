//! The log: a size-limited file in the data directory, and stderr where `DESKBELL_LOG` asks for it.
//! Ids only: whoever logs never passes ticket text, and a panic is logged by its place, not its words.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Largest log file, bytes; the one before it is kept beside it.
const LOG_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// What goes into the file. Libraries may quote what they handle, so they only warn.
const FILE_FILTER: &str = "warn,deskbell=info,deskbell_api=info,deskbell_engine=info,deskbell_store=info,deskbell_remote=info,\
                           deskbell_hub=info,deskbell_desktop=info";

/// Starts logging and logs panics. A directory that cannot be written leaves the file out.
pub(crate) fn start(data_dir: &Path) {
    let file = RotatingFile::open(data_dir.join("deskbell.log"), LOG_BYTES_MAX).ok().map(|file| {
        let filter = EnvFilter::new(FILE_FILTER);
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file).with_filter(filter)
    });
    let stderr = EnvFilter::try_from_env("DESKBELL_LOG")
        .ok()
        .map(|filter| tracing_subscriber::fmt::layer().with_writer(io::stderr).with_filter(filter));
    // Set once a process; a second call is a mistake that loses nothing.
    let _ = tracing_subscriber::registry().with(file).with(stderr).try_init();
    let inherited = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, thread = std::thread::current().name().unwrap_or(""), "A thread panicked.");
        inherited(panic);
    }));
}

/// Only its owner may look into the data directory.
fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A log file that starts anew when it is full, keeping one predecessor.
struct RotatingFile {
    path: PathBuf,
    bytes_max: u64,
    state: Mutex<(File, u64)>,
}

impl RotatingFile {
    fn open(path: PathBuf, bytes_max: u64) -> io::Result<Self> {
        if let Some(directory) = path.parent() {
            create_private_directory(directory)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path, bytes_max, state: Mutex::new((file, bytes)) })
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if state.1.saturating_add(length) > self.bytes_max {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
            *state = (OpenOptions::new().create(true).append(true).open(&self.path)?, 0);
        }
        state.0.write_all(line)?;
        state.1 = state.1.saturating_add(length);
        Ok(())
    }
}

/// One event's way into the file: the layer writes a whole line at a time.
struct Line<'a>(&'a RotatingFile);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.append(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for RotatingFile {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_keeps_one_predecessor_and_never_outgrows_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new").join("deskbell.log");
        let file = RotatingFile::open(path.clone(), 100).unwrap();
        for line in 0..30 {
            file.append(format!("line {line:04}\n").as_bytes()).unwrap();
        }
        let (now, before) = (fs::read_to_string(&path).unwrap(), fs::read_to_string(path.with_extension("log.1")).unwrap());
        assert!(now.len() <= 100 && before.len() <= 100, "{} {}", now.len(), before.len());
        assert!(now.ends_with("line 0029\n"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
    }
}
