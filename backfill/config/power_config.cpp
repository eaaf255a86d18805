// What nodes draw, in watts with decimals; the model counts milliwatts.
#include <fmt/format.h>

#include <set>

#include "backfill/config/cluster_parts.hpp"

namespace wattfill {
namespace {

constexpr std::int64_t kMilli = 1'000;
constexpr std::int64_t kMillion = 1'000'000;
constexpr double kMostWatts = 1e6;    // of one node
constexpr double kMostSeconds = 1e6;  // of a transition
constexpr double kMostJoules = 1e12;

double watts(Milliwatts power) { return static_cast<double>(power.count) / kMilli; }

Milliwatts read_watts(const Section& section, int field) { return {section.scaled(field, kMilli, 0, kMostWatts)}; }

std::string read_name(const Section& section, int field, const std::string& name, std::set<std::string>& names) {
  if (name.empty()) section.fail(field, "missing");
  if (!names.insert(name).second) section.fail(field, fmt::format("\"{}\" is used twice; names must differ", name));
  return name;
}

// A duration is taken in microseconds, so that the energy of 6.1 s at 101 W is 616.1 J exactly.
Transition read_transition(const Section& section) {
  using T = config::Transition;
  const std::int64_t microseconds = section.scaled(T::kSecondsFieldNumber, kMillion, 0, kMostSeconds);
  Transition out;
  out.power = read_watts(section, T::kWattsFieldNumber);
  out.duration = Seconds{(microseconds + kMillion - 1) / kMillion};
  out.energy = {static_cast<std::int64_t>((Int128{microseconds} * out.power.count + kMillion / 2) / kMillion)};
  if (!section.has(T::kJoulesFieldNumber)) return out;
  out.energy = {section.scaled(T::kJoulesFieldNumber, kMilli, 0, kMostJoules)};
  const Millijoules most = out.power * out.duration;
  const Millijoules least = out.duration > Seconds{0} ? most - out.power * Seconds{1} : Millijoules{0};
  if (out.energy < least || out.energy > most)
    section.fail(T::kJoulesFieldNumber,
                 fmt::format("must be from {} to {}, what all but the last and all of {} whole seconds take",
                             static_cast<double>(least.count) / kMilli, static_cast<double>(most.count) / kMilli,
                             out.duration.count()));
  return out;
}

// `faster` is full speed or the state before.
FrequencyState read_frequency(const Section& section, const config::Frequency& in, const FrequencyState& faster,
                              std::set<std::string>& names) {
  using F = config::Frequency;
  FrequencyState out;
  out.name = read_name(section, F::kNameFieldNumber, in.name(), names);
  out.speed = {section.scaled(F::kSpeedFieldNumber, kMillion, 1e-6, 1e3)};
  if (out.speed >= faster.speed)
    section.fail(F::kSpeedFieldNumber,
                 fmt::format("{} is not below {} of {}; states go from fast to slow", in.speed(),
                             static_cast<double>(faster.speed.millionths) / kMillion, faster.name));
  out.active = read_watts(section, F::kActiveWattsFieldNumber);
  if (out.active > faster.active)
    section.fail(F::kActiveWattsFieldNumber, fmt::format("{} is above {} of {}; a slower state draws no more",
                                                         in.active_watts(), watts(faster.active), faster.name));
  return out;
}

SleepState read_sleep(const Section& section, const config::Sleep& in, const SleepState* lighter, Milliwatts idle,
                      std::set<std::string>& names) {
  using S = config::Sleep;
  SleepState out;
  out.name = read_name(section, S::kNameFieldNumber, in.name(), names);
  out.power = read_watts(section, S::kWattsFieldNumber);
  if (out.power >= idle)
    section.fail(S::kWattsFieldNumber, fmt::format("{} is not below idle_watts, {}", in.watts(), watts(idle)));
  if (lighter != nullptr && out.power > lighter->power)
    section.fail(S::kWattsFieldNumber, fmt::format("{} is above {} of \"{}\"; states go from light to deep", in.watts(),
                                                   watts(lighter->power), lighter->name));
  if (in.has_enter()) out.enter = read_transition(section.in(S::kEnterFieldNumber));
  if (in.has_leave()) out.leave = read_transition(section.in(S::kLeaveFieldNumber));
  return out;
}

}  // namespace

NodePower read_power(const Section& section, const config::Power& in, const NodeType& type) {
  using P = config::Power;
  NodePower out;
  out.idle = read_watts(section, P::kIdleWattsFieldNumber);
  out.active = read_watts(section, P::kActiveWattsFieldNumber);
  if (out.active < out.idle)
    section.fail(P::kActiveWattsFieldNumber,
                 fmt::format("{} is below idle_watts, {}", in.active_watts(), watts(out.idle)));
  if (in.has_package_watts()) out.per_package = read_watts(section, P::kPackageWattsFieldNumber);
  const Milliwatts packages = out.per_package * type.insides.packages;
  if (packages > out.active - out.idle)
    section.fail(P::kPackageWattsFieldNumber,
                 fmt::format("{} of {} package(s) are more than active_watts - idle_watts, {}", in.package_watts(),
                             type.insides.packages, watts(out.active - out.idle)));

  std::set<std::string> names;
  FrequencyState faster{"full speed", type.speed, out.active};
  for (int i = 0; i < in.frequency_size(); ++i) {
    const Section state = section.in(P::kFrequencyFieldNumber, i);
    faster = read_frequency(state, in.frequency(i), faster, names);
    if (faster.active < out.idle + packages)
      state.fail(config::Frequency::kActiveWattsFieldNumber,
                 fmt::format("{} is below idle_watts and the packages' share, {}", in.frequency(i).active_watts(),
                             watts(out.idle + packages)));
    out.frequencies.push_back(faster);
  }
  names.clear();
  for (int i = 0; i < in.sleep_size(); ++i)
    out.sleep.push_back(read_sleep(section.in(P::kSleepFieldNumber, i), in.sleep(i),
                                   out.sleep.empty() ? nullptr : &out.sleep.back(), out.idle, names));
  return out;
}

}  // namespace wattfill
