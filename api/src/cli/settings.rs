//! Settings file: values of the options of `hotwash serve`, for every command that has them.
//!
//! The command line overrides the environment, and the environment overrides the file: a value of
//! the file becomes the default of its option.

use std::any::TypeId;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};
use hotwash_schema::nearest::choices;
use toml::Value;

/// Settings file that is read if it exists and `--settings` names no other.
const DEFAULT_FILE: &str = "/etc/hotwash/hotwash.toml";

/// Error of the settings file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error(
        "{}: the settings cannot be read ({error}); correct --settings or HOTWASH_SETTINGS, run \
         Hotwash as the user of its service, or set HOTWASH_SETTINGS to an empty text to read no \
         file",
        file.display()
    )]
    Unreadable {
        /// Settings file.
        file: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}, line {line}: {message}", file.display())]
    Syntax {
        /// Settings file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Problem; the line itself may hold a password.
        message: String,
    },
    /// No option has this name.
    #[error(
        "{}: there is no setting `{key}`{choices}. They are the options of `hotwash serve`, with `_` \
         for `-`",
        file.display()
    )]
    Unknown {
        /// Settings file.
        file: PathBuf,
        /// Unknown key.
        key: String,
        /// The nearest setting, and all settings.
        choices: String,
    },
    /// The option does not take this value.
    #[error("{}: {key}: {message}", file.display())]
    Value {
        /// Settings file.
        file: PathBuf,
        /// Key of the value.
        key: String,
        /// Problem.
        message: String,
    },
}

/// Makes the values of the settings file the defaults of the options.
///
/// # Errors
/// Fails when the file cannot be read, or has an unknown key or an invalid value.
pub fn apply(command: Command, given: Option<&OsStr>) -> Result<Command, SettingsError> {
    let file = PathBuf::from(given.unwrap_or(OsStr::new(DEFAULT_FILE)));
    if file.as_os_str().is_empty() {
        return Ok(command);
    }
    match std::fs::read_to_string(&file) {
        Ok(text) => apply_text(command, &file, &text),
        Err(error) if given.is_none() && error.kind() == ErrorKind::NotFound => Ok(command),
        Err(error) => Err(SettingsError::Unreadable { file, error }),
    }
}

fn apply_text(command: Command, file: &Path, text: &str) -> Result<Command, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let position = error.span().map_or(0, |span| span.start);
        let line = text[..position].matches('\n').count() + 1;
        SettingsError::Syntax { file: file.to_owned(), line, message: error.message().to_owned() }
    })?;
    let mut defaults = Vec::new();
    for (key, value) in &table {
        let Some((_, option)) = settings(&command).find(|(known, _)| known == key) else {
            let keys: Vec<String> = settings(&command).map(|(known, _)| known).collect();
            let choices = choices(key, keys.iter().map(String::as_str));
            return Err(SettingsError::Unknown {
                file: file.to_owned(),
                key: key.clone(),
                choices,
            });
        };
        let texts = texts(option, value, file).map_err(|message| SettingsError::Value {
            file: file.to_owned(),
            key: key.clone(),
            message,
        })?;
        // Read once in a process; clap takes static texts.
        let texts: Vec<&'static str> = texts.into_iter().map(|text| &*text.leak()).collect();
        defaults.push((option.get_id().to_string(), texts));
    }
    Ok(with_defaults(command, &defaults))
}

/// Returns the options that the file may set, by key: those of `serve` and of every command.
fn settings(command: &Command) -> impl Iterator<Item = (String, &Arg)> {
    let serve = command.find_subcommand("serve").into_iter().flat_map(Command::get_arguments);
    let may_be_set = |option: &&Arg| {
        option.get_id() != "settings" && !matches!(option.get_action(), ArgAction::Count)
    };
    let options = command.get_arguments().chain(serve).filter(may_be_set);
    options.filter_map(|option| Some((option.get_long()?.replace('-', "_"), option)))
}

/// Returns the texts by which a value is given on the command line, checked by the option itself.
fn texts(option: &Arg, value: &Value, file: &Path) -> Result<Vec<String>, String> {
    match (option.get_action(), value) {
        (ArgAction::SetTrue, Value::Boolean(on)) => Ok(vec![on.to_string()]),
        (ArgAction::SetTrue, _) => Err("must be true or false".to_owned()),
        (ArgAction::Append, Value::Array(values)) => {
            values.iter().map(|value| text(option, value, file)).collect()
        }
        _ => text(option, value, file).map(|text| vec![text]),
    }
}

fn text(option: &Arg, value: &Value, file: &Path) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Array(_) => return Err("takes one value, not a list".to_owned()),
        Value::Table(_) => return Err("is not a section; write settings without [ ]".to_owned()),
        _ => return Err("must be text in double quotes, or a whole number".to_owned()),
    };
    let long = option.get_long().unwrap_or_default();
    let checked = Command::new("settings")
        .no_binary_name(true)
        .arg(option.clone().global(false))
        .try_get_matches_from([format!("--{long}={text}")]);
    if let Err(error) = checked {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default();
        return Err(message.trim_start_matches("error: ").to_owned());
    }
    Ok(relative_to_file(option, text, file))
}

/// Returns the text; a relative path is joined to the folder of the settings file.
fn relative_to_file(option: &Arg, text: String, file: &Path) -> String {
    let path = file.parent().unwrap_or(Path::new("")).join(&text);
    let is_path = option.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    // A profile is a name or a folder.
    if is_path || (option.get_id() == "profile" && path.is_dir()) {
        return path.display().to_string();
    }
    text
}

/// Sets the defaults of a command's options, and of the commands below it.
fn with_defaults(mut command: Command, defaults: &[(String, Vec<&'static str>)]) -> Command {
    for (id, texts) in defaults {
        if command.get_arguments().any(|option| option.get_id() == id.as_str()) {
            command = command.mut_arg(id, |option| option.default_values(texts.iter().copied()));
        }
    }
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| with_defaults(command, defaults))
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::super::{Command as Subcommand, CommandLine};
    use super::*;

    fn parsed(text: &str, arguments: &[&str]) -> Result<CommandLine, String> {
        let file = Path::new("/etc/hotwash/hotwash.toml");
        let command = apply_text(CommandLine::command(), file, text);
        let command = command.map_err(|error| error.to_string())?;
        let words = [&["hotwash"], arguments].concat();
        let matches = command.try_get_matches_from(words).map_err(|error| error.to_string())?;
        CommandLine::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    const FILE: &str = r#"
        database_url = "postgres://hotwash@db/hotwash"
        home = "/var/lib/hotwash"
        listen = "0.0.0.0:8443"
        rate = 7
        no_releases = true
        tls_key = "key.pem"
        allow_origin = ["https://a.example.org", "https://b.example.org"]
    "#;

    #[test]
    fn a_setting_is_the_default_of_its_option_and_an_option_overrides_it() {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let line = parsed(FILE, &serve).unwrap();
        assert_eq!(line.context.home.as_deref(), Some(Path::new("/var/lib/hotwash")));
        assert_eq!(line.context.database_url.as_deref(), Some("postgres://hotwash@db/hotwash"));
        let Subcommand::Serve(arguments) = line.command else { panic!("serve is parsed") };
        let options = arguments.options;
        assert_eq!((options.listen.as_str(), options.rate), ("127.0.0.1:0", 7));
        assert!(options.no_releases);
        assert_eq!(options.tls_key.as_deref(), Some(Path::new("/etc/hotwash/key.pem")));
        assert_eq!(options.allow_origin, ["https://a.example.org", "https://b.example.org"]);
        // An option of every command, before and after the command's name, and on another command.
        for words in [["--home", "/srv", "status"], ["status", "--home", "/srv"]] {
            let line = parsed(FILE, &words).unwrap();
            assert_eq!(line.context.home.as_deref(), Some(Path::new("/srv")), "{words:?}");
        }
    }

    #[test]
    fn an_unknown_key_or_value_is_named_with_the_nearest() {
        for (text, parts) in [
            ("lisen = \"127.0.0.1:1\"", ["hotwash.toml", "`lisen`", "did you mean listen?"]),
            ("\nrate = \"fast\"", ["hotwash.toml: rate", "fast", "--rate"]),
            ("no_releases = 1", ["hotwash.toml", "no_releases", "true or false"]),
            ("rate = [1, 2]", ["hotwash.toml", "rate", "one value"]),
            ("[rate]\nlisten = 1", ["hotwash.toml", "rate", "without [ ]"]),
            ("settings = \"other.toml\"", ["hotwash.toml", "no setting", "`settings`"]),
        ] {
            let message = parsed(text, &["serve"]).err().unwrap();
            assert!(parts.iter().all(|part| message.contains(part)), "{text}: {message}");
        }
        let message = parsed("a = 1\ndatabase_url = postgres://u:secret@h", &["serve"]);
        let message = message.err().unwrap();
        assert!(message.contains("line 2") && !message.contains("secret"), "{message}");
    }

    #[test]
    fn a_setting_means_the_same_in_every_command_that_has_its_option() {
        let command = CommandLine::command();
        let mut shared = 0;
        for (_, option) in settings(&command) {
            for other in command.get_subcommands().flat_map(Command::get_arguments) {
                if other.get_id() == option.get_id() {
                    assert_eq!(other.get_help(), option.get_help(), "{}", option.get_id());
                    shared += 1;
                }
            }
        }
        assert!(shared > 50, "{shared} options are compared");
    }
}
