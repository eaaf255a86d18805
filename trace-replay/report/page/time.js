// Lines, bands and stacks over time.
function seriesOfLine(frame, times, line, colour) {
  const points = (values) => Array.from(values, (v, i) => [clock.ms(times[i]), v]);
  const base = { type: "line", showSymbol: false, symbol: "none", yAxisIndex: line.axis || 0, silent: true };
  const series = [{
    ...base, name: line.name, data: points(frame.column(line.column)), step: line.step ? "end" : false, z: 3,
    lineStyle: { color: colour, width: line.stack ? 0 : 1.25, type: line.dashed ? "dashed" : "solid" }, itemStyle: { color: colour },
    ...(line.stack ? { stack: "all", areaStyle: { color: colour, opacity: 1 }, step: "end" } : {}),
  }];
  if (line.low === undefined) return series;
  // A band is an invisible line at its foot, and what lies above it.
  const low = frame.column(line.low);
  const high = frame.column(line.high);
  const band = { ...base, stack: "band " + line.name, lineStyle: { width: 0 }, tooltip: { show: false } };
  series.push({ ...band, name: "", data: points(low) });
  series.push({ ...band, name: "", data: points(high.map((v, i) => v - low[i])), areaStyle: { color: colour, opacity: 0.22 } });
  return series;
}

kinds.time = (frame, options, width) => {
  const times = frame.column(0);
  const first = times[0];
  const last = times.length > 1 ? 2 * times[times.length - 1] - times[times.length - 2] : first + 1;
  const colours = options.lines.map((line, i) => (line.colour ? theme.colour("c-" + line.colour) : palette[i % palette.length]));
  const rows = (time) => {
    let row = 0;
    for (let step = 1 << 20; step; step >>= 1) if (row + step < times.length && times[row + step] <= time) row += step;
    return row;
  };
  return {
    grid: { left: 8, right: 16, top: 32, bottom: 40, containLabel: true },
    legend: { ...baseOptions().legend, show: options.lines.length > 1, right: options.axes.length > 1 ? 120 : 8, data: options.lines.map((l) => l.name), icon: "roundRect" },
    useUTC: true,
    xAxis: {
      ...axisStyle(), type: "time", min: clock.ms(first), max: clock.ms(last), splitLine: { show: false },
      splitNumber: Math.max(2, Math.floor(width / 150)),
      axisLabel: { color: theme.colour("soft"), hideOverlap: true, fontSize: 12, formatter: (ms) => clock.tick(ms / 1000 - clock.shift) },
    },
    yAxis: options.axes.map((axis, i) => ({
      ...axisStyle(), type: "value", name: axis.title, min: axis.min, max: axis.max, position: i ? "right" : "left",
      splitLine: { show: i === 0, lineStyle: { color: theme.colour("line"), opacity: 0.6 } },
      nameTextStyle: { color: theme.colour("soft"), align: i ? "right" : "left" },
      axisLabel: { color: theme.colour("soft"), formatter: shortNumber },
    })),
    dataZoom: [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, filterMode: "none" },
      {
        type: "slider", height: 18, bottom: 4, filterMode: "none", showDetail: false, brushSelect: false,
        borderColor: theme.colour("line"), fillerColor: theme.colour("line") + "80", showDataShadow: false,
      },
    ],
    tooltip: {
      ...baseOptions().tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: theme.colour("soft") } },
      formatter: (shown) => {
        const row = rows(shown[0].axisValue / 1000 - clock.shift);
        const value = (column) => shortNumber(frame.column(column)[row]);
        return tip([clock.full(times[row]), ...options.lines.map((line) => {
          const unit = options.axes[line.axis || 0].title;
          const band = line.low === undefined ? "" : `  (${value(line.low)} to ${value(line.high)})`;
          return `${line.name}: ${value(line.column)} ${unit}${band}`;
        })]);
      },
    },
    series: options.lines.flatMap((line, i) => seriesOfLine(frame, times, line, colours[i])),
  };
};
