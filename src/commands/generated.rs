//! `verify completions` and `verify man`: what is generated from the command line's own description.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

/// Writes a script that completes the command line in a shell.
pub fn completions(shell: Shell, mut command: Command, to: &mut dyn Write) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "verify", &mut script);
    to.write_all(&script)?;
    Ok(0)
}

/// Writes the manual page; with a folder a page for each subcommand too, into it.
pub fn man(folder: Option<&Path>, command: Command, to: &mut dyn Write) -> anyhow::Result<u8> {
    match folder {
        None => Man::new(command).render(to)?,
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command, folder))
            .with_context(|| format!("cannot write manual pages into {}", folder.display()))?,
    }
    Ok(0)
}
