//! Backup and restore on `pg_dump` and `pg_restore`: one file, checksummed, with the schema version it was taken at.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::SchemaError;
use crate::cluster::Programs;
use crate::connect::connect;

/// First bytes of a backup: what it is, and the layout's version.
const MAGIC: &[u8; 16] = b"HOTWASH-BACKUP-1";
/// Bytes of the digest.
const DIGEST: usize = 32;

fn failed(what: &str, error: impl std::fmt::Display) -> SchemaError {
    SchemaError::Database(format!("{what}: {error}"))
}

/// Writes a backup of the database; gives its bytes. What is at the path stays until the new one is whole.
///
/// # Errors
/// When `pg_dump` is missing or fails, or the file cannot be written.
pub async fn backup(url: &str, path: &Path) -> Result<u64, SchemaError> {
    let version = crate::migrate::version(url).await?;
    let beside = path.with_extension("part");
    let mut file = File::create(&beside).map_err(|error| failed(&beside.display().to_string(), error))?;
    let mut dump = Command::new(Programs::client("pg_dump")?)
        .args(["--format=custom", "--no-owner", "--no-acl", "--dbname", url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("pg_dump", error))?;
    let header = format!("{version:>20}");
    let mut digest = blake3::Hasher::new();
    digest.update(header.as_bytes());
    let mut written = 0;
    let mut copy = || -> std::io::Result<()> {
        file.write_all(MAGIC)?;
        file.write_all(&[0; DIGEST])?;
        file.write_all(header.as_bytes())?;
        let Some(mut output) = dump.stdout.take() else { return Ok(()) };
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = output.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            digest.update(&buffer[..count]);
            file.write_all(&buffer[..count])?;
            written += count as u64;
        }
        file.seek(SeekFrom::Start(MAGIC.len() as u64))?;
        file.write_all(digest.finalize().as_bytes())?;
        file.sync_all()
    };
    let copied = copy();
    let output = dump.wait_with_output().map_err(|error| failed("pg_dump", error))?;
    copied.map_err(|error| failed(&path.display().to_string(), error))?;
    if !output.status.success() {
        return Err(failed("pg_dump", String::from_utf8_lossy(&output.stderr).trim()));
    }
    std::fs::rename(&beside, path).map_err(|error| failed(&path.display().to_string(), error))?;
    Ok(written)
}

/// Puts a backup into an empty database.
///
/// # Errors
/// When the file is no backup, is damaged or of a newer schema; when the database holds records already; when `pg_restore` fails.
pub async fn restore(url: &str, path: &Path) -> Result<(), SchemaError> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| failed(&name, error))?;
    let mut head = [0; MAGIC.len() + DIGEST + 20];
    file.read_exact(&mut head).map_err(|_| failed(&name, "is no backup of Hotwash: it is too short"))?;
    if &head[..MAGIC.len()] != MAGIC {
        return Err(failed(&name, "is no backup of Hotwash"));
    }
    let (stated, header) = head[MAGIC.len()..].split_at(DIGEST);
    let mut digest = blake3::Hasher::new();
    digest.update(header);
    digest.update_reader(&mut file).map_err(|error| failed(&name, error))?;
    if digest.finalize().as_bytes() != stated {
        return Err(failed(&name, "is damaged: its checksum is another; take an older backup"));
    }
    let version = String::from_utf8_lossy(header).trim().to_owned();
    let newest = crate::migrate::newest_known();
    if version > newest {
        return Err(failed(
            &name,
            format!("was taken at schema version {version}, and this program knows {newest}: use a newer hotwash"),
        ));
    }
    let client = connect(url).await?;
    let used: bool = client.query_one("select to_regclass('warehouse.event') is not null", &[]).await?.get(0);
    if used {
        let records: bool = client.query_one("select exists (select from warehouse.event)", &[]).await?.get(0);
        if records {
            return Err(failed(
                "restore",
                "the database holds records already; restore into an empty one, so that nothing is overwritten",
            ));
        }
        client.batch_execute("drop schema if exists bi, warehouse, meta, access cascade; drop table if exists public.__diesel_schema_migrations").await?;
    }
    file.seek(SeekFrom::Start(head.len() as u64)).map_err(|error| failed(&name, error))?;
    let mut program = Command::new(Programs::client("pg_restore")?)
        .args(["--no-owner", "--single-transaction", "--exit-on-error", "--dbname", url])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("pg_restore", error))?;
    if let Some(mut input) = program.stdin.take() {
        // A failure of the program is told by its end.
        let _ = std::io::copy(&mut file, &mut input);
    }
    let output = program.wait_with_output().map_err(|error| failed("pg_restore", error))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed("pg_restore", String::from_utf8_lossy(&output.stderr).trim()))
    }
}
