//! What a snippet finds in its folder, and what other machines answer it, read from where it is kept.

use std::fs::{self, File as Opened};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::protocol::Page;
use crate::job::{Body, File};
use crate::limits;
use crate::needs::{self, Content, Needs};

/// What a run is given.
pub struct Given {
    /// Files in its folder.
    pub files: Vec<File>,
    /// What other machines answer.
    pub pages: Vec<Page>,
}

/// Reads what a run is given. Errors name what cannot be read, or what is too large.
pub fn read(needs: &Needs) -> anyhow::Result<Given> {
    let mut reading = Reading { files: Vec::new(), left: limits::GIVEN };
    for (name, text) in texts(needs) {
        reading.count(name, text.len())?;
    }
    for fixture in &needs.files {
        match &fixture.content {
            Content::Inline(text) => reading.take(&fixture.path, text.as_bytes().to_vec(), false)?,
            Content::From(path) if path.is_dir() => reading.folder(&fixture.path, path)?,
            Content::From(path) => reading.file(&fixture.path, path)?,
        }
    }
    let pages = needs.http.iter().map(|page| reading.page(page)).collect::<Result<_, _>>()?;
    Ok(Given { files: reading.files, pages })
}

/// What a run is given beside files, with names for it.
fn texts(needs: &Needs) -> impl Iterator<Item = (&str, &str)> {
    let setups = needs.setup.iter().map(|setup| (setup.place.as_str(), &*setup.code));
    let databases = needs.sqlite.iter().map(|database| (database.path.as_str(), &*database.sql));
    let variables = needs.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let typed = needs.stdin.iter().map(|text| ("stdin", &**text));
    setups.chain(databases).chain(variables).chain(typed)
}

struct Reading {
    files: Vec<File>,
    /// Bytes that may still come.
    left: u64,
}

impl Reading {
    /// Everything in a folder but links, which may lead anywhere, and what is hidden.
    fn folder(&mut self, target: &str, path: &Path) -> anyhow::Result<()> {
        let mut walk = ignore::WalkBuilder::new(path);
        walk.standard_filters(false).hidden(true).follow_links(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            let entry = entry.with_context(|| format!("cannot look through {}", path.display()))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                let inside = entry.path().strip_prefix(path)?;
                self.file(&Path::new(target).join(inside).to_string_lossy(), entry.path())?;
            }
        }
        Ok(())
    }

    fn file(&mut self, target: &str, path: &Path) -> anyhow::Result<()> {
        let (bytes, executable) =
            self.bytes(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.take(target, bytes, executable)
    }

    fn page(&mut self, page: &needs::Page) -> anyhow::Result<Page> {
        let address = page.address().map_err(|wrong| anyhow!(wrong))?;
        let body = match &page.body {
            Content::Inline(text) => text.as_bytes().to_vec(),
            Content::From(path) => {
                self.bytes(path).with_context(|| format!("cannot read {}", path.display()))?.0
            }
        };
        self.count(&page.url, body.len())?;
        let headers = page.headers.clone().into_iter().collect();
        Ok(Page { address, status: page.status, headers, body })
    }

    /// What is in a file, no more than one byte too many, and whether it can be run.
    fn bytes(&self, path: &Path) -> anyhow::Result<(Vec<u8>, bool)> {
        ensure!(fs::metadata(path)?.is_file(), "it is not a file");
        let file = Opened::open(path)?;
        let executable = file.metadata()?.permissions().mode() & 0o111 != 0;
        let mut bytes = Vec::new();
        file.take(self.left + 1).read_to_end(&mut bytes)?;
        Ok((bytes, executable))
    }

    fn count(&mut self, name: &str, bytes: usize) -> anyhow::Result<()> {
        let most = limits::GIVEN >> 20;
        let left = self.left.checked_sub(bytes as u64);
        self.left =
            left.with_context(|| format!("it is given more than {most} MiB with `{name}`: give it less"))?;
        Ok(())
    }

    fn take(&mut self, target: &str, bytes: Vec<u8>, executable: bool) -> anyhow::Result<()> {
        self.count(target, bytes.len())?;
        self.files.push(File { path: target.to_owned(), body: body(bytes), executable });
        Ok(())
    }
}

/// As a text where that is short as JSON.
fn body(bytes: Vec<u8>) -> Body {
    let is_control = |byte: &u8| *byte < b' ' && !b"\n\r\t".contains(byte);
    match String::from_utf8(bytes) {
        Ok(text) if !text.as_bytes().iter().any(is_control) => Body::Text(text),
        Ok(text) => Body::Base64(STANDARD.encode(text)),
        Err(error) => Body::Base64(STANDARD.encode(error.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::needs::Fixture;

    #[test]
    fn a_folder_is_given_without_its_links_and_what_is_hidden() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(place.path().join(name), bytes).unwrap();
        fs::create_dir_all(place.path().join("data/deep")).unwrap();
        write("data/text.csv", "é,1\n".as_bytes());
        write("data/deep/run.sh", b"#!/bin/sh\n");
        write("data/binary", b"\0\xff");
        write("data/.secret", b"");
        symlink("/etc/passwd", place.path().join("data/link")).unwrap();
        let run = place.path().join("data/deep/run.sh");
        fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
        let given = |path: &str, content| Fixture { path: path.into(), content };
        let files = vec![
            given("a.txt", Content::Inline("A".into())),
            given("in", Content::From(place.path().join("data"))),
            given("one", Content::From(run)),
        ];
        let files = read(&Needs { files, ..Needs::default() });
        let found: Vec<_> =
            files.unwrap().files.into_iter().map(|file| (file.path, file.body, file.executable)).collect();
        let text = |path: &str, text: &str, executable| (path.into(), Body::Text(text.into()), executable);
        let script = "#!/bin/sh\n";
        assert_eq!(
            found,
            [
                text("a.txt", "A", false),
                ("in/binary".into(), Body::Base64("AP8=".into()), false),
                text("in/deep/run.sh", script, true),
                text("in/text.csv", "é,1\n", false),
                text("one", script, true),
            ]
        );
    }

    #[test]
    fn too_much_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let large = place.path().join("large");
        Opened::create(&large).unwrap().set_len(limits::GIVEN + 1).unwrap();
        let files = vec![Fixture { path: "a".into(), content: Content::From(large) }];
        let error = read(&Needs { files, ..Needs::default() }).err().unwrap();
        assert!(format!("{error:#}").contains("more than 32 MiB with `a`"), "{error:#}");
        let stdin = Some("x".repeat(limits::GIVEN as usize + 1).into());
        let error = read(&Needs { stdin, ..Needs::default() }).err().unwrap();
        assert!(format!("{error:#}").contains("with `stdin`"), "{error:#}");
    }
}
