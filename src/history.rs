//! A repository as it was: files at an earlier revision, and what has changed since. Git itself is asked; it is there
//! wherever there is a repository.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

/// What keeps git from looking where it is told to, as in hooks that it runs.
const ELSEWHERE: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

/// What has changed in a repository since a revision, committed or not.
pub struct History {
    /// The folder of the repository's files.
    pub top: PathBuf,
    /// The commit at which this line of history left that of the revision.
    pub base: String,
    /// The files that changed, whole paths, with those that are new and those that are gone.
    pub changed: BTreeSet<PathBuf>,
    /// What renamed files were called.
    renamed: HashMap<PathBuf, PathBuf>,
}

impl History {
    /// The history of the repository that a folder is in, since the commit from which both its state and `revision`
    /// come: what others did to that branch meanwhile is no change of ours. The error says what to do.
    pub fn since(revision: &str, folder: &Path) -> anyhow::Result<History> {
        let top = git(folder, &["rev-parse", "--show-toplevel"]).with_context(|| {
            format!("{} is in no git repository, so nothing is known of what changed", folder.display())
        })?;
        let top = PathBuf::from(OsStr::from_bytes(top.trim_ascii_end()));
        let commit = format!("{revision}^{{commit}}");
        // A revision that looks like an option is none.
        let found = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
        let found =
            found.map_err(|_| lacking(&top, format!("{} has no revision `{revision}`", top.display())))?;
        let base = git(&top, &["merge-base", &text(&found), "HEAD"]).map_err(|_| {
            lacking(&top, format!("`{revision}` and what is checked out have no commit in common"))
        })?;
        let mut history =
            History { top, base: text(&base), changed: BTreeSet::new(), renamed: HashMap::new() };
        history.compare()?;
        Ok(history)
    }

    fn compare(&mut self) -> anyhow::Result<()> {
        let args = ["diff", "--name-status", "-z", "-M", "--no-ext-diff", &self.base];
        let differing = git(&self.top, &args)?;
        let mut fields = paths(&differing);
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            let mut path = self.top.join(path);
            if status.as_os_str().as_bytes().first().is_some_and(|kind| b"RC".contains(kind)) {
                let new = self.top.join(fields.next().context("git names both files of a rename")?);
                self.renamed.insert(new.clone(), path.clone());
                self.changed.insert(std::mem::replace(&mut path, new));
            }
            self.changed.insert(path);
        }
        let new = git(&self.top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        self.changed.extend(paths(&new).map(|path| self.top.join(path)));
        Ok(())
    }

    /// What a file was called.
    pub fn former<'a>(&'a self, file: &'a Path) -> &'a Path {
        self.renamed.get(file).map_or(file, PathBuf::as_path)
    }

    /// Whether something in a folder, or the file of that name, has changed.
    pub fn has_changed_in(&self, folder: &Path) -> bool {
        self.changed.iter().any(|path| path.starts_with(folder))
    }

    /// A file as it was; none where there was none.
    pub fn file(&self, path: &Path) -> Option<Vec<u8>> {
        let inside = path.strip_prefix(&self.top).ok()?;
        let mut object = format!("{}:", self.base).into_bytes();
        object.extend(inside.as_os_str().as_bytes());
        git(&self.top, &[OsStr::new("cat-file"), OsStr::new("blob"), OsStr::from_bytes(&object)]).ok()
    }

    /// The files of a folder as they were, in a folder of their own.
    pub fn folder(&self, path: &Path) -> anyhow::Result<Former> {
        let place = tempfile::tempdir().context("cannot make a folder for the files as they were")?;
        let inside = path.strip_prefix(&self.top).context("the folder is in the repository")?;
        let index = place.path().join("index");
        let with_index = |args: &[&OsStr], input: &[u8]| {
            let mut command = command(&self.top);
            command.args(args).env("GIT_INDEX_FILE", &index);
            finish(command, input)
        };
        with_index(&["read-tree".as_ref(), self.base.as_ref()], b"")?;
        let wanted = if inside.as_os_str().is_empty() { OsStr::new(".") } else { inside.as_os_str() };
        let files = with_index(&["ls-files".as_ref(), "-z".as_ref(), "--".as_ref(), wanted], b"")?;
        let mut prefix = OsStr::new("--prefix=").to_owned();
        prefix.extend([place.path().join("files/").as_os_str()]);
        with_index(&["checkout-index".as_ref(), "-z".as_ref(), "--stdin".as_ref(), &prefix], &files)?;
        Ok(Former { top: self.top.clone(), place })
    }
}

/// Files as they were. They are removed when this is dropped.
pub struct Former {
    top: PathBuf,
    place: TempDir,
}

impl Former {
    /// Where the former state of a file or folder of the repository is.
    pub fn place(&self, path: &Path) -> PathBuf {
        self.place.path().join("files").join(path.strip_prefix(&self.top).unwrap_or(path))
    }
}

/// What lacks a commit, and why that may be.
fn lacking(top: &Path, what: String) -> anyhow::Error {
    let shallow = git(top, &["rev-parse", "--is-shallow-repository"]);
    match shallow.is_ok_and(|said| text(&said) == "true") {
        true => anyhow::anyhow!(
            "{what}: this clone is shallow, fetch all of it (actions/checkout: `fetch-depth: 0`; elsewhere: \
             `git fetch --unshallow`)"
        ),
        false => anyhow::anyhow!("{what}: name a branch, a tag or a commit that is there, or fetch it"),
    }
}

fn git<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> anyhow::Result<Vec<u8>> {
    let mut command = command(folder);
    command.args(args);
    finish(command, b"")
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    command.arg("-C").arg(folder);
    command
}

/// What a git prints. The error is what it says.
fn finish(mut command: Command, input: &[u8]) -> anyhow::Result<Vec<u8>> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut git = match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("git is not installed: install it")
        }
        started => started.context("cannot start git")?,
    };
    let mut to = git.stdin.take().context("git's input is piped")?;
    let Output { status, stdout, stderr } = std::thread::scope(|scope| {
        // It may answer before it has read everything.
        scope.spawn(move || to.write_all(input));
        git.wait_with_output()
    })?;
    ensure!(status.success(), "git: {}", text(&stderr));
    Ok(stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn paths(bytes: &[u8]) -> impl Iterator<Item = PathBuf> {
    let all = bytes.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    all.map(|path| PathBuf::from(OsStr::from_bytes(path)))
}
