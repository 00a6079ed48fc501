//! The sandbox on a real socket.
