//! Lets connections in to PostgreSQL: whoever asks for a database as whatever user finds both.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::worker::servers::postgres::{OWNER, SOCKET, message, provide};

/// Answers for the server until it is known who wants to be let in, and where.
#[derive(Default)]
pub struct Porter {
    /// Users and databases that are there.
    known: RefCell<HashSet<(String, String)>>,
}

impl Porter {
    /// Gives a connection to the server.
    pub async fn let_in(&self, client: &mut TcpStream) -> io::Result<UnixStream> {
        loop {
            let packet = Packet::read(client).await?;
            match packet.code() {
                // As in a server without a certificate: there is no encryption.
                Packet::SSL | Packet::GSS => client.write_all(b"N").await?,
                Packet::CANCEL => return packet.send().await,
                _ if packet.values("user").any(|user| user == OWNER) => {
                    client.write_all(&refusal()).await?;
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                _ => {
                    self.provide(&packet);
                    return packet.send().await;
                }
            }
        }
    }

    /// Nobody else is served meanwhile: who comes second finds what the first has made.
    fn provide(&self, packet: &Packet) {
        let user = packet.value("user").unwrap_or_default();
        let database = packet.value("database").unwrap_or_else(|| user.clone());
        if self.known.borrow_mut().insert((user.clone(), database.clone())) {
            let _ = provide(&user, &database);
        }
    }
}

/// What a server says to somebody who may not enter.
fn refusal() -> Vec<u8> {
    message(
        b'E',
        &["SFATAL", "VFATAL", "C28000", "Mthis role is verify's own: use another one", ""].join("\0"),
    )
}

/// The first words of a client.
struct Packet(Vec<u8>);

impl Packet {
    const CANCEL: u32 = 80_877_102;
    const SSL: u32 = 80_877_103;
    const GSS: u32 = 80_877_104;
    /// The server reads none that is longer.
    const LONGEST: usize = 10_000;

    async fn read(from: &mut TcpStream) -> io::Result<Packet> {
        let length = from.read_u32().await?;
        if !(8..=Packet::LONGEST).contains(&(length as usize)) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.resize(length as usize, 0);
        from.read_exact(&mut bytes[4..]).await?;
        Ok(Packet(bytes))
    }

    /// Hands it on to the server.
    async fn send(&self) -> io::Result<UnixStream> {
        let mut server = UnixStream::connect(SOCKET).await?;
        server.write_all(&self.0).await?;
        Ok(server)
    }

    fn code(&self) -> u32 {
        self.0[4..8].iter().fold(0, |code, byte| code << 8 | u32::from(*byte))
    }

    /// The values under a name, in the pairs that the server sees.
    fn values(&self, name: &'static str) -> impl Iterator<Item = String> {
        let texts: Vec<_> = self.0[8..].split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        let pairs = texts.chunks_exact(2).take_while(|pair| !pair[0].is_empty());
        let found: Vec<_> = pairs.filter(|pair| pair[0] == name).map(|pair| pair[1].to_string()).collect();
        found.into_iter()
    }

    /// The one of them that counts: the last.
    fn value(&self, name: &'static str) -> Option<String> {
        self.values(name).last().filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(words: &str) -> Packet {
        Packet([&[0, 0, 0, 0, 0, 3, 0, 0], words.as_bytes()].concat())
    }

    #[test]
    fn who_wants_in_is_who_the_server_sees() {
        let usual = packet("user\0app\0database\0shop\0\0");
        assert_eq!(usual.code(), 0x0003_0000);
        assert_eq!((usual.value("user"), usual.value("database")), (Some("app".into()), Some("shop".into())));
        assert_eq!(packet("user\0app\0database\0\0\0").value("database"), None);
        let twice = packet("user\0verify\0options\0user\0user\0app\0\0user\0x\0");
        assert_eq!(twice.values("user").collect::<Vec<_>>(), ["verify", "app"]);
        assert_eq!(packet("user").value("user"), None);
        assert_eq!(packet("").value("user"), None);
    }
}
