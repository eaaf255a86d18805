// Shares of jobs over a logarithmic axis.
const durationMarks = [[1, "1 s"], [10, "10 s"], [60, "1 min"], [600, "10 min"], [3600, "1 h"], [36000, "10 h"], [86400, "1 d"],
  [864000, "10 d"], [8640000, "100 d"]];

// A value axis of decimal logarithms, with marks at round durations or at powers of ten.
function logarithmicAxis(least, greatest, title, isDuration, room = 700) {
  const decades = Math.ceil(Math.log10(greatest) - 1e-9) - Math.floor(Math.log10(least) + 1e-9);
  const powers = [];
  for (let e = Math.floor(Math.log10(least) + 1e-9); e <= Math.ceil(Math.log10(greatest)); e++) {
    powers.push([10 ** e, shortNumber(10 ** e)]);
    if (decades < 3) for (const k of [2, 5]) powers.push([k * 10 ** e, shortNumber(k * 10 ** e)]);
  }
  const marks = (isDuration ? durationMarks : powers).filter(([v]) => v >= least * 0.999 && v <= greatest * 1.001);
  const kept = marks.length * 60 > room ? marks.filter((_, i) => i % 2 === 0) : marks;
  const texts = new Map(kept.map(([v, text]) => [Math.log10(v).toFixed(6), text]));
  const at = kept.map(([v]) => Math.log10(v));
  return {
    ...axisStyle(), type: "value", min: Math.log10(least), max: Math.log10(greatest), name: title,
    axisTick: { customValues: at, lineStyle: { color: theme.colour("line") } },
    axisLabel: { customValues: at, color: theme.colour("soft"), formatter: (v) => texts.get(v.toFixed(6)) || "" },
    splitLine: { show: false },
  };
}

kinds.curve = (frame, options, width) => {
  const xs = frame.column(0);
  const colours = options.lines.map((line, i) => (line.colour ? theme.colour("c-" + line.colour) : palette[i % palette.length]));
  const isDuration = options.x_unit === "duration";
  return {
    grid: { left: 8, right: 24, top: 32, bottom: 32, containLabel: true },
    legend: { ...baseOptions().legend, show: options.lines.length > 1, icon: "roundRect" },
    xAxis: {
      ...logarithmicAxis(xs[0], xs[xs.length - 1], isDuration ? options.x_title.replace(", s", "") : options.x_title, isDuration, width),
      nameLocation: "middle", nameGap: 28,
    },
    yAxis: {
      ...axisStyle(), type: "value", name: options.y_title, min: 0, max: 100,
      nameTextStyle: { color: theme.colour("soft"), align: "left" },
    },
    tooltip: {
      ...baseOptions().tooltip, trigger: "axis",
      formatter: (shown) => {
        const row = shown[0].dataIndex;
        const x = isDuration ? durationText(xs[row]) : shortNumber(xs[row]);
        return tip([`at most ${x}`, ...options.lines.map((l) => `${l.name}: ${frame.column(l.column)[row].toFixed(1)} % of jobs`)]);
      },
    },
    series: options.lines.map((line, i) => ({
      type: "line", name: line.name, showSymbol: false, silent: true, lineStyle: { color: colours[i], width: 1.75 },
      itemStyle: { color: colours[i] }, data: Array.from(frame.column(line.column), (v, row) => [Math.log10(xs[row]), v]),
    })),
  };
};
