"""The page of a report: what stands in it, that it needs nothing else, and that nothing in it comes to life."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from chatproto.load import report
from chatproto.load.results import Result
from tests.load.examples import BARE, CAPACITY, FULL, RUDE
from tests.load.files import WithFiles

EMPTY = {"meta", "link", "img", "br", "hr", "input", "base", "source"}
"""Elements of HTML that have no end."""


class Page(HTMLParser):
    """A page as a browser takes it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.images: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        if self._open:
            raise AssertionError(f"{self._open} do not end")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in EMPTY:
            self._open.append(tag)
        found = dict(attrs)
        if found.get("role") == "img":
            self.images.append(found.get("aria-label") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Each ends what was begun last."""
        if tag not in EMPTY and self._open.pop() != tag:
            raise AssertionError(f"</{tag}> ends what was not begun, at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        """Collect the words, with single spaces."""
        if self._open[-1:] != ["style"]:
            self.text = " ".join(f"{self.text} {data}".split())


class ReportTests(WithFiles):
    """Pages about results."""

    def written(self, *results: Result) -> Page:
        """A page about some of them."""
        path = self.new_path()
        report.write(results, path)
        return self.read(path)

    def read(self, path: Path) -> Page:
        """A page that needs nothing else, and in which nothing runs."""
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        self.assertFalse({"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags))
        for name, value in page.attributes:
            self.assertFalse(name.startswith("on"), name)
            if name in {"href", "src", "xlink:href", "action"}:
                self.assertTrue(value.startswith("#"), value)
        self.assertNotIn("@import", text)
        self.assertEqual(re.findall(r"url\((?!#)[^)]*", text), [])
        self.assertIn(("content", "default-src 'none'; style-src 'unsafe-inline'"), page.attributes)
        ids = [value for name, value in page.attributes if name == "id"]
        self.assertCountEqual(ids, set(ids))
        refers = [
            v for n, value in page.attributes for v in re.findall(r"url\(#([^)]*)|^#(.*)", value) if n != "content"
        ]
        self.assertLessEqual({first or second for first, second in refers if first or second}, set(ids))
        return page

    def test_full(self) -> None:
        """All that the table has, the parameters, the machine, and two plots."""
        page = self.written(FULL)
        for words in (
            "chat-load: fanout irc over TCP at 127.0.0.1:7000",
            "20.0 s measured, ended early",
            "connections 1000, rate 1000.0, slow 0, closed",
            "Something was lost.",
            "delivered 19,980,000 (999,000/s)",
            "deliveries, each 8th PING, there and back how many 9,000 200 median 920 µs 276 µs",
            "PruneCalled 12 times that a receive queue had to be squeezed",
            "These did not move: ListenOverflows.",
            "The machine processor an abacus cores 2 chat-load 1.2 The client's",
        ):
            self.assertIn(words, page.text)
        self.assertEqual(
            page.images,
            [
                (
                    "Latency by percentile. deliveries, each 8th: half within 920 µs, 99 % within 4.40 ms, all within "
                    "45.0 ms; PING, there and back: half within 276 µs, 99 % within 1.32 ms, all within 13.5 ms."
                ),
                (
                    "Over time. In 3 s: delivered per second 500,000 to 999,000; 99 % of the deliveries within 4.10 ms "
                    "to 6.80 ms; the server's CPU 37 % to 81 %; the client's CPU 25 % to 60 %; the server's memory "
                    "48.0 MiB to 50.0 MiB."
                ),
            ],
        )

    def test_capacity(self) -> None:
        """The steps by their rates, with what broke, and a plot of them."""
        page = self.written(CAPACITY)
        self.assertIn("1,000 2.50 ms 10 % 5.0 % 0 0 held 2,000 5.40 ms – 20 % 0 0 held 4,000 109 ms", page.text)
        self.assertEqual(len(page.images), 2)
        self.assertIn("3 rates were tried; the highest that was held is 2,000 lines per second.", page.images[1])

    def test_bare(self) -> None:
        """A result with as little as there can be has a page too, without plots."""
        page = self.written(BARE)
        self.assertIn("not known: Linux alone has them", page.text)
        self.assertEqual(page.images, [])

    def test_several(self) -> None:
        """Several results stand on one page, twice the same among them."""
        page = self.written(FULL, CAPACITY, BARE, replace(FULL, scenario="rooms"))
        self.assertIn("chat-load: fanout, capacity, idle, rooms", page.text)
        self.assertEqual(len(page.images), 6)

    def test_escaped(self) -> None:
        """Words from outside are shown as they are, wherever they stand."""
        assert FULL.latency is not None
        rude = replace(
            FULL, scenario=RUDE, target=RUDE, parameters={RUDE: RUDE}, latency_of=f"{RUDE} $x", kernel={RUDE: 1},
            figures=(replace(FULL.figures[0], name=RUDE, unit=RUDE),),
            steps=(replace(CAPACITY.steps[1], broke=RUDE),),
        )  # fmt: skip
        page = self.written(rude)
        self.assertGreater(page.text.count("<script>alert('&')</script>"), 8)
        path = self.new_path()
        report.compare({RUDE: rude, "$x$ ${": rude}, path)
        self.assertIn("<script>alert('&')</script>", self.read(path).text)

    def test_compare(self) -> None:
        """Results side by side: bars of what a line and what a connection cost, a table, and how each was made."""
        assert FULL.server is not None
        peer = replace(FULL, server=replace(FULL.server, rss_per_connection=None, cpu_user=25.5), lost=0)
        path = self.new_path()
        report.compare({"ours": FULL, "peer": peer, "unknown": BARE}, path)
        page = self.read(path)
        self.assertEqual(
            page.images,
            [
                "The server's CPU for each delivered line. In µs: ours 0.77, peer 1.74.",
                "The server's memory for each connection. In KiB: ours 3.40.",
            ],
        )
        self.assertIn("ours 19,980,000 0.77 µs 920 µs 4.40 ms 3.40 KiB 15 3 peer 19,980,000 1.74 µs", page.text)
        self.assertIn("unknown 0 – – – – 0 0", page.text)

    def test_machines(self) -> None:
        """The machines are those that the runs were made on, each told once, with the runs that it is of."""
        other = replace(FULL, machine={"processor": "a slide rule"})
        path = self.new_path()
        report.compare({"ours": FULL, "peer": other, "again": FULL, "old": BARE}, path)
        self.assertIn(
            "The machines ours, again processor an abacus cores 2 chat-load 1.2 peer processor a slide rule "
            "chat-load 1.2 old chat-load not known",
            self.read(path).text,
        )
        self.assertEqual(1, self.written(FULL, FULL).text.count("an abacus"))

    def test_compare_nothing(self) -> None:
        """Where no cost is known there are no bars."""
        path = self.new_path()
        report.compare({"one": BARE}, path)
        self.assertEqual(self.read(path).images, [])

    def test_not_written(self) -> None:
        """A page that cannot be written is told of by the error that the system gives."""
        self.assertRaises(OSError, report.write, [BARE], Path("/nowhere/page.html"))

    def test_missing(self) -> None:
        """Where a library is missing, a sentence says what to install."""
        for library in ("matplotlib", "jinja2"):
            code = f"import sys; sys.modules[{library!r}] = None; import chatproto.load.report"
            told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
            self.assertIn("ImportError: A report needs Matplotlib and Jinja: pip install 'chatproto[report]' (", told)
