"""What `twistd chat` does in the place of starting the server: accounts and stores, from the command line. It blocks,
and needs no reactor."""
