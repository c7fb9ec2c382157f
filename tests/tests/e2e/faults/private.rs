//! A Postgres of a test's own, to be killed, filled and copied; gone when dropped.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hotwash_schema::cluster::{Cluster, Programs};
use hotwash_schema::connect::connect;
use hotwash_schema::home::Home;

/// It.
pub struct Private {
    folder: tempfile::TempDir,
    programs: Programs,
    data: PathBuf,
    port: u16,
    url: String,
}

impl Private {
    /// Starts one and brings it to the schema.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let status = Cluster::start(&Home::open(Some(folder.path())).unwrap()).await.unwrap();
        let url = status.url.unwrap();
        hotwash_schema::migrate::migrate(&url).await.unwrap();
        let port = url.rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap();
        Self { programs: Programs::find().unwrap(), data: status.folder, port, url, folder }
    }

    /// A replica that follows this one by streaming, readable.
    pub async fn replica(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        self.programs.own(folder.path()).unwrap();
        let data = folder.path().join("data");
        let maintenance = format!("{} replication=true", self.keywords());
        // A client program, which may lie elsewhere than the server's.
        let program = Programs::client("pg_basebackup").unwrap();
        let mut copy = self.programs.command(program.to_str().unwrap());
        copy.args([
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--dbname",
            &maintenance,
        ]);
        copy.arg("--pgdata").arg(&data);
        self.programs.run(copy, "pg_basebackup").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = self.url.replace(&format!(":{}/", self.port), &format!(":{port}/"));
        let replica = Self { folder, programs: self.programs.clone(), data, port, url };
        replica.start();
        replica
    }

    fn keywords(&self) -> String {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let password = String::from_utf8_lossy(config.get_password().unwrap()).into_owned();
        format!("host=127.0.0.1 port={} user=hotwash password={password}", self.port)
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder that its server can reach.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's own folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Gives a folder to the user as whom its server runs.
    pub fn own(&self, folder: &Path) {
        self.programs.own(folder).unwrap();
    }

    /// `kill -9` of the server, its children with it.
    pub fn kill(&self) {
        let lock = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap();
        let process = lock.lines().next().unwrap().trim().to_owned();
        assert!(
            std::process::Command::new("kill").args(["-9", &process]).status().unwrap().success()
        );
    }

    /// Stops it as an administrator does: `fast`, or `immediate` as after a crash.
    pub fn stop(&self, mode: &str) {
        let mut stop = self.programs.command("pg_ctl");
        stop.arg("stop").arg("-D").arg(&self.data).args(["-m", mode, "-w", "-t", "60", "-s"]);
        self.programs.run(stop, "pg_ctl stop").unwrap();
    }

    /// Starts it again at the same address, as a supervisor would.
    pub fn start(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c \
             max_connections=200",
            self.port
        );
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let mut start = self.programs.command("pg_ctl");
            start.arg("start").arg("-D").arg(&self.data).arg("-l").arg(self.data.join("again.log"));
            start.args(["-w", "-t", "60", "-s", "-o", &options]);
            match self.programs.run(start, "pg_ctl start") {
                Ok(()) => return,
                // Children of the killed server may still be leaving.
                Err(error) => assert!(
                    Instant::now() < deadline,
                    "{error}: {}",
                    std::fs::read_to_string(self.data.join("again.log")).unwrap_or_default()
                ),
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        connect(&self.url).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Statements as its owner.
    pub async fn run(&self, sql: &str) {
        connect(&self.url).await.unwrap().batch_execute(sql).await.unwrap();
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let mut stop = self.programs.command("pg_ctl");
        stop.arg("stop").arg("-D").arg(&self.data).args([
            "-m",
            "immediate",
            "-w",
            "-t",
            "30",
            "-s",
        ]);
        let _ = self.programs.run(stop, "pg_ctl stop");
    }
}
