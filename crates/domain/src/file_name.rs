//! Names of files that come from elsewhere: made safe to show and to write, never trusted to say what is inside.

/// Longest name that is kept, in bytes of UTF-8; file systems take 255.
pub const FILE_NAME_BYTES_MAX: usize = 180;
/// Longest ending that survives the shortening of a name, in bytes.
const ENDING_BYTES_MAX: usize = 20;
/// Stands for a name of which nothing is left.
const NAMELESS: &str = "file";

/// Endings that a desktop may run, install, mount, or open with a program that runs what is in them.
const PROGRAM_ENDINGS: &[&str] = &[
    "action",
    "apk",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bash",
    "bat",
    "bin",
    "chm",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "docm",
    "dotm",
    "elf",
    "exe",
    "fish",
    "flatpakref",
    "gadget",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "iso",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lnk",
    "mjs",
    "msc",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "out",
    "pif",
    "pkg",
    "pl",
    "potm",
    "ppam",
    "ppsm",
    "pptm",
    "ps1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "pyz",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scr",
    "sct",
    "service",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "slk",
    "snap",
    "so",
    "svg",
    "terminal",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "wasm",
    "webloc",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xhtml",
    "xlam",
    "xll",
    "xlsm",
    "xltm",
    "zsh",
];

/// Names that Windows keeps for devices, whatever the ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name without a path, without characters that are not seen or that turn the text around, and short enough for any
/// disk. The ending is kept, so that it stays in sight.
#[must_use]
pub fn safe_file_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).find(|part| !part.trim_matches([' ', '.']).is_empty()).unwrap_or_default();
    let shown: String = last.chars().filter(|one| !is_unseen(*one)).map(|one| if is_reserved(one) { '_' } else { one }).collect();
    // A leading dot hides a file, a trailing one is dropped by Windows, and a leading dash is an option to many programs.
    let trimmed = shown.trim().trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    if trimmed.is_empty() {
        return NAMELESS.to_owned();
    }
    let short = shortened(trimmed);
    let stem = short.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| number.len() == 1 && number.bytes().all(|digit| digit.is_ascii_digit()))
    });
    if DEVICES.contains(&stem.as_str()) || numbered { format!("_{short}") } else { short }
}

/// True where opening a file of this name may run it. Every ending counts: `report.exe.txt` is said aloud too.
#[must_use]
pub fn is_program_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.split('.').skip(1).any(|ending| PROGRAM_ENDINGS.binary_search(&ending.trim()).is_ok())
}

/// Control characters, marks of direction (RTL override and its kin), and characters of no width.
const fn is_unseen(one: char) -> bool {
    matches!(
        one,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

const fn is_reserved(one: char) -> bool {
    matches!(one, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Cuts the middle: the beginning tells which file it is, the ending what kind.
fn shortened(name: &str) -> String {
    if name.len() <= FILE_NAME_BYTES_MAX {
        return name.to_owned();
    }
    let ending =
        name.rfind('.').and_then(|at| name.get(at..)).filter(|ending| ending.len() <= ENDING_BYTES_MAX).unwrap_or_default();
    let room = FILE_NAME_BYTES_MAX - ending.len() - '…'.len_utf8();
    let mut cut = room;
    while !name.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}…{ending}", name.get(..cut).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_its_tricks() {
        let cases = [
            ("日志 2026-11-21.txt", "日志 2026-11-21.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\lin\\boot.ini", "boot.ini"),
            ("..\\..\\", "file"),
            ("/", "file"),
            ("", "file"),
            ("...", "file"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            ("zero\u{200b}width\u{feff}.png", "zerowidth.png"),
            ("what?<is>:this|*\".txt", "what__is__this___.txt"),
            ("trailing. . ", "trailing"),
            ("CON", "_CON"),
            ("com1.log", "_com1.log"),
            ("common.log", "common.log"),
            ("nul .txt", "_nul .txt"),
        ];
        for (raw, expect) in cases {
            assert_eq!(safe_file_name(raw), expect, "{raw:?}");
        }
    }

    #[test]
    fn a_very_long_name_keeps_its_beginning_and_its_ending() {
        let long = format!("{}.tar.gz", "长".repeat(400));
        let safe = safe_file_name(&long);
        assert!(safe.len() <= FILE_NAME_BYTES_MAX && safe.starts_with("长长") && safe.ends_with("….gz"), "{safe}");
        assert_eq!(safe_file_name(&safe), safe);
        let endless = safe_file_name(&format!("a.{}", "x".repeat(9_000)));
        assert!(endless.len() <= FILE_NAME_BYTES_MAX);
    }

    #[test]
    fn programs_are_told_by_any_of_their_endings() {
        assert!(PROGRAM_ENDINGS.is_sorted());
        for name in [
            "a.exe",
            "报表.PDF.EXE",
            "a.sh",
            "x.desktop",
            "y.jar",
            "z.lnk",
            "setup.msi",
            "a.exe.txt",
            "macro.xlsm",
            "page.HTML",
            "a.exe .",
        ] {
            assert!(is_program_name(name), "{name}");
        }
        for name in ["a.txt", "exe", "报表.pdf", "shot.png", "archive.tar.gz", "notes.md", "sh"] {
            assert!(!is_program_name(name), "{name}");
        }
    }
}
