"""What is met, and what is not."""

import unittest

from support import SCENARIOS, costs, everything, row

from harness import goals
from harness.rows import Row, add_differences
from harness.scenarios import DEFAULT_KEYS


def verdict(rows, start):
    found = [one for one in goals.judge(rows) if one["goal"].startswith(start)]
    assert len(found) == 1, found
    return found[0]["verdict"]


class Goals(unittest.TestCase):
    def test_every_goal_has_its_load_and_its_peers(self):
        missing = [one["goal"] for one in goals.judge(everything()) if one["figure"] is None]
        self.assertEqual(missing, [])

    def test_titles_differ(self):
        titles = [goal.title for goal in goals.goals()]
        self.assertEqual(len(titles), len(set(titles)))

    def test_every_load_with_a_goal_is_run_by_default(self):
        rows = [one for one in everything() if one.scenario.key in DEFAULT_KEYS.split(",")]
        self.assertNotIn("not measured", [one["verdict"] for one in goals.judge(rows)])

    def test_the_median_decides(self):
        goal = "burst, 32 connections: CPU per token ≤ 1.20 µs"
        self.assertEqual(verdict([costs("a", "Tokencast", 1.1, 1.2, 5)], goal), "met")
        self.assertEqual(verdict([costs("a", "Tokencast", 1.1, 1.3, 5)], goal), "not met")
        self.assertEqual(verdict([], goal), "not measured")

    def test_ratios_are_to_the_peer_of_the_same_transport(self):
        rows = [
            costs("d", "nchan", 4, word="SSE"), costs("d", "Tokencast", 3, word="SSE"),
            costs("d", "nchan", 2, word="WebSocket"), costs("d", "Tokencast", 3, word="WebSocket"),
        ]
        self.assertEqual(verdict(rows, "fan-out to 1000, SSE: CPU per delivery ≤ 1 × nchan"), "met")
        self.assertEqual(verdict(rows, "fan-out to 1000, WebSocket: CPU per delivery ≤ 1 × nchan"), "not met")

    def test_many_streams_are_compared_with_few_of_the_same_peer(self):
        rows = [costs("g", "Tokencast", 10, word="300"), costs("g", "nginx", 1, word="8000")]
        self.assertEqual(verdict([*rows, costs("g", "Tokencast", 14, word="8000")], "8000 streams: CPU"), "met")
        self.assertEqual(verdict([*rows, costs("g", "Tokencast", 16, word="8000")], "8000 streams: CPU"), "not met")

    def test_a_cost_at_which_tokens_were_lost_is_none(self):
        ours = costs("a", "Tokencast", 1, 1)
        ours.rounds[1]["faults"] = {"missed": 1}
        self.assertEqual(verdict([ours], "burst, 32 connections: CPU per token ≤ 1.20"), "not met: faults")

    def test_one_lost_token_in_one_round_is_a_loss(self):
        ours = costs("a", "Tokencast", 1, 1, 1)
        self.assertEqual(verdict([ours], "every load"), "met")
        ours.rounds[1]["faults"] = {"missed": 1}
        self.assertEqual(verdict([ours], "every load"), "not met")

    def test_a_tape_that_stops_early_is_no_lost_token(self):
        ours = row("r", "recording", [{"cpu_us": 1, "faults": {"unrecorded": 3}}], word="burst")
        found = {one["goal"]: one for one in goals.judge([ours, costs("r", "Tokencast", 1, word="burst")])}
        self.assertEqual(found["every load: nothing lost or doubled"]["verdict"], "met")
        self.assertEqual(found["recording: tapes that stop early"]["figure"]["median"], 3)
        self.assertEqual(found["recording: tapes that stop early"]["verdict"], "not met")
        self.assertEqual(found["recording, burst: CPU per token ≤ 1.10 × Tokencast"]["verdict"], "not met: faults")

    def test_a_round_that_failed_is_not_passed_over(self):
        ours = costs("a", "Tokencast", 1)
        ours.failures = ["round 2: the server ended"]
        self.assertEqual(verdict([ours], "burst, 32 connections: CPU per token ≤ 1.20"), "not met: rounds failed")
        self.assertEqual(verdict([ours], "every load"), "not met: rounds failed")

    def test_a_load_that_never_came_through_is_not_unmeasured(self):
        ours = Row(next(one for one in SCENARIOS if one.key == "a"), "Tokencast")
        ours.failures = ["round 1: the server ended"]
        self.assertEqual(verdict([ours], "burst, 32 connections: CPU per token ≤ 1.20"), "not met: rounds failed")

    def test_a_figure_just_above_its_limit_shows_by_how_much(self):
        shown = goals.render(goals.judge([costs("a", "Tokencast", 1.2004)]))
        self.assertIn("1.20 µs (above it by 0.0004)", shown)

    def test_rounds_without_a_ratio_are_told(self):
        rows = [
            row("b", "direct", [{"p50_us": 10}, {"p50_us": 10}]),
            row("b", "nginx", [{"p50_us": 20}, {"p50_us": 9}]),
            row("b", "Tokencast", [{"p50_us": 15}, {"p50_us": 15}]),
        ]
        add_differences(rows)
        self.assertIn("0.50 × (1 of 2 rounds)", goals.render(goals.judge(rows)))

    def test_what_was_not_measured_is_shown_where_all_is(self):
        self.assertEqual(goals.render(goals.judge([])), "")
        self.assertIn("not measured", goals.render(goals.judge([]), all_of_them=True))


if __name__ == "__main__":
    unittest.main()
