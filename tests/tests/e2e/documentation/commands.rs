//! Commands and options.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use hotwash_tests::binary;

use super::{Code, pages, pattern, read};

/// Subcommands of the binary with their options, from the help that clap writes.
struct CommandLine {
    commands: BTreeMap<Vec<String>, BTreeSet<String>>,
}

impl CommandLine {
    fn read() -> Self {
        let subcommand = pattern(r"(?m)^  ([a-z][a-z-]*)");
        let option = pattern(r"(?m)^\s+(?:(-[a-zA-Z]), )?(--[a-z][a-z-]*)");
        let mut commands = BTreeMap::new();
        let mut open = vec![Vec::new()];
        while let Some(words) = open.pop() {
            let output = Command::new(binary()).args(&words).arg("--help").output().unwrap();
            assert!(output.status.success(), "hotwash {words:?} --help failed");
            let help = String::from_utf8(output.stdout).unwrap();
            let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
            let listed = listed.split("\n\n").next().unwrap_or_default();
            for found in subcommand.captures_iter(listed).filter(|found| &found[1] != "help") {
                open.push([words.clone(), vec![found[1].to_owned()]].concat());
            }
            let names = option.captures_iter(&help).flat_map(|found| [found.get(1), found.get(2)]);
            let options = names.flatten().map(|name| name.as_str().to_owned()).collect();
            commands.insert(words, options);
        }
        Self { commands }
    }

    /// Returns what is wrong with the words after `hotwash`, if anything.
    fn fault(&self, words: &[&str]) -> Option<String> {
        let mut command: Vec<String> = Vec::new();
        for word in words {
            let next = [command.clone(), vec![(*word).to_owned()]].concat();
            if word.starts_with('-') {
                let option = word.split('=').next().unwrap_or(word);
                if !self.commands[&command].contains(option) {
                    return Some(format!("hotwash {} has no option {option}", command.join(" ")));
                }
            } else if self.commands.contains_key(&next) {
                command = next;
            } else if self.has_subcommands(&command) {
                return Some(format!("there is no command hotwash {}", next.join(" ")));
            }
        }
        None
    }

    fn has_subcommands(&self, command: &[String]) -> bool {
        self.commands.keys().any(|other| other.len() > command.len() && other.starts_with(command))
    }

    fn is_command(&self, word: &str) -> bool {
        self.commands.contains_key(&vec![word.to_owned()])
    }

    fn has_option(&self, option: &str) -> bool {
        self.commands.values().any(|options| options.contains(option))
    }
}

/// Programs with their arguments: of a span, or of what a block has the reader type.
fn programs(code: &Code) -> Vec<Vec<String>> {
    let text = code.text.replace("\\\n", " ");
    let typed: String = match code.block.as_deref() {
        Some("console") => {
            text.lines().filter_map(|line| line.strip_prefix("$ ")).collect::<Vec<_>>().join("\n")
        }
        Some("sh") | None => text,
        Some(_) => return Vec::new(),
    };
    // Comments in a line and between lines, and what goes into a file.
    let typed = pattern(r"`#[^`]*`|(?m)(?:^|\s)#.*$|>\s*\S+").replace_all(&typed, "").into_owned();
    let setting = pattern("^[A-Z_]+=");
    let words = |part: &str| -> Vec<String> {
        part.split_whitespace()
            .skip_while(|word| setting.is_match(word))
            .map(str::to_owned)
            .collect()
    };
    pattern(r"[|;&\n()]+").split(&typed).map(words).filter(|words| !words.is_empty()).collect()
}

#[test]
fn every_command_and_option_that_a_page_names_exists() {
    let line = CommandLine::read();
    let (script, bench) = (options_of_the_script(), read("tests/bench/__main__.py"));
    let (mut faults, mut named) = (Vec::new(), 0);
    for page in &pages() {
        for code in page.code() {
            for words in programs(&code) {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let is_span = code.block.is_none();
                let fault = match words.as_slice() {
                    ["hotwash", arguments @ ..] => line.fault(arguments),
                    ["cargo", "run", .., "--", last] => line.fault(&[last]),
                    ["tests/run", arguments @ ..] => arguments
                        .iter()
                        .find(|word| word.starts_with('-') && !script.contains(**word))
                        .map(|word| format!("tests/run has no option {word}")),
                    [option, ..] if is_span && option.starts_with("--") => {
                        let option = option.split(['=', '[']).next().unwrap_or(option);
                        let is_known = line.has_option(option)
                            || script.contains(option)
                            || bench.contains(&format!("\"{option}\""));
                        (!is_known).then(|| format!("nothing has the option {option}"))
                    }
                    [command, next, ..]
                        if is_span
                            && line.is_command(command)
                            && next.starts_with(|letter: char| {
                                "-".contains(letter) || letter.is_lowercase()
                            }) =>
                    {
                        line.fault(&words)
                    }
                    _ => continue,
                };
                named += 1;
                faults.extend(fault.map(|fault| format!("{}: {fault}: {words:?}", page.name)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(named > 100, "{named} commands and options are named");
}

/// Options that `tests/run` takes; its own help and CONTRIBUTING.md list each.
fn options_of_the_script() -> BTreeSet<String> {
    let (script, page) = (read("tests/run"), read("CONTRIBUTING.md"));
    let arm = pattern(r"(?m)^    (?:-h \| )?(--[a-z-]+)\)");
    let options: BTreeSet<String> =
        arm.captures_iter(&script).map(|arm| arm[1].to_owned()).collect();
    for option in options.iter().filter(|option| *option != "--help") {
        assert!(script.contains(&format!("#   tests/run {option} ")), "its help lacks {option}");
        assert!(page.contains(&format!("| `{option}")), "CONTRIBUTING.md does not list {option}");
    }
    options
}
