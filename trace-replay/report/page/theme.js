// Light and dark: what the system prefers until the reader chooses; paper is always light. And how numbers and times read.
const theme = {
  chosen: null,
  printing: false,
  listeners: [],
  colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); },
  apply() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const wanted = this.printing ? "light" : this.chosen || (dark ? "dark" : "light");
    if (document.documentElement.dataset.theme === wanted) return;
    document.documentElement.dataset.theme = wanted;
    for (const listener of this.listeners) listener();
  },
};
theme.apply();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme.apply());
document.getElementById("theme").addEventListener("click", () => {
  theme.chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  theme.apply();
});

// Okabe and Ito without black and yellow, which vanish on one of the papers.
const palette = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c8c8c"];

function shortNumber(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  return String(Number(value.toPrecision(size >= 100 ? 4 : 3)));
}

function durationText(seconds) {
  const size = Math.abs(seconds);
  if (size < 100) return shortNumber(seconds) + " s";
  if (size < 6000) return shortNumber(seconds / 60) + " min";
  if (size < 360000) return shortNumber(seconds / 3600) + " h";
  return shortNumber(seconds / 86400) + " d";
}

// Seconds of the trace as a date where its clock is known, else as day and hour since its beginning.
const clock = {
  known: about.clock_start_s !== undefined,
  shift: about.clock_start_s || 0,
  ms(seconds) { return (seconds + this.shift) * 1000; },
  date(seconds) { return new Date(this.ms(seconds)); },
  day(seconds) {
    if (!this.known) return "day " + (Math.floor(seconds / 86400) + 1);
    return this.date(seconds).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  },
  hour(seconds) {
    return this.date(seconds).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  },
  tick(seconds) { return (seconds + this.shift) % 86400 === 0 ? this.day(seconds) : this.hour(seconds); },
  full(seconds) { return this.day(seconds) + ", " + this.hour(seconds); },
  // Ticks at whole hours, days or weeks: [{at, label}], about `wanted` of them.
  ticks(from, to, wanted) {
    const steps = [60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 1728000, 4320000, 8640000, 17280000, 31536000];
    const step = steps.find((s) => (to - from) / s <= wanted) || steps[steps.length - 1] * Math.ceil((to - from) / wanted / 31536000);
    const ticks = [];
    for (let at = Math.ceil((from + this.shift) / step) * step - this.shift; at <= to; at += step) {
      const midnight = (at + this.shift) % 86400 === 0;
      ticks.push({ at, label: midnight ? this.day(at) : step < 86400 && ticks.length > 0 ? this.hour(at) : this.full(at) });
    }
    return ticks;
  },
};
