//! Descriptors that one process hands to another.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// A descriptor does not travel alone.
const BYTE: &[u8] = b"!";

/// Hands a descriptor over.
pub fn send(line: &UnixStream, descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut with = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor];
    with.push(SendAncillaryMessage::ScmRights(&descriptors));
    // Who has gone is no reason to be killed.
    sendmsg(line, &[IoSlice::new(BYTE)], &mut with, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes a descriptor; `None` when nobody is there to hand one over.
pub fn receive(line: &UnixStream) -> io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut with = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let received = recvmsg(line, &mut [IoSliceMut::new(&mut byte)], &mut with, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut rights = with.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(rights) => Some(rights),
        _ => None,
    });
    rights
        .next()
        .and_then(|mut rights| rights.next())
        .map(Some)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn what_is_handed_over_is_the_same_line() {
        let (here, there) = UnixStream::pair().unwrap();
        let (mut end, other) = UnixStream::pair().unwrap();
        send(&here, other.as_fd()).unwrap();
        drop(other);
        let mut taken = UnixStream::from(receive(&there).unwrap().unwrap());
        taken.write_all(b"word").unwrap();
        drop(taken);
        let mut heard = String::new();
        end.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "word");
    }

    #[test]
    fn nobody_and_nothing_are_told_apart() {
        let (mut here, there) = UnixStream::pair().unwrap();
        here.write_all(b"!").unwrap();
        assert!(receive(&there).is_err());
        drop(here);
        assert!(receive(&there).unwrap().is_none());
    }
}
