//! A fingerprint of migrations and reference data, so that test templates are made anew when either
//! changes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn main() {
    let mut hasher = DefaultHasher::new();
    for folder in ["migrations", "reference", "src/reference"] {
        println!("cargo::rerun-if-changed={folder}");
        hash(Path::new(folder), &mut hasher);
    }
    println!("cargo::rerun-if-changed=src/reference.rs");
    std::fs::read("src/reference.rs").unwrap_or_default().hash(&mut hasher);
    println!("cargo::rustc-env=HOTWASH_SCHEMA_FINGERPRINT={:016x}", hasher.finish());
}

fn hash(folder: &Path, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            hash(&path, hasher);
        } else {
            path.file_name().hash(hasher);
            std::fs::read(&path).unwrap_or_default().hash(hasher);
        }
    }
}
