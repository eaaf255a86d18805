#include "trace-replay/sweep/sweep_spec.hpp"

#include <fmt/format.h>
#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "backfill/config/config.hpp"
#include "backfill/config/text_format.hpp"
#include "trace-replay/sweep/sweep.pb.h"

namespace wattfill {
namespace {

constexpr std::uint32_t kMostReplicas = 100'000;
constexpr std::uint32_t kMostShake = 31'536'000;
constexpr std::size_t kMostCells = 1'000'000;

[[noreturn]] void fail(std::string_view file, const std::string& message) {
  throw ConfigError(fmt::format("{}: {}", file, message));
}

std::string from_folder(const std::string& folder, const std::string& path) {
  const std::filesystem::path named(path);
  return named.is_absolute() || folder.empty() ? path : (std::filesystem::path(folder) / named).string();
}

// A list of a sweep file, without entries that stand there twice.
template <class Entry, class Field>
std::vector<Entry> listed(const Field& field, const char* name, std::string_view file) {
  std::vector<Entry> entries(field.begin(), field.end());
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (std::find(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i), entries[i]) !=
        entries.begin() + static_cast<std::ptrdiff_t>(i))
      fail(file, fmt::format("{}: {} stands there twice", name, entries[i]));
  return entries;
}

std::vector<std::string> names_or_files(const google::protobuf::RepeatedPtrField<std::string>& field, const char* name,
                                        std::string_view file, const std::string& folder) {
  auto entries = listed<std::string>(field, name, file);
  for (std::string& entry : entries) {
    if (entry.empty()) fail(file, fmt::format("{}: an empty name", name));
    if (entry.find('/') != std::string::npos || entry.find(".textproto") != std::string::npos)
      entry = from_folder(folder, entry);
  }
  return entries;
}

SweepTrace trace_of(const config::SweepTrace& in, int index, const SweepSpec& spec,
                    const std::vector<std::string>& clusters, std::string_view file, const std::string& folder) {
  const std::string where = fmt::format("traces {}", index + 1);
  if (in.path().empty()) fail(file, where + ": path: required");
  SweepTrace out;
  out.path = from_folder(folder, in.path());
  const std::string stem = std::filesystem::path(in.path()).filename().string();
  out.name = in.name().empty() ? stem.substr(0, stem.find('.')) : in.name();
  out.widest = in.widest();
  out.processors = in.procs();
  out.clusters = names_or_files(in.clusters(), "clusters", file, folder);
  if (out.processors > 0 && !out.clusters.empty()) fail(file, where + ": procs and clusters exclude each other");
  if (out.processors == 0 && out.clusters.empty()) out.clusters = clusters;
  if (out.processors == 0 && out.clusters.empty())
    fail(file, where + ": which machine? Give procs or clusters, there or for all traces");
  for (const SweepTrace& other : spec.traces)
    if (other.name == out.name) fail(file, fmt::format("{}: two are named \"{}\"; give each a name", where, out.name));
  return out;
}

// Replicas of two seeds that draw alike would be the same workload twice.
void check_seeds(const SweepSpec& spec, std::string_view file) {
  std::vector<std::uint64_t> seeds = spec.seeds;
  std::sort(seeds.begin(), seeds.end());
  const auto replicas = static_cast<std::uint64_t>(spec.replicas);
  if (seeds.back() > std::numeric_limits<std::uint64_t>::max() - (replicas - 1))
    fail(file, fmt::format("seeds: {} leaves no numbers for {} replicas", seeds.back(), replicas));
  for (std::size_t i = 0; i + 1 < seeds.size(); ++i)
    if (seeds[i + 1] - seeds[i] < replicas)
      fail(file, fmt::format("seeds: {0} and {1} draw alike, for replica k of seed s draws with s + k; {0} and {2} "
                             "would be right for {3} replicas",
                             seeds[i], seeds[i + 1], seeds[i] + replicas, replicas));
}

}  // namespace

SweepSpec parse_sweep(std::string_view text, std::string_view file, const std::string& folder) {
  config::Sweep in;
  parse_text(text, file, in);
  SweepSpec spec;
  if (in.traces().empty()) fail(file, "traces: at least one is needed");
  if (in.policies().empty()) fail(file, "policies: at least one is needed");
  const auto clusters = names_or_files(in.clusters(), "clusters", file, folder);
  for (int i = 0; i < in.traces_size(); ++i)
    spec.traces.push_back(trace_of(in.traces(i), i, spec, clusters, file, folder));
  spec.policies = names_or_files(in.policies(), "policies", file, folder);
  spec.predictors = listed<std::string>(in.predictors(), "predictors", file);
  if (spec.predictors.empty()) spec.predictors.emplace_back();
  spec.loads = listed<double>(in.loads(), "loads", file);
  for (const double load : spec.loads)
    if (!(load >= 0.01 && load <= 100)) fail(file, fmt::format("loads: {} is not from 0.01 to 100", load));
  if (spec.loads.empty()) spec.loads = {1};
  spec.seeds = listed<std::uint64_t>(in.seeds(), "seeds", file);
  if (spec.seeds.empty()) spec.seeds = {1};
  if (in.replicas() > kMostReplicas) fail(file, fmt::format("replicas: at most {}", kMostReplicas));
  if (in.shake_s() > kMostShake) fail(file, fmt::format("shake_s: at most {}", kMostShake));
  if (!config::Resample_IsValid(in.resample())) fail(file, "resample: NOTHING, WEEKS or USERS is right");
  spec.replicas = static_cast<int>(std::max(1U, in.replicas()));
  spec.shake = Seconds{in.shake_s()};
  spec.resample = static_cast<Resample>(static_cast<int>(in.resample()));
  if (spec.replicas > 1 && spec.shake == Seconds{} && spec.resample == Resample::kNothing)
    fail(file, "replicas: without shake_s or resample all of them are the same");
  check_seeds(spec, file);
  spec.options.assign(in.options().begin(), in.options().end());
  if (grid(spec).size() > kMostCells) fail(file, fmt::format("the grid has more than {} cells", kMostCells));
  return spec;
}

std::vector<Cell> grid(const SweepSpec& spec) {
  std::vector<Cell> cells;
  Cell cell;
  for (cell.trace = 0; cell.trace < spec.traces.size(); ++cell.trace) {
    const SweepTrace& trace = spec.traces[cell.trace];
    const std::vector<std::string> counted{""};
    for (const std::string& cluster : trace.processors > 0 ? counted : trace.clusters) {
      cell.cluster = cluster;
      for (const double load : spec.loads)
        for (const std::uint64_t seed : spec.seeds)
          for (int replica = 0; replica < spec.replicas; ++replica)
            for (const std::string& predictor : spec.predictors)
              for (const std::string& policy : spec.policies)
                cells.push_back({cell.trace, cluster, load, seed, replica, predictor, policy, cluster, policy});
    }
  }
  return cells;
}

}  // namespace wattfill
