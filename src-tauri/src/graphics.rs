//! The graphics guard: WebKitGTK draws nothing, or slowly, on some drivers.
//!
//! Nothing is set by default. The safe mode is chosen, first match wins, by `--safe-graphics`, by
//! `DESKBELL_GRAPHICS=safe|default`, by a file `graphics` with the same word in the data directory, or
//! because the last starts ended before anything was painted.
//!
//! Where there is no graphics device, WebKit would draw through one that the processor plays: slower to start,
//! and 145 MB larger. There it is told to draw plainly instead, unless somebody said `default`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the safe mode sets for WebKitGTK.
const SAFE_VARIABLES: [&str; 2] = ["WEBKIT_DISABLE_DMABUF_RENDERER", PLAIN_VARIABLE];
/// WebKitGTK then draws by the processor alone, without OpenGL.
const PLAIN_VARIABLE: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

const SAFE_ARGUMENT: &str = "--safe-graphics";
const MODE_VARIABLE: &str = "DESKBELL_GRAPHICS";

/// Starts in a row that ended before the first paint, after which the next one is a safe one.
const UNPAINTED_STARTS_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Default,
    Safe,
}

fn chosen(arguments: &[String], variable: Option<&str>, file: Option<&str>, unpainted_starts: u32) -> Mode {
    let word = |text: &str| match text.trim() {
        "safe" => Some(Mode::Safe),
        "default" => Some(Mode::Default),
        _ => None,
    };
    if arguments.iter().any(|argument| argument == SAFE_ARGUMENT) {
        return Mode::Safe;
    }
    let by_guard = if unpainted_starts >= UNPAINTED_STARTS_MAX { Mode::Safe } else { Mode::Default };
    variable.and_then(word).or_else(|| file.and_then(word)).unwrap_or(by_guard)
}

/// What a graphics device looks like from outside: Linux's render nodes, NVIDIA's own, and WSL's.
#[cfg(target_os = "linux")]
fn has_device(dev: &Path) -> bool {
    let render_node = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    fs::read_dir(dev.join("dri")).is_ok_and(|entries| entries.flatten().any(render_node))
        || ["nvidiactl", "dxg"].iter().any(|name| dev.join(name).exists())
}

/// Whether the session has a screen to open a window on; without one GTK ends the program without a word that helps.
#[cfg(target_os = "linux")]
pub(crate) fn has_screen() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(not(target_os = "linux"))]
pub(crate) const fn has_screen() -> bool {
    true
}

/// Tells WebKit not to draw through a device that is not there; see above. Has to run before any thread is started.
///
/// # Errors
/// When the variable cannot be set.
#[cfg(target_os = "linux")]
pub(crate) fn fit_machine() -> io::Result<()> {
    if std::env::var(MODE_VARIABLE).is_ok_and(|word| word.trim() == "default") || has_device(Path::new("/dev")) {
        return Ok(());
    }
    glib::setenv(PLAIN_VARIABLE, "1", false).map_err(io::Error::other)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn fit_machine() -> io::Result<()> {
    Ok(())
}

fn counter_file(data_dir: &Path) -> PathBuf {
    data_dir.join("unpainted-starts")
}

/// Counts this start, and replaces the process by one in safe mode where that is chosen. Has to run
/// before any thread or library reads the environment.
///
/// # Errors
/// When the process cannot be replaced.
pub(crate) fn ensure_mode(data_dir: &Path, arguments: &[String]) -> io::Result<()> {
    let unpainted_starts =
        fs::read_to_string(counter_file(data_dir)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0_u32);
    let variable = std::env::var(MODE_VARIABLE).ok();
    let file = fs::read_to_string(data_dir.join("graphics")).ok();
    let mode = chosen(arguments, variable.as_deref(), file.as_deref(), unpainted_starts);
    if mode == Mode::Safe && SAFE_VARIABLES.iter().any(|name| std::env::var_os(name).is_none()) {
        return restart_safely();
    }
    // A read-only data directory has its own message; the guard is then simply off.
    let _ = fs::write(counter_file(data_dir), unpainted_starts.saturating_add(1).to_string());
    Ok(())
}

/// Something was painted: this start counts as a good one.
pub(crate) fn painted(data_dir: &Path) {
    let _ = fs::remove_file(counter_file(data_dir));
}

#[cfg(unix)]
fn restart_safely() -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1)).envs(SAFE_VARIABLES.map(|name| (name, "1")));
    Err(command.exec())
}

#[cfg(not(unix))]
fn restart_safely() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_graphics_device_is_seen() {
        let dev = tempfile::tempdir().expect("a folder");
        assert!(!has_device(dev.path()), "nothing there");
        fs::create_dir(dev.path().join("dri")).expect("a folder");
        fs::write(dev.path().join("dri/card0"), "").expect("a file");
        assert!(!has_device(dev.path()), "a screen that draws nothing by itself");
        fs::write(dev.path().join("dri/renderD128"), "").expect("a file");
        assert!(has_device(dev.path()));
    }

    #[test]
    fn the_first_word_said_wins_and_the_guard_speaks_last() {
        let flag = [SAFE_ARGUMENT.to_owned()];
        let cases = [
            ("nothing said", &[][..], None, None, 0, Mode::Default),
            ("flag over variable", &flag[..], Some("default"), None, 0, Mode::Safe),
            ("variable over file", &[][..], Some("default"), Some("safe"), 0, Mode::Default),
            ("file", &[][..], None, Some("safe\n"), 0, Mode::Safe),
            ("nonsense is not a word", &[][..], Some("fast"), Some("?"), 0, Mode::Default),
            ("two dark starts", &[][..], None, None, 2, Mode::Default),
            ("three dark starts", &[][..], None, None, 3, Mode::Safe),
            ("a person's word over the guard", &[][..], None, Some("default"), 9, Mode::Default),
        ];
        for (why, arguments, variable, file, starts, expect) in cases {
            assert_eq!(chosen(arguments, variable, file, starts), expect, "{why}");
        }
    }
}
