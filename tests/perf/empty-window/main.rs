//! The yardstick of the window benchmarks: a Tauri window with nothing in it, built like the real one.

use std::io::Write;
use std::time::Instant;

use tauri::{WebviewUrl, WebviewWindowBuilder};

struct Started(Instant);

#[tauri::command]
fn framed(started: tauri::State<'_, Started>, ms: u64) {
    let _ = writeln!(std::io::stderr(), "first-paint-ms={} page-ms={ms}", started.0.elapsed().as_millis());
}

fn main() -> tauri::Result<()> {
    let started = Started(Instant::now());
    tauri::Builder::default()
        .manage(started)
        .invoke_handler(tauri::generate_handler![framed])
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .title("Empty window")
                .inner_size(1280.0, 800.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("../tests/perf/empty-window/tauri.conf.json"))
}
