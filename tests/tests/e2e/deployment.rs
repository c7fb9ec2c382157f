//! The image and the services of `compose.yaml`, as far as they can be checked without a container
//! engine, and the package's settings.

use std::collections::BTreeSet;

use hotwash_tests::{both, hotwash, output, repository};
use serde_json::Value;

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

/// Instructions of the image's file, without comments: name and rest of the line.
fn instructions() -> Vec<(String, String)> {
    let text = read("Containerfile").replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, rest) = line.split_once(' ').unwrap();
            (name.to_owned(), rest.to_owned())
        })
        .collect()
}

#[test]
fn the_image_copies_what_exists_from_stages_that_exist_and_runs_as_a_user() {
    let (mut stages, mut copied) = (Vec::new(), BTreeSet::new());
    let ignored = read(".dockerignore");
    let mut user = None;
    for (name, rest) in instructions() {
        let words: Vec<&str> = rest.split_whitespace().collect();
        match name.as_str() {
            "FROM" => {
                let (base, stage) = rest.split_once(" AS ").unwrap();
                assert!(base.contains(':'), "{base} names no version");
                stages.push(stage.to_owned());
                user = None;
            }
            "COPY" => match words[0].strip_prefix("--from=") {
                Some(stage) => assert!(stages.iter().any(|known| known == stage), "{stage}"),
                None => copied.extend(words[..words.len() - 1].iter().map(|word| word.to_string())),
            },
            "USER" => user = Some(rest),
            _ => {}
        }
    }
    for file in &copied {
        assert!(repository().join(file).exists(), "the image copies {file}, which does not exist");
        let is_sent = |line: &str| {
            line.strip_prefix('!').is_some_and(|kept| {
                kept == file || kept.strip_suffix('*').is_some_and(|kept| file.starts_with(kept))
            })
        };
        assert!(ignored.lines().any(is_sent), ".dockerignore leaves out {file}");
    }
    assert_eq!(stages.last().map(String::as_str), Some("run"));
    assert!(user.is_some_and(|user| user != "0" && user != "root"));
    // Every crate of the workspace is there, or cargo would not read the workspace.
    let top = hotwash_tests::crate_folders();
    let top = top.iter().map(|folder| folder.split('/').next().unwrap().to_owned());
    assert!(top.chain(["tests".to_owned()]).all(|folder| copied.contains(&folder)), "{copied:?}");
}

/// Command lines that run in containers, and as services.
fn commands() -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let compose: Value = serde_saphyr::from_str(&read("compose.yaml")).unwrap();
    for (name, service) in compose["services"].as_object().unwrap() {
        if name != "postgres" {
            let words = service["command"].as_array().unwrap().iter();
            commands.push(words.map(|word| word.as_str().unwrap().to_owned()).collect());
        }
    }
    for (name, rest) in instructions() {
        if name == "CMD" {
            commands.push(serde_json::from_str(&rest).unwrap());
        }
    }
    for unit in ["hotwash", "hotwash-postgres", "hotwash-inbox"] {
        for line in read(&format!("api/debian/{unit}.service")).lines() {
            if let Some((_, command)) = line.split_once("/usr/bin/hotwash ") {
                commands.push(command.split(' ').map(str::to_owned).collect());
            }
        }
    }
    commands
}

#[test]
fn what_containers_and_services_run_is_a_command_with_its_options() {
    let commands = commands();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = output(&mut hotwash("", &words));
        assert!(help.status.success(), "hotwash {command:?}: {}", both(&help));
    }
}

#[test]
fn compose_sets_what_the_program_reads_at_the_port_of_the_image() {
    let compose: Value = serde_saphyr::from_str(&read("compose.yaml")).unwrap();
    let services = compose["services"].as_object().unwrap();
    let serve = output(&mut hotwash("", &["serve", "--help"]));
    // The help is broken into lines of the terminal's width.
    let help = String::from_utf8(serve.stdout).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in ["migrate", "server", "inbox"] {
        let service = &services[name];
        assert_eq!(service["build"]["dockerfile"], "Containerfile", "{name}");
        for variable in service["environment"].as_object().unwrap().keys() {
            assert!(help.contains(&format!("[env: {variable}")), "{name} sets {variable}");
        }
    }
    let url = services["server"]["environment"]["DATABASE_URL"].to_string();
    let postgres = &services["postgres"]["environment"];
    let user = format!("//{}:", postgres["POSTGRES_USER"].as_str().unwrap());
    let at = format!("@postgres/{}", postgres["POSTGRES_DB"].as_str().unwrap());
    assert!(url.contains(&user) && url.contains(&at), "{url}");
    let port = services["server"]["ports"][0].as_str().unwrap();
    let exposed = instructions().into_iter().find(|(name, _)| name == "EXPOSE").unwrap().1;
    assert_eq!(port, format!("127.0.0.1:8080:{exposed}"));
    let listen = services["server"]["environment"]["HOTWASH_LISTEN"].to_string();
    assert!(listen.ends_with(&format!(":{exposed}\"")), "{listen}");
}

#[test]
fn the_packages_settings_are_valid_also_with_every_comment_removed() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = read("api/debian/hotwash.toml");
    let setting = regex::Regex::new(r"(?m)^# ([a-z_]+ = )").unwrap();
    let every = setting.replace_all(&shipped, "$1");
    assert!(every.matches("\n# ").count() < shipped.matches("\n# ").count());
    for text in [shipped.as_str(), &every] {
        let file = folder.path().join("hotwash.toml");
        std::fs::write(&file, text).unwrap();
        let mut command = hotwash("", &["sources"]);
        let listed = output(command.env_remove("DATABASE_URL").env("HOTWASH_SETTINGS", &file));
        assert!(listed.status.success(), "{}", both(&listed));
    }
}
