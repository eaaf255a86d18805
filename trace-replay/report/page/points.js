// Points, with intervals, names, sizes and the line of those that no other one beats, as far as the options ask for them.

// The rows that no other row beats in both coordinates, from left to right.
function frontier(xs, ys) {
  const rows = Array.from(xs.keys()).sort((a, b) => xs[a] - xs[b] || ys[a] - ys[b]);
  let least = Infinity;
  return rows.filter((row) => ys[row] < least && ((least = ys[row]), true));
}

function intervalBars(frame, options, toX, toY) {
  const [xs, ys] = [frame.column(options.x), frame.column(options.y)];
  const bar = (key, row, flip) => {
    const low = frame.column(options[key + "_low"])[row];
    const high = frame.column(options[key + "_high"])[row];
    return flip ? [toX(xs[row]), toY(low), toX(xs[row]), toY(high)] : [toX(low), toY(ys[row]), toX(high), toY(ys[row])];
  };
  return {
    type: "custom", silent: true, z: 1, tooltip: { show: false },
    data: Array.from(xs.keys()).flatMap((row) => [bar("x", row, false), bar("y", row, true)]),
    renderItem: (_, api) => {
      const [x1, y1] = api.coord([api.value(0), api.value(1)]);
      const [x2, y2] = api.coord([api.value(2), api.value(3)]);
      return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: theme.colour("soft"), lineWidth: 1 } };
    },
  };
}

function pointAxis(values, isLog, title, room, more) {
  const positive = Array.from(values).filter((v) => v > 0);
  if (isLog) return { ...logarithmicAxis(Math.min(...positive) / 1.5, Math.max(...positive) * 1.5, title, false, room), ...more };
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const margin = (greatest - least) * 0.12 || Math.abs(least) * 0.1 || 1;
  return {
    ...axisStyle(), type: "value", name: title, min: least - margin, max: greatest + margin, splitNumber: room < 500 ? 3 : 6, ...more,
    axisLabel: { color: theme.colour("soft"), formatter: shortNumber, showMinLabel: false, showMaxLabel: false },
  };
}

// What is not above 0 has no place on a logarithmic axis and goes to its edge: beside the least that has one.
function scale(values, isLog) {
  if (!isLog) return (v) => v;
  const least = Math.min(...Array.from(values).filter((v) => v > 0));
  return (v) => Math.log10(Math.max(least, v));
}

// Over more than an order of magnitude differences among the small ones would not be seen.
function isWide(values) {
  return Math.min(...values) > 0 && Math.max(...values) > 12 * Math.min(...values);
}

// Where names go: beside their points, on the side with more room, and so far up or down that they do not cover each other.
function spreadNames(points) {
  const span = (i) => {
    const values = points.map((p) => p[i]);
    return [Math.min(...values), Math.max(...values) - Math.min(...values) || 1];
  };
  const [[left, width], [bottom, height]] = [span(0), span(1)];
  const rows = points.map(([x, y], row) => ({ row, column: Math.round((x - left) / width * 8), y: (1 - (y - bottom) / height) * 220 }));
  const places = [];
  for (const column of new Set(rows.map((r) => r.column))) {
    let free = -Infinity;
    for (const { row, y } of rows.filter((r) => r.column === column).sort((a, b) => a.y - b.y)) {
      const at = Math.max(y, free);
      free = at + 15;
      places[row] = { position: column > 4 ? "left" : "right", offset: [0, at - y] };
    }
  }
  return places;
}

kinds.points = (frame, options, width) => {
  const names = frame.column(options.label);
  const [xs, ys] = [frame.column(options.x), frame.column(options.y)];
  const [logX, logY] = [options.log_x || isWide(xs), options.log_y || isWide(ys)].map((wanted, i) => wanted && [xs, ys][i].some((v) => v > 0));
  const [toX, toY] = [scale(xs, logX), scale(ys, logY)];
  const at = (row) => [toX(xs[row]), toY(ys[row])];
  const sizes = options.size === undefined ? null : frame.column(options.size);
  const greatest = sizes ? Math.max(...sizes) : 1;
  const groups = options.group === undefined ? null : [...new Set(frame.column(options.group))];
  const colour = (row) => {
    if (groups) return palette[groups.indexOf(frame.column(options.group)[row]) % palette.length];
    return theme.colour(row === options.marked ? "c-baseline" : "c-main");
  };
  const nudges = options.named ? spreadNames(Array.from(xs.keys(), at)) : [];
  const point = (row) => ({
    value: at(row), row, name: String(names[row]), symbol: groups ? ["circle", "rect", "triangle", "diamond"][groups.indexOf(frame.column(options.group)[row]) % 4] : "circle",
    symbolSize: sizes ? Math.max(4, 36 * Math.sqrt(sizes[row] / greatest)) : 10,
    itemStyle: { color: colour(row), opacity: sizes ? 0.65 : 1, borderColor: theme.colour("paper"), borderWidth: 1 },
    label: nudges[row],
  });
  const all = Array.from(names.keys ? names.keys() : xs.keys());
  const series = (groups || [""]).map((group) => ({
    type: "scatter", name: group, z: 3, itemStyle: { color: groups ? palette[groups.indexOf(group) % palette.length] : undefined },
    data: all.filter((row) => !groups || frame.column(options.group)[row] === group).map(point),
    label: { show: Boolean(options.named), formatter: "{b}", color: theme.colour("ink"), distance: 7 },
  }));
  if (options.x_low !== undefined) series.push(intervalBars(frame, options, toX, toY));
  if (options.frontier) {
    const rows = frontier(xs, ys);
    series.push({
      type: "line", showSymbol: false, silent: true, z: 2, step: "end", lineStyle: { color: theme.colour("soft"), width: 1.25, type: "dashed" },
      data: rows.map(at), tooltip: { show: false },
    });
  }
  return {
    height_px: 380,
    grid: { left: 8, right: 24, top: 40, bottom: 28, containLabel: true },
    legend: { ...baseOptions().legend, show: Boolean(groups), type: "scroll" },
    xAxis: pointAxis(xs, logX, options.x_title, width, { nameLocation: "middle", nameGap: 28 }),
    yAxis: pointAxis(ys, logY, options.y_title + (logY ? " (log)" : ""), 400, { nameTextStyle: { color: theme.colour("soft"), align: "left" } }),
    tooltip: {
      ...baseOptions().tooltip, trigger: "item",
      formatter: ({ data }) => tip(frame.columns.map((c, i) => {
        const value = frame.column(i)[data.row];
        return `${c.title}: ${typeof value === "number" ? shortNumber(value) : value}`;
      })),
    },
    series,
  };
};
