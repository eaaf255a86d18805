// Points, with intervals, names, sizes and the line of those that no other one beats, as far as the options ask for them.

// The rows that no other row beats in both coordinates, from left to right.
function frontier(xs, ys) {
  const rows = Array.from(xs.keys()).sort((a, b) => xs[a] - xs[b] || ys[a] - ys[b]);
  let least = Infinity;
  return rows.filter((row) => ys[row] < least && ((least = ys[row]), true));
}

function intervalBars(frame, options) {
  const [xs, ys] = [frame.column(options.x), frame.column(options.y)];
  const bar = (key, row, flip) => {
    const low = frame.column(options[key + "_low"])[row];
    const high = frame.column(options[key + "_high"])[row];
    return flip ? [xs[row], low, xs[row], high] : [low, ys[row], high, ys[row]];
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

function pointAxis(values, isLog, title, room, at) {
  const positive = Array.from(values).filter((v) => v > 0);
  const [least, greatest] = [Math.min(...positive), Math.max(...positive)];
  if (isLog && positive.length)
    return { ...logarithmicAxis(least / 1.3, greatest * 1.3, title, false, room), ...at };
  return { ...axisStyle(), type: "value", scale: true, name: title, boundaryGap: ["8%", "8%"], splitNumber: room < 500 ? 3 : 5, ...at,
    axisLabel: { color: theme.colour("soft"), formatter: shortNumber } };
}

kinds.points = (frame, options, width) => {
  const names = frame.column(options.label);
  const [xs, ys] = [frame.column(options.x), frame.column(options.y)];
  const at = (row) => [options.log_x ? Math.log10(Math.max(1e-9, xs[row])) : xs[row], options.log_y ? Math.log10(ys[row]) : ys[row]];
  const sizes = options.size === undefined ? null : frame.column(options.size);
  const greatest = sizes ? Math.max(...sizes) : 1;
  const groups = options.group === undefined ? null : [...new Set(frame.column(options.group))];
  const colour = (row) => {
    if (groups) return palette[groups.indexOf(frame.column(options.group)[row]) % palette.length];
    return theme.colour(row === options.marked ? "c-baseline" : "c-main");
  };
  const point = (row) => ({
    value: at(row), row, name: String(names[row]), symbol: groups ? ["circle", "rect", "triangle", "diamond"][groups.indexOf(frame.column(options.group)[row]) % 4] : "circle",
    symbolSize: sizes ? Math.max(4, 36 * Math.sqrt(sizes[row] / greatest)) : 10,
    itemStyle: { color: colour(row), opacity: sizes ? 0.65 : 1, borderColor: theme.colour("paper"), borderWidth: 1 },
    label: { position: xs[row] > (Math.max(...xs) + Math.min(...xs)) / 2 ? "left" : "right" },
  });
  const all = Array.from(names.keys ? names.keys() : xs.keys());
  const series = (groups || [""]).map((group) => ({
    type: "scatter", name: group, z: 3, itemStyle: { color: groups ? palette[groups.indexOf(group) % palette.length] : undefined },
    data: all.filter((row) => !groups || frame.column(options.group)[row] === group).map(point),
    label: { show: Boolean(options.named), formatter: "{b}", color: theme.colour("ink"), distance: 7 },
    labelLayout: { moveOverlap: "shiftY" },
  }));
  if (options.x_low !== undefined) series.push(intervalBars(frame, options));
  if (options.frontier) {
    const rows = frontier(xs, ys);
    series.push({
      type: "line", showSymbol: false, silent: true, z: 2, step: "start", lineStyle: { color: theme.colour("soft"), width: 1.25, type: "dashed" },
      data: rows.map(at), tooltip: { show: false },
    });
  }
  return {
    height_px: 380,
    grid: { left: 8, right: 24, top: 40, bottom: 28, containLabel: true },
    legend: { ...baseOptions().legend, show: Boolean(groups), type: "scroll" },
    xAxis: pointAxis(xs, options.log_x, options.x_title, width, { nameLocation: "middle", nameGap: 28 }),
    yAxis: pointAxis(ys, options.log_y, options.y_title, 400, { nameTextStyle: { color: theme.colour("soft"), align: "left" } }),
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
