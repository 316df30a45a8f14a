"""The example of RFC 7677, 3: user `user`, password `pencil`."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode

from chatproto.accounts.scram import Keys

CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SERVER_FIRST = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
CLIENT_FINAL = (
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def _keys(password: str, salt: bytes, iterations: int) -> Keys:
    """RFC 5802, 3, by the standard library and not by what is tested."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return Keys(salt, stored, hmac.digest(salted, b"Server Key", "sha256"), iterations)


KEYS = _keys("pencil", b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)
