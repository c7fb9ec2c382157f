//! Bundles the query editor (GraphiQL, from npm) into the binary. Without npm the build succeeds,
//! and the page explains what is missing. Bundles are cached, so that each version is downloaded
//! once per machine.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Inputs of the bundle.
const INPUTS: [&str; 6] =
    ["package.json", "package-lock.json", ".npmrc", "build.mjs", "page.js", "page.css"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=HOTWASH_GRAPHIQL");
    println!("cargo::rerun-if-changed=build.rs");
    let from = Path::new("graphiql");
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        println!("cargo::rerun-if-changed=graphiql/{input}");
        fs::read(from.join(input))?.hash(&mut hasher);
    }
    let version = format!("{:016x}", hasher.finish());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let bundle = out.join(format!("graphiql-{version}"));
    let missing = match build_bundle(from, &bundle, &version) {
        Ok(()) => String::new(),
        Err(reason) => {
            println!("cargo::warning=the page /graphiql is left out: {reason}");
            reason
        }
    };
    fs::write(out.join("graphiql.rs"), table(&bundle, &version, &missing)?)
}

/// Builds the bundle, or returns why it cannot be built.
fn build_bundle(from: &Path, bundle: &Path, version: &str) -> Result<(), String> {
    if env::var("HOTWASH_GRAPHIQL").is_ok_and(|wish| wish == "off") {
        return Err("it was built with HOTWASH_GRAPHIQL=off".into());
    }
    if bundle.is_dir() {
        return Ok(());
    }
    let cached = cache().map(|folder| folder.join(format!("graphiql-{version}")));
    if let Some(cached) = cached.as_ref().filter(|cached| cached.is_dir()) {
        return copy(cached, bundle).map_err(|error| error.to_string());
    }
    let work = bundle.with_extension("work");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).map_err(|error| error.to_string())?;
    for input in INPUTS {
        fs::copy(from.join(input), work.join(input)).map_err(|error| error.to_string())?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(&work, npm, &["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"])?;
    run(&work, "node", &["build.mjs", "bundle"])?;
    if let Some(cached) = cached {
        // Copy atomically, since two builds may finish at once.
        let part = cached.with_extension(std::process::id().to_string());
        if copy(&work.join("bundle"), &part).and_then(|()| fs::rename(&part, &cached)).is_err() {
            let _ = fs::remove_dir_all(&part);
        }
    }
    fs::rename(work.join("bundle"), bundle).map_err(|error| error.to_string())?;
    fs::remove_dir_all(&work).map_err(|error| error.to_string())
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let ended = Command::new(program).args(arguments).current_dir(folder).output();
    let output = ended.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{program} was not found when it was built"),
        _ => format!("{program} could not be run when it was built: {error}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(format!("{program} {} failed when it was built: {last}", arguments[0]))
}

/// Returns the user's cache folder, as in `tests/run`.
fn cache() -> Option<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    let folder = base.join("hotwash");
    fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Returns the files as Rust source. Their paths are relative to `OUT_DIR`, so that a copied target
/// folder reads its own files.
fn table(bundle: &Path, version: &str, missing: &str) -> io::Result<String> {
    let mut files = Vec::new();
    if missing.is_empty() {
        for entry in fs::read_dir(bundle)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let rows: Vec<String> = files
        .iter()
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let below = format!("/graphiql-{version}/{name}");
            Some(format!("({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), {below:?})))"))
        })
        .collect();
    Ok(format!(
        "/// Changes with the packages and the page.\nconst VERSION: &str = {version:?};\n\
         /// Why there is no page; empty when there is one.\nconst MISSING: &str = {missing:?};\n\
         /// The files of the page.\nconst FILES: &[(&str, &[u8])] = &[{}];\n",
        rows.join(", ")
    ))
}
