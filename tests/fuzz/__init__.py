"""Any bytes, in any chunking and any order of events: the same effect, and no exception."""
