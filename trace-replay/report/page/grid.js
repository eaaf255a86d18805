// Counts over a grid of two logarithmic axes; the diagonal is where both are equal.
kinds.grid = (frame, options, width) => {
  const [xs, ys, counts] = [0, 1, 2].map((i) => frame.column(i));
  const step = 1 / options.per_decade;
  const greatest = Math.max(...counts);
  const top = 10 ** Math.ceil(Math.log10(Math.max(...xs, ...ys)) + step / 2);
  const shade = (count) => echarts.color.lerp(Math.log(1 + count) / Math.log(1 + greatest), [theme.colour("grid-low"), theme.colour("grid-high")]);
  const axis = (title, room) => logarithmicAxis(1, top, title, true, room);
  return {
    height_px: Math.min(480, Math.max(320, width * 0.6)),
    grid: { left: 8, right: 24, top: 36, bottom: 32, containLabel: true },
    legend: { show: false },
    xAxis: { ...axis(options.x_title, width), nameLocation: "middle", nameGap: 28 },
    yAxis: { ...axis(options.y_title, 700), nameTextStyle: { color: theme.colour("soft"), align: "left" } },
    tooltip: {
      ...baseOptions().tooltip, trigger: "item",
      formatter: ({ dataIndex: row }) => {
        const span = (v) => `${durationText(v)} to ${durationText(v * 10 ** step)}`;
        return tip([`${counts[row]} jobs`, `predicted: ${span(ys[row])}`, `actual: ${span(xs[row])}`]);
      },
    },
    series: [{
      type: "custom", data: Array.from(counts, (n, i) => [Math.log10(xs[i]), Math.log10(ys[i]), n]), encode: { x: 0, y: 1 },
      renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const [w, h] = api.size([step, step]);
        return { type: "rect", shape: { x, y: y - h, width: w + 0.5, height: h + 0.5 }, style: { fill: shade(api.value(2)) } };
      },
      markLine: {
        silent: true, symbol: "none", label: { show: false }, lineStyle: { color: theme.colour("c-limit"), type: "solid", width: 1.25 },
        data: [[{ coord: [0, 0] }, { coord: [Math.log10(top), Math.log10(top)] }]],
      },
    }],
  };
};
