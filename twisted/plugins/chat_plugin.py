"""Tells twistd of `twistd chat`."""

from twisted.application.service import ServiceMaker

chat = ServiceMaker("chat", "chatproto.tap", "A chat server that every line-speaking program can join.", "chat")
