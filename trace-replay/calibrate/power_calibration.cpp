#include "trace-replay/calibrate/power_calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"

namespace wattfill {
namespace {

constexpr double kMilli = 1000;

struct Value {
  double watts;  // of a node
  double node_hours;
  std::int32_t user;
};

class Calibrator {
 public:
  Calibrator(const Cluster& cluster, const CalibrationOptions& options) : options_(options) {
    result_.cluster = cluster;
    values_.resize(cluster.node_types.size());
    for (std::size_t type = 0; type < cluster.node_types.size(); ++type)
      for (std::string& node : node_names(cluster.node_types[type])) type_of_.emplace(std::move(node), type);
  }

  PowerCalibration calibrate(const std::vector<JobEnergy>& jobs) {
    for (const JobEnergy& job : jobs) ++result_.causes[static_cast<std::size_t>(take(job))];
    for (std::size_t type = 0; type < values_.size(); ++type) result_.types.push_back(fit(type));
    return std::move(result_);
  }

 private:
  CalibrationCause take(const JobEnergy& job) {
    using enum CalibrationCause;
    if (job.validity != JoulesValidity::kOk) return kNotValid;
    if (job.use != NodeUse::kExclusive) return kNotAlone;
    const bool whole_node = job.domain.starts_with("node ");
    if (!whole_node && options_.unmeasured_watts < 0) return kDomain;
    if (job.end - job.start < options_.least_seconds) return kTooShort;
    if (job.run_s != job.end - job.start) return kSuspended;
    std::vector<std::string> nodes;
    try {
      nodes = expand_hostlist(job.node_list);
    } catch (const HostlistError&) {
      return kNoNodes;
    }
    std::set<std::size_t> types;
    for (const std::string& node : nodes) {
      const auto type = type_of_.find(node);
      if (type == type_of_.end()) return kNoNodes;
      types.insert(type->second);
    }
    if (types.size() != 1) return kTypes;
    const std::size_t type = *types.begin();
    const auto count = static_cast<std::int64_t>(nodes.size());
    if (job.processors < count * result_.cluster.node_types[type].processors) return kNotFull;
    const double node_seconds = static_cast<double>(count) * static_cast<double>(job.run_s);
    const double rest = whole_node ? 0 : options_.unmeasured_watts;
    values_[type].push_back({job.joules / node_seconds + rest, node_seconds / 3600, job.user});
    std::string source = job.source + "; " + job.domain;
    if (std::find(result_.sources.begin(), result_.sources.end(), source) == result_.sources.end())
      result_.sources.push_back(std::move(source));
    return kUsed;
  }

  TypeCalibration fit(std::size_t index) {
    std::vector<Value>& values = values_[index];
    NodeType& type = result_.cluster.node_types[index];
    TypeCalibration c;
    c.name = type.name;
    c.jobs = static_cast<std::int64_t>(values.size());
    c.before_watts = static_cast<double>(type.power.active.count) / kMilli;
    std::set<std::int32_t> users;
    for (const Value& value : values) {
      c.node_hours += value.node_hours;
      users.insert(value.user);
    }
    c.users = static_cast<std::int64_t>(users.size());
    std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a.watts < b.watts; });
    if (!values.empty()) {
      const std::size_t n = values.size();
      c.median_watts = (values[(n - 1) / 2].watts + values[n / 2].watts) / 2;
      c.p10_watts = values[(n + 9) / 10 - 1].watts;
      c.p90_watts = values[(9 * n + 9) / 10 - 1].watts;
    }
    const bool anonymous = users.contains(kUnknown);
    const std::int64_t independent = anonymous ? c.jobs : c.users;
    if (const auto [low, high] = median_interval(independent); low > 0) {
      const auto at = [&](std::int64_t rank) { return values[static_cast<std::size_t>(rank)].watts; };
      c.low_watts = at((2 * low - 1) * c.jobs / (2 * independent));
      c.high_watts = at((2 * high - 1) * c.jobs / (2 * independent));
    }
    c.not_taken = apply(c, type.power);
    return c;
  }

  // Why it is not taken.
  std::string apply(const TypeCalibration& c, NodePower& power) const {
    if (c.jobs < options_.least_jobs) return fmt::format("fewer than {} jobs", options_.least_jobs);
    if (power.active.count == 0) return "the cluster file gives it no power; fill in idle_watts first";
    const Milliwatts active{std::llround(c.median_watts * kMilli)};
    if (active <= power.idle)
      return fmt::format("is not above idle_watts, {}; measure that again",
                         static_cast<double>(power.idle.count) / kMilli);
    const std::int64_t before = (power.active - power.idle).count;
    const std::int64_t now = (active - power.idle).count;
    const auto scaled = [&](std::int64_t part) {
      return before == 0 ? 0 : static_cast<std::int64_t>(Int128{part} * now / before);
    };
    power.per_package.count = scaled(power.per_package.count);
    for (FrequencyState& state : power.frequencies)
      state.active = power.idle + Milliwatts{scaled((state.active - power.idle).count)};
    power.active = active;
    return "";
  }

  CalibrationOptions options_;
  PowerCalibration result_;
  std::unordered_map<std::string, std::size_t> type_of_;
  std::vector<std::vector<Value>> values_;  // by type
};

}  // namespace

std::string_view name(CalibrationCause cause) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(CalibrationCause::kCauses)> kNames = {
      "used",
      "no valid joules of their own",
      "shared nodes",
      "joules that do not cover the whole node (see --unmeasured-watts)",
      "too short",
      "suspended meanwhile",
      "nodes that the cluster does not have",
      "nodes of several types",
      "cores left unused"};
  return kNames[static_cast<std::size_t>(cause)];
}

// The median lies below the k-th smallest value with the probability that fewer than k of them are below it.
std::array<std::int64_t, 2> median_interval(std::int64_t count) {
  constexpr double kEachSide = 0.025;
  if (count < 1) return {0, 0};
  const boost::math::binomial_distribution<double> below(static_cast<double>(count), 0.5);
  std::int64_t low = 0;
  while (low < count / 2 && cdf(below, static_cast<double>(low)) <= kEachSide) ++low;
  return low == 0 ? std::array<std::int64_t, 2>{0, 0} : std::array<std::int64_t, 2>{low, count + 1 - low};
}

PowerCalibration calibrate_power(const Cluster& cluster, const std::vector<JobEnergy>& jobs,
                                 const CalibrationOptions& options) {
  return Calibrator(cluster, options).calibrate(jobs);
}

std::string describe_calibration(const PowerCalibration& calibration) {
  std::string text = "Jobs by what became of them:\n";
  for (std::size_t i = 0; i < calibration.causes.size(); ++i)
    if (calibration.causes[i] > 0)
      text += fmt::format("  {:>8} {}\n", calibration.causes[i], name(static_cast<CalibrationCause>(i)));
  for (const std::string& source : calibration.sources) text += fmt::format("Joules: {}\n", source);
  text +=
      "Active power of a node, W: median over jobs (95 % interval of the median; 10th to 90th percentile of jobs):\n";
  for (const TypeCalibration& c : calibration.types) {
    text += fmt::format("  {}: ", c.name);
    if (c.jobs == 0) {
      text += fmt::format("no job; stays {:.1f}\n", c.before_watts);
      continue;
    }
    const std::string interval =
        c.low_watts > 0 ? fmt::format("{:.1f} to {:.1f}", c.low_watts, c.high_watts) : "too few users for one";
    text +=
        fmt::format("{:.1f} ({}; {:.1f} to {:.1f}), was {:.1f}; {} jobs of {} users, {:.1f} node-hours\n",
                    c.median_watts, interval, c.p10_watts, c.p90_watts, c.before_watts, c.jobs, c.users, c.node_hours);
    if (!c.not_taken.empty()) text += fmt::format("    not taken: {}; stays {:.1f}\n", c.not_taken, c.before_watts);
  }
  return text;
}

}  // namespace wattfill
