//! The pipe to the editor: what comes becomes events, what goes is written here and nowhere else.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::Sender;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use lsp_types::notification::{LogMessage, Notification as Notifies, ShowMessage};
use lsp_types::request::Request as Requests;
use lsp_types::{LogMessageParams, MessageType, ShowMessageParams};
use rustix::event::{PollFd, PollFlags, poll};
use serde::Serialize;
use serde_json::Value;

use super::checker::Done;
use crate::run::interrupt;

/// Characters of a message that cannot be read, for whoever looks for its author.
const SHOWN: usize = 200;

/// What the server waits for.
pub enum Event {
    /// The editor says something.
    Message(Message),
    /// It says something that cannot be read.
    Malformed(String),
    /// It says nothing any more.
    Closed,
    /// A signal ends the server.
    Interrupted,
    /// A check is done.
    Done(Box<Done>),
}

/// Says that it is over, however a thread ends.
struct AtEnd(Sender<Event>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Closed);
    }
}

/// Reads messages until there are no more. One that is malformed hides no other.
pub fn listen(events: Sender<Event>) {
    let end = AtEnd(events);
    std::thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Some(event) = next(&mut input) {
            if end.0.send(event).is_err() {
                return;
            }
        }
    });
}

fn next(input: &mut impl BufRead) -> Option<Event> {
    match Message::read(input) {
        Ok(message) => message.map(Event::Message),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Some(Event::Malformed(error.to_string().chars().take(SHOWN).collect()))
        }
        Err(_) => None,
    }
}

/// Says when a signal comes.
pub fn listen_for_signals(events: Sender<Event>) -> io::Result<()> {
    let descriptor = interrupt::descriptor()?;
    std::thread::spawn(move || {
        let mut signal = [PollFd::from_borrowed_fd(descriptor.as_fd(), PollFlags::empty())];
        while poll(&mut signal, None).is_err() {}
        let _ = events.send(Event::Interrupted);
    });
    Ok(())
}

/// The editor, as somebody to speak to.
pub struct Client {
    output: Box<dyn Write + Send>,
    /// The number of the last request to it.
    requests: i32,
    /// Whether it is gone.
    pub is_gone: bool,
}

impl Client {
    /// On standard output.
    pub fn new() -> Client {
        Client { output: Box::new(io::stdout()), requests: 0, is_gone: false }
    }

    fn send(&mut self, message: impl Into<Message>) {
        self.is_gone |= message.into().write(&mut self.output).is_err();
    }

    /// Answers a request.
    pub fn answer(&mut self, id: RequestId, answer: Result<Value, ResponseError>) {
        self.send(Response { id, response_result: answer });
    }

    /// Tells it something.
    pub fn tell<N: Notifies>(&mut self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params));
    }

    /// Asks it for something; returns the request's id.
    pub fn ask<R: Requests>(&mut self, params: R::Params) -> RequestId
    where
        R::Params: Serialize,
    {
        let id = RequestId::from(self.next());
        self.send(Request::new(id.clone(), R::METHOD.to_owned(), params));
        id
    }

    /// A number that no request to it has had.
    pub fn next(&mut self) -> i32 {
        self.requests += 1;
        self.requests
    }

    /// Shows a failure to whoever sits there.
    pub fn show(&mut self, message: &str) {
        let message = format!("verify: {message}");
        self.tell::<ShowMessage>(ShowMessageParams { typ: MessageType::ERROR, message });
    }

    /// Writes into its log.
    pub fn log(&mut self, message: String) {
        self.tell::<LogMessage>(LogMessageParams { typ: MessageType::WARNING, message });
    }
}

/// An error of the protocol.
pub fn refusal(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}
