#!/usr/bin/env python3
"""Reports in a real headless Chromium: no errors, no requests, charts that are drawn, zoom that works, paper, limits.

Usage: report_test.py TRACE-REPLAY small|large with-charts|without-charts
Exit status 77: there is no Chromium here, or no chart in the reports.
"""

import pathlib
import subprocess
import sys
import tempfile

import browser

# Shares of the pixels of a canvas that differ from its first one.
CANVAS_INK = """(() => {
  const canvas = document.querySelector(".plot.gantt canvas").cloneNode();
  const copy = canvas.getContext("2d", { willReadFrequently: true });
  copy.drawImage(document.querySelector(".plot.gantt canvas"), 0, 0);
  const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  let other = 0;
  for (let i = 4; i < data.length; i += 4) if (data[i] !== data[0] || data[i + 1] !== data[1] || data[i + 2] !== data[2]) other++;
  return other / (canvas.width * canvas.height);
})()"""

failures = []


def expect(right, what):
    """Notes what is not as it should be."""
    if not right:
        failures.append(what)
        print("FAILED:", what)


def replay(program, *arguments):
    """Runs trace-replay."""
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def expect_quiet(page, what):
    """No complaint, no request."""
    expect(not page.complaints(), f"{what}: {page.complaints()[:3]}")
    expect(not page.requests(), f"{what}: asked for {page.requests()[:3]}")


def expect_charts(page, least, what):
    """Each plot holds a picture with something in it."""
    drawn = page.evaluate("""[...document.querySelectorAll(".plot")].map((plot) => [plot.dataset.chart,
        plot.querySelectorAll("svg path, svg rect, svg circle").length, plot.querySelectorAll("canvas").length,
        plot.getAttribute("aria-label").length, plot.tabIndex])""")
    expect(len(drawn) >= least, f"{what}: {len(drawn)} charts instead of {least}")
    for name, strokes, canvases, label, tab in drawn:
        expect(strokes > 4 or canvases == 1, f"{what}: {name} is blank")
        expect(label > 20 and tab == 0, f"{what}: {name} cannot be reached or is not described")
    expect(page.evaluate("""[...document.querySelectorAll(".plot")].every((plot) => plot.getAttribute("role") === "group")"""),
           f"{what}: a plot with keys is called an image")


def window(page, chart):
    """The share of the time that a chart over time shows, as [start, end] in per cent."""
    return page.evaluate(f"""(() => {{ const zoom = echarts.getInstanceByDom(document.querySelector('[data-chart="{chart}"]'))
        .getOption().dataZoom[0]; return [zoom.start, zoom.end]; }})()""")


def check_run(path):
    """The report of a run with everything that a run can have."""
    with browser.Page() as page:
        page.open(path)
        expect_quiet(page, "run")
        expect_charts(page, 10, "run")
        expect(page.evaluate(CANVAS_INK) > 0.05, "the Gantt chart is blank")

        page.evaluate("document.querySelector('[data-chart=\"power\"]').focus()")
        page.press("+")
        page.settle()
        start, end = window(page, "power")
        expect(abs(end - start - 50) < 1, f"a key zooms to {start} to {end} instead of half")
        expect(window(page, "queue") == [start, end], "charts over time do not zoom together")
        page.press("0")
        expect(window(page, "power") == [0, 100], "a key does not show all again")

        before = page.evaluate("document.querySelector('.plot.gantt').dataset.drawn")
        for _ in range(4):
            page.evaluate("document.querySelector('#chart-gantt .tools button').click()")
        page.settle()
        after = page.evaluate("document.querySelector('.plot.gantt').dataset.drawn")
        expect(before != after and after.endswith("jobs"), f"the Gantt chart does not zoom: {before}, then {after}")
        expect(page.evaluate(CANVAS_INK) > 0.05, "the Gantt chart is blank when zoomed in")

        colours = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(colours)
        page.evaluate("document.getElementById('theme').click()")
        expect(page.evaluate(colours) != light, "the button does not make it dark")
        page.evaluate("document.querySelector('details[data-table]').open = true")
        page.wait_for("document.querySelectorAll('details[data-table] td').length > 10")
        saved = page.evaluate("""(() => { const names = []; HTMLAnchorElement.prototype.click = function() { names.push(this.download); };
            document.querySelectorAll('.tools button').forEach((b) => { if (b.textContent === 'SVG') b.click(); });
            return names; })()""")
        expect("gantt.svg" in saved and "power.svg" in saved, f"saved as SVG: {saved}")
        expect_quiet(page, "run after clicks")

        page.resize(390, 800)
        page.settle()
        wide = page.evaluate("document.documentElement.scrollWidth")
        expect(wide <= 390, f"on a telephone the page is {wide} pixels wide")
        with tempfile.NamedTemporaryFile(suffix=".pdf") as paper:
            page.pdf(paper.name)
            expect(pathlib.Path(paper.name).stat().st_size > 20_000, "nothing on paper")
        expect_quiet(page, "run on paper")
    with browser.Page(dark=True) as page:
        page.open(path)
        expect(page.evaluate(colours) != light, "dark is not what the system prefers")


def among_scripts(page, expression):
    """The value of an expression among the page's own names, which are hidden in a block."""
    script = page.evaluate("[...document.scripts].at(-1).textContent")
    names = script[script.index("{") + 1:script.rindex("main();")]
    return page.evaluate(f"(() => {{ {names}\nreturn {expression}; }})()")


# Sixteen processors a node: the first three jobs share one; then one has it alone.
SHARED = """\
1 0 0 1000 8 -1 -1 8 1000 -1 1 1 1 1 1 1 -1 -1
2 0 0 1000 4 -1 -1 4 1000 -1 1 2 1 1 1 1 -1 -1
3 0 0 1000 2 -1 -1 2 1000 -1 1 3 1 1 1 1 -1 -1
4 1000 0 1000 16 -1 -1 16 1000 -1 1 4 1 1 1 1 -1 -1
"""


def check_shared(folder, program):
    """Jobs that share a node are told apart, and count by their processors."""
    workload = folder / "shared.swf"
    workload.write_text(SHARED)
    replay(program, "run", workload, "--cluster", "curie", "--allocation", "cores", "--policy", "easy", "--quiet",
           "--output", folder / "shared")
    with browser.Page() as page:
        page.open(folder / "shared/report.html")
        expect_quiet(page, "shared nodes")
        expect("share of the processors in use" in page.evaluate("document.querySelector('#chart-gantt figcaption').textContent"),
               "shared nodes: the caption speaks of nodes")
        drawn = among_scripts(page, """(() => {
            const chart = about.charts.find((c) => c.id === "gantt");
            const plot = document.querySelector(".plot.gantt");
            const gantt = Object.create(Gantt.prototype);
            gantt.options = chart.options;
            gantt.view = { low: 0, high: chart.options.units };
            gantt.jobs = { processors: [8, 4, 2, 16], start: [0, 0, 0, 1000], run: [1000, 1000, 1000, 1000] };
            gantt.boxes = { job: [0, 1, 2, 3], first: [0, 0, 0, 0], count: [1, 1, 1, 1] };
            gantt.share = sharesOfNodes(gantt.jobs, gantt.boxes, chart.options.types);
            const rows = new Map();
            const stripes = gantt.boxes.job.map((i) => gantt.stripes(i, rows));
            const coverage = new Coverage(1, 1);
            for (const j of [0, 1, 2]) coverage.add(0, 1, 0, 1, gantt.share[j]);
            let covered = 0;
            coverage.each((_, share) => { covered = share; });
            const at = plot.getBoundingClientRect();
            const x = at.left + ganttMargin.left + 0.2 * (at.width - ganttMargin.left - ganttMargin.right);
            plot.querySelector("canvas").dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: at.top + ganttMargin.top + 0.01 }));
            return [stripes, covered, plot.querySelector(".tip").textContent];
        })()""")
        expect(drawn[0] == [[[0, 0.5]], [[0.5, 0.75]], [[0.75, 0.875]], [[0, 1]]], f"shared nodes: stripes {drawn[0]}")
        expect(drawn[1] == 0.875, f"shared nodes: {drawn[1]} of the processors in use instead of 0.875")
        expect(all(f"job {j}, user {j}" in drawn[2] for j in (1, 2, 3)) and "job 4" not in drawn[2],
               f"shared nodes: the tooltip is {drawn[2]!r}")


# Contrast of the ink on each colour of the palette, as WCAG 2.1 has it.
CONTRASTS = """palette.map((colour) => {
    const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
        const v = parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
        return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    }, 0);
    const [a, b] = [light(colour), light(inkOn(colour))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})"""


def check_points(page):
    """Points without a place on a logarithmic axis; the line of those that no other one beats."""
    expect(min(among_scripts(page, CONTRASTS)) >= 4.5, "numbers of jobs cannot be read on their colours")
    points = among_scripts(page, """(() => {
        const columns = [["a", "b", "c"], [0, 1, 100], [8, 4, 2]];
        const frame = { columns: columns.map((_, i) => ({ title: i })), column: (i) => columns[i] };
        const made = kinds.points(frame, { label: 0, x: 1, y: 2, log_x: true, frontier: true, x_title: "", y_title: "" }, 700);
        return { x: made.series[0].data.map((d) => d.value[0]), least: made.xAxis.min, step: made.series[1].step };
    })()""")
    expect(points["x"] == [0, 0, 2] and points["least"] < 0, f"points at {points['x']}, the axis begins at {points['least']}")
    expect(points["step"] == "end", "the line of the best goes through points that nobody attains")


def check_evil(folder, program):
    """Names that would be scripts, if they were taken for markup."""
    evil = folder / "<img src=x onerror=console.error(1)>.swf"
    evil.write_text((folder / "w.swf").read_text())
    replay(program, "run", evil, "--procs", 128, "--policy", "easy", "--quiet", "--output", folder / "evil")
    with browser.Page() as page:
        page.open(folder / "evil/report.html")
        expect("onerror" in page.evaluate("document.querySelector('h1').textContent"), "the name is not shown")
        expect(page.evaluate("document.images.length") == 0, "a name has become an image")
        expect_quiet(page, "evil names")


def small(program, folder):
    """A run with power, sleep, predictions and a baseline; a comparison."""
    workload = folder / "w.swf"
    replay(program, "generate", "--jobs", 1500, "--procs", 128, "--load", 0.8, "--seed", 1, "--quiet", "--output", workload)
    replay(program, "compare", workload, "--cluster", "taurus-128", "--allocation", "whole-nodes", "--energy", "--quiet",
           "--policies", "easy,saf,wattfill-energy", "--output", folder / "cmp")
    replay(program, "report", folder / "cmp/wattfill-energy", "--baseline", folder / "cmp/easy")
    check_run(folder / "cmp/wattfill-energy/report.html")
    with browser.Page() as page:
        page.open(folder / "cmp/report.html")
        expect_quiet(page, "comparison")
        expect_charts(page, 6, "comparison")
        check_points(page)
    check_shared(folder, program)
    check_evil(folder, program)


def large(program, folder):
    """250,000 jobs on 10,000 nodes: below 15 MB, open in less than 3 s."""
    workload = folder / "w.swf"
    replay(program, "generate", "--procs", 1078400, "--jobs", 250000, "--load", 0.9, "--seed", 1, "--quiet", "--output", workload)
    replay(program, "run", workload, "--cluster", "hetero-10k", "--allocation", "whole-nodes", "--policy", "wattfill-energy",
           "--quiet", "--output", folder / "run")
    path = folder / "run/report.html"
    size = path.stat().st_size / 1e6
    times = []
    for _ in range(3):
        with browser.Page() as page:
            times.append(page.open(path))
            expect_quiet(page, "large")
            expect_charts(page, 10, "large")
            expect(page.evaluate("document.querySelector('.plot.gantt').dataset.drawn") == "shares", "single jobs from afar")
            for _ in range(12):
                page.evaluate("document.querySelector('#chart-gantt .tools button').click()")
                page.settle()
            drawn = page.evaluate("document.querySelector('.plot.gantt').dataset.drawn")
            expect(drawn.endswith("jobs"), f"zoomed in by 4096 the Gantt chart shows {drawn}")
    print(f"{size:.2f} MB, opened in {', '.join(f'{t:.2f}' for t in times)} s")
    expect(size < 15, f"{size:.2f} MB")
    expect(min(times) < 3, f"opens in {min(times):.2f} s")


def main():
    """Runs one of the two."""
    if browser.find_chromium() is None:
        print("skipped: there is no Chromium here")
        return 77
    _, program, size, charts = sys.argv
    if charts == "without-charts":
        print("skipped: the program was built without ECharts (scripts/fetch-echarts)")
        return 77
    with tempfile.TemporaryDirectory(prefix="wattfill-report-") as folder:
        (large if size == "large" else small)(program, pathlib.Path(folder))
    print(f"{len(failures)} failed" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
