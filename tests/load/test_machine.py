"""What is said of the machine."""

from __future__ import annotations

import os

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.machine import machine


class MachineTests(SynchronousTestCase):
    """In words."""

    def test_machine(self) -> None:
        """Each is there, and none is empty."""
        found = machine()
        self.assertEqual(list(found), ["processor", "cores", "memory", "system", "Python"])
        self.assertTrue(all(found.values()), found)
        self.assertEqual(found["cores"], str(os.cpu_count()))
        self.assertRegex(found["memory"], r"^[\d.,]+ [MG]iB$")
