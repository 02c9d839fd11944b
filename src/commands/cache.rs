//! `verify cache`: what is kept of earlier checks.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::bail;

use super::guides::guides_of;
use crate::cache::{Cache, VARIABLE};
use crate::check::cached;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum Order {
    /// Say where it is, how many guides it has, and how large it is
    Info,
    /// Remove what is kept
    Clear {
        /// Guides or folders of guides [default: all]
        guides: Vec<PathBuf>,
    },
}

/// Does it, and returns the exit code.
pub fn run(order: &Order, to: &mut dyn Write) -> anyhow::Result<u8> {
    let Some(cache) = Cache::of_the_environment()? else {
        bail!("nothing is kept: neither {VARIABLE} nor XDG_CACHE_HOME nor HOME names a folder");
    };
    match order {
        Order::Info => info(&cache, to)?,
        Order::Clear { guides } => clear(&cache, guides, to)?,
    }
    Ok(0)
}

fn info(cache: &Cache, to: &mut dyn Write) -> anyhow::Result<()> {
    let contents = cache.contents();
    // A guide that is checked in several ways has as many entries.
    let name = |path: &PathBuf| {
        path.file_name().map(|name| name.to_string_lossy().split('-').next().map(str::to_owned))
    };
    let guides: BTreeSet<_> = contents.entries.iter().map(|(path, ..)| name(path)).collect();
    writeln!(to, "folder: {}", cache.folder().display())?;
    writeln!(to, "guides: {}", guides.len())?;
    writeln!(to, "size: {} of {}", shown(contents.size()), shown(cache.limit()))?;
    match contents.entries.first() {
        Some((.., used)) => writeln!(to, "longest unused: for {}", ago(*used))?,
        None => writeln!(to, "longest unused: none")?,
    }
    Ok(())
}

fn clear(cache: &Cache, guides: &[PathBuf], to: &mut dyn Write) -> anyhow::Result<()> {
    let mut count = 0;
    if guides.is_empty() {
        count = cache.clear("")?;
    } else {
        for (path, _) in guides_of(guides)? {
            match cached::beginning(&path) {
                Some(beginning) => count += cache.clear(&beginning)?,
                None => bail!(
                    "there is no {}: to remove what is kept of guides that are gone, name none",
                    path.display()
                ),
            }
        }
    }
    writeln!(to, "removed {count} {}", if count == 1 { "entry" } else { "entries" })?;
    Ok(())
}

fn shown(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn ago(moment: SystemTime) -> String {
    let seconds = moment.elapsed().unwrap_or_default().as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
