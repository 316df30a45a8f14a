"""The tests mirror chatproto/; contracts/, fuzz/ and live/ stand across it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# An example may take as long as the machine makes it take. All else is as hypothesis has it, here or under CI.
settings.register_profile("any machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
