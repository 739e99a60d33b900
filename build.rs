//! The page is embedded into the binary, so a page built anew is a reason to compile anew.

fn main() {
    // A folder that is not there would be a reason every time.
    let _ = std::fs::create_dir_all("ui/dist");
    println!("cargo:rerun-if-changed=ui/dist");
}
