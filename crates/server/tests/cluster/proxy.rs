//! A wire between an operator and a gateway that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to a port; its thread ends with the test's process.
pub(crate) struct Proxy {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// To this port, from a free one.
    pub(crate) fn to(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let own = listener.local_addr().expect("it is bound").port();
        let open = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&open);
        thread::spawn(move || {
            for here in listener.incoming().map_while(Result::ok) {
                // Whoever finds nobody there is closed and comes again.
                let Ok(there) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                for side in [&here, &there] {
                    side.set_nodelay(true).expect("a fresh socket takes options");
                    kept.lock().expect("nobody panicked").push(copy_of(side));
                }
                let back = (copy_of(&there), copy_of(&here));
                thread::spawn(move || pass(here, there));
                thread::spawn(move || pass(back.0, back.1));
            }
        });
        Proxy { port: own, open }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts every connection in both directions, as a broken line would.
    pub(crate) fn cut(&self) {
        for stream in self.open.lock().expect("nobody panicked").drain(..) {
            // One that was closed meanwhile needs no cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn copy_of(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a socket has a second handle")
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut octets = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut octets) {
        if to.write_all(&octets[..count]).is_err() {
            break;
        }
    }
    for side in [&from, &to] {
        let _ = side.shutdown(Shutdown::Both);
    }
}
