"""A chat server that every line-speaking program can join.

The map, in the order to read it (each file says at its top what it is for):

    events/         what can happen                       errors/        what can be refused
    interfaces/     the seams                             wire.py        how a connection looks: event -> bytes
    modes.py        what a room can be set to, and who stands how high in it.
    rooms/          the chat itself: people, rooms, rules. No sockets, no bytes, no Twisted.
    dialects/       lines <-> rooms. plain/ is for people on nc and telnet, irc/ for IRC's clients; each has a table of
                    what can be asked for, and a render that makes lines of events.
    transports/     bytes <-> lines: links, send queues, listeners, TLS, who may connect and for how long; sniff.py
                    tells by the first bytes what a connection speaks.
    stores/         what is remembered.                   backplanes/    other nodes; alone.py is a server without.
    account.py      what an account is.                   accounts/      who has one, and how they prove it.
    setting.py, config.py   how settings are declared; chat.toml and flags -> settings.
    passwords.py    passwords, and their hashes in settings.   motd.py   the message of the day.
    turns.py        whose turn it is, where people wait.
    options.py      the command line.                     server.py      the life of the whole.
    keeping.py      what lasts: the store opened, kept tidy, closed.
    admin/          accounts and stores from the command line, without a server.
    tap.py          options -> the parts put together.
    load/           chat-load, which measures: a client, and no part of the server.
    testing.py      an in-memory network, for your tests and ours.

Imports go one way; `pyproject.toml` holds the contracts.
"""

__version__ = "0.1.0"
