#include "trace-replay/report/measures.hpp"

#include <array>
#include <cmath>

#include "trace-replay/report/text.hpp"

namespace wattfill::report {
namespace {

constexpr std::array<Measure, 17> kMeasures = {{
    {"mean_bounded_slowdown", "mean bounded slowdown", Unit::kNumber, true, nullptr},
    {"geometric_mean_bounded_slowdown", "geometric mean slowdown", Unit::kNumber, true, nullptr},
    {"mean_wait_s", "mean wait", Unit::kSeconds, true, nullptr},
    {"p95_wait_s", "wait, 95th percentile", Unit::kSeconds, true, nullptr},
    {"p999_wait_s", "wait, 99.9th percentile", Unit::kSeconds, true, nullptr},
    {"max_wait_s", "longest wait", Unit::kSeconds, true, nullptr},
    {"widest_eighth_mean_wait_s", "mean wait of the widest eighth", Unit::kSeconds, true, nullptr},
    {"utilization", "utilisation", Unit::kShare, false, nullptr},
    {"fairness_jain", "fairness (Jain)", Unit::kNumber, false, nullptr},
    {"it_energy_j", "IT energy", Unit::kJoules, true, "energy/it_mj"},
    {"cost", "cost", Unit::kNumber, true, "energy/cost_millionths"},
    {"co2_kg", "CO₂, kg", Unit::kNumber, true, "energy/co2_mg"},
    {"share_of_oracle_saving", "share of the oracle's saving", Unit::kShare, false, ""},
    {"idle_share", "energy of idle nodes", Unit::kShare, true, ""},
    {"mean_boot_wait_s", "mean wait for nodes to wake", Unit::kSeconds, true, nullptr},
    {"energy_delay", "energy × flow, relative", Unit::kNumber, true, ""},
    {"above_cap_s", "time above the cap", Unit::kSeconds, true, "energy/above_cap_s"},
}};

}  // namespace

std::string summary_key_of(const Measure& measure) {
  return measure.summary_key != nullptr ? measure.summary_key : measure.key;
}

bool is_metered(const Measure& measure) { return summary_key_of(measure).starts_with("energy/"); }

std::span<const Measure> measures() { return kMeasures; }

const Measure* find_measure(const std::string& key) {
  for (const Measure& measure : kMeasures)
    if (key == measure.key) return &measure;
  return nullptr;
}

std::string title_of(const std::string& key) {
  const Measure* measure = find_measure(key);
  return measure != nullptr ? measure->title : key;
}

std::string written(double value, Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return duration(value);
    case Unit::kShare:
      return percent(value);
    case Unit::kJoules:
      return energy(value);
    case Unit::kNumber:
      break;
  }
  return figure(value);
}

std::string difference(double value, double baseline) {
  if (baseline == 0 || !std::isfinite(value) || !std::isfinite(baseline)) return {};
  const double share = value / baseline - 1;
  return (share > 0 ? "+" : "") + percent(share);
}

std::string in_words(const std::vector<Change>& changes) {
  enum Kind { kNone, kSaved, kTook, kSame };
  Kind before = kNone;
  std::string text;
  for (const Change& change : changes) {
    if (!change.value || !change.baseline || *change.baseline == 0) continue;
    const double saved = 1 - *change.value / *change.baseline;
    const Kind kind = std::abs(saved) < 5e-4 ? kSame : saved > 0 ? kSaved : kTook;
    if (before != kNone) text += kind == before || kind == kSame ? " and " : " but ";
    if (kind == kSaved)
      text += (kind == before ? "" : "saved ") + percent(saved) + " of the " + change.what;
    else if (kind == kTook)
      text += (kind == before ? "" : "took ") + percent(-saved) + " more " + change.what;
    else
      text += std::string("left the ") + change.what + " as it was";
    before = kind;
  }
  return text;
}

}  // namespace wattfill::report
