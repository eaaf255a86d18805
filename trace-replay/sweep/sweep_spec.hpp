// A sweep file: which experiments there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/model/time.hpp"

namespace wattfill {

struct SweepTrace {
  std::string path;
  std::string name;
  std::int64_t processors = 0;        // of the machine; 0: the clusters are
  std::vector<std::string> clusters;  // bundled names or files
  std::int64_t widest = 0;
};

enum class Resample { kNothing, kWeeks, kUsers };

struct SweepSpec {
  std::vector<SweepTrace> traces;
  std::vector<std::string> policies;    // the first is the baseline
  std::vector<std::string> predictors;  // one empty name: what the policies say
  std::vector<double> loads;
  std::vector<std::uint64_t> seeds;
  int replicas = 1;
  Seconds shake{};
  Resample resample = Resample::kNothing;
  std::vector<std::string> options;
};

// Every list but `options` holds at least one entry; names of traces differ, so do the entries of each list. Names that
// look like files are made relative to `folder`. Throws ConfigError; `file` stands in messages.
SweepSpec parse_sweep(std::string_view text, std::string_view file, const std::string& folder);

// One replay: a place in the grid.
struct Cell {
  std::size_t trace = 0;  // index into the spec's traces
  std::string cluster;    // empty: the trace's processors, counted
  double load = 1;
  std::uint64_t seed = 1;
  int replica = 0;
  std::string predictor;
  std::string policy;  // preset or file
  // As results name them; the same until somebody who can read files says better.
  std::string cluster_name;
  std::string policy_name;
};

// All cells; the policy changes fastest, the trace slowest.
std::vector<Cell> grid(const SweepSpec& spec);

}  // namespace wattfill
