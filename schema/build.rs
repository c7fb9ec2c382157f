//! A fingerprint of migrations and reference data, so that test templates are made anew when either
//! changes; and the lists of the files that define views, functions, triggers and policies, and of
//! the shipped jurisdiction profiles, one for each folder of `profiles/`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

#[expect(clippy::expect_used, reason = "a build script ends here")]
fn main() {
    let mut hasher = DefaultHasher::new();
    for folder in ["migrations", "profiles", "reference", "src/profile", "src/reference"] {
        println!("cargo::rerun-if-changed={folder}");
        for path in files(Path::new(folder)) {
            path.file_name().hash(&mut hasher);
            std::fs::read(&path).expect("a readable file").hash(&mut hasher);
        }
    }
    println!("cargo::rerun-if-changed=src/reference.rs");
    std::fs::read("src/reference.rs").expect("a readable file").hash(&mut hasher);
    list_profiles(Path::new("profiles"));
    println!("cargo::rustc-env=HOTWASH_SCHEMA_FINGERPRINT={:016x}", hasher.finish());
    println!("cargo::rerun-if-changed=objects");
    list_objects(Path::new("objects"));
}

/// Files below a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Returns code that includes a file. The folder is that of the checkout being compiled: a target
/// folder that several checkouts share may hold what a build script wrote for another one.
fn include(path: &Path) -> String {
    let path = format!("/{}", path.display()).replace('\\', "/");
    format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))")
}

/// Writes `objects.rs`: name and text of each file.
#[expect(clippy::expect_used, reason = "a build script ends here")]
fn list_objects(folder: &Path) {
    let mut list = String::from("&[\n");
    for path in files(folder) {
        let name = path.strip_prefix(folder).expect("below it").with_extension("");
        let name = name.display().to_string().replace('\\', "/");
        let _ = writeln!(list, "({name:?}, {}),", include(&path));
    }
    list.push(']');
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("objects.rs"), list).expect("OUT_DIR can be written");
}

/// Writes `profiles.rs`: each profile's name with the names and texts of its files.
#[expect(clippy::expect_used, reason = "a build script ends here")]
fn list_profiles(folder: &Path) {
    let mut profiles: BTreeMap<String, String> = BTreeMap::new();
    for path in files(folder) {
        let below = path.strip_prefix(folder).expect("below it").display().to_string();
        let below = below.replace('\\', "/");
        let Some((profile, name)) = below.split_once('/') else { continue };
        let list = profiles.entry(profile.to_owned()).or_default();
        let _ = writeln!(list, "({name:?}, {}),", include(&path));
    }
    let mut list = String::from("pub const PROFILES: &[(&str, Files)] = &[\n");
    for (profile, files) in profiles {
        let _ = writeln!(list, "({profile:?}, &[\n{files}]),");
    }
    list.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("profiles.rs"), list).expect("OUT_DIR can be written");
}
