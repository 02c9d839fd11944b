"""What the pages do in a browser. Run by tests/suite/html.rs, which writes the pages: PAGES names their folder, BROWSER
the browser."""

import json
import os
import unittest
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

PAGES = Path(os.environ["PAGES"])
REPORT = json.loads((PAGES / "report.json").read_text(encoding="utf-8"))
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
SITE = sorted((PAGES / "site").rglob("*.html"))


def setUpModule():
    global playwright, browser
    playwright = sync_playwright().start()
    # As root there is no sandbox of the browser's own.
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=arguments)


def tearDownModule():
    browser.close()
    playwright.stop()


class Opened(unittest.TestCase):
    """A page that must not complain, whatever is done with it."""

    def open(self, path, viewport=DESK, **options):
        context = browser.new_context(viewport=viewport, **options)
        self.addCleanup(context.close)
        page = context.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(path.as_uri())
        self.addCleanup(lambda: self.assertEqual(said, [], path.name))
        self.said = said
        return page

    def guide(self, name):
        return next(page for page in SITE if page.name.startswith(name))


def count(page, selector):
    return page.locator(selector).count()


class Counts(Opened):
    def test_each_guide_shows_what_the_report_counts(self):
        index = self.open(PAGES / "site/index.html")
        pages = index.eval_on_selector_all("a.page", "all => all.map(a => [a.textContent, a.href])")
        self.assertEqual({name for name, _ in pages}, {guide["path"] for guide in REPORT["guides"]})
        for guide in REPORT["guides"]:
            page = self.open(Path(unquote(urlsplit(dict(pages)[guide["path"]]).path)))
            self.check(page, [guide])

    def test_the_page_of_all_shows_what_the_report_counts(self):
        self.check(self.open(PAGES / "all.html"), REPORT["guides"])

    def check(self, page, guides):
        marks = {kind: count(page, f".mark.{kind}") for kind in ("holds", "false", "undecided")}
        claims = [decision(claim) for guide in guides for claim in guide["claims"]]
        self.assertEqual(marks, {kind: claims.count(kind) for kind in marks})
        for kind in marks:
            self.assertEqual(page.get_attribute(f"[data-show={kind}]", "data-count"), str(marks[kind]))
        findings = [finding for guide in guides for finding in guide["findings"]]
        self.assertEqual(count(page, ".finding"), len(findings))
        for severity in ("error", "warning", "info"):
            wanted = [f for f in findings if f["severity"] == severity and not f["expected"]]
            self.assertEqual(count(page, f".finding.{severity}"), len(wanted))
        self.assertEqual(count(page, ".claims tbody tr"), len(claims))
        self.assertEqual(count(page, ".snippet > .head"), sum(len(guide["snippets"]) for guide in guides))


def decision(claim):
    """As the report's summary counts a claim."""
    verdicts = [verdict for verdict in claim["verdicts"]]
    ours = [v for v in verdicts if not (v["reason"] or "").startswith(("other version", "needs interpreter"))]
    if any(v["verdict"] == "false" for v in verdicts):
        return "false"
    if any(v["verdict"] == "holds" for v in verdicts) and all(v["verdict"] != "undecided" for v in ours):
        return "holds"
    return "undecided"


class Places(Opened):
    def test_a_claim_stands_on_its_line_and_a_finding_below_it(self):
        page = self.open(self.guide("shapes"))
        guide = next(guide for guide in REPORT["guides"] if guide["path"] == "shapes.md")
        rows = [claim for claim in guide["claims"] if claim["form"] != "prose"]
        self.assertGreater(len(rows), 10)
        for claim in rows:
            row = page.evaluate("id => document.getElementById(id).closest('li').id", f"c-{claim['id']}")
            prefix = f"{claim['snippet']}-check-" if "file" in claim else ""
            self.assertEqual(row, f"{prefix}L{claim['lines'][0]}")
        false = next(number for number, found in enumerate(guide["findings"]) if found["code"] == "false-claim")
        row = page.evaluate("id => document.getElementById(id).closest('li').id", f"f-{false}")
        self.assertEqual(row, f"L{guide['findings'][false]['end_line']}")

    def test_code_is_the_guides(self):
        page = self.open(self.guide("shapes"))
        lines = (PAGES / "shapes.md").read_text(encoding="utf-8").split("\n")
        rows = page.eval_on_selector_all(
            ".guide .block > .code > ol",
            "all => all.flatMap(ol => [...ol.children].map((li, at) =>"
            " [li.id, li.value || ol.start + at, li.firstChild.textContent]))",
        )
        self.assertGreater(len(rows), 20)
        for name, number, text in rows:
            self.assertEqual(name, f"L{number}")
            self.assertIn(text, lines[number - 1])

    def test_what_never_ran_is_marked(self):
        page = self.open(self.guide("shapes"))
        guide = next(guide for guide in REPORT["guides"] if guide["path"] == "shapes.md")
        runs = [run for snippet in guide["snippets"] for run in snippet["runs"]]
        lines = {line for run in runs for first, last in run["not_run"] for line in range(first, last + 1)}
        self.assertTrue(lines)
        marked = page.eval_on_selector_all("li.unrun", "all => all.map(li => li.id)")
        self.assertEqual(set(marked), {f"L{line}" for line in lines})

    def test_links_resolve(self):
        for path in SITE + [PAGES / "all.html"]:
            page = self.open(path)
            links = page.eval_on_selector_all("a[href]", "all => all.map(a => [a.getAttribute('href'), a.href])")
            self.assertTrue(links)
            for written, link in links:
                parts = urlsplit(link)
                if parts.scheme != "file":
                    self.assertIn(parts.scheme, ("http", "https", "mailto"), written)
                    continue
                target = Path(unquote(parts.path))
                self.assertTrue(target.is_file(), f"{written} in {path.name}")
                if parts.fragment and target == path:
                    found = page.evaluate("id => !!document.getElementById(id)", unquote(parts.fragment))
                    self.assertTrue(found, f"{written} in {path.name}")

    def test_every_id_is_one(self):
        for path in SITE + [PAGES / "all.html"]:
            ids = self.open(path).eval_on_selector_all("[id]", "all => all.map(e => e.id)")
            self.assertEqual(len(ids), len(set(ids)), path.name)


class Ways(Opened):
    def test_a_filter_leaves_what_it_is_about(self):
        page = self.open(self.guide("common-mistakes"))
        before = page.locator(".guide > *:visible").count()
        for key, kind in enumerate(["finding", "false", "undecided", "holds"], start=2):
            page.click(f"[data-show={kind}]")
            kinds = ".finding.error, .finding.warning" if kind == "finding" else f".mark.{kind}"
            self.assertEqual(page.locator(f":is({kinds}):visible").count(), count(page, kinds))
            left = page.locator(".guide > *:not(h1, h2, h3, h4, h5, h6):visible")
            for index in range(left.count()):
                self.assertTrue(left.nth(index).locator(kinds).count(), kind)
            self.assertLess(left.count(), before)
            self.assertEqual(page.get_attribute(f"[data-show={kind}]", "aria-pressed"), "true")
            page.keyboard.press("1")
            self.assertEqual(page.locator(".guide > *:visible").count(), before)
            page.keyboard.press(str(key))
            self.assertEqual(page.get_attribute(f"[data-show={kind}]", "aria-pressed"), "true")

    def test_keys_step_through_findings(self):
        page = self.open(self.guide("common-mistakes"))
        ids = page.eval_on_selector_all(".finding.error, .finding.warning", "all => all.map(e => e.id)")
        self.assertGreater(len(ids), 3)
        here = lambda: page.evaluate("document.activeElement.id")
        for key in ("n", "j"):
            page.keyboard.press(key)
        self.assertEqual(here(), ids[1])
        self.assertEqual(page.inner_text(".at"), f"2 of {len(ids)}")
        self.assertTrue(page.locator(f"[id='{ids[1]}']").is_visible())
        for key in ("k", "p"):
            page.keyboard.press(key)
        self.assertEqual(here(), ids[-1])
        page.keyboard.press("3")
        page.keyboard.press("n")
        self.assertIn("false", page.evaluate("document.activeElement.className"))
        page.keyboard.press("?")
        self.assertTrue(page.locator("dialog").is_visible())
        page.keyboard.press("Escape")
        self.assertFalse(page.locator("dialog").is_visible())

    def test_a_theme_is_the_systems_until_it_is_switched(self):
        back = "getComputedStyle(document.body).backgroundColor"
        colors = {}
        for scheme in ("light", "dark"):
            page = self.open(self.guide("common-mistakes"), color_scheme=scheme)
            colors[scheme] = page.evaluate(back)
            page.keyboard.press("t")
            switched = page.evaluate(back)
            self.assertNotEqual(switched, colors[scheme])
            page.reload()
            self.assertEqual(page.evaluate(back), switched)
        self.assertNotEqual(colors["light"], colors["dark"])

    def test_without_script_all_is_there(self):
        page = self.open(self.guide("common-mistakes"), java_script_enabled=False)
        self.assertTrue(page.locator(".finding.error").first.is_visible())
        self.assertFalse(page.locator(".steps").is_visible())


class Sizes(Opened):
    def test_a_phone_never_scrolls_sideways(self):
        for path in SITE + [PAGES / "all.html"]:
            page = self.open(path, viewport=PHONE)
            width = page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(width, PHONE["width"], path.name)
            for mark in page.locator(".mark.false").all()[:5]:
                mark.scroll_into_view_if_needed()
                box = mark.bounding_box()
                self.assertLessEqual(box["x"] + box["width"], PHONE["width"], f"{mark.inner_text()} in {path.name}")

    def test_printed_code_is_whole(self):
        page = self.open(self.guide("common-mistakes"))
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 900})
        cut = page.eval_on_selector_all(".code", "all => all.filter(e => e.scrollWidth > e.clientWidth).length")
        self.assertEqual(cut, 0)
        self.assertFalse(page.locator(".top").is_visible())


class Safety(Opened):
    def test_nothing_of_a_guide_runs(self):
        for path in [self.guide("hostile"), PAGES / "all.html"]:
            page = self.open(path)
            page.wait_for_timeout(100)
            self.assertFalse(page.evaluate("'ran' in window"))
            self.assertTrue(page.locator(".guide").first.is_visible())
            handlers = page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).map(a => a.name)"
                ".filter(name => name.startsWith('on') || name == 'style' || name == 'srcdoc')"
            )
            self.assertEqual(handlers, [])
            self.assertEqual(count(page, "script, iframe, object, form:not([method=dialog]), input, link"), 1)

    def test_the_browser_itself_refuses_scripts(self):
        text = self.guide("common-mistakes").read_text(encoding="utf-8")
        attack = "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\"><a id=l href=\"javascript:document.title='ran'\">l</a>"
        page = PAGES / "attacked.html"
        page.write_text(text.replace("<main", attack + "<main"), encoding="utf-8")
        opened = self.open(page)
        opened.click("#l")
        opened.wait_for_timeout(100)
        self.assertNotEqual(opened.title(), "ran")
        self.assertGreaterEqual(sum("Content Security Policy" in said for said in self.said), 3)
        self.said.clear()


class Access(Opened):
    def test_axe_finds_nothing(self):
        for path in (PAGES / "site/index.html", self.guide("common-mistakes"), self.guide("shapes")):
            for scheme in ("light", "dark"):
                self.check(self.open(path, color_scheme=scheme), f"{path.name}, {scheme}")
        self.check(self.open(self.guide("shapes"), viewport=PHONE), "on a phone")

    def test_axe_finds_nothing_on_the_page_of_all(self):
        # Colours, which take the most time, are those of the other pages.
        self.check(self.open(PAGES / "all.html"), "all", rules={"color-contrast": {"enabled": False}})

    def check(self, page, what, **options):
        page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
        found = Axe().run(page, options=options).response["violations"]
        short = [(it["id"], it["help"], [n["html"][:200] for n in it["nodes"]][:3]) for it in found]
        self.assertEqual(short, [], what)


if __name__ == "__main__":
    unittest.main()
