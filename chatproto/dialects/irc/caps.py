"""The capabilities that clients can ask for (IRCv3); `verbs/capabilities.py` is how they do."""

from __future__ import annotations

CAPS: dict[str, str] = {
    "account-notify": "",
    "account-tag": "",
    "away-notify": "",
    "batch": "",
    "cap-notify": "",
    "chghost": "",
    "draft/channel-rename": "",
    "draft/extended-isupport": "",
    "draft/message-redaction": "",
    "draft/metadata-2": "",
    "draft/multiline": "",
    "draft/no-implicit-names": "",
    "draft/oper-tag": "",
    "draft/pre-away": "",
    "draft/relaymsg": "/",
    "echo-message": "",
    "extended-join": "",
    "extended-monitor": "",
    "invite-notify": "",
    "labeled-response": "",
    "message-tags": "",
    "multi-prefix": "",
    "no-implicit-names": "",
    "server-time": "",
    "setname": "",
    "standard-replies": "",
    "userhost-in-names": "",
}
