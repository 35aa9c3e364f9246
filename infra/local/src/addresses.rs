//! The addresses of the local cloud: five neighbouring ports, all on the loopback interface.

use std::net::{Ipv4Addr, SocketAddr};

/// Which ports to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// This one for the portal and the next four for mailbox, S3, DynamoDB and payment provider.
    Fixed(u16),
    /// Whatever is free: for tests, any number of which run side by side.
    Any,
}

/// What listens on a port; the order is that of the ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Portal,
    Mailbox,
    S3,
    Dynamo,
    Provider,
}

impl Ports {
    /// Where `service` is to listen; port 0 asks the system for a free one.
    #[must_use]
    pub fn address(self, service: Service) -> SocketAddr {
        let port = match self {
            Ports::Any => 0,
            Ports::Fixed(first) => first + service as u16,
        };
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }
}

/// The address as people and programs write it.
#[must_use]
pub(crate) fn url(port: u16) -> String {
    format!("http://localhost:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_stand_on_neighbouring_ports() {
        let ports = Ports::Fixed(9000);
        assert_eq!(ports.address(Service::Portal).port(), 9000);
        assert_eq!(ports.address(Service::Mailbox).port(), 9001);
        assert_eq!(ports.address(Service::S3).port(), 9002);
        assert_eq!(ports.address(Service::Dynamo).port(), 9003);
        assert_eq!(ports.address(Service::Provider).port(), 9004);
    }
}
