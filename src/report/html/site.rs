//! A folder of pages: one for each guide, and the list of all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::AnyReport;
use super::links::Links;
use super::page::{self, MARK};
use crate::whole;

/// Writes the pages into a folder, each whole or not at all, the list of all last. Pages that an earlier run left
/// there and this one has not are taken away; files of others stay, and are never written over.
pub fn write(report: &AnyReport, folder: &Path) -> io::Result<()> {
    let listed = page::listed(report)?;
    let links = Arc::new(Links::of_site(&listed));
    let pages = (0..listed.len()).filter_map(|index| links.page(index));
    let paths: Vec<_> = pages.chain(["index.html"]).map(|page| folder.join(page)).collect();
    paths.iter().try_for_each(|path| check_is_ours(path))?;
    let stale = earlier(folder);
    for (index, path) in paths.iter().enumerate() {
        let page = match index < listed.len() {
            true => page::one(report, index, &links)?,
            false => page::index(report, &listed, &links)?,
        };
        write_page(&page, path)?;
    }
    stale.iter().filter(|path| !paths.contains(path)).try_for_each(fs::remove_file)
}

fn write_page(page: &str, path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut file = whole::beside(path)?;
    file.write_all(page.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn check_is_ours(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) if !is_ours(path) => {
            let message = format!("{} is not a page of verify: name another folder", path.display());
            Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
        }
        _ => Ok(()),
    }
}

fn is_ours(path: &Path) -> bool {
    let mut start = vec![0; MARK.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    path.is_file() && read.is_ok() && start == MARK.as_bytes()
}

/// The pages that an earlier run wrote into a folder: its list of all names them.
fn earlier(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.join("index.html")).unwrap_or_default();
    let links = text.split("<a class=\"page\" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let pages = links.map(|link| percent_decode_str(link).decode_utf8_lossy().into_owned());
    let inside =
        |page: &String| Path::new(page).components().all(|part| matches!(part, Component::Normal(_)));
    pages.filter(inside).map(|page| folder.join(page)).filter(|path| is_ours(path)).collect()
}
