//! Ports for servers that end and come back.

use std::net::TcpListener;

/// The first of `count` neighbouring free ports, below those that Linux assigns to connections (32768
/// and more): while a node is down, a connection could otherwise get its port.
pub(super) fn free_block(count: u16) -> u16 {
    const BLOCKS: u16 = 500;
    let time = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_micros();
    let start = u16::try_from(time % u32::from(BLOCKS)).unwrap();
    let blocks = (0..BLOCKS).map(|number| 20_000 + (start + number) % BLOCKS * 20);
    let is_free = |first: &u16| {
        let ports = *first..*first + count;
        let listeners: Result<Vec<_>, _> =
            ports.map(|port| TcpListener::bind(("127.0.0.1", port))).collect();
        listeners.is_ok()
    };
    blocks.into_iter().find(is_free).expect("free ports")
}
