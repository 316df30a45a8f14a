"""Accounts: who has which name, and how they prove it. `source.py` keeps `IAccounts`; no rooms and no dialects here."""
