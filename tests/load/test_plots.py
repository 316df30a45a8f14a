"""What the plots show."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

from matplotlib import rcParams
from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import plots
from chatproto.load.drawing import Plot
from chatproto.load.results import Latency, Sample, Step
from tests.load.examples import CAPACITY, FULL, PING, SHORT


class PlotsTests(SynchronousTestCase):
    """Each of a part of a result."""

    def words(self, plot: Plot | None) -> list[str]:
        """All text in a plot."""
        assert plot is not None
        return re.findall(r"<text[^>]*>([^<]*)</text>", plot.svg)

    def test_colours(self) -> None:
        """Every colour is one of the page's, so that it is right in light and in dark; the font is the page's too."""
        for plot in (
            plots.latency({"one": SHORT, "two": PING}),
            plots.over_time(FULL.timeline),
            plots.capacity(CAPACITY.steps, CAPACITY.goal, 99.0),
            plots.bars("cost", "µs", {"ours": 1.0, "theirs": 2.0}),
        ):
            assert plot is not None
            self.assertEqual(re.findall(r"#[0-9a-fA-F]{6}\b(?!\))", plot.svg), [])
            self.assertLessEqual(
                {"var(--ink)", "var(--rule)", "var(--first)"}, set(re.findall(r"var\([^)]*\)", plot.svg))
            )
            self.assertNotIn("DejaVu", plot.svg)
            self.assertTrue(plot.svg.startswith("<svg viewBox="))

    def test_latency(self) -> None:
        """Percentiles as far as there are deliveries for them, times with units, and names where there are two."""
        words = self.words(plots.latency({"deliveries": SHORT}))
        self.assertLessEqual(
            {"50 %", "90 %", "99 %", "99.9 %", "1.00 ms", "10.0 ms", "percentile", "latency"}, set(words)
        )
        self.assertNotIn("99.99 %", words)
        self.assertNotIn("deliveries", words)
        self.assertIn("99.99 %", self.words(plots.latency({"deliveries": replace(SHORT, count=10_000)})))
        self.assertLessEqual({"one", "two"}, set(self.words(plots.latency({"one": SHORT, "two": PING}))))

    def test_latency_of_few(self) -> None:
        """One delivery makes a plot, even if it took no time at all; a latency without points makes none."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Matplotlib's way to tell of what it cannot draw.
            self.words(plots.latency({"x": Latency(1, 0, 0, 0, 0, 0.0, 0, ((0.0, 0.0), (100.0, 0.0)))}))
            self.words(plots.latency({"x": Latency(1, 5, 5, 5, 5, 5.0, 5, ((100.0, 5.0),))}))
        self.assertIsNone(plots.latency({"x": replace(SHORT, points=())}))
        self.assertIsNone(plots.latency({}))

    def test_over_time(self) -> None:
        """What is not known has no panel; two samples make a line, one does not."""
        words = self.words(plots.over_time(FULL.timeline))
        self.assertIn("seconds since the measured time began", words)
        self.assertLessEqual({"memory,", "MiB", "40", "of a core", "the server's CPU", "the client's CPU"}, set(words))
        unknown = [Sample(float(at), 1.0, 1, 1, None, None, 0.5, None) for at in (1, 2)]
        plot = plots.over_time(unknown)
        assert plot is not None
        self.assertEqual(plot.text, "In 2 s: delivered per second 1 to 1; the client's CPU 50 % to 50 %.")
        self.assertNotIn("the client's CPU", self.words(plot))
        self.assertIsNone(plots.over_time(unknown[:1]))
        self.assertIsNone(plots.over_time([]))

    def test_no_time(self) -> None:
        """Samples that took no time divide nothing by zero."""
        plot = plots.over_time([replace(sample, seconds=0.0) for sample in FULL.timeline])
        assert plot is not None
        self.assertNotIn("delivered", plot.text.split(";")[0])
        empty = [Sample(0.0, 0.0, 0, 0, None, None, 0.0, None)] * 2
        self.assertIsNone(plots.over_time(empty))

    def test_capacity(self) -> None:
        """Rates and the goal are named; steps without a latency are left out."""
        words = self.words(plots.capacity(CAPACITY.steps, CAPACITY.goal, 99.0))
        self.assertLessEqual({"1,000", "2,000", "4,000", "goal: 50.0 ms", "held", "broke", "latency, 99 %"}, set(words))
        none = Step(1.0, 1, 0, 1, 0, None, None, 0.1, good=False, broke="all was lost")
        self.assertIsNone(plots.capacity([none], 50_000.0, 99.0))
        plot = plots.capacity([none, replace(none, latency=9.0)], None, None)
        assert plot is not None
        self.assertEqual(plot.text, "1 rates were tried; none was held.")

    def test_close_rates(self) -> None:
        """Rates that stand too close to be read are not all written below the axis."""
        steps = [replace(CAPACITY.steps[0], rate=rate) for rate in (1000.0, 1010.0, 1020.0, 1500.0, 16_000.0)]
        words = self.words(plots.capacity(steps, None, None))
        self.assertEqual([word for word in words if re.fullmatch("[0-9,]+", word)], ["1,000", "1,500", "16,000"])

    def test_bars(self) -> None:
        """Names and values stand beside the bars, and dollars in a name are dollars."""
        words = self.words(plots.bars("cost", "µs", {"ours": 0.5, "$x$": 2.0}))
        self.assertLessEqual({"ours", "$x$", "0.50", "2", "µs"}, set(words))
        self.assertIsNone(plots.bars("cost", "µs", {}))

    def test_style(self) -> None:
        """Drawing leaves Matplotlib's own settings as they were."""
        before = dict(rcParams)
        plots.bars("cost", "µs", {"ours": 0.5})
        self.assertEqual(dict(rcParams), before)
