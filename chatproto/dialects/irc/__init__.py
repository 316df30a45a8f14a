"""The dialect of IRC clients: RFC 1459 and 2812 as they are used today, and IRCv3."""
