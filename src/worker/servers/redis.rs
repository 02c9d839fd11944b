//! Redis: how it is started.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

/// The name of its socket, in its folder.
pub const SOCKET: &str = "redis.sock";
/// What starts it.
pub fn command(programs: &Path, home: &Path) -> Command {
    let mut command = Command::new(programs.join("redis-server"));
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"]).arg(home);
    command.args(["--unixsocketperm", "700", "--unixsocket"]).arg(home.join(SOCKET));
    command
}

/// Whether it takes connections.
pub fn answers(home: &Path) -> bool {
    let ask = || {
        let mut server = UnixStream::connect(home.join(SOCKET))?;
        server.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        server.read_exact(&mut answer)?;
        io::Result::Ok(answer == *b"+PONG\r\n")
    };
    ask().unwrap_or(false)
}
