//! What runs have around them: servers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::protocol::{Lacking, Server};
use crate::needs::{Lack, Needs, Service};

/// What workers are kept apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Surroundings {
    /// Servers beside their runs.
    pub services: BTreeSet<Service>,
}

impl Surroundings {
    /// What a run with these needs has around it.
    pub fn of(needs: &Needs) -> Surroundings {
        Surroundings { services: needs.services.iter().copied().collect() }
    }

    /// How programs find them that are not told where they are: on a reader's machine PostgreSQL also has a
    /// socket among the files.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let host = |_: &Service| ("PGHOST".to_owned(), "localhost".to_owned());
        self.services.get(&Service::Postgres).map(host).into_iter().collect()
    }

    /// The servers of it that this machine has, and those that it lacks.
    pub fn servers(&self) -> (Vec<Server>, Vec<Lacking>) {
        let (mut servers, mut lacking) = (Vec::new(), Vec::new());
        for service in self.services.iter().copied() {
            match find(service) {
                Some(programs) => servers.push(Server { service, programs }),
                None => {
                    let remedy =
                        format!("install it; on Debian and Ubuntu: apt-get install {}", service.package());
                    let why = "is not installed".to_owned();
                    lacking.push(Lacking { what: Lack::Service(Some(service)), why, remedy });
                }
            }
        }
        (servers, lacking)
    }
}

/// The folder of a server's programs: on the path, else where distributions put what is not meant for it.
fn find(service: Service) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    [on_path, usual_folders(service)].into_iter().flatten().find_map(|folder| real(service, &folder))
}

fn usual_folders(service: Service) -> Vec<PathBuf> {
    let versions = match service {
        Service::Postgres => ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"],
        Service::Redis => ["/usr/local/bin", "/usr/bin", "/usr/sbin"],
    };
    let found = versions.iter().flat_map(|pattern| glob::glob(pattern).expect("a valid glob").flatten());
    let mut found: Vec<_> = found.collect();
    // The newest first.
    found.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    found
}

/// The first number in a folder's path.
fn version(folder: &Path) -> u32 {
    let path = folder.to_string_lossy();
    let digits = path.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Where a folder's programs really lie, if it has them: a link may lead to where its other files are.
fn real(service: Service, folder: &Path) -> Option<PathBuf> {
    let programs: &[&str] = match service {
        Service::Postgres => &["initdb", "postgres"],
        Service::Redis => &["redis-server"],
    };
    let first = folder.join(programs[0]).canonicalize().ok()?;
    let folder = first.parent()?;
    programs.iter().all(|program| folder.join(program).is_file()).then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_distribution_is_taken() {
        let mut folders = ["/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/15/bin"].map(PathBuf::from);
        folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
        assert_eq!(folders[0], Path::new("/usr/lib/postgresql/15/bin"));
    }

    #[test]
    fn programs_are_found_together_and_where_they_really_lie() {
        let place = tempfile::tempdir().unwrap();
        let (real_folder, links) = (place.path().join("real"), place.path().join("links"));
        std::fs::create_dir(&real_folder).unwrap();
        std::fs::create_dir(&links).unwrap();
        std::fs::write(real_folder.join("initdb"), "").unwrap();
        std::os::unix::fs::symlink(real_folder.join("initdb"), links.join("initdb")).unwrap();
        assert_eq!(real(Service::Postgres, &links), None);
        std::fs::write(real_folder.join("postgres"), "").unwrap();
        assert_eq!(real(Service::Postgres, &links), Some(real_folder.canonicalize().unwrap()));
    }
}
