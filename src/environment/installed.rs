//! What is installed in an environment, as its own records say.

use std::fs;
use std::path::{Path, PathBuf};

use super::Environment;

/// A distribution that is installed.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Its name, as it spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The module that all of its files belong to that one of them belongs to, as it is imported.
    pub module: String,
}

impl Environment {
    /// The distribution that a file of the environment belongs to.
    pub fn owner(&self, file: &Path) -> Option<Distribution> {
        let packages = self.packages().find(|folder| file.starts_with(folder))?;
        let inside = file.strip_prefix(&packages).ok()?;
        let info = infos(&packages).into_iter().find(|info| records(info, inside))?;
        let (name, version) = name_and_version(&info)?;
        Some(Distribution { name, version, module: module(&packages, inside)? })
    }

    /// The folders of its packages: each version and kind of Python has another name for it.
    fn packages(&self) -> impl Iterator<Item = PathBuf> {
        let folders = ["lib", "lib64"].map(|lib| fs::read_dir(self.prefix.join(lib)));
        let folders = folders.into_iter().flatten().flatten().flatten();
        folders.map(|folder| folder.path().join("site-packages"))
    }
}

/// The folders in which distributions keep what is known about them.
fn infos(packages: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(packages).into_iter().flatten().flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "dist-info")).collect()
}

/// Whether a distribution's list of its files holds one.
fn records(info: &Path, file: &Path) -> bool {
    let list = fs::read_to_string(info.join("RECORD")).unwrap_or_default();
    let Some(file) = file.to_str() else { return false };
    list.lines().any(|line| line.strip_prefix(file).is_some_and(|rest| rest.starts_with(',')))
}

fn name_and_version(info: &Path) -> Option<(String, String)> {
    let metadata = fs::read_to_string(info.join("METADATA")).ok()?;
    let head: Vec<_> = metadata.lines().take_while(|line| !line.is_empty()).collect();
    let field =
        |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned());
    Some((field("Name:")?, field("Version:")?))
}

/// The outermost module that a file belongs to and that is code: above it there are only folders.
fn module(packages: &Path, file: &Path) -> Option<String> {
    let mut name = String::new();
    let mut folder = packages.to_owned();
    for part in file.iter() {
        let part = part.to_str()?;
        name += part.strip_suffix(".py").unwrap_or(part);
        folder.push(part);
        if folder.is_file() || folder.join("__init__.py").is_file() {
            return Some(name);
        }
        name.push('.');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> (tempfile::TempDir, Environment) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            (
                "Six_More-1.2.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: Six.More\nVersion: 1.2\n\nVersion: none\n",
            ),
            (
                "Six_More-1.2.dist-info/RECORD",
                "six.py,sha256=x,1\ngoogle/deep/__init__.py,,\ngoogle/deep/er/part.py,,\n",
            ),
            ("six.py", ""),
            ("google/deep/__init__.py", ""),
            ("google/deep/er/part.py", ""),
            ("stray.py", ""),
        ] {
            let path = folder.path().join("lib/python3.11/site-packages").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("lib", folder.path().join("lib64")).unwrap();
        let environment =
            Environment { prefix: folder.path().to_owned(), python: folder.path().join("bin/python") };
        (folder, environment)
    }

    #[test]
    fn a_file_has_an_owner_and_a_module() {
        let (folder, environment) = environment();
        let owner = |path: &str| environment.owner(&folder.path().join(path));
        let found = |module: &str| {
            Some(Distribution { name: "Six.More".into(), version: "1.2".into(), module: module.into() })
        };
        assert_eq!(owner("lib/python3.11/site-packages/six.py"), found("six"));
        assert_eq!(owner("lib64/python3.11/site-packages/google/deep/er/part.py"), found("google.deep"));
        assert_eq!(owner("lib/python3.11/site-packages/stray.py"), None);
        assert_eq!(owner("lib/python3.12/site-packages/six.py"), None);
        assert_eq!(environment.owner(Path::new("/etc/passwd")), None);
    }
}
