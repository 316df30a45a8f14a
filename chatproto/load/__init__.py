"""The load and capacity tool: a client outside the server, for any server that speaks IRC or our plain lines."""
