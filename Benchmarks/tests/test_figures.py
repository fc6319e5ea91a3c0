"""Medians, ratios and the table."""

import json
import unittest

from support import SCENARIOS, costs, everything, row

from harness import rows, table
from harness.figures import markdown, number, spread


class Figures(unittest.TestCase):
    def test_numbers_have_three_digits_and_whole_ones_no_point(self):
        cases = {0: "0", 3: "3", 0.03456: "0.035", 0.5: "0.50", 1.2345: "1.23", 12.345: "12.3", 123.45: "123", 12345.6: "12,346"}
        self.assertEqual({value: number(value) for value in cases}, cases)

    def test_a_spread_is_shown_where_there_are_rounds(self):
        self.assertEqual(spread(rows.summary([1.5])), "1.50")
        self.assertEqual(spread(rows.summary([3, 1.5, 2.5])), "2.50 [1.50–3]")
        self.assertEqual(spread(rows.summary([])), "")

    def test_ratios_are_formed_within_a_round(self):
        ours, theirs = costs("a", "Tokencast", 2, 9, 4), costs("a", "nginx", 1, 3, 4)
        self.assertEqual(rows.ratio(ours, theirs, "cpu_us"), {"median": 2, "min": 1, "max": 3, "rounds": 3})

    def test_a_round_that_one_of_them_lacks_gives_no_ratio(self):
        ours, theirs = costs("a", "Tokencast", 2, 9), costs("a", "nginx", 1, 3)
        del theirs.rounds[1]
        self.assertEqual(rows.ratio(ours, theirs, "cpu_us")["rounds"], 1)
        theirs.rounds[0]["cpu_us"] = 0
        self.assertIsNone(rows.ratio(ours, theirs, "cpu_us"))

    def test_what_a_peer_adds_is_beyond_the_direct_way_of_the_same_round(self):
        found = [
            row("b", "direct", [{"p50_us": 10, "p99_us": 100}, {"p50_us": 20, "p99_us": 200}]),
            row("b", "nginx", [{"p50_us": 15, "p99_us": 130}, {"p50_us": 50, "p99_us": 190}]),
        ]
        rows.add_differences(found)
        self.assertEqual(found[1].values("added_p50_us"), {0: 5, 1: 30})
        self.assertEqual(found[1].values("added_p99_us"), {0: 30, 1: -10})
        self.assertEqual(found[0].values("added_p50_us"), {})

    def test_faults_add_up_and_failures_are_counted(self):
        ours = costs("a", "Tokencast", 2, 2)
        ours.rounds[0]["faults"] = {"missed": 2}
        ours.rounds[1]["faults"] = {"missed": 3, "doubled": 1}
        ours.failures = ["round 3: ended"]
        self.assertIn("5 missed, 1 doubled, 1 rounds failed", table.render([ours]))


class Machines(unittest.TestCase):
    def test_what_was_written_for_machines_can_be_shown_again(self):
        before = everything()
        after = rows.from_results(json.loads(json.dumps(rows.results(before))), SCENARIOS)
        self.assertEqual(table.render(after), table.render(before))
        self.assertEqual(rows.results(after), rows.results(before))


class Table(unittest.TestCase):
    def test_a_line_has_the_cost_the_ratios_and_what_was_checked(self):
        shown = table.render([costs("a", "nginx", 0.5), costs("a", "Tokencast", 1.0), costs("a", "C relay", 0.25)])
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown.splitlines()]
        self.assertEqual(lines[0], ["load", "peer", "cost", "× reference", "× floor", "checked", "faults"])
        self.assertEqual(lines[2][1:], ["nginx", "0.50 µs CPU", "1", "2", "100", "none"])
        self.assertEqual(lines[3][1:], ["Tokencast", "1 µs CPU", "2", "4", "100", "none"])
        self.assertEqual(lines[4][1:], ["C relay", "0.25 µs CPU", "0.50", "1", "100", "none"])

    def test_columns_are_as_wide_as_their_widest_cell(self):
        self.assertEqual(markdown([("a", "long"), ("wide", "b")]), "| a    | long |\n|------|------|\n| wide | b    |")


if __name__ == "__main__":
    unittest.main()
