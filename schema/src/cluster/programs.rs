//! Runs the Postgres programs of this machine as a user that Postgres accepts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::SchemaError;
use crate::home::is_root;

/// Folder of `initdb`, `postgres`, `pg_ctl`, `pg_dump` and the other programs.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    #[cfg(unix)]
    user: Option<(nix::unistd::Uid, nix::unistd::Gid)>,
}

const INSTALL: &str = if cfg!(target_os = "macos") {
    "brew install postgresql@16"
} else if cfg!(target_os = "windows") {
    "winget install PostgreSQL.PostgreSQL.16"
} else {
    "sudo apt-get install postgresql"
};

impl Programs {
    /// Finds the programs on PATH or in the usual folders, newest version first.
    pub fn find() -> Result<Self, SchemaError> {
        let patterns = [
            "/usr/lib/postgresql",
            "/opt/homebrew/opt",
            "/usr/local/opt",
            "/Applications/Postgres.app/Contents/Versions",
            "/usr/pgsql",
        ];
        let mut found: Vec<(u32, PathBuf)> = Vec::new();
        for parent in patterns {
            let Ok(entries) = std::fs::read_dir(parent) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let digits: String = name.chars().filter(char::is_ascii_digit).collect();
                let folder = entry.path().join("bin");
                if folder.join("initdb").exists() && folder.join("pg_ctl").exists() {
                    found.push((digits.parse().unwrap_or(0), folder));
                }
            }
        }
        for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
            if folder.join("initdb").exists()
                && folder.join("postgres").exists()
                && folder.join("pg_ctl").exists()
            {
                found.push((u32::MAX, folder));
            }
        }
        found.sort();
        let Some((_, folder)) = found.pop() else {
            return Err(SchemaError::NoPostgres { looked: patterns.join(", "), install: INSTALL });
        };
        Ok(Self {
            folder,
            #[cfg(unix)]
            user: unprivileged_user()?,
        })
    }

    /// Returns a command for a client program such as `pg_dump`, which runs as the current user.
    ///
    /// # Errors
    /// Fails when it is not installed.
    pub fn client(program: &str) -> Result<PathBuf, SchemaError> {
        let on_path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(program))
            .find(|path| path.is_file());
        match on_path {
            Some(path) => Ok(path),
            None => Ok(Self::find()?.folder.join(program)),
        }
    }

    /// Returns a command that runs one of these programs, as the unprivileged user if we are root.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            if let Some((user, group)) = self.user {
                command.uid(user.as_raw()).gid(group.as_raw());
            }
            // A signal to our terminal must not reach the server, which stops with its last user.
            command.process_group(0);
        }
        command
    }

    /// Runs a command to its end; its error output becomes the error.
    pub fn run(&self, mut command: Command, name: &str) -> Result<(), SchemaError> {
        // The server started by pg_ctl would keep pipes open, so its output goes to a file.
        let mut said = tempfile::tempfile().map_err(|error| SchemaError::Program {
            program: name.into(),
            said: error.to_string(),
        })?;
        let copy = said.try_clone().map_err(|error| SchemaError::Program {
            program: name.into(),
            said: error.to_string(),
        })?;
        command.stdout(Stdio::null()).stderr(copy);
        let status = command.status().map_err(|error| SchemaError::Program {
            program: name.into(),
            said: error.to_string(),
        })?;
        if status.success() {
            return Ok(());
        }
        let mut text = String::new();
        let _ = std::io::Seek::rewind(&mut said);
        let _ = std::io::Read::read_to_string(&mut said, &mut text);
        Err(SchemaError::Program { program: name.into(), said: text.trim().replace('\n', " / ") })
    }

    /// Gives a folder and its contents to the unprivileged user, and checks that the user can reach
    /// it.
    pub fn own(&self, folder: &Path) -> Result<(), SchemaError> {
        #[cfg(unix)]
        if let Some((user, group)) = self.user {
            use std::os::unix::fs::MetadataExt;
            let failed =
                |error: std::io::Error| SchemaError::Path { path: folder.to_path_buf(), error };
            for parent in folder.ancestors().skip(1) {
                let metadata = std::fs::metadata(parent).map_err(failed)?;
                let open = metadata.mode() & 0o001 != 0
                    || (metadata.uid() == user.as_raw() && metadata.mode() & 0o100 != 0)
                    || (metadata.gid() == group.as_raw() && metadata.mode() & 0o010 != 0);
                if !open {
                    let said = format!(
                        "{} is closed to the unprivileged user as whom Postgres must run under \
                         root; set HOTWASH_HOME to a folder such as /var/lib/hotwash",
                        parent.display()
                    );
                    return Err(SchemaError::Program { program: "postgres".into(), said });
                }
            }
            let chown = |path: &Path| {
                nix::unistd::chown(path, Some(user), Some(group)).map_err(|error| {
                    SchemaError::Path { path: path.to_path_buf(), error: error.into() }
                })
            };
            chown(folder)?;
            for entry in std::fs::read_dir(folder).map_err(failed)?.flatten() {
                if entry.metadata().is_ok_and(|metadata| metadata.is_file()) {
                    chown(&entry.path())?;
                }
            }
        }
        let _ = folder;
        Ok(())
    }
}

/// Returns the unprivileged user for root: `postgres` or `nobody`.
#[cfg(unix)]
fn unprivileged_user() -> Result<Option<(nix::unistd::Uid, nix::unistd::Gid)>, SchemaError> {
    if !is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = nix::unistd::User::from_name(name) {
            return Ok(Some((user.uid, user.gid)));
        }
    }
    let said =
        "Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody`"
            .into();
    Err(SchemaError::Program { program: "postgres".into(), said })
}
