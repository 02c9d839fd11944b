//! PostgreSQL: how it is started, and how others are given what they need in it.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{complaint, plain};

/// The superuser. Runs are let in as anybody else.
pub const OWNER: &str = "verify";
/// The name of its socket, in its folder.
pub const SOCKET: &str = ".s.PGSQL.5432";
/// A database that is always there.
const LOBBY: &str = "template1";
/// It belongs to a run, so nothing in it has to outlive anything.
const SETTINGS: [&str; 12] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=16MB",
    "max_wal_size=64MB",
    "dynamic_shared_memory_type=mmap",
    "autovacuum=off",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "client_connection_check_interval=500ms",
];
/// A database has the owner who first asks for it; so has the one that others begin with.
const FIRST: &str = "DROP DATABASE postgres;\nREVOKE CONNECT ON DATABASE template1 FROM PUBLIC;\n";

/// Makes the folder that it begins with. The error is what it says itself.
pub fn make(programs: &Path, home: &Path) -> Result<(), String> {
    let data = home.join("postgres");
    let mut initdb = plain(Command::new(programs.join("initdb")));
    initdb.args([
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
        "--wal-segsize=1",
        "-D",
    ]);
    finish(initdb.arg(&data), "")?;
    let mut single = plain(Command::new(programs.join("postgres")));
    single.arg("--single").arg("-D").arg(&data).args(["-c", "fsync=off", LOBBY]);
    finish(&mut single, FIRST)
}

/// Runs a program to its end.
fn finish(command: &mut Command, input: &str) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let typed = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    match output.status.success() {
        true => typed.map_err(failed),
        false => Err(complaint(&String::from_utf8_lossy(&output.stderr))),
    }
}

/// What starts it.
pub fn command(programs: &Path, home: &Path) -> Command {
    let mut command = Command::new(programs.join("postgres"));
    command.arg("-D").arg(home.join("postgres")).arg("-k").arg(home);
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    command
}

/// Whether it takes connections.
pub fn answers(home: &Path) -> bool {
    Session::open(home).is_ok()
}

/// Makes a user and a database of its own where they are not there, in the server whose socket is in this
/// process's folder. Of what cannot be made the server will say so itself.
pub fn provide(user: &str, database: &str) -> io::Result<()> {
    let (user, database) = (quoted(user), quoted(database));
    let mut session = Session::open(Path::new(""))?;
    // Who may make roles could, before version 16, give itself the server's own.
    session.execute(&format!("CREATE ROLE {user} LOGIN CREATEDB"))?;
    session.execute(&format!("CREATE DATABASE {database} OWNER {user} TEMPLATE template0"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A message in its protocol that holds a text.
pub fn message(kind: u8, text: &str) -> Vec<u8> {
    let length = (text.len() as u32 + 5).to_be_bytes();
    [&[kind][..], &length, text.as_bytes(), &[0]].concat()
}

/// A connection of the superuser, to whom nothing that the server says matters.
struct Session(UnixStream);

impl Session {
    fn open(home: &Path) -> io::Result<Session> {
        const VERSION: [u8; 4] = [0, 3, 0, 0];
        let mut session = Session(UnixStream::connect(home.join(SOCKET))?);
        let words = ["user", OWNER, "database", LOBBY, "", ""].join("\0");
        let length = (words.len() as u32 + 8).to_be_bytes();
        session.0.write_all(&[&length, &VERSION, words.as_bytes()].concat())?;
        session.wait()?;
        Ok(session)
    }

    fn execute(&mut self, command: &str) -> io::Result<()> {
        self.0.write_all(&message(b'Q', command))?;
        self.wait()
    }

    /// Reads until the server waits for something to do.
    fn wait(&mut self) -> io::Result<()> {
        loop {
            let mut kind = [0];
            let mut length = [0; 4];
            self.0.read_exact(&mut kind)?;
            self.0.read_exact(&mut length)?;
            let rest = u64::from(u32::from_be_bytes(length)).saturating_sub(4);
            io::copy(&mut (&self.0).take(rest), &mut io::sink())?;
            if kind == *b"Z" {
                return Ok(());
            }
        }
    }
}
