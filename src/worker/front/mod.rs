//! Who stands at the ports of a run: a process beside it, which lets connections in to the servers and answers
//! for other machines. It ends with the run, and every connection with it.

mod authority;
mod pages;
mod postgres;
mod redis;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::future::pending;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use rustix::pipe::{PipeFlags, pipe_with};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

use super::clock::Outside;
use super::sandbox::{self, Aside, Sandbox};
use super::servers::Servers;
use crate::limits;
use crate::needs::{Address, Lack, Service};
use crate::run::protocol::{Lacking, Page};
use authority::Authority;

/// Where this machine is looked for.
const LOCAL: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
/// Where the names of other machines lead: not where a snippet would put servers of its own.
const ELSEWHERE: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 80))];
/// Ports at which other machines answer in any case, and whether they speak in secret there.
const USUAL: [(u16, bool); 2] = [(80, false), (443, true)];
/// What to do about a port that somebody has.
const TAKEN: &str =
    "end what listens there, or run verify with its sandbox, where each run has ports of its own";

/// Whoever asks for more, or for longer ones, is told no more about it.
const MAX_UNANSWERED: usize = 20;
const LONGEST_URL: usize = 1000;

/// The process. It ends when this is dropped.
pub struct Front {
    _process: Aside,
    notes: File,
    has_servers: bool,
    has_names: bool,
}

/// What a run made of its front.
#[derive(Default)]
pub struct Notes {
    /// Whether it spoke to a server.
    pub used: bool,
    /// What it asked for and did not get.
    pub unanswered: BTreeSet<String>,
}

impl Front {
    /// Opens the ports for a run, if it needs any. What it cannot have of them is added to the list.
    pub fn open(
        sandbox: &Sandbox,
        servers: &Servers,
        pages: &[Page],
        lacking: &mut Vec<Lacking>,
    ) -> anyhow::Result<Option<Front>> {
        let mut doors: Vec<_> = servers.ready().flat_map(|service| doors_of(service, lacking)).collect();
        let has_servers = !doors.is_empty();
        let has_names = !pages.is_empty() && sandbox.is_apart();
        if has_names {
            doors.extend(open_others(pages, lacking)?);
        } else {
            let hosts: BTreeSet<_> = pages.iter().map(|page| &page.address.host).collect();
            lacking.extend(hosts.into_iter().map(|host| Lacking::network(Lack::Host(host.clone()))));
        }
        if doors.is_empty() {
            return Ok(None);
        }
        let (notes, to_note) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let kept: Vec<_> = doors.iter().map(|door| door.listener.as_fd()).chain([to_note.as_fd()]).collect();
        let process = sandbox.aside(servers.home(), &kept, || match stand(&doors, &to_note, pages) {
            Ok(()) => 0,
            Err(_) => 1,
        })?;
        Ok(Some(Front { _process: process, notes: File::from(notes), has_servers, has_names }))
    }

    /// To whom the sockets of the run lead.
    pub fn outside(&self) -> Outside {
        if self.has_servers { Outside::Clocks } else { Outside::Others }
    }

    /// What has happened at the ports so far.
    pub fn notes(&mut self) -> Notes {
        let mut text = Vec::new();
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = self.notes.read(&mut piece) {
            text.extend_from_slice(&piece[..count]);
        }
        let text = String::from_utf8_lossy(&text);
        let (server, pages): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.is_empty());
        let pages: BTreeSet<_> = pages.into_iter().map(str::to_owned).collect();
        Notes { used: !server.is_empty(), unanswered: pages.into_iter().take(MAX_UNANSWERED).collect() }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if self.has_names {
            let _ = sandbox::name([], ELSEWHERE[0], None);
        }
    }
}

/// A port and what is behind it.
struct Door {
    listener: TcpListener,
    behind: Behind,
}

#[derive(Clone)]
enum Behind {
    Server(Service),
    Pages(Option<TlsAcceptor>),
}

fn doors_of(service: Service, lacking: &mut Vec<Lacking>) -> Vec<Door> {
    open(&LOCAL, service.port(), Behind::Server(service)).unwrap_or_else(|error| {
        let why = format!("cannot have port {}: {error}", service.port());
        lacking.push(Lacking { what: Lack::Service(Some(service)), why, remedy: TAKEN.to_owned() });
        Vec::new()
    })
}

/// The ports of other machines, whose names lead to this one.
fn open_others(pages: &[Page], lacking: &mut Vec<Lacking>) -> anyhow::Result<Vec<Door>> {
    let addresses = || pages.iter().map(|page| &page.address);
    let names: BTreeSet<_> = addresses().map(|address| address.host.clone()).collect();
    let authority = Authority::new(names.iter().cloned().collect())?;
    let others = addresses().filter(|address| !address.is_local()).map(|address| address.host.as_str());
    sandbox::name(others, ELSEWHERE[0], Some(&authority.certificate))?;
    let mut doors = Vec::new();
    for (is_local, port, secure) in places(addresses()) {
        let at = if is_local { &LOCAL[..] } else { &ELSEWHERE };
        let behind = Behind::Pages(secure.then(|| authority.machines.clone()));
        doors.extend(open(at, port, behind).unwrap_or_else(|error| {
            let theirs = addresses().filter(|address| address.is_local() == is_local && address.port == port);
            lacking.extend(theirs.map(|address| Lacking {
                what: Lack::Host(address.host.clone()),
                why: format!("cannot have port {port}: {error}"),
                remedy: TAKEN.to_owned(),
            }));
            Vec::new()
        }));
    }
    Ok(doors)
}

/// Which ports there are: on this machine or another, and whether they speak in secret.
fn places<'a>(addresses: impl Iterator<Item = &'a Address>) -> BTreeSet<(bool, u16, bool)> {
    let mut places: BTreeSet<_> =
        addresses.map(|address| (address.is_local(), address.port, address.secure)).collect();
    if places.iter().any(|(is_local, ..)| !is_local) {
        places.extend(USUAL.map(|(port, secure)| (false, port, secure)));
    }
    places
}

/// Listens at a port of each address. Only the first has to be there.
fn open(addresses: &[IpAddr], port: u16, behind: Behind) -> io::Result<Vec<Door>> {
    let bind = |address: &IpAddr| {
        let listener = TcpListener::bind(SocketAddr::new(*address, port))?;
        listener.set_nonblocking(true)?;
        io::Result::Ok(Door { listener, behind: behind.clone() })
    };
    let mut doors = vec![bind(&addresses[0])?];
    doors.extend(addresses[1..].iter().filter_map(|address| bind(address).ok()));
    Ok(doors)
}

/// Stands at the doors until it is ended.
fn stand(doors: &[Door], notes: &OwnedFd, pages: &[Page]) -> io::Result<()> {
    let house = Rc::new(House {
        porter: postgres::Porter::default(),
        pages: pages.to_vec(),
        notes: notes.try_clone()?,
        guests: Cell::new(0),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    LocalSet::new().block_on(&runtime, async {
        for Door { listener, behind } in doors {
            let listener = tokio::net::TcpListener::from_std(listener.try_clone()?)?;
            let (house, behind) = (Rc::clone(&house), behind.clone());
            spawn_local(async move {
                while let Ok((client, _)) = listener.accept().await {
                    house.receive(client, behind.clone());
                }
            });
        }
        pending().await
    })
}

/// What is behind the doors.
struct House {
    porter: postgres::Porter,
    pages: Vec<Page>,
    notes: OwnedFd,
    guests: Cell<usize>,
}

impl House {
    /// Takes a connection, if there are not too many already.
    fn receive(self: &Rc<House>, client: TcpStream, behind: Behind) {
        if self.guests.get() >= limits::CONNECTIONS {
            return;
        }
        self.guests.set(self.guests.get() + 1);
        let house = Rc::clone(self);
        spawn_local(async move {
            // Whatever goes wrong, the client sees it for itself.
            let _ = Rc::clone(&house).attend(client, behind).await;
            house.guests.set(house.guests.get() - 1);
        });
    }

    /// Tells the worker, who reads it in the end.
    fn note(&self, line: &str) -> io::Result<()> {
        rustix::io::write(&self.notes, format!("{line}\n").as_bytes())?;
        Ok(())
    }

    async fn attend(self: Rc<House>, mut client: TcpStream, behind: Behind) -> io::Result<()> {
        client.set_nodelay(true)?;
        let service = match behind {
            Behind::Server(service) => service,
            Behind::Pages(machines) => return self.answer(client, machines).await,
        };
        // Servers that were spoken to are for nobody else: who cannot be noted is not let in.
        self.note("")?;
        let mut server = match service {
            Service::Postgres => self.porter.let_in(&mut client).await?,
            Service::Redis => redis::let_in(&mut client).await?,
        };
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    async fn answer(self: Rc<House>, client: TcpStream, machines: Option<TlsAcceptor>) -> io::Result<()> {
        let port = client.local_addr()?.port();
        let missed = |url: &str| {
            if url.len() <= LONGEST_URL && !url.contains(":///") {
                // What does not fit into the pipe has been said often enough.
                let _ = self.note(url);
            }
        };
        match machines {
            None => pages::serve(client, &self.pages, (port, false), missed).await,
            Some(machines) => {
                pages::serve(machines.accept(client).await?, &self.pages, (port, true), missed).await
            }
        }
        Ok(())
    }
}
