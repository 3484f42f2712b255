//! What others' pipelines take from this tree: every command line in it is one that packlist understands, and every
//! input that it declares is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Command lines that run packlist, as they stand in a file: in steps, hooks and examples.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches("- ").trim_start_matches("$ ");
        let line = ["run:", "entry:"].iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line).trim();
        for part in line.split(" | ").flat_map(|part| part.split(" && ")) {
            // A sentence that begins with our name is none.
            let first = part.strip_prefix("packlist ").and_then(|rest| rest.split(' ').next());
            if first.is_some_and(|word| word.chars().all(|letter| letter.is_ascii_lowercase()))
                && !line.ends_with('.')
            {
                found.push(part.trim().to_owned());
            }
        }
    }
    found
}

/// Words as a shell makes them, simple ones: quotes kept together, variables put in, comments left out.
fn words(command: &str) -> Vec<String> {
    let mut command = command.split("   #").next().unwrap_or_default().to_owned();
    for end in [" || ", " > ", "; "] {
        command = command.split(end).next().unwrap_or_default().to_owned();
    }
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    let mut rest = command.chars().peekable();
    while let Some(letter) = rest.next() {
        let word = words.last_mut().expect("there is always one");
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            '$' if rest.peek() == Some(&'{') => {
                // `${NAME:+words}` is its words.
                let mut inner = String::new();
                let mut depth = 0;
                for letter in rest.by_ref() {
                    depth += i32::from(letter == '{') - i32::from(letter == '}');
                    if depth == 0 {
                        break;
                    }
                    inner.push(letter);
                }
                let put = inner.split_once(":+").map(|(_, put)| put.replace('"', "")).unwrap_or_default();
                for (index, part) in put.split(' ').enumerate() {
                    if index > 0 {
                        words.push(String::new());
                    }
                    words.last_mut().expect("there is always one").push_str(part);
                }
            }
            letter => word.push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Runs a command where there is nothing to read, and says whether its arguments were understood.
fn is_understood(command: &str) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let words = words(command);
    let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
        .args(&words[1..])
        .current_dir(folder.path())
        .env("XDG_CACHE_HOME", folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_understood =
        !errors.contains("For more information, try '--help'") && !errors.contains("there is no format");
    assert!(is_understood, "{command}\n{words:?}\n{errors}");
    is_understood
}

#[test]
fn every_command_line_for_pipelines_is_understood() {
    for (file, least) in [("action.yml", 1), ("templates/packlist.yml", 1), (".pre-commit-hooks.yaml", 2)] {
        let found = commands(&text(file));
        assert!(found.len() >= least, "{file}: {found:?}");
        assert!(found.iter().all(|command| is_understood(command)), "{file}");
    }
}

#[test]
fn inputs_that_are_declared_are_used_and_no_others() {
    let cases = [("action.yml", "${{ inputs.", " }}"), ("templates/packlist.yml", "$[[ inputs.", " ]]")];
    for (file, before, behind) in cases {
        let text = text(file);
        let (_, declared) = text.split_once("inputs:\n").expect("it declares inputs");
        let indent = declared.len() - declared.trim_start().len();
        let names = declared
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with(&" ".repeat(indent)))
            .filter(|line| !line.starts_with(&" ".repeat(indent + 1)))
            .filter_map(|line| line.trim().strip_suffix(':'));
        let declared: std::collections::BTreeSet<&str> = names.collect();
        let used: std::collections::BTreeSet<&str> =
            text.split(before).skip(1).filter_map(|rest| rest.split(behind).next()).collect();
        assert_eq!(declared, used, "{file}");
        assert!(declared.len() > 3, "{file}: {declared:?}");
    }
}

/// A script that has an input in it runs whatever stands in that input.
#[test]
fn no_input_stands_in_a_script() {
    let action = text("action.yml");
    for script in action.split("run: |\n").skip(1) {
        let lines: Vec<&str> = script.lines().take_while(|line| line.starts_with("        ")).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("${{")), "{lines:?}");
    }
    let component = text("templates/packlist.yml");
    let (_, script) = component.split_once("script:\n").expect("it has a script");
    assert!(script.lines().take_while(|line| line.starts_with("    - ")).all(|line| !line.contains("$[[")));
}

#[test]
fn the_image_is_nothing_but_the_binary() {
    let text = text("Dockerfile");
    let last = text.rsplit("\nFROM ").next().expect("it begins from something");
    assert!(last.starts_with("scratch\n") && last.contains("ENTRYPOINT [\"/bin/packlist\"]"), "{last}");
    assert!(text.contains("RUN .ci/release") && Path::new(&root().join(".ci/release")).exists());
}
