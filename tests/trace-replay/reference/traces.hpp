// The archive traces and the published schedules beside the project, and replays of them through the library.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/metrics/summary.hpp"

namespace wattfill::testing {

struct Trace {
  const char* file;
  std::int32_t processors;
};
inline constexpr Trace kKth{"KTH-SP2-1996-2.swf.gz", 100};
inline constexpr Trace kCtc{"CTC-SP2-1996-3.1-cln.swf.gz", 338};
inline constexpr Trace kHpc2n{"HPC2N-2002-2.2-cln.swf.gz", 240};
inline constexpr Trace kBlue{"SDSC-BLUE-2000-4.2-cln.swf.gz", 1152};

inline std::string path_of(const Trace& trace) { return std::string(WATTFILL_SHARED_DIR "/traces/") + trace.file; }

inline std::string published_schedule(const std::string& name) {
  return std::string(WATTFILL_SHARED_DIR "/reference_schedules/KTH-SP2.predictsim.") + name + ".swf.gz";
}

inline Workload load(const Trace& trace) {
  RecipeOptions recipe;
  recipe.processors = trace.processors;
  return load_workload(path_of(trace), recipe);
}

struct Measured {
  ReplayResult result;
  Summary summary;
};

inline Measured measured(const Workload& workload, const Trace& trace, const PolicySpec& policy, PassRule pass) {
  Measured m;
  m.result = replayed(workload, policy, trace.processors, with_pass(pass));
  m.summary = summarise(workload, m.result, {trace.processors, 0.1, 0.1});
  return m;
}

inline PolicySpec with_estimates(PolicySpec policy, const std::string& fit, const std::string& order) {
  policy.fit_estimates = fit;
  policy.order_estimates = order;
  return policy;
}

}  // namespace wattfill::testing

#define WATTFILL_NEEDS(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs " << (path)
