// Draws the charts, those in view first; tables, commands and paper.
const mostRows = 1000;

function fillTable(details, chart, frame) {
  const box = document.createElement("div");
  box.className = "scroll";
  box.tabIndex = 0;
  const table = document.createElement("table");
  table.className = "numeric";
  const caption = table.createCaption();
  caption.textContent = frame.rows > mostRows ? `${chart.title}: the first ${mostRows} of ${frame.rows} rows` : chart.title;
  const head = table.createTHead().insertRow();
  for (const column of frame.columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column.title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (let row = 0; row < Math.min(mostRows, frame.rows); row++) {
    const line = body.insertRow();
    frame.columns.forEach((column, i) => {
      const value = frame.column(i)[row];
      if (typeof value !== "number") line.insertCell().textContent = value;
      else if (Number.isNaN(value)) line.insertCell().textContent = "–";
      else line.insertCell().textContent = column.name === "time_s" ? clock.full(value) : value.toLocaleString("en", { maximumFractionDigits: column.decimals });
    });
  }
  box.append(table);
  details.append(box);
}

function addCopyButtons() {
  for (const command of document.querySelectorAll("pre.command")) {
    addButton(command, "Copy", "Copy this command", () => navigator.clipboard.writeText(command.firstElementChild.textContent));
  }
}

function makeFigure(plot, chart, frame) {
  if (chart.kind === "gantt") return new Gantt(plot, chart, frame);
  return new LibraryFigure(plot, chart, frame);
}

async function main() {
  addCopyButtons();
  const bytes = await loadBytes();
  const figures = [];
  const frames = new Map(about.charts.map((chart) => [chart.id, new Frame(chart.columns, bytes)]));
  for (const details of document.querySelectorAll("details[data-table]")) {
    const chart = about.charts.find((c) => c.id === details.dataset.table);
    details.addEventListener("toggle", () => fillTable(details, chart, frames.get(chart.id)), { once: true });
  }
  for (const plot of document.querySelectorAll(".plot")) {
    const chart = about.charts.find((c) => c.id === plot.dataset.chart);
    plot.classList.add(chart.kind);
    await new Promise(setTimeout);  // the page stays responsive between two charts
    const figure = makeFigure(plot, chart, frames.get(chart.id));
    if (chart.kind === "time") timeFigures.push(figure);
    figures.push(figure);
    equip(figure, chart);
  }
  const redraw = () => figures.forEach((figure) => figure.draw());
  theme.listeners.push(redraw);
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (width === document.documentElement.clientWidth) return;
    width = document.documentElement.clientWidth;
    redraw();
  });
  // Paper is white and narrower than the screen.
  const print = (on) => {
    document.documentElement.classList.toggle("printing", on);
    theme.printing = on;
    theme.apply();
    redraw();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}
main();
