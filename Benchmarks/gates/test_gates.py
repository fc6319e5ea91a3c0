"""Tests of what the gates compute, without measuring: `python3 -m unittest discover -s Benchmarks/gates -t Benchmarks`."""

import json
import pathlib
import tempfile
import unittest

from harness.process import Failure

from . import loads, parsers, server
from .subject import HERE
from .thresholds import Allowance, Thresholds, Verdict, least, median


class Directory(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def write(self, text):
        path = self.directory / "file"
        path.write_text(text)
        return path


class Comparing(unittest.TestCase):
    def verdict(self, measured, threshold, share=0.05, amount=0.0):
        return Verdict("figure", measured, threshold, Allowance(share, amount))

    def test_what_is_within_the_allowance_holds(self):
        for measured in (9.5, 10, 10.5):
            verdict = self.verdict(measured, 10)
            self.assertFalse(verdict.exceeded or verdict.undercut, measured)
            self.assertEqual(str(verdict), "holds")

    def test_what_is_above_it_is_exceeded_and_says_by_how_much(self):
        verdict = self.verdict(12, 10)
        self.assertTrue(verdict.exceeded)
        self.assertEqual(str(verdict), "EXCEEDED: +20 %")

    def test_what_is_below_it_asks_for_a_tighter_threshold_and_fails_nothing(self):
        verdict = self.verdict(8, 10)
        self.assertFalse(verdict.exceeded)
        self.assertTrue(verdict.undercut)
        self.assertIn("tighten", str(verdict))

    def test_an_amount_allows_for_figures_near_zero(self):
        self.assertFalse(self.verdict(0.01, 0, amount=0.01).exceeded)
        over = self.verdict(0.02, 0, amount=0.01)
        self.assertTrue(over.exceeded)
        self.assertEqual(str(over), "EXCEEDED: +0.02 over 0")

    def test_a_figure_without_a_threshold_and_a_threshold_without_a_figure_fail(self):
        self.assertTrue(self.verdict(1, None).exceeded)
        self.assertIn("NO THRESHOLD", str(self.verdict(1, None)))
        self.assertTrue(self.verdict(None, 1).exceeded)
        self.assertIn("NOT MEASURED", str(self.verdict(None, 1)))


class Files(Directory):
    def test_an_allowance_of_a_figures_own_comes_before_the_files(self):
        path = self.write(
            json.dumps({"share": 0.1, "amount": 0, "figures": {"a": 10, "b": {"threshold": 10, "share": 0.5}}})
        )
        a, b = Thresholds(path).compare({"a": 12, "b": 12})
        self.assertTrue(a.exceeded)
        self.assertFalse(b.exceeded)

    def test_a_figure_that_is_not_measured_any_more_is_said(self):
        path = self.write(json.dumps({"figures": {"a": 1, "gone": 2}}))
        self.assertEqual([verdict.name for verdict in Thresholds(path).compare({"a": 1}) if verdict.exceeded], ["gone"])

    def test_an_update_keeps_allowances_and_drops_what_is_no_more(self):
        path = self.write(
            json.dumps({"share": 0.2, "amount": 1, "figures": {"a": {"threshold": 1, "share": 0.3}, "gone": 2}})
        )
        Thresholds(path).update({"a": 1234.5678, "new": 7.0}, "About.", "Swift 6", "x86_64")
        self.assertEqual(
            json.loads(path.read_text()),
            {
                "about": "About.", "compiler": "Swift 6", "machine": "x86_64", "share": 0.2, "amount": 1,
                "figures": {"a": {"threshold": 1235, "share": 0.3}, "new": 7},
            },
        )
        again = Thresholds(path)
        self.assertEqual((again.machine, again.compiler), ("x86_64", "Swift 6"))
        self.assertFalse(any(verdict.exceeded for verdict in again.compare({"a": 1234.5678, "new": 7.0})))

    def test_the_first_update_takes_the_subjects_allowance(self):
        path = self.directory / "Thresholds" / "new.json"
        Thresholds(path, Allowance(0.07, 0.5)).update({"a": 0.0123456}, "About.", "Swift 6")
        document = json.loads(path.read_text())
        self.assertEqual((document["share"], document["amount"]), (0.07, 0.5))
        self.assertEqual(document["figures"], {"a": 0.01235})
        self.assertNotIn("machine", document)

    def test_every_subject_has_its_thresholds(self):
        for subject in (server.Allocations, server.SystemCalls, parsers.ParserAllocations, parsers.Instructions):
            path = HERE.parent / f"Thresholds/{subject.name}.json"
            self.assertTrue(path.is_file(), path)
            self.assertTrue(json.loads(path.read_text())["figures"], path)


class Runs(unittest.TestCase):
    def test_the_least_and_the_median_are_taken_figure_by_figure(self):
        runs = [{"a": 3, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 9}]
        self.assertEqual(least(runs), {"a": 1, "b": 1})
        self.assertEqual(median(runs), {"a": 2, "b": 2})
        self.assertEqual(median([{"a": 5}, {"a": 4}]), {"a": 4})


class Loads(unittest.TestCase):
    def test_a_load_is_lengthened_by_its_option_alone(self):
        load = loads.paced(rate=20, short=10, long=50)
        self.assertEqual(
            load.arguments(50), ["proxy", "--connections", "1", "--requests", "1", "--rate", "20", "--tokens", "50"]
        )
        self.assertEqual(load.figure, "one paced stream, per token")

    def test_each_run_of_a_crowd_has_a_channel_of_its_own(self):
        load = loads.fanout("ws", 100, rate=10, short=10, long=30)
        short, long = (" ".join(load.arguments(length)) for length in (load.short, load.long))
        self.assertIn("--channel gate-10 --subscribe /channels/gate-10", short)
        self.assertIn("--channel gate-30 --subscribe /channels/gate-30", long)

    def test_exchanges_are_counted_by_replies(self):
        self.assertEqual(loads.exchanges(1, 2).units({"count": 6, "replies": 2}), 2)
        self.assertEqual(loads.burst(1, 2).units({"count": 6, "replies": 2}), 6)


class Traces(Directory):
    def test_calls_are_counted_by_name_where_they_begin(self):
        path = self.write(
            "12 read(0x3, 0x7f, 0x40) = 0x10\n"
            "12 epoll_wait(0x4, 0x7f, 0x40, 0x64 <unfinished ...>\n"
            "13    write(0x5, 0x7f, 0x8) = 0x8\n"
            "12 <... epoll_wait resumed>) = 0x1\n"
            "13 +++ exited with 0 +++\n"
            "13 wri"
        )
        trace = server.Trace(path)
        self.assertEqual(trace.calls(), {"read": 1, "epoll_wait": 1, "write": 1})
        # What was cut is read once it is whole.
        with path.open("a") as file:
            file.write("te(0x5, 0x7f, 0x8) = 0x8\n")
        self.assertEqual(trace.calls(), {"read": 1, "epoll_wait": 1, "write": 2})

    def test_parts_are_said_from_the_greatest_down_and_without_specks(self):
        self.assertEqual(server.parts({"a": 0.001, "b": 1, "c": 2.5}), "c 2.50, b 1.00")


class Callgrind(Directory):
    def test_the_sum_of_a_part_is_found(self):
        self.assertEqual(parsers.total(self.write("version: 1\nevents: Ir\nsummary: 123\n\nfn=(1) a\n0 123\n")), 123)

    def test_a_part_that_is_missing_or_has_no_sum_is_a_failure(self):
        for path in (self.write("version: 1\n"), self.directory / "none"):
            with self.assertRaises(Failure):
                parsers.total(path)


if __name__ == "__main__":
    unittest.main()
