//! Backup and restore with `pg_dump` and `pg_restore`: one file with a checksum and the schema
//! version of the database.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::QueryDsl;
use diesel::dsl::exists;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::SchemaError;
use crate::cluster::Programs;
use crate::connect::address;
use crate::functions::to_regclass;
use crate::pool::Pool;
use crate::tables::{api_key, bi_login, event, file};

/// First bytes of a backup: the file type and the version of its layout.
const MAGIC: &[u8; 16] = b"HOTWASH-BACKUP-1";
/// Length of the digest in bytes.
const DIGEST: usize = 32;

fn failed(what: &str, error: impl std::fmt::Display) -> SchemaError {
    SchemaError::Database(format!("{what}: {error}"))
}

/// Prepares a client program for this database. The address with its password is passed in the
/// environment, which other users cannot read. They can read arguments in the list of processes.
fn program(name: &str, url: &str) -> Result<Command, SchemaError> {
    let address = address(url)?;
    let config = &address.config;
    let hosts = address.hosts();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let mut command = Command::new(Programs::client(name)?);
    let password = config.get_password().map(String::from_utf8_lossy);
    for (variable, value) in [
        ("PGHOST", Some(hosts.join(",").as_str()).filter(|hosts| !hosts.is_empty())),
        ("PGPORT", Some(ports.join(",").as_str()).filter(|ports| !ports.is_empty())),
        ("PGUSER", config.get_user()),
        ("PGPASSWORD", password.as_deref()),
        ("PGOPTIONS", config.get_options()),
        ("PGSSLMODE", address.mode.as_deref()),
        ("PGSSLROOTCERT", address.roots.as_deref()),
    ] {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    command.arg("--dbname").arg(config.get_dbname().or(config.get_user()).unwrap_or("postgres"));
    Ok(command)
}

/// Writes a backup of the database and returns its size in bytes. An existing file at the path is
/// replaced only after the new one is complete.
///
/// # Errors
/// Fails when `pg_dump` is missing or fails, or the file cannot be written.
pub async fn backup(pool: &Pool, path: &Path) -> Result<u64, SchemaError> {
    let version = crate::migrate::version(pool).await?;
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Readable by the operator only, and deleted unless it becomes the backup.
    let beside = tempfile::Builder::new().prefix(".hotwash-backup-").tempfile_in(folder);
    let mut file = beside.map_err(|error| failed(&path.display().to_string(), error))?;
    let mut dump = program("pg_dump", pool.url())?
        .args(["--format=custom", "--no-owner", "--no-acl"])
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
        file.as_file().sync_all()
    };
    let copied = copy();
    let output = dump.wait_with_output().map_err(|error| failed("pg_dump", error))?;
    copied.map_err(|error| failed(&path.display().to_string(), error))?;
    if !output.status.success() {
        return Err(failed("pg_dump", String::from_utf8_lossy(&output.stderr).trim()));
    }
    file.persist(path).map_err(|error| failed(&path.display().to_string(), error.error))?;
    Ok(written)
}

/// Restores a backup into an empty database.
///
/// # Errors
/// Fails if the file is not a backup, is damaged or has a newer schema. Also fails if the database
/// already contains records, or if `pg_restore` fails.
pub async fn restore(pool: &Pool, path: &Path) -> Result<(), SchemaError> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| failed(&name, error))?;
    let mut head = [0; MAGIC.len() + DIGEST + 20];
    file.read_exact(&mut head)
        .map_err(|_| failed(&name, "is not a backup of Hotwash: it is too short"))?;
    if &head[..MAGIC.len()] != MAGIC {
        return Err(failed(&name, "is not a backup of Hotwash"));
    }
    let (stated, header) = head[MAGIC.len()..].split_at(DIGEST);
    let mut digest = blake3::Hasher::new();
    digest.update(header);
    digest.update_reader(&mut file).map_err(|error| failed(&name, error))?;
    if digest.finalize().as_bytes() != stated {
        return Err(failed(&name, "is damaged: its checksum is another; take an older backup"));
    }
    let version = String::from_utf8_lossy(header).trim().to_owned();
    crate::migrate::refuse_unknown(std::slice::from_ref(&version)).map_err(|error| {
        let what_to_do = match error {
            SchemaError::Newer { known, .. } => format!("knows {known}: use a newer hotwash"),
            SchemaError::Replaced { known, .. } => {
                format!("begins with {known} and cannot upgrade it: load your files again")
            }
            other => other.to_string(),
        };
        failed(&name, format!("was taken at schema version {version}; this program {what_to_do}"))
    })?;
    pool.run(async |connection| empty(connection).await).await?;
    file.seek(SeekFrom::Start(head.len() as u64)).map_err(|error| failed(&name, error))?;
    let mut restore = program("pg_restore", pool.url())?
        .args(["--no-owner", "--single-transaction", "--exit-on-error"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("pg_restore", error))?;
    if let Some(mut input) = restore.stdin.take() {
        // The exit status reports a failure of the program.
        let _ = std::io::copy(&mut file, &mut input);
    }
    let output = restore.wait_with_output().map_err(|error| failed("pg_restore", error))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed("pg_restore", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Drops the empty schema of a database without records, keys or logins.
async fn empty(connection: &mut AsyncPgConnection) -> Result<(), SchemaError> {
    let table = diesel::select(to_regclass("warehouse.event"));
    if table.get_result::<Option<u32>>(connection).await?.is_none() {
        return Ok(());
    }
    // All loaded data came from a file; keys and logins are created by hand.
    let (files, events, keys, logins) = diesel::select((
        exists(file::table.select(file::file_id)),
        exists(event::table.select(event::event_id)),
        exists(api_key::table.select(api_key::api_key_id)),
        exists(bi_login::table.select(bi_login::login)),
    ))
    .get_result::<(bool, bool, bool, bool)>(connection)
    .await?;
    let held = [(files || events, "records"), (keys, "keys"), (logins, "BI logins")];
    if let Some((_, held)) = held.into_iter().find(|(is_held, _)| *is_held) {
        return Err(failed(
            "restore",
            format!(
                "the database holds {held} already; restore into an empty one, so that nothing \
                 is overwritten"
            ),
        ));
    }
    connection
        .batch_execute(
            "drop schema if exists bi, warehouse, meta, access cascade; \
             drop table if exists public.__diesel_schema_migrations",
        )
        .await?;
    Ok(())
}
