//! What is there before a snippet's first statement because of the format that it comes from: the names of a
//! docstring's module, those that a notebook adds to Python's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::shown;
use crate::guide::{Format, Guide};
use crate::needs::{Content, Fixture, Setup};
use crate::python::{Code, is_standard};

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
        while folder.join("__init__.py").is_file() {
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

    /// Adds what lies beside the file and is imported by its text, or by what that imports.
    fn beside(&self, text: &str, found: &mut BTreeSet<PathBuf>) {
        for module in Code::parse(text).imports() {
            let root = module.split('.').next().unwrap_or_default();
            if root.is_empty() || is_standard(root) {
                continue;
            }
            let (package, file) = (PathBuf::from(root), PathBuf::from(format!("{root}.py")));
            if self.folder.join(&package).join("__init__.py").is_file() {
                found.insert(package);
            } else if let Ok(text) = std::fs::read_to_string(self.folder.join(&file))
                && found.insert(file)
            {
                self.beside(&text, found);
            }
        }
    }
}
