"""The collectors' sockets: bounded, checked, polite."""
