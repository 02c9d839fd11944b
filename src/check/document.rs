//! A guide with everything that is read from it before anything runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::chosen::Chosen;
use super::source::Read;
use super::{Options, companions, ground, requirements};
use crate::claims::{self, Claim, Remark};
use crate::config::{self, Config, Found};
use crate::environment::Requirements;
use crate::guide::{self, Behind, Guide, Source as Text};
use crate::judge::{NamesByLine, Reading, names_by_line};
use crate::plan::{self, Source, Supply};
use crate::python::{Code, names};

/// A guide that could be read, with everything that was read from it.
pub struct Document {
    /// The guide.
    pub guide: Guide,
    /// Its snippets' codes.
    pub codes: Vec<Code>,
    /// What each snippet itself asks to be installed.
    pub requirements: Vec<Requirements>,
    /// Its claims.
    pub claims: Vec<Claim>,
    /// Its comments that are no claims.
    pub remarks: Vec<Remark>,
    /// The configuration that applies to it.
    pub config: Option<Arc<Config>>,
    /// What all of this comes from: the file, the companions, the configuration.
    pub digest: String,
    /// The part of it that it is read for, where that is not all.
    pub only: Option<Part>,
}

/// A part of a guide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its snippets; a companion goes with its snippet.
    pub snippets: BTreeSet<usize>,
    /// Whether what is in no snippet belongs to it.
    pub rest: bool,
}

/// The bytes of a guide's file. The error says what is wrong with it and what to do.
pub fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("cannot be read: {error}");
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        std::fs::read_dir(path).map_err(unreadable)?;
        return Err("is a folder without a Markdown file: give one that has some".into());
    }
    if !metadata.is_file() {
        return Err("is not a file: give a Markdown file or a folder of them".into());
    }
    std::fs::read(path).map_err(unreadable)
}

impl Document {
    /// Reads a guide from the bytes of its file. The error says where they are not text, or what of the
    /// configuration does not fit it.
    pub fn new(path: &Path, bytes: Vec<u8>, config: Option<Arc<Config>>) -> Result<Document, String> {
        let file = blake3::hash(&bytes);
        let mut guide = guide::read(&path.to_string_lossy(), Text::new(bytes)?)?;
        companions::append(&mut guide, config.as_deref())?;
        config::supply(config.as_deref(), &mut guide).map_err(|error| unusable(&error))?;
        ground::lay(&mut guide);
        let codes: Vec<_> = guide.snippets.iter().map(|snippet| Code::parse(&snippet.code)).collect();
        let (claims, remarks) = claims::read(&guide, &codes);
        let requirements = requirements::of_snippets(&guide, &codes, config.as_deref());
        let requirements = requirements.map_err(|error| unusable(&error))?;
        let digest = digest(file, &guide, config.as_deref());
        Ok(Document { guide, codes, requirements, claims, remarks, config, digest, only: None })
    }

    /// A snippet as people speak of it: its guide and its id.
    pub fn title(&self, index: usize) -> String {
        format!("{} {}", self.guide.path, self.guide.snippets[index].id)
    }

    /// The other snippets that one needs, be it as files that it imports.
    pub(super) fn needed_by(&self, index: usize, supply: &Supply) -> BTreeSet<usize> {
        let mut needs: BTreeSet<_> = supply.snippets().into_iter().collect();
        let run = needs.clone().into_iter().chain([index]);
        needs.extend(plan::imported(&self.guide, &self.codes, index, run));
        needs
    }

    /// The configuration, where outputs are to be compared with their snapshots.
    pub(super) fn kept_by(&self, options: &Options) -> Option<&Config> {
        self.config.as_deref().filter(|config| options.snapshots && config.keeps(&self.guide.path))
    }
}

fn digest(file: blake3::Hash, guide: &Guide, config: Option<&Config>) -> String {
    let companions = guide.companions.iter().flat_map(|it| [&it.path, &it.text]);
    let mut digest = blake3::Hasher::new();
    digest.update(file.as_bytes());
    for part in companions.chain(config.map(|config| &config.text)) {
        digest.update(blake3::hash(part.as_bytes()).as_bytes());
    }
    digest.finalize().to_hex()[..32].to_owned()
}

/// The configuration that applies to a guide. The error says what is wrong with it.
pub fn configured(config: &Found) -> Result<Option<Arc<Config>>, String> {
    config.clone().map_err(|error| unusable(&error))
}

fn unusable(error: &str) -> String {
    format!("cannot be checked: {error}")
}

/// Reads a guide. The error says what is wrong with the file and what to do.
pub fn read(path: &Path, config: &Found) -> Read {
    Document::new(path, bytes(path)?, configured(config)?).map(Arc::new)
}

/// A readable guide with the names of its snippets, found once for running, judging and reporting.
pub struct Prepared<'a> {
    /// The guide.
    pub document: &'a Document,
    /// What is asked for of it.
    pub chosen: &'a Chosen,
    /// Its snippets with their names.
    pub sources: Vec<Source<'a>>,
    names: NamesByLine,
}

impl<'a> Prepared<'a> {
    /// Looks all names up.
    pub fn new(document: &'a Document, chosen: &'a Chosen) -> Prepared<'a> {
        let pairs = document.guide.snippets.iter().zip(&document.codes);
        let source = |(snippet, code): (&'a guide::Snippet, &'a Code)| Source {
            block: &snippet.block,
            code,
            names: names(code.statements()),
            runs: snippet.skipped().is_none(),
            continues: snippet.continues,
            own_block: snippet.behind == Behind::Block,
        };
        let sources: Vec<_> = pairs.map(source).collect();
        let names = names_by_line(&document.guide, &sources);
        Prepared { document, chosen, sources, names }
    }

    /// What the judge reads.
    pub fn reading(&self) -> Reading<'_> {
        let Document { guide, codes, claims, .. } = self.document;
        Reading { guide, codes, sources: &self.sources, names: &self.names, claims }
    }
}
