// Jobs on nodes over time: from afar how much of the nodes is in use, closer each job.
const mostDrawn = 20000;  // drawn one by one; with more of them in view their share of the nodes is shaded
const mostTold = 12;  // jobs that one tooltip lists
const ganttMargin = { left: 64, right: 8, top: 8, bottom: 24 };

function rgb(colour) {
  const value = parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// Black or white, whichever has a contrast of 4.5 at least (WCAG 2.1, relative luminance).
function inkOn(colour) {
  const [r, g, b] = rgb(colour).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? "#ffffff" : "#000000";
}

// Which share of the processors of its nodes each job has. Types of nodes follow each other in their numbers.
function sharesOfNodes(jobs, boxes, types) {
  const capacity = new Float64Array(jobs.processors.length);
  boxes.job.forEach((j, i) => {
    let edge = 0;
    for (const { nodes, processors } of types) {
      const shared = Math.min(boxes.first[i] + boxes.count[i], edge + nodes) - Math.max(boxes.first[i], edge);
      capacity[j] += Math.max(0, shared) * processors;
      edge += nodes;
    }
  });
  return capacity.map((all, j) => Math.min(1, jobs.processors[j] / Math.max(1, all)));
}

// Shares of cells that rectangles cover, summed in one pass: each adds its ends to a row of differences.
class Coverage {
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
    this.differences = new Float32Array((columns + 2) * rows);
  }
  // In units of cells. `weight`: the share of them that is covered.
  add(x1, x2, y1, y2, weight = 1) {
    x1 = Math.max(0, x1); x2 = Math.min(this.columns, x2);
    y1 = Math.max(0, y1); y2 = Math.min(this.rows, y2);
    if (x1 >= x2 || y1 >= y2) return;
    const [i, j] = [Math.floor(x1), Math.floor(x2)];
    const [f, g] = [x1 - i, x2 - j];
    for (let row = Math.floor(y1); row < y2; row++) {
      const share = weight * (Math.min(y2, row + 1) - Math.max(y1, row));
      const at = row * (this.columns + 2);
      this.differences[at + i] += share * (1 - f);
      this.differences[at + i + 1] += share * f;
      this.differences[at + j] -= share * (1 - g);
      this.differences[at + j + 1] -= share * g;
    }
  }
  // Calls visit(cell, share) for each cell, row by row.
  each(visit) {
    for (let row = 0; row < this.rows; row++) {
      let share = 0;
      for (let column = 0; column < this.columns; column++) {
        share += this.differences[row * (this.columns + 2) + column];
        visit(row * this.columns + column, Math.min(1, Math.max(0, share)));
      }
    }
  }
}

class Gantt {
  constructor(plot, chart, frame) {
    Object.assign(this, { plot, chart, options: chart.options, zoomable: true });
    const column = (name) => frame.named(name);
    this.jobs = { id: column("job"), start: column("start"), run: column("run"), wait: column("wait"), processors: column("processors"), user: column("user") };
    this.boxes = { job: column("rectangle_job"), first: column("rectangle_first"), count: column("rectangle_count") };
    this.share = this.options.shared ? sharesOfNodes(this.jobs, this.boxes, this.options.types) : null;
    this.sleep = column("sleep_from") &&
      { from: column("sleep_from"), length: column("sleep_length"), first: column("sleep_first"), count: column("sleep_count") };
    this.canvas = document.createElement("canvas");
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    plot.append(this.canvas, this.tip);
    this.whole = { from: this.options.begin, to: Math.max(this.options.begin + 1, this.options.end), low: 0, high: this.options.units };
    this.view = { ...this.whole };
    this.listen();
    this.draw();
  }

  // Rectangles in view, or null where there are too many to draw one by one.
  inView() {
    const { from, to, low, high } = this.view;
    const { job, first, count } = this.boxes;
    const { start, run } = this.jobs;
    const found = [];
    let strokes = 0;
    for (let i = 0; i < job.length; i++) {
      const j = job[i];
      if (start[j] >= to) break;  // in order of start
      if (start[j] + run[j] <= from || first[i] >= high || first[i] + count[i] <= low) continue;
      found.push(i);
      strokes += this.share ? Math.min(high, first[i] + count[i]) - Math.max(low, first[i]) : 1;
      if (strokes > mostDrawn) return null;
    }
    return found;
  }

  paint(painter) {
    const inner = {
      width: painter.width - ganttMargin.left - ganttMargin.right, height: painter.height - ganttMargin.top - ganttMargin.bottom,
    };
    const { from, to, low, high } = this.view;
    this.x = (time) => ganttMargin.left + (time - from) / (to - from) * inner.width;
    this.y = (row) => ganttMargin.top + (row - low) / (high - low) * inner.height;
    this.inner = inner;
    painter.rect(ganttMargin.left, ganttMargin.top, inner.width, inner.height, theme.colour("panel"));
    this.shown = this.inView();
    if (this.shown) this.paintJobs(painter);
    else this.paintShares(painter);
    this.paintAxes(painter);
  }

  // Cut to the view.
  box(from, to, low, high) {
    const { view } = this;
    const [x1, x2] = [this.x(Math.max(from, view.from)), this.x(Math.min(to, view.to))];
    const [y1, y2] = [this.y(Math.max(low, view.low)), this.y(Math.min(high, view.high))];
    return [x1, y1, Math.max(0.75, x2 - x1), Math.max(0.75, y2 - y1)];
  }

  // What a rectangle is drawn as, [low, high] each. Where nodes are shared: in each row as much of its height as the job
  // has of the node, taken from what the jobs before it have left. `rows` holds for each row what is taken.
  stripes(i, rows) {
    const [low, high] = [this.boxes.first[i], this.boxes.first[i] + this.boxes.count[i]];
    const { start, run } = this.jobs;
    const j = this.boxes.job[i];
    if (!this.share || this.share[j] === 1) return [[low, high]];
    const stripes = [];
    for (let row = Math.max(low, Math.floor(this.view.low)); row < Math.min(high, this.view.high); row++) {
      const taken = (rows.get(row) || []).filter((t) => t.until > start[j]).sort((a, b) => a.from - b.from);
      const parts = [];
      let [at, left] = [0, this.share[j]];
      for (const { from, to } of [...taken, { from: 1, to: 1 }]) {
        const part = Math.min(left, from - at);
        if (part > 1e-6) parts.push({ from: at, to: at + part, until: start[j] + run[j] });
        left -= Math.max(0, part);
        at = to;
      }
      rows.set(row, taken.concat(parts));
      for (const { from, to } of parts) stripes.push([row + from, row + to]);
    }
    return stripes;
  }

  paintJobs(painter) {
    const { start, run, user, id } = this.jobs;
    const { view, sleep } = this;
    if (sleep) {
      const grey = theme.colour("line");
      for (let i = 0; i < sleep.from.length; i++) {
        const [from, to, low, high] = [sleep.from[i], sleep.from[i] + sleep.length[i], sleep.first[i], sleep.first[i] + sleep.count[i]];
        if (from < view.to && to > view.from && low < view.high && high > view.low) painter.rect(...this.box(from, to, low, high), grey);
      }
    }
    const rows = new Map();
    for (const i of this.shown) {
      const j = this.boxes.job[i];
      const colour = palette[user[j] < 0 ? 0 : user[j] % 6];
      for (const [low, high] of this.stripes(i, rows)) {
        if (high <= view.low || low >= view.high) continue;
        const [x, y, w, h] = this.box(start[j], start[j] + run[j], low, high);
        const gap = h > 5 && w > 3 ? 0.75 : 0;
        painter.rect(x, y, w - gap, h - gap, colour);
        if (h > 13 && w > 8 + 7 * String(id[j]).length) painter.text(x + 4, y + h / 2 + 4, String(id[j]), inkOn(colour), "left");
      }
    }
  }

  paintShares(painter) {
    const columns = Math.max(1, Math.floor(this.inner.width / 1.5));
    const rows = Math.max(1, Math.min(Math.ceil(this.view.high - this.view.low), Math.floor(this.inner.height / 2)));
    const { from, to, low, high } = this.view;
    const [perSecond, perRow] = [columns / (to - from), rows / (high - low)];
    const cover = (coverage, start, end, first, last, weight) =>
      coverage.add((start - from) * perSecond, (end - from) * perSecond, (first - low) * perRow, (last - low) * perRow, weight);
    const used = new Coverage(columns, rows);
    const { job, first, count } = this.boxes;
    const { start, run } = this.jobs;
    for (let i = 0; i < job.length; i++) {
      const j = job[i];
      cover(used, start[j], start[j] + run[j], first[i], first[i] + count[i], this.share ? this.share[j] : 1);
    }
    const asleep = new Coverage(columns, rows);
    const { sleep } = this;
    if (sleep)
      for (let i = 0; i < sleep.from.length; i++)
        cover(asleep, sleep.from[i], sleep.from[i] + sleep.length[i], sleep.first[i], sleep.first[i] + sleep.count[i]);
    painter.image(this.shaded(used, asleep), ganttMargin.left, ganttMargin.top, this.inner.width, this.inner.height);
  }

  shaded(used, asleep) {
    const canvas = document.createElement("canvas");
    canvas.width = used.columns;
    canvas.height = used.rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const [none, full, grey] = ["panel", "c-main", "line"].map((name) => rgb(theme.colour(name)));
    const sleeping = new Float32Array(used.columns * used.rows);
    asleep.each((cell, share) => { sleeping[cell] = share; });
    used.each((cell, share) => {
      for (let k = 0; k < 3; k++)
        image.data[4 * cell + k] = none[k] + share * (full[k] - none[k]) + Math.min(1 - share, sleeping[cell]) * (grey[k] - none[k]);
      image.data[4 * cell + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    return canvas;
  }

  paintAxes(painter) {
    const [soft, line] = [theme.colour("soft"), theme.colour("line")];
    const { from, to, low, high } = this.view;
    const bottom = painter.height - ganttMargin.bottom;
    for (const { at, label } of clock.ticks(from, to, Math.max(2, this.inner.width / 130))) {
      const x = Math.round(this.x(at)) + 0.5;
      painter.line(x, bottom, x, bottom + 4, soft);
      if (x > ganttMargin.left + 30 && x < painter.width - 40) painter.text(x, bottom + 17, label, soft, "center");
    }
    const step = [1, 2, 5].flatMap((k) => [0, 1, 2, 3, 4, 5, 6].map((e) => k * 10 ** e)).sort((a, b) => a - b)
      .find((s) => (high - low) / s <= this.inner.height / 36) || 1e7;
    for (let row = Math.ceil(low / step) * step; row < high; row += step) {
      const y = this.y(row);
      painter.line(ganttMargin.left - 4, y, ganttMargin.left, y, soft);
      painter.text(ganttMargin.left - 8, y + 4, row.toLocaleString("en"), soft, "right");
    }
    let edge = 0;
    for (const type of this.options.types || []) {
      const [y1, y2] = [this.y(Math.max(low, edge)), this.y(Math.min(high, edge + type.nodes))];
      if (edge > low && edge < high) painter.line(ganttMargin.left, y1, painter.width - ganttMargin.right, y1, soft);
      if ((this.options.types.length > 1) && y2 - y1 > 16) this.label(painter, painter.width - ganttMargin.right - 6, y1 + 14, type.name);
      edge += type.nodes;
    }
    painter.line(ganttMargin.left, bottom, painter.width - ganttMargin.right, bottom, line);
  }

  // Text that can be read on whatever is below it.
  label(painter, x, y, text) {
    const width = 10 + 7 * text.length;
    painter.rect(x - width + 4, y - 12, width, 16, theme.colour("paper"));
    painter.text(x, y, text, theme.colour("ink"), "right");
  }

  draw() {
    const ratio = Math.max(1, window.devicePixelRatio || 1);
    const [width, height] = [this.plot.clientWidth, this.plot.clientHeight];
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "12px " + getComputedStyle(document.body).fontFamily;
    this.paint(new CanvasPainter(context, width, height));
    this.plot.dataset.drawn = this.shown ? `${this.shown.length} jobs` : "shares";
  }

  svg() {
    const painter = new SvgPainter(this.plot.clientWidth, this.plot.clientHeight);
    this.paint(painter);
    return painter.svg;
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  // One direction of the view: kept inside the whole, and not closer than `least`.
  set(low, high, from, to, least) {
    const { view, whole } = this;
    const size = Math.min(whole[high] - whole[low], Math.max(least, to - from));
    const middle = (from + to) / 2;
    view[low] = Math.min(whole[high] - size, Math.max(whole[low], middle - size / 2));
    view[high] = view[low] + size;
  }
  show(from, to, low, high) {
    this.set("from", "to", from, to, 60);
    this.set("low", "high", low, high, Math.min(4, this.whole.high));
    this.redraw();
  }
  // Around a point of the view, given as shares of it.
  scale(time, rows, x = 0.5, y = 0.5) {
    const { from, to, low, high } = this.view;
    const [t, r] = [from + x * (to - from), low + y * (high - low)];
    this.show(t - x * (to - from) * time, t + (1 - x) * (to - from) * time, r - y * (high - low) * rows, r + (1 - y) * (high - low) * rows);
  }
  zoom(factor, shift) {
    const move = shift * (this.view.to - this.view.from);
    if (shift) this.show(this.view.from + move, this.view.to + move, this.view.low, this.view.high);
    else if (factor > 1e3) this.reset();
    else this.scale(factor, factor);
  }
  reset() {
    this.view = { ...this.whole };
    this.redraw();
  }

  shares(event) {
    const at = this.canvas.getBoundingClientRect();
    return [(event.clientX - at.left - ganttMargin.left) / this.inner.width, (event.clientY - at.top - ganttMargin.top) / this.inner.height];
  }

  listen() {
    let held = null;
    this.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const factor = event.deltaY > 0 ? 1.25 : 0.8;
      this.scale(event.shiftKey ? 1 : factor, event.shiftKey ? factor : 1, ...this.shares(event));
    }, { passive: false });
    this.canvas.addEventListener("dblclick", (event) => this.scale(0.4, 0.6, ...this.shares(event)));
    this.canvas.addEventListener("pointerdown", (event) => {
      held = { at: this.shares(event), view: { ...this.view } };
      this.canvas.setPointerCapture(event.pointerId);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) this.canvas.addEventListener(end, () => { held = null; });
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!held) return this.explain(event);
      const [x, y] = this.shares(event);
      const { from, to, low, high } = held.view;
      const [dt, dr] = [(held.at[0] - x) * (to - from), (held.at[1] - y) * (high - low)];
      this.show(from + dt, to + dt, low + dr, high + dr);
    });
    this.plot.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -0.2, ArrowDown: 0.2 }[event.key];
      if (!by) return;
      event.preventDefault();
      const { from, to, low, high } = this.view;
      this.show(from, to, low + by * (high - low), high + by * (high - low));
    });
  }

  // The jobs that have a row at a time, as lines of text; of many only the first ones, and in short.
  jobsAt(time, row) {
    if (!this.shown) return ["zoom in to see jobs"];
    const { start, run, id, user, processors, wait } = this.jobs;
    const { job, first, count } = this.boxes;
    const found = this.shown.filter((i) => start[job[i]] <= time && time < start[job[i]] + run[job[i]] && first[i] <= row && row < first[i] + count[i])
      .map((i) => job[i]);
    const lines = found.slice(0, mostTold).flatMap((j) => {
      const name = `job ${id[j]}${user[j] < 0 ? "" : `, user ${user[j]}`}, ${processors[j]} processors`;
      return found.length > 3 ? [name]
        : [name, `waited ${durationText(wait[j])}, ran ${durationText(run[j])}`, `started ${clock.full(start[j])}`];
    });
    return found.length > mostTold ? [...lines, `and ${found.length - mostTold} more`] : lines;
  }

  // What is under the pointer.
  explain(event) {
    const [x, y] = this.shares(event);
    this.tip.hidden = x < 0 || x > 1 || y < 0 || y > 1;
    if (this.tip.hidden) return;
    const time = this.view.from + x * (this.view.to - this.view.from);
    const row = Math.floor(this.view.low + y * (this.view.high - this.view.low));
    const unit = this.options.unit === "nodes" ? "node" : "processor";
    this.tip.textContent = [`${clock.full(time)}, ${unit} ${row}`, ...this.jobsAt(time, row)].join("\n");
    const at = this.plot.getBoundingClientRect();
    const left = event.clientX - at.left;
    this.tip.style.left = (left > at.width / 2 ? left - this.tip.offsetWidth - 12 : left + 12) + "px";
    this.tip.style.top = Math.min(event.clientY - at.top + 12, at.height - this.tip.offsetHeight - 4) + "px";
  }
}
