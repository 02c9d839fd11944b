//! What runs verify elsewhere: the action, the hooks, the project's workflow, and what the page on CI shows. GitHub and
//! GitLab are not here: their files are read by their schemas, and the action's scripts run as GitHub runs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;

use crate::common::Place;
use crate::reports::readers::python;

const PAGE: &str = include_str!("../../docs/ci.md");

#[derive(Deserialize)]
struct Action {
    inputs: BTreeMap<String, Input>,
    outputs: BTreeMap<String, serde_json::Value>,
    runs: Runs,
}

#[derive(Deserialize)]
struct Input {
    default: String,
}

#[derive(Deserialize)]
struct Runs {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    run: Option<String>,
    shell: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn action() -> Action {
    let text = std::fs::read_to_string(root().join("action.yml")).expect("the action");
    serde_saphyr::from_str(&text).expect("an action")
}

/// Runs a step's script as GitHub does, with inputs that replace the defaults. What it says for later steps goes
/// into `output`, what it says for people into `summary.md`.
fn run(place: &Place, name: &str, inputs: &[(&str, &str)]) -> Output {
    let action = action();
    let step = action.runs.steps.iter().find(|step| step.name == name).expect("the step");
    place.write("script", step.run.as_deref().expect("a script"));
    for file in ["output", "summary.md", "temp/here"] {
        place.write(file, "");
    }
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(place.path("script"));
    for (variable, value) in &step.env {
        let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let input = input.unwrap_or_else(|| panic!("{variable} is not an input: {value}"));
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, given)| *given);
        bash.env(variable, given.unwrap_or(&action.inputs[input].default));
    }
    bash.env("GITHUB_ACTION_PATH", root()).env("RUNNER_TEMP", place.path("temp"));
    bash.env("GITHUB_OUTPUT", place.path("output")).env("GITHUB_STEP_SUMMARY", place.path("summary.md"));
    bash.current_dir(place.path("repo")).output().expect("bash starts")
}

/// The step that checks, with the verify under test.
fn check(place: &Place, inputs: &[(&str, &str)]) -> Output {
    let path = ("path", env!("CARGO_BIN_EXE_verify"));
    run(place, "Check the guides", &inputs.iter().copied().chain([path]).collect::<Vec<_>>())
}

/// A value that a step gave to later ones.
fn output(place: &Place, name: &str) -> String {
    let lines = place.read("output");
    let value = lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{name} is not in {lines}")).to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn repository() -> Place {
    let place = Place::new();
    place.write("repo/.git/HEAD", "");
    place.write("repo/docs/a b.md", "```python\n1 + 1  # 3\n```\n");
    place.write("repo/good.md", "```python\n1 + 1  # 2\n```\n");
    place
}

#[test]
fn the_action_annotates_sums_up_and_keeps_reports() {
    let place = repository();
    let done = check(&place, &[("guides", "docs/a b.md\n\ngood.md\n")]);
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    let said = text(&done.stdout);
    assert!(said.starts_with("::error file=docs/a b.md,line=2,"), "{said}");
    assert!(said.contains("2 snippets in 2 guides"), "{said}");
    assert!(place.read("summary.md").contains("<code>docs/a b.md:2</code>"));
    let reports = PathBuf::from(output(&place, "reports"));
    for name in ["verify.json", "verify.sarif", "verify.junit.xml", "verify.md", "pages/index.html"] {
        assert!(reports.join(name).exists(), "{name}");
    }
    assert!(action().outputs.contains_key("reports"));
}

#[test]
fn the_action_passes_where_all_is_true() {
    let place = repository();
    let inputs =
        [("guides", "good.md"), ("annotations", "false"), ("summary", "false"), ("args", "--strict -v")];
    let done = check(&place, &inputs);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("holds: 2"), "{}", text(&done.stdout));
    assert_eq!(place.read("summary.md"), "");
}

#[test]
fn the_action_checks_what_is_configured_and_tells_a_failure_of_verify() {
    let place = repository();
    let done = check(&place, &[]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("no guide given"), "{}", text(&done.stderr));
    place.write("repo/verify.toml", "guides = [\"good.md\"]\n");
    let done = check(&place, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("1 snippet in 1 guide"), "{}", text(&done.stdout));
}

#[test]
fn what_is_expected_is_not_told_to_code_scanning() {
    let place = repository();
    let expected = "<!-- verify: expect false-claim reason=\"a mistake\" -->\n```python\n1 + 1  # 3\n```\n";
    place.write("repo/good.md", expected);
    assert_eq!(check(&place, &[("guides", "good.md\ndocs")]).status.code(), Some(1));
    let results = |path: PathBuf| {
        let log: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("a log")).expect("JSON");
        log["runs"][0]["results"].as_array().expect("results").len()
    };
    let reports = PathBuf::from(output(&place, "reports"));
    assert_eq!((results(reports.join("all.sarif")), results(output(&place, "sarif").into())), (2, 1));
}

#[test]
fn inputs_are_no_code() {
    let place = repository();
    let hostile = "$(touch pwned) `touch pwned`; touch pwned; \"; touch pwned; ' *";
    for name in ["guides", "python", "args", "annotations", "summary"] {
        let done = check(&place, &[(name, hostile)]);
        assert!(!place.path("repo/pwned").exists(), "{name}");
        assert_eq!(done.status.code(), Some(2), "{name}: {}", text(&done.stdout));
    }
    let done = check(&place, &[("guides", "--strict\ngood.md")]);
    assert!(text(&done.stdout).contains("file=--strict,"), "a guide is no option: {}", text(&done.stdout));
    for step in action().runs.steps.iter().filter(|step| step.run.is_some()) {
        assert!(!step.run.as_ref().is_some_and(|script| script.contains("${{")), "{}", step.name);
        assert_eq!(step.shell.as_deref(), Some("bash"), "{}", step.name);
    }
}

#[test]
fn the_action_knows_what_it_builds_from() {
    let place = repository();
    let key = || {
        let done = run(&place, "Find what verify is built from", &[]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        output(&place, "key")
    };
    assert_eq!(key(), key());
    assert!(Path::new(&output(&place, "python")).exists());
}

/// The fences of the page on CI in a language, each with what stands in its first comment: the name of its file.
fn fences(language: &str) -> Vec<(String, String)> {
    let start = format!("```{language}\n# ");
    let fences = PAGE.split(&start).skip(1);
    let whole = |rest: &str| {
        let (fence, _) = rest.split_once("```").expect("a closed fence");
        let (name, text) = fence.split_once('\n').expect("a name");
        (name.to_owned(), text.to_owned())
    };
    fences.map(whole).collect()
}

#[test]
fn every_file_is_what_its_reader_wants() {
    let place = Place::new();
    let shown = fences("yaml");
    assert!(shown.len() >= 3, "the page shows files");
    let mut files: Vec<(PathBuf, &str)> = vec![
        (root().join("action.yml"), "vendor.github-actions"),
        (root().join(".github/workflows/guides.yml"), "vendor.github-workflows"),
    ];
    for (name, text) in &shown {
        place.write(name, text);
        let schema = match name.as_str() {
            name if name.ends_with(".gitlab-ci.yml") => "vendor.gitlab-ci",
            name if name.starts_with(".github/workflows/") => "vendor.github-workflows",
            // The one is read below; no schema of the other's comes with the reader, so that it is run instead.
            ".pre-commit-config.yaml" | "job.yaml" => continue,
            name => panic!("nobody reads {name}"),
        };
        files.push((place.path(name), schema));
    }
    for (path, schema) in files {
        let path = path.to_str().expect("a path");
        let Some(done) = python(&["-m", "check_jsonschema", "--builtin-schema", schema, path]) else {
            return;
        };
        assert!(done.status.success(), "{path}: {}", text(&done.stdout));
    }
    let (hooks, config) = (root().join(".pre-commit-hooks.yaml"), place.path(".pre-commit-config.yaml"));
    for (command, file) in [("validate-manifest", hooks), ("validate-config", config)] {
        let done =
            python(&["-m", "pre_commit", command, file.to_str().expect("a path")]).expect("it was there");
        assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    }
}

/// The action's inputs have a row each in the page's table.
#[test]
fn every_input_is_on_the_page() {
    for input in action().inputs.keys() {
        assert!(PAGE.lines().any(|line| line.starts_with(&format!("| `{input}` |"))), "{input}");
    }
}

#[derive(Deserialize)]
struct Job {
    kind: String,
    spec: JobSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobSpec {
    completion_mode: String,
    completions: usize,
    parallelism: usize,
    template: Template,
}

#[derive(Deserialize)]
struct Template {
    spec: Pod,
}

#[derive(Deserialize)]
struct Pod {
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Container {
    command: Vec<String>,
    args: Vec<String>,
}

/// Each pod is a process here, all at the same time, with what the Job gives it.
#[test]
fn the_pods_of_the_job_check_everything_together() {
    let (_, text) = fences("yaml").into_iter().find(|(name, _)| name == "job.yaml").expect("the Job");
    let Job { kind, spec } = serde_saphyr::from_str(&text).expect("a Job");
    assert_eq!((kind.as_str(), spec.completion_mode.as_str()), ("Job", "Indexed"));
    assert_eq!(spec.completions, spec.parallelism);
    let place = Place::new();
    place.write("verify.toml", "guides = [\"*.md\"]\n");
    place.write("parts/.keep", "");
    for guide in 0..6 {
        place.write(&format!("{guide}.md"), "```python\n1 + 1  # 2\n```\n\n```python\n1 + 1  # 3\n```\n");
    }
    let verify = Path::new(env!("CARGO_BIN_EXE_verify")).parent().expect("a folder").display().to_string();
    let path = format!("{verify}:{}", std::env::var("PATH").unwrap_or_default());
    let parts = place.path("parts").display().to_string();
    let Container { command, args } = &spec.template.spec.containers[0];
    let pod = |index: usize| {
        let args = args.iter().map(|argument| argument.replace("/parts", &parts));
        let mut pod = Command::new(&command[0]);
        pod.args(&command[1..]).args(args).env("PATH", &path).env("JOB_COMPLETION_INDEX", index.to_string());
        pod.current_dir(place.path(".")).stdout(Stdio::null()).spawn().expect("a shell starts")
    };
    for mut pod in (0..spec.completions).map(pod).collect::<Vec<_>>() {
        assert!(pod.wait().expect("it ends").success(), "what is false is no failure of a pod");
    }
    let files = (0..spec.completions).map(|index| format!("parts/{index}.json")).collect::<Vec<_>>();
    let merge = ["merge", "--format", "json"].into_iter().chain(files.iter().map(String::as_str));
    let merged = place.verify(&merge.collect::<Vec<_>>());
    assert_eq!(merged.code(), Some(1), "{}", merged.stderr());
    assert_eq!(merged.json()["summary"]["snippets"], 12);
    assert_eq!(merged.json()["summary"]["errors"], 6);
}
