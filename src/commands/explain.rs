//! `verify explain`: what a finding means.

use std::io::{self, Write};

use crate::judge::Code;
use crate::keys::near;
use crate::report::explained::{in_short, section};
use crate::report::summary::severity;

/// Explains a code; without one, lists them all. Returns the exit code.
pub fn run(code: Option<Code>, to: &mut dyn Write) -> anyhow::Result<u8> {
    match code {
        Some(code) => explain(code, to)?,
        None => list(to)?,
    }
    Ok(0)
}

/// The code of that name. The error names those that are like it.
pub fn known(name: &str) -> Result<Code, String> {
    let code = Code::ALL.iter().find(|code| code.name() == name).copied();
    code.ok_or_else(|| match &near(name, Code::ALL.iter().map(|code| code.name()))[..] {
        [] => "no finding has this code; `verify explain` lists all".to_owned(),
        near => format!("did you mean {}? `verify explain` lists all", near.join(", ")),
    })
}

fn explain(code: Code, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{code} ({})\n\n{}", severity(code.severity()), section(code))
}

fn list(to: &mut dyn Write) -> io::Result<()> {
    for code in Code::ALL {
        writeln!(to, "{:21}  {:7}  {}", code.name(), severity(code.severity()), in_short(*code))?;
    }
    writeln!(to, "\nverify explain CODE says what one means, with an example and what to do")
}
