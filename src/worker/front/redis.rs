//! Lets connections in to Redis: any password is the right one.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::worker::servers::redis::SOCKET;

/// The longest command that may come before a client is let in, in bytes.
const LONGEST: usize = 1 << 16;

/// Answers for the server as long as a client says who it is, then gives the connection to it. The server has
/// one user, who needs no password; it would refuse a client that brings one.
pub async fn let_in(client: &mut TcpStream) -> io::Result<UnixStream> {
    let mut server = UnixStream::connect(SOCKET).await?;
    let mut read = Vec::new();
    loop {
        match first(&read) {
            First::Command(words, length) if is(&words, 0, "AUTH") => {
                client.write_all(b"+OK\r\n").await?;
                read.drain(..length);
            }
            First::Command(words, length) => {
                server.write_all(&written(&without_password(words))).await?;
                read.drain(..length);
                break;
            }
            First::Incomplete if read.len() < LONGEST => {
                if client.read_buf(&mut read).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            _ => break,
        }
    }
    server.write_all(&read).await?;
    Ok(server)
}

type Words = Vec<Vec<u8>>;

/// What bytes from a client begin with.
#[derive(Debug, PartialEq)]
enum First {
    /// A command, as programs write it, and its length.
    Command(Words, usize),
    /// A piece of one.
    Incomplete,
    /// What is left to the server.
    Other,
}

fn first(bytes: &[u8]) -> First {
    command(bytes).map_or_else(|other| other, |(words, length)| First::Command(words, length))
}

/// A command and its length; else what it is instead.
fn command(bytes: &[u8]) -> Result<(Words, usize), First> {
    let (count, mut at) = number(bytes, 0, b'*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (length, start) = number(bytes, at, b'$')?;
        at = start + length + 2;
        let word = bytes.get(start..at).ok_or(First::Incomplete)?;
        words.push(word[..length].to_vec());
    }
    if words.is_empty() { Err(First::Other) } else { Ok((words, at)) }
}

/// The number in a line that begins with a mark, and where the next line is.
fn number(bytes: &[u8], at: usize, mark: u8) -> Result<(usize, usize), First> {
    let rest = &bytes[at..];
    if rest.first().is_some_and(|first| *first != mark) {
        return Err(First::Other);
    }
    let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or(First::Incomplete)?;
    let number = std::str::from_utf8(&rest[1..end]).ok().and_then(|digits| digits.parse().ok());
    number.filter(|number| *number < LONGEST).map(|number| (number, at + end + 2)).ok_or(First::Other)
}

fn is(words: &Words, index: usize, word: &str) -> bool {
    words.get(index).is_some_and(|own| own.eq_ignore_ascii_case(word.as_bytes()))
}

/// A greeting that does not say who comes.
fn without_password(mut words: Words) -> Words {
    let auth = (2..words.len()).find(|index| is(&words, *index, "AUTH"));
    if let Some(auth) = auth.filter(|_| is(&words, 0, "HELLO")) {
        words.drain(auth..words.len().min(auth + 3));
    }
    words
}

fn written(words: &Words) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend([format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        text.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn a_command_is_read_as_it_is_written_however_it_is_cut() {
        let auth = words("AUTH app secret");
        let bytes = written(&auth);
        assert_eq!(first(&[&bytes[..], b"*1\r\n"].concat()), First::Command(auth, bytes.len()));
        for cut in 0..bytes.len() {
            assert_eq!(first(&bytes[..cut]), First::Incomplete, "{cut}");
        }
    }

    #[test]
    fn what_no_program_writes_is_left_to_the_server() {
        for bytes in ["PING\r\n", "*0\r\n", "*x\r\n", "*1\r\n+OK\r\n", "*99999999\r\n", "*1\r\n$-1\r\n"] {
            assert_eq!(first(bytes.as_bytes()), First::Other, "{bytes:?}");
        }
    }

    #[test]
    fn a_greeting_keeps_everything_but_the_password() {
        let hello = words("HELLO 3 auth app secret SETNAME me");
        assert_eq!(without_password(hello), words("HELLO 3 SETNAME me"));
        assert_eq!(without_password(words("HELLO 3 AUTH app")), words("HELLO 3"));
        assert_eq!(without_password(words("SET AUTH app")), words("SET AUTH app"));
    }
}
