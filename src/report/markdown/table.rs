//! A table that is never too long to read.

use std::io::{self, Write};

/// Rows of a table.
const MOST_ROWS: usize = 20;
/// Bytes of its rows: a comment may have 65,536 in all.
const MOST_BYTES: usize = 8 << 10;

/// A table below a heading; nothing where it has no rows.
pub struct Table {
    title: &'static str,
    head: String,
    folded: bool,
    rows: String,
    written: usize,
    left: usize,
}

impl Table {
    /// One without rows. The head is escaped as cells are.
    pub fn new(title: &'static str, head: &[&str]) -> Table {
        let head = format!("| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        Table { title, head, folded: false, rows: String::new(), written: 0, left: 0 }
    }

    /// The same, shown only to who opens it.
    pub fn folded(mut self) -> Table {
        self.folded = true;
        self
    }

    /// Adds a row, as long as there is room.
    pub fn row(&mut self, cells: &[String]) {
        let row = format!("| {} |\n", cells.join(" | "));
        // Once one was left out, all behind it are.
        if self.left > 0 || self.written == MOST_ROWS || self.rows.len() + row.len() > MOST_BYTES {
            self.left += 1;
        } else {
            self.rows += &row;
            self.written += 1;
        }
    }

    /// Writes it, with how many rows there was no room for.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let Table { title, head, rows, .. } = self;
        if self.written + self.left == 0 {
            return Ok(());
        }
        let count = self.written + self.left;
        match self.folded {
            true => write!(to, "\n<details><summary>{title} ({count})</summary>\n\n{head}\n{rows}")?,
            false => write!(to, "\n### {title} ({count})\n\n{head}\n{rows}")?,
        }
        if self.left > 0 {
            writeln!(to, "\nand {} more", self.left)?;
        }
        if self.folded { writeln!(to, "\n</details>") } else { Ok(()) }
    }
}
