// Means with their intervals, a row for each name; panels side by side, or below each other where it is narrow.
kinds.intervals = (frame, options, width) => {
  const names = frame.column(options.label);
  const count = options.panels.length;
  const beside = count > 1 && width > 720;
  const labels = Math.min(width * 0.4, 24 + 7 * Math.max(...names.map((n) => n.length)));
  const across = beside ? (width - labels - 16) / count : width - labels - 24;
  const down = 26 * names.length + 64;
  const place = (i) => beside
    ? { left: labels + i * across, top: 28, width: across - 32, height: down - 64 }
    : { left: labels, top: 28 + i * (down + 16), width: across, height: down - 64 };
  const panels = options.panels.map((panel) => {
    const mean = frame.column(panel.mean);
    const [low, high] = panel.low === undefined ? [mean, mean] : [frame.column(panel.low), frame.column(panel.high)];
    const reference = options.reference !== undefined ? options.reference : mean[options.reference_row];
    const [least, greatest] = [Math.min(...low, reference), Math.max(...high, reference)];
    // Over more than an order of magnitude differences among the small ones would not be seen.
    const isLog = least > 0 && greatest > 12 * least;
    return { mean, low, high, reference, least, greatest, isLog, at: isLog ? Math.log10 : (v) => v };
  });
  const series = panels.flatMap(({ mean, low, high, reference, at }, i) => {
    return [{
      type: "custom", xAxisIndex: i, yAxisIndex: i, z: 3, encode: { x: [1, 2, 3], y: 0 },
      data: Array.from(mean, (m, row) => [row, at(m), at(low[row]), at(high[row])]),
      renderItem: (_, api) => {
        const row = api.value(0);
        const [x, y] = api.coord([api.value(1), row]);
        const [from, to] = [api.coord([api.value(2), row])[0], api.coord([api.value(3), row])[0]];
        const stroke = theme.colour(row === options.reference_row ? "c-baseline" : "c-main");
        const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: 2 } });
        const ends = to - from > 1 ? [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)] : [];
        return { type: "group", children: [...ends, { type: "circle", shape: { cx: x, cy: y, r: 4.5 }, style: { fill: stroke } }] };
      },
      markLine: {
        silent: true, symbol: "none", label: { show: false }, data: [{ xAxis: at(reference) }],
        lineStyle: { color: theme.colour("soft"), type: "dashed", width: 1 },
      },
    }];
  });
  return {
    height_px: beside ? down : count * (down + 16) + 24,
    grid: options.panels.map((_, i) => place(i)),
    legend: { show: false },
    title: options.panels.map((panel, i) => ({
      text: panel.title + (panels[i].isLog ? " (log)" : ""), left: place(i).left, top: place(i).top - 26, textStyle: { fontSize: 12, fontWeight: "normal", color: theme.colour("soft") },
    })),
    xAxis: panels.map(({ isLog, least, greatest }, i) => {
      if (isLog) return { ...logarithmicAxis(least / 1.3, greatest * 1.3, "", false, place(i).width), gridIndex: i };
      const room = (greatest - least) * 0.08 || Math.abs(least) * 0.08 || 1;
      return {
        ...axisStyle(), type: "value", min: least - room, max: greatest + room, gridIndex: i,
        splitNumber: Math.max(2, Math.floor(place(i).width / 45)),
        axisLabel: { color: theme.colour("soft"), hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: shortNumber },
      };
    }),
    yAxis: options.panels.map((_, i) => ({
      ...axisStyle(), type: "category", data: names, inverse: true, gridIndex: i, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.colour("line"), opacity: 0.6 } },
      axisLabel: { show: !beside || i === 0, color: theme.colour("ink"), width: labels - 12, overflow: "truncate" },
    })),
    tooltip: {
      ...baseOptions().tooltip, trigger: "item",
      formatter: ({ value }) => tip(frame.columns.map((c, i) => {
        const cell = frame.column(i)[value[0]];
        return `${c.title}: ${typeof cell === "number" ? shortNumber(cell) : cell}`;
      })),
    },
    series,
  };
};
