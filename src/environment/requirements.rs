//! What snippets need to be installed, in one spelling: two that need the same share an environment.

use std::collections::BTreeSet;
use std::path::Path;

use pep508_rs::pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{PackageName, Requirement, VerbatimUrl, VersionOrUrl};
use serde::{Deserialize, Serialize};

use super::{file, group};

/// Distributions with their versions, as PEP 508 words them, and what else decides what is installed.
/// The order in which something was added, its spelling and repetitions make no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Requirements {
    packages: BTreeSet<String>,
    constraints: BTreeSet<String>,
    pythons: BTreeSet<String>,
    allow_source: bool,
}

/// The part of a script's metadata that says what it needs.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Script {
    #[serde(default)]
    dependencies: Vec<String>,
    requires_python: Option<String>,
}

// Errors say what is wrong and where in what was added; who adds it knows where that comes from.
impl Requirements {
    /// Adds a requirement: `six>=1.16`.
    pub fn add(&mut self, requirement: &str) -> Result<(), String> {
        self.packages.insert(normal(requirement)?);
        Ok(())
    }

    /// Adds what a requirements file lists, with the files that it includes from below a folder.
    pub fn add_file(&mut self, path: &Path, folder: &Path) -> Result<(), String> {
        let lists = file::read(path, folder)?;
        self.packages.extend(lists.packages);
        self.constraints.extend(lists.constraints);
        Ok(())
    }

    /// Adds a dependency group of a `pyproject.toml`, given its text.
    pub fn add_group(&mut self, pyproject: &str, group: &str) -> Result<(), String> {
        group::members(pyproject, group)?.iter().try_for_each(|requirement| self.add(requirement))
    }

    /// What the inline metadata of a script asks for, given its TOML: versions of distributions only, since a
    /// guide may be a stranger's.
    pub fn of_script(metadata: &str) -> Result<Requirements, String> {
        let script: Script = toml::from_str(metadata).map_err(|error| error.message().to_owned())?;
        let mut all = Requirements::default();
        script.dependencies.iter().try_for_each(|requirement| all.add(requirement))?;
        script.requires_python.iter().try_for_each(|versions| all.add_python(versions))?;
        match all.elsewhere() {
            Some(elsewhere) => Err(format!("`{elsewhere}` names a place, which only a configuration can")),
            None => Ok(all),
        }
    }

    /// Adds a condition on the interpreter: `>=3.11`.
    pub fn add_python(&mut self, versions: &str) -> Result<(), String> {
        self.pythons.insert(specifiers(versions)?.to_string());
        Ok(())
    }

    /// Allows distributions to be built from source, which runs their code.
    pub fn allow_source(&mut self) {
        self.allow_source = true;
    }

    /// Adds all that others need.
    pub fn extend(&mut self, others: &Requirements) {
        self.packages.extend(others.packages.iter().cloned());
        self.constraints.extend(others.constraints.iter().cloned());
        self.pythons.extend(others.pythons.iter().cloned());
        self.allow_source |= others.allow_source;
    }

    /// The same for every Python: what is installed does not depend on which ones are asked for.
    pub fn for_all_pythons(&self) -> Requirements {
        Requirements { pythons: BTreeSet::new(), ..self.clone() }
    }

    /// Whether nothing has to be installed.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// Whether it is not for every Python.
    pub fn is_particular(&self) -> bool {
        !self.pythons.is_empty()
    }

    /// Whether a distribution is among them, be it with extras.
    pub fn contain(&self, distribution: &str) -> bool {
        let name = |text: &str| parse(text).ok().map(|requirement| requirement.name);
        self.packages().any(|asked| name(asked).is_some() && name(asked) == name(distribution))
    }

    /// What has to be installed, in order.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(String::as_str)
    }

    /// What limits the versions of whatever is installed, in order.
    pub fn constraints(&self) -> impl Iterator<Item = &str> {
        self.constraints.iter().map(String::as_str)
    }

    /// Whether distributions may be built from source.
    pub fn allows_source(&self) -> bool {
        self.allow_source
    }

    /// The condition that a Python does not meet, given its version.
    pub fn refuses(&self, python: &str) -> Option<&str> {
        let version: Version = python.parse().ok()?;
        let met = |condition: &&String| specifiers(condition).is_ok_and(|all| all.contains(&version));
        self.pythons.iter().find(|condition| !met(condition)).map(String::as_str)
    }

    /// A requirement that names a place instead of a version, where that is not allowed: nobody knows what
    /// lies there, and installers build what is no wheel.
    pub fn elsewhere(&self) -> Option<&str> {
        let placed = |text: &&str| matches!(parse(text), Ok(found) if is_placed(&found));
        self.packages().find(|text| !self.allow_source && placed(text))
    }
}

fn is_placed(requirement: &Requirement<VerbatimUrl>) -> bool {
    matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_)))
}

/// A requirement without what follows it in a requirements file: hashes.
pub fn parse(text: &str) -> Result<Requirement<VerbatimUrl>, String> {
    let bare = text.split(" --hash").next().unwrap_or(text);
    bare.parse()
        .map_err(|error: pep508_rs::Pep508Error| format!("`{bare}` is not a requirement: {}", error.message))
}

/// The one spelling of a requirement.
pub fn normal(text: &str) -> Result<String, String> {
    let found = parse(text.trim())?;
    // An address goes to the installer as it stands: what it has of variables is nobody else's business.
    Ok(if is_placed(&found) { text.trim().to_owned() } else { found.to_string() })
}

/// The one spelling of a distribution's name; the name itself where it is none.
pub fn normal_name(name: &str) -> String {
    name.parse().map_or_else(|_| name.to_owned(), |name: PackageName| name.to_string())
}

fn specifiers(text: &str) -> Result<VersionSpecifiers, String> {
    text.parse().map_err(|_| format!("`{text}` is not a condition on Python's version, as `>=3.11` is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirements(lines: &[&str]) -> Requirements {
        let mut all = Requirements::default();
        lines.iter().for_each(|line| all.add(line).unwrap());
        all
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let one = requirements(&["PyYAML >= 6", "Flask_Login[x , a]==1.0; python_version>'3.8'"]);
        let other =
            requirements(&["flask-login[x,a] == 1.0 ; python_version > '3.8'", "pyyaml>=6", "pyyaml>=6"]);
        assert_eq!(one, other);
        assert_ne!(one, requirements(&["pyyaml>=6"]));
        let mut source = other.clone();
        source.allow_source();
        assert_ne!(one, source);
    }

    #[test]
    fn what_is_no_requirement_says_so() {
        for bad in ["six=1", "", "not one!", "./folder", "six >= one", "-r x.txt"] {
            let error = Requirements::default().add(bad).unwrap_err();
            assert!(error.starts_with(&format!("`{bad}` is not a requirement: ")), "{error}");
        }
    }

    #[test]
    fn a_script_says_what_it_needs() {
        let all = Requirements::of_script(
            "requires-python = '>=3.10'\ndependencies = ['six', 'PyYAML']\n[tool.x]\ny = 1",
        )
        .unwrap();
        assert_eq!(all.packages().collect::<Vec<_>>(), ["pyyaml", "six"]);
        assert_eq!((all.refuses("3.9.18"), all.refuses("3.10.0")), (Some(">=3.10"), None));
        let error = |text: &str| Requirements::of_script(text).unwrap_err();
        assert!(error("dependencies = 'six'").contains("expected a sequence"));
        assert!(error("requires-python = 'new'").contains("`new` is not a condition"));
        assert!(error("dependencies = ['six @ https://example.com/six.whl']").contains("names a place"));
    }

    #[test]
    fn a_place_is_no_version() {
        let mut all = requirements(&["six", "six @ https://example.com/six-1.0-py3-none-any.whl"]);
        assert!(all.elsewhere().unwrap().starts_with("six @"));
        all.allow_source();
        assert_eq!(all.elsewhere(), None);
    }
}
