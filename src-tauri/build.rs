//! Declares the commands, so that only the main window's capability may call them.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["rpc", "framed", "listening", "shown", "stored"]);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
