//! The socket of a connection to a server: what ends a statement that the server does not answer.
//!
//! Diesel shows neither the client library's handle nor its timeouts (ADR 29). The socket is
//! therefore looked up among the process's descriptors, before and after the connection is opened.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    net::{Shutdown, TcpStream},
    os::{
        fd::{BorrowedFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
};

use url::Url;

/// MySQL's port.
const DEFAULT_PORT: u16 = 3306;

/// A duplicate of a connection's descriptor. While it is open, neither its number nor the socket can
/// be reused, so that [`ServerSocket::shut_down`] cannot hit another connection.
#[derive(Debug)]
pub(crate) struct ServerSocket(TcpStream);

impl ServerSocket {
    /// Ends the connection, in both directions: a read that waits in the client library returns at
    /// once. Fails only where the connection has ended already.
    pub(crate) fn shut_down(&self) {
        // shutdown(2), which is the same for a Unix socket.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// The far end of a server's connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    port: u16,
    /// Whether the client library may connect by a Unix socket.
    is_local: bool,
}

impl Peer {
    pub(crate) fn of(url: &Url) -> Self {
        let is_local = url.host_str() == Some("localhost")
            || url.query_pairs().any(|(name, _)| name == "unix_socket");
        Self { port: url.port().unwrap_or(DEFAULT_PORT), is_local }
    }

    /// The socket, where this server is its peer. A name may have any address: the port decides.
    fn socket(self, descriptor: OwnedFd) -> Option<ServerSocket> {
        let stream = TcpStream::from(descriptor);
        match stream.peer_addr() {
            Ok(address) => (address.port() == self.port).then_some(ServerSocket(stream)),
            Err(_) if self.is_local => {
                let stream = UnixStream::from(OwnedFd::from(stream));
                let is_server = stream.peer_addr().is_ok_and(|peer| !peer.is_unnamed());
                is_server.then(|| ServerSocket(OwnedFd::from(stream).into()))
            }
            Err(_) => None,
        }
    }
}

/// The process's sockets at one moment, as `/proc` names them: `socket:[inode]`.
pub(crate) struct OpenSockets(HashSet<PathBuf>);

impl OpenSockets {
    pub(crate) fn now() -> io::Result<Self> {
        Ok(Self(sockets()?.map(|(_, socket)| socket).collect()))
    }

    /// The sockets to this server that have been opened since.
    pub(crate) fn opened_since(&self, peer: Peer) -> io::Result<Vec<ServerSocket>> {
        let new = sockets()?.filter(|(_, socket)| !self.0.contains(socket));
        let own = new.filter_map(|(descriptor, socket)| {
            Some((socket, peer.socket(duplicate(descriptor).ok()?)?))
        });
        // By socket: another thread may hold a duplicate at this moment.
        Ok(own.collect::<HashMap<_, _>>().into_values().collect())
    }
}

/// The process's sockets, with the descriptor of each.
fn sockets() -> io::Result<impl Iterator<Item = (RawFd, PathBuf)>> {
    let descriptors = fs::read_dir("/proc/self/fd")?.filter_map(Result::ok);
    Ok(descriptors.filter_map(|entry| {
        let target = fs::read_link(entry.path()).ok()?;
        let is_socket = target.as_os_str().as_encoded_bytes().starts_with(b"socket:");
        let number = entry.file_name().to_str()?.parse().ok()?;
        is_socket.then_some((number, target))
    }))
}

/// Duplicates a descriptor of this process by its number.
#[expect(unsafe_code, reason = "the standard library duplicates no descriptor by its number")]
fn duplicate(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the number is only passed to fcntl(F_DUPFD_CLOEXEC). Where it has been closed since it
    // was listed, that fails; where it has been reused, the duplicate is of the new file, and the
    // caller, which looks at the duplicate's own peer, drops it.
    unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned()
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        net::TcpListener,
        os::unix::net::{UnixListener, UnixStream},
        thread,
    };

    use super::*;

    fn peer(url: &str) -> Peer {
        Peer::of(&url.parse().unwrap())
    }

    #[test]
    fn a_blocked_read_ends_when_the_socket_is_shut_down() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let peer = peer(&format!("mysql://u@name.example:{port}/d"));
        let before = OpenSockets::now().unwrap();
        let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let _accepted = server.accept().unwrap(); // this end's peer has another port
        let [socket] = <[_; 1]>::try_from(before.opened_since(peer).unwrap()).unwrap();
        let reader = thread::spawn(move || connection.read(&mut [0]).unwrap());
        socket.shut_down();
        assert_eq!(reader.join().unwrap(), 0);
        assert!(OpenSockets::now().unwrap().opened_since(peer).unwrap().is_empty());
    }

    #[test]
    fn a_unix_socket_is_found_where_the_server_is_local() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let server = UnixListener::bind(&path).unwrap();
        let before = OpenSockets::now().unwrap();
        let mut connection = UnixStream::connect(&path).unwrap();
        let _accepted = server.accept().unwrap();
        let found = |url| before.opened_since(peer(url)).unwrap();
        assert!(found("mysql://u@db.example/d").is_empty());
        for url in ["mysql://u@localhost/d", "mysql://u@db/d?unix_socket=/run/mysqld.sock"] {
            assert_eq!(found(url).len(), 1, "{url}");
        }
        found("mysql://u@localhost/d")[0].shut_down();
        assert_eq!(connection.read(&mut [0]).unwrap(), 0);
    }
}
