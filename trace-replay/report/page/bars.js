// Horizontal bars, stacked where there are several series; the first row on top.
kinds.bars = (frame, options) => {
  const names = frame.column(0);
  const series = options.series.filter((s) => frame.column(s.column).some((v) => v > 0));
  const most = Math.max(...names.map((_, row) => series.reduce((sum, s) => sum + frame.column(s.column)[row], 0)));
  // Kilowatt-hours of a large machine are hard to read.
  const [unit, scale] = options.unit !== "kWh" || most < 1e5 ? [options.unit, 1] : most < 1e8 ? ["MWh", 1e-3] : ["GWh", 1e-6];
  const value = (s, row) => frame.column(s.column)[row] * scale;
  const total = (row) => series.reduce((sum, s) => sum + value(s, row), 0);
  return {
    height_px: 76 + names.length * 26,
    grid: { left: 8, right: 72, top: series.length > 1 ? 32 : 8, bottom: 24, containLabel: true },
    legend: { ...baseOptions().legend, show: series.length > 1 },
    xAxis: {
      ...axisStyle(), type: "value", name: unit, nameLocation: "middle", nameGap: 26,
      axisLabel: { color: theme.colour("soft"), formatter: shortNumber },
    },
    yAxis: {
      ...axisStyle(), type: "category", data: names, inverse: true, axisTick: { show: false },
      name: options.label || "", nameLocation: "start", nameTextStyle: { align: "right", color: theme.colour("soft") },
      axisLabel: { color: theme.colour("ink"), width: 160, overflow: "truncate" },
    },
    tooltip: {
      ...baseOptions().tooltip, trigger: "axis", axisPointer: { type: "shadow" },
      formatter: (shown) => {
        const row = shown[0].dataIndex;
        const part = (s) => `${s.name}: ${shortNumber(value(s, row))} ${unit}`;
        return tip([String(names[row]), ...series.map(part)]);
      },
    },
    series: series.map((s, i) => ({
      type: "bar", name: s.name, stack: "all", barMaxWidth: 18, data: Array.from(names, (_, row) => value(s, row)),
      itemStyle: { color: theme.colour("c-" + s.colour) },
      label: {
        show: i === series.length - 1, position: "right", color: theme.colour("soft"), fontSize: 11,
        formatter: (p) => shortNumber(total(p.dataIndex)),
      },
    })),
  };
};
