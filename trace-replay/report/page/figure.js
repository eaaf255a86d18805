// What all charts share: the frame around them, saving, the keyboard, colours that change.
const kinds = {};  // by a chart's kind: a function that makes ECharts' options, or a class that draws by hand
const timeFigures = [];

function saveFile(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function savePng(name, svg, width, height) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  context.fillStyle = theme.colour("paper");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => saveFile(name, blob));
}

function addButton(place, label, title, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", action);
  place.append(button);
}

// Lines of text for a tooltip. Nothing in them is taken for markup.
function tip(lines) {
  const box = document.createElement("div");
  box.style.whiteSpace = "pre";
  box.textContent = lines.join("\n");
  return box;
}

function baseOptions() {
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: theme.colour("ink"), fontSize: 12 },
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, right: 8, itemHeight: 10, itemGap: 18, textStyle: { color: theme.colour("ink") }, inactiveColor: theme.colour("line") },
    tooltip: {
      confine: true, backgroundColor: theme.colour("paper"), borderColor: theme.colour("line"),
      textStyle: { color: theme.colour("ink"), fontSize: 12 },
    },
  };
}

function axisStyle(more = {}) {
  return {
    axisLine: { onZero: false, lineStyle: { color: theme.colour("line") } },
    axisTick: { lineStyle: { color: theme.colour("line") } },
    axisLabel: { color: theme.colour("soft"), hideOverlap: true, fontSize: 12 },
    splitLine: { lineStyle: { color: theme.colour("line"), opacity: 0.6 } },
    nameTextStyle: { color: theme.colour("soft") },
    ...more,
  };
}

// A chart of ECharts.
class LibraryFigure {
  constructor(plot, chart, frame) {
    Object.assign(this, { plot, chart, frame });
    this.make = kinds[chart.kind];
    this.drawing = echarts.init(plot, null, { renderer: "svg" });
    this.window = [0, 100];  // per cent of the time axis
    this.draw();
    this.drawing.on("datazoom", (event) => this.zoomed(event.batch ? event.batch[0] : event));
  }
  draw() {
    const options = this.make(this.frame, this.chart.options, this.plot.clientWidth);
    const height = options.height_px;
    delete options.height_px;
    if (height && this.plot.style.height !== height + "px") this.plot.style.height = height + "px";
    this.zoomable = Boolean(options.dataZoom);
    if (this.zoomable) for (const zoom of options.dataZoom) [zoom.start, zoom.end] = this.window;
    this.drawing.resize();
    this.drawing.setOption({ ...baseOptions(), ...options }, true);
  }
  zoomed(event) {
    if (event.start === undefined) return;
    if (Math.abs(event.start - this.window[0]) + Math.abs(event.end - this.window[1]) < 1e-9) return;
    this.window = [event.start, event.end];
    for (const other of timeFigures) if (other !== this) other.show(this.window);
  }
  show([start, end]) {
    if (Math.abs(start - this.window[0]) + Math.abs(end - this.window[1]) < 1e-9) return;
    this.window = [start, end];
    this.drawing.dispatchAction({ type: "dataZoom", start, end });
  }
  // Of the time axis: by a factor around the middle, or by a share of the window.
  zoom(factor, shift) {
    const [start, end] = this.window;
    const half = Math.min(50, Math.max(0.01, (end - start) / 2 * factor));
    const middle = Math.min(100 - half, Math.max(half, (start + end) / 2 + shift * (end - start)));
    const wanted = [middle - half, middle + half];
    this.show(wanted);
    for (const other of timeFigures) if (other !== this) other.show(wanted);
  }
  reset() { this.zoom(1e6, 0); }
  svg() { return this.drawing.renderToSVGString(); }
}

// Buttons and keys around a chart.
function equip(figure, chart) {
  const tools = document.querySelector(`#chart-${CSS.escape(chart.id)} .tools`);
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", chart.title);
  if (figure.zoomable) {
    addButton(tools, "+", `Zoom in: ${chart.title}`, () => figure.zoom(0.5, 0));
    addButton(tools, "−", `Zoom out: ${chart.title}`, () => figure.zoom(2, 0));
    addButton(tools, "All", `Show all: ${chart.title}`, () => figure.reset());
  }
  const size = () => [figure.plot.clientWidth, figure.plot.clientHeight];
  addButton(tools, "SVG", `Save as SVG: ${chart.title}`, () =>
    saveFile(chart.id + ".svg", new Blob([figure.svg()], { type: "image/svg+xml" })));
  addButton(tools, "PNG", `Save as PNG: ${chart.title}`, () => savePng(chart.id + ".png", figure.svg(), ...size()));
  if (!figure.zoomable) return;
  const keys = {
    "+": [0.5, 0], "=": [0.5, 0], "-": [2, 0], ArrowLeft: [1, -0.2], ArrowRight: [1, 0.2], 0: [1e6, 0], Home: [1e6, 0],
  };
  figure.plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    figure.zoom(...keys[event.key]);
  });
}
