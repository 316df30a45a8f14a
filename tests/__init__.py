"""The tests mirror chatproto/; contracts/, fuzz/ and live/ stand across it."""
