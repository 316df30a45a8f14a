"""The chat itself: people, rooms and their rules. No sockets, no bytes, no Twisted."""
