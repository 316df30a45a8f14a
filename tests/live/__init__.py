"""The installed program, real sockets, real clients. Nothing here imports the parts of the server."""
