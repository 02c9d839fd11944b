//! What is there before a snippet's first statement because of the format that it comes from: the names of a
//! docstring's module, those that a notebook adds to Python's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::shown;
use crate::guide::{Format, Guide};
use crate::needs::{Content, Fixture, Setup};
use crate::python::{Code, is_standard};

/// What makes a folder a package.
const MARK: &str = "__init__.py";

/// Gives the snippets of a guide what their format has behind them, before all else that they need.
pub fn lay(guide: &mut Guide) {
    let (files, code) = match guide.format {
        Format::Markdown | Format::Rst => return,
        Format::Notebook => (Vec::new(), include_str!("ground/notebook.py").to_owned()),
        Format::Python => {
            let module = Module::of(Path::new(&guide.path));
            let code = module.import();
            (module.files(&guide.source.file().text), code)
        }
    };
    let place = match guide.format {
        Format::Python => shown(Path::new(&guide.path)),
        _ => "what a notebook adds to Python".to_owned(),
    };
    let setup = Setup { code: code.into(), place, imports: guide.format == Format::Python };
    for snippet in &mut guide.snippets {
        snippet.needs.setup.insert(0, setup.clone());
        let own = &snippet.needs.files;
        let more = files.iter().filter(|file| own.iter().all(|other| other.path != file.path));
        let more: Vec<_> = more.cloned().collect();
        snippet.needs.files.extend(more);
    }
}

/// The files that [`lay`] gives to snippets or has looked for, be they there or not.
pub fn looked_for(guide: &Guide) -> Vec<PathBuf> {
    match guide.format {
        Format::Python => Module::of(Path::new(&guide.path)).looked_for(&guide.source.file().text),
        Format::Markdown | Format::Rst | Format::Notebook => Vec::new(),
    }
}

/// A file of Python as its package has it.
struct Module {
    /// Where its outermost package lies, or the file itself.
    folder: PathBuf,
    /// The file from there.
    path: PathBuf,
}

impl Module {
    /// A folder with an `__init__.py` is a package.
    fn of(path: &Path) -> Module {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut folder = path.parent().unwrap_or(Path::new("/"));
        while folder.join(MARK).is_file() {
            let Some(above) = folder.parent() else { break };
            folder = above;
        }
        let inside = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        Module { folder: folder.to_owned(), path: inside }
    }

    /// `app.shapes`
    fn name(&self) -> String {
        let path = self.path.with_extension("");
        let path = if path.ends_with("__init__") { path.parent().unwrap_or(&path) } else { &path };
        path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(".")
    }

    fn import(&self) -> String {
        let python = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let (name, path) = (python(&self.name()), python(&self.path.to_string_lossy()));
        let function = include_str!("ground/module.py");
        format!("{function}\n\nglobals().update(_verify_module({name}, {path}))\ndel _verify_module\n")
    }

    /// The package, or the file with those beside it that it imports.
    fn files(&self, text: &str) -> Vec<Fixture> {
        let given = |path: &Path| Fixture {
            path: path.to_string_lossy().into_owned(),
            content: Content::From(self.folder.join(path)),
        };
        match self.path.iter().next() {
            Some(package) if self.path.components().count() > 1 => vec![given(Path::new(package))],
            _ => {
                let mut found = BTreeSet::from([self.path.clone()]);
                self.beside(text, &mut found);
                found.iter().map(|path| given(path)).collect()
            }
        }
    }

    /// What the files are found by: whether their folder is a package, what is in them, what they import.
    fn looked_for(&self, text: &str) -> Vec<PathBuf> {
        let files = self.files(text);
        let mut found = vec![self.folder.join(MARK)];
        for file in files {
            let path = self.folder.join(&file.path);
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            found.extend(
                imported(&text)
                    .flat_map(|(package, file)| [package.join(MARK), file])
                    .map(|it| self.folder.join(it)),
            );
            found.push(path);
        }
        found
    }

    /// Adds what lies beside the file and is imported by its text, or by what that imports.
    fn beside(&self, text: &str, found: &mut BTreeSet<PathBuf>) {
        for (package, file) in imported(text) {
            if self.folder.join(&package).join(MARK).is_file() {
                found.insert(package);
            } else if let Ok(text) = std::fs::read_to_string(self.folder.join(&file))
                && found.insert(file)
            {
                self.beside(&text, found);
            }
        }
    }
}

/// Of each module that a text imports and that does not come with Python, the package and the file that it may be.
fn imported(text: &str) -> impl Iterator<Item = (PathBuf, PathBuf)> {
    let roots = Code::parse(text).imports().into_iter();
    let roots = roots.map(|module| module.split('.').next().unwrap_or_default().to_owned());
    let own = roots.filter(|root| !root.is_empty() && !is_standard(root)).collect::<BTreeSet<_>>();
    own.into_iter().map(|root| (PathBuf::from(&root), PathBuf::from(format!("{root}.py"))))
}
