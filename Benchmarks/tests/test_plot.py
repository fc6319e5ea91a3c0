"""The drawing, and the page that it stands on."""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from support import CONDITIONS, costs, everything

from harness import document, goals, machine, plot, svg
from harness.scenarios import BROADCASTERS, PROXIES

NAMESPACE = "{http://www.w3.org/2000/svg}"


def texts(drawn):
    return [element.text for element in ElementTree.fromstring(drawn).iter(f"{NAMESPACE}text")]


class Plot(unittest.TestCase):
    def test_a_whole_run_makes_four_charts_with_labels_and_units(self):
        shown = texts(plot.draw(everything(), "a caption"))
        for text in (
            "Latency of a proxied token", "Latency of a delivery, SSE", "Proxying: cost by streams",
            "Fan-out over SSE: cost by subscribers", "milliseconds", "CPU µs per token", "CPU µs per delivery",
            "percentile (200 streams × 50 tokens/s)", "99.9", "5,000", "800", "a caption",
        ):
            self.assertIn(text, shown)

    def test_every_peer_has_a_style_of_its_own_within_a_chart(self):
        for peers in ((*PROXIES, "direct"), BROADCASTERS):
            styles = [plot.STYLES[peer] for peer in peers]
            self.assertEqual(len({(style.ink, style.marker) for style in styles}), len(peers))

    def test_points_stand_where_their_values_are(self):
        rows = [costs("b", "nginx", 10), costs("x", "nginx", 20, word=" 50 "), costs("x", "nginx", 5, word="800")]
        lines = [element.get("points") for element in ElementTree.fromstring(plot.draw(rows, "")).iter(f"{NAMESPACE}polyline")]
        self.assertEqual(len(lines), 1)
        points = [tuple(map(float, point.split(","))) for point in lines[0].split()]
        left, middle, right = points
        self.assertLess(left[0], middle[0])
        self.assertLess(middle[0], right[0])
        # Twice and four times as dear: the heights above the axis are in proportion.
        axis = svg.HEIGHT - svg.BOTTOM
        self.assertAlmostEqual((axis - left[1]) / (axis - middle[1]), 2, places=2)
        self.assertAlmostEqual((axis - left[1]) / (axis - right[1]), 4, places=1)

    def test_a_peer_with_one_point_has_no_line(self):
        rows = [costs("b", "nginx", 10), costs("x", "nginx", 20, word="800"), costs("b", "sglang-router", 10)]
        self.assertNotIn("sglang-router", texts(plot.draw(rows, "")))

    def test_nothing_measured_is_nothing_drawn(self):
        self.assertIsNone(plot.draw([costs("a", "nginx", 1)], ""))

    def test_ticks_hold_all_values(self):
        self.assertEqual(svg.linear_ticks(45.6), [0, 10, 20, 30, 40, 50])
        self.assertEqual(svg.linear_ticks(50), [0, 10, 20, 30, 40, 50])
        self.assertEqual(svg.linear_ticks(0), [0, 1])
        self.assertEqual(svg.log_ticks(0.03, 12), [0.01, 0.1, 1, 10, 100])
        self.assertEqual(svg.log_ticks(5, 5), [1, 10])

    def test_names_are_escaped(self):
        series = svg.Series("<a & b>", plot.STYLES["nginx"], ((1, 1, 1, 1),))
        drawn = svg.document([svg.Chart("<t>", "x", "y", ((1, "1"), (2, "2")), (series,))], "<&>")
        self.assertIn("<a & b>", texts(drawn))


class Page(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.page = pathlib.Path(directory.name) / "performance.md"

    def write(self):
        rows = everything()
        document.write(self.page, rows, goals.judge(rows), CONDITIONS)
        return self.page.read_text()

    def test_only_what_is_between_the_comments_changes_and_again(self):
        self.page.write_text(f"# Before\n\n{document.BEGIN}\nold\n{document.END}\n\n## After\n")
        text = self.write()
        self.assertTrue(text.startswith(f"# Before\n\n{document.BEGIN}\n\nMeasured on 2026-01-02. A processor, 2 cores"))
        self.assertTrue(text.endswith(f"\n\n{document.END}\n\n## After\n"))
        self.assertNotIn("old", text)
        for part in ("Linux 6.1", "peer 1.0", "| goal ", "| load ", "](performance.svg)"):
            self.assertIn(part, text)
        self.assertEqual(self.write(), text)
        ElementTree.parse(self.page.with_suffix(".svg"))
        self.assertEqual(sorted(path.name for path in self.page.parent.iterdir()), ["performance.md", "performance.svg"])

    def test_a_page_without_the_comments_is_refused_and_left_alone(self):
        for text in ("nothing", document.BEGIN, f"{document.END}\n{document.BEGIN}"):
            self.page.write_text(text)
            with self.assertRaises(document.Unmarked):
                self.write()
            self.assertEqual(self.page.read_text(), text)
            self.assertFalse(self.page.with_suffix(".svg").exists())


class Conditions(unittest.TestCase):
    def test_a_quiet_machine_is_nothing_to_warn_of(self):
        self.assertIsNone(machine.warning(CONDITIONS))

    def test_a_busy_machine_is_told_by_its_worst_round(self):
        said = machine.warning(CONDITIONS | {"others": [0.01, 0.3], "stolen": [0.0, 0.12]})
        self.assertIn("other programs took up to 30%", said)
        self.assertIn("the host withheld up to 12%", said)


if __name__ == "__main__":
    unittest.main()
