//! Folder of a private cluster: what is in it, and how it is started and stopped.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::dsl::exists;
use diesel::{ExpressionMethods, QueryDsl, select};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use fs4::fs_std::FileExt;
use rand::Rng;

use crate::cluster::programs::Programs;
use crate::cluster::{port, processes};
use crate::error::SchemaError;
use crate::functions::pg_database;
use crate::home::Home;
use crate::pool::connection;

pub(super) const DATABASE: &str = "hotwash";

/// Time limit for a live server to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Folder, owner and programs of the cluster.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) programs: Programs,
}

impl Place {
    pub(super) fn prepare(home: &Home) -> Result<Self, SchemaError> {
        let folder = home.path().join("postgres");
        std::fs::create_dir_all(&folder).map_err(|error| path_error(&folder, error))?;
        let programs = Programs::find()?;
        programs.own(&folder)?;
        Ok(Self { folder, programs })
    }

    /// Finds the folder of an existing cluster.
    pub(super) fn find(home: &Home) -> Result<Self, SchemaError> {
        let folder = home.path().join("postgres");
        if !folder.join("data/PG_VERSION").exists() {
            let reason = "the folder holds no data of a private Postgres";
            return Err(SchemaError::NoWarehouse { path: home.path().into(), reason });
        }
        Ok(Self { folder, programs: Programs::find()? })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn open_lock(&self, name: &str) -> Result<File, SchemaError> {
        let path = self.folder.join(name);
        let open = File::options().create(true).truncate(false).write(true).read(true).open(&path);
        open.map_err(|error| path_error(&path, error))
    }

    pub(super) fn lock(&self, name: &str, exclusive: bool) -> Result<File, SchemaError> {
        let file = self.open_lock(name)?;
        let locked =
            if exclusive { FileExt::lock_exclusive(&file) } else { FileExt::lock_shared(&file) };
        locked.map_err(|error| path_error(&self.folder.join(name), error))?;
        Ok(file)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), SchemaError> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).map_err(|error| path_error(&path, error))?;
        restrict(&path)
    }

    /// Returns the address of the maintenance database, after starting the server if necessary.
    /// Requires the control lock.
    pub(super) async fn run(&self, may_move: bool) -> Result<String, SchemaError> {
        match self.running_url().await {
            Some(url) => Ok(url),
            None => self.start(may_move).await,
        }
    }

    /// Returns the address of the maintenance database once the server answers. Waits for a live
    /// server, which may be busy, starting, stopping or recovering.
    pub(super) async fn running_url(&self) -> Option<String> {
        let data = self.data();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let lines = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
            let port = lines.lines().nth(3).and_then(|port| port.trim().parse().ok());
            if let Some((port, url)) =
                port.and_then(|port| Some((port, self.maintenance_url(port).ok()?)))
            {
                let answered = tokio::time::timeout(Duration::from_secs(5), connection(&url)).await;
                if matches!(answered, Ok(Ok(_))) {
                    self.record(port);
                    return Some(url);
                }
            }
            if processes::postmaster(&data).is_none() || tokio::time::Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Records the port for the next start. A failure is ignored: the server works without the
    /// record.
    pub(super) fn record(&self, port: u16) {
        if port::recorded(&self.folder) != Some(port)
            && let Err(error) = self.write(port::FILE, &format!("{port}\n"))
        {
            tracing::warn!(%error, "the port of the private Postgres could not be recorded");
        }
    }

    /// Returns the recorded port. Returns a new port if none is recorded, or if it is taken and the
    /// server may move.
    pub(super) fn port(&self, may_move: bool) -> Result<u16, SchemaError> {
        let recorded = port::recorded(&self.folder);
        match recorded {
            Some(port) if port::is_free(port) => return Ok(port),
            Some(port) if !may_move => {
                return Err(SchemaError::PortTaken { port, path: self.folder.clone() });
            }
            _ => {}
        }
        let chosen = port::choose().map_err(|error| path_error(&self.data(), error))?;
        if let Some(taken) = recorded {
            tracing::warn!(
                "port {taken} of the private Postgres is taken by another program; Postgres moves \
                 to port {chosen} and \
                 stays there. Saved connections of BI tools must change to it (`hotwash bi \
                 describe` prints the server)"
            );
        }
        Ok(chosen)
    }

    fn maintenance_url(&self, port: u16) -> Result<String, SchemaError> {
        let path = self.folder.join("password");
        let password = std::fs::read_to_string(&path).map_err(|error| path_error(&path, error))?;
        Ok(format!("postgres://hotwash:{}@127.0.0.1:{port}/postgres", password.trim()))
    }

    pub(super) fn database_url(&self, maintenance: &str) -> String {
        format!("{}/{DATABASE}", maintenance.trim_end_matches("/postgres"))
    }

    pub(super) async fn start(&self, may_move: bool) -> Result<String, SchemaError> {
        let data = self.data();
        if !data.join("PG_VERSION").exists() {
            self.initialize(&data)?;
        }
        self.clear_crash(&data);
        let port = self.port(may_move)?;
        let sockets = self.socket_folder()?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{}' -c \
             max_connections=200 \
             -c shared_buffers=256MB -c max_wal_size=4GB -c work_mem=32MB -c \
             maintenance_work_mem=256MB \
             -c synchronous_commit=on -c timezone=UTC -c random_page_cost=1.1",
            sockets.display()
        );
        let log = self.folder.join("postgres.log");
        let mut command = self.programs.command("pg_ctl");
        command
            .arg("start")
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(&log)
            .args(["-w", "-t", "60", "-s", "-o"])
            .arg(options);
        if let Err(error) = self.programs.run(command, "pg_ctl start") {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(3).collect();
            let said = format!(
                "{error}; its log ends: {}",
                last.into_iter().rev().collect::<Vec<_>>().join(" / ")
            );
            return Err(SchemaError::Program { program: "postgres".into(), said });
        }
        self.record(port);
        self.maintenance_url(port)
    }

    fn initialize(&self, data: &Path) -> Result<(), SchemaError> {
        // A folder left incomplete by a killed initdb contains no data: it writes PG_VERSION first.
        let password: String = {
            let mut random = rand::rng();
            (0..40).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
        };
        self.write("password", &password)?;
        self.programs.own(&self.folder)?;
        let fresh = self.folder.join("data.new");
        let _ = std::fs::remove_dir_all(&fresh);
        let mut command = self.programs.command("initdb");
        command.arg("-D").arg(&fresh).args([
            "-U",
            "hotwash",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]);
        command.arg("--data-checksums").arg("--pwfile").arg(self.folder.join("password"));
        self.programs.run(command, "initdb")?;
        std::fs::rename(&fresh, data).map_err(|error| path_error(data, error))
    }

    /// Removes the remains of a crash: processes without their postmaster, and lock files whose
    /// process is gone or is another program now. Postgres itself mistakes a killed process that
    /// was not yet reaped for a running one.
    fn clear_crash(&self, data: &Path) {
        if processes::postmaster(data).is_some() {
            return;
        }
        processes::end_orphans(data);
        let sockets = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let sockets =
            sockets.filter(|entry| entry.file_name().to_string_lossy().starts_with(".s.PGSQL."));
        for path in sockets.map(|entry| entry.path()).chain([data.join("postmaster.pid")]) {
            if std::fs::remove_file(&path).is_ok() {
                tracing::info!(file = %path.display(), "cleared what a Postgres that was killed \
                    left");
            }
        }
    }

    /// Socket paths are limited to 107 bytes, so a deep home gets a short folder under the
    /// temporary one.
    fn socket_folder(&self) -> Result<PathBuf, SchemaError> {
        let folder = if self.folder.as_os_str().len() <= 80 {
            self.folder.clone()
        } else {
            std::env::temp_dir().join(format!("hotwash-{:x}", rand::rng().random::<u32>()))
        };
        std::fs::create_dir_all(&folder).map_err(|error| path_error(&folder, error))?;
        self.programs.own(&folder)?;
        Ok(folder)
    }

    pub(super) fn stop(&self, mode: &str) -> Result<(), SchemaError> {
        let data = self.folder.join("data");
        if !data.join("postmaster.pid").exists() {
            return Ok(());
        }
        let mut command = self.programs.command("pg_ctl");
        command.arg("stop").arg("-D").arg(&data).args(["-m", mode, "-w", "-t", "60", "-s"]);
        self.programs.run(command, "pg_ctl stop")
    }
}

pub(super) fn path_error(path: &Path, error: std::io::Error) -> SchemaError {
    SchemaError::Path { path: path.to_path_buf(), error }
}

pub(super) async fn has_database(connection: &mut AsyncPgConnection) -> Result<bool, SchemaError> {
    let named = pg_database::table.filter(pg_database::datname.eq(DATABASE));
    Ok(select(exists(named)).get_result(connection).await?)
}

/// Makes a file readable only by its owner.
pub(super) fn restrict(path: &Path) -> Result<(), SchemaError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| path_error(path, error))?;
    }
    Ok(())
}
