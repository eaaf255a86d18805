// The engine's schedules before the independent judge, which shares no scheduling code with it.
#include "tests/trace-replay/output/folder.hpp"
#include "tests/trace-replay/reference/traces.hpp"
#include "trace-replay/output/run_directory.hpp"
#include "trace-replay/validate/validation.hpp"

namespace wattfill::testing {
namespace {

struct Claim {
  const char* policy;
  const char* estimates;
  PassRule pass;
};

std::string name_of(const ::testing::TestParamInfo<Claim>& info) {
  std::string name = std::string(info.param.policy) + "_" + info.param.estimates +
                     (info.param.pass == PassRule::kEachEvent ? "_event" : "_instant");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Judged : public ::testing::TestWithParam<Claim> {
 protected:
  // Replays the trace in the file, writes the run directory and has it judged.
  ValidationReport judge(const std::string& trace, std::int32_t processors) {
    const Claim& claim = GetParam();
    RecipeOptions recipe;
    recipe.processors = processors;
    const Workload w = load_workload(trace, recipe);
    const PolicySpec policy = with_estimates(preset(claim.policy), claim.estimates, claim.estimates);
    const ReplayResult result = replayed(w, policy, processors, with_pass(claim.pass));
    write_run_directory(folder.path("run"), w, result, summarise(w, result, {processors, 0.1, 0.1}),
                        {"", claim.policy, "", processors});
    ValidationRequest request;
    request.trace = trace;
    request.schedule = folder.path("run/jobs.csv");
    request.processors = processors;
    request.policy = claim.policy;
    request.estimates = request.order_estimates = std::string(claim.estimates) == "requested"
                                                      ? ValidationRequest::Estimates::kRequested
                                                      : ValidationRequest::Estimates::kClairvoyant;
    request.pass = claim.pass == PassRule::kEachEvent ? ValidationRequest::Pass::kEachEvent
                                                      : ValidationRequest::Pass::kEachInstant;
    request.exact = request.policy == "conservative";
    return validate(request);
  }

  // The first jobs of an archive trace, as a file.
  std::string slice(const Trace& trace, std::size_t skip, std::size_t jobs) {
    SwfReader reader(path_of(trace));
    std::string text;
    SwfRecord r;
    for (std::size_t i = 0; reader.next(r) && i < skip + jobs; ++i)
      if (i >= skip) append_swf_record(text, r);
    return folder.write("slice.swf", text);
  }

  void expect_clean(const ValidationReport& report, std::int64_t at_least) {
    EXPECT_TRUE(report.clean()) << validation_text(report);
    EXPECT_GT(report.passes, 0);
    EXPECT_GE(report.judged, at_least);
  }

  Folder folder;
};

TEST_P(Judged, KthSlice) {
  WATTFILL_NEEDS(path_of(kKth));
  expect_clean(judge(slice(kKth, 20000, 2500), kKth.processors), 2400);
}

TEST_P(Judged, CtcSlice) {
  WATTFILL_NEEDS(path_of(kCtc));
  expect_clean(judge(slice(kCtc, 40000, 2500), kCtc.processors), 2400);
}

TEST_P(Judged, GeneratedWorkloads) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    LublinOptions options = busy_days(800, 48, seed, 0.7 + 0.2 * static_cast<double>(seed));
    if (seed == 2) options.estimates = {EstimateKind::kFactor, 1, 5};
    if (seed == 3) options.estimates = {EstimateKind::kExact, 1, 1};
    SCOPED_TRACE(seed);
    expect_clean(judge(folder.write("generated.swf", generated_trace(options)), options.processors), 800);
  }
}

// Many jobs at one instant and many ends at one instant, which tell tie rules apart.
TEST_P(Judged, CrowdedInstants) {
  for (const std::uint32_t seed : {5U, 6U, 7U, 8U}) {
    std::string text;
    std::uint32_t state = seed;
    const auto draw = [&state](std::uint32_t below) {
      state = state * 1664525U + 1013904223U;
      return static_cast<std::int64_t>((state >> 8) % below);
    };
    std::int64_t now = 0;
    for (std::int64_t i = 1; i <= 500; ++i) {
      now += draw(3) == 0 ? 10 * draw(8) : 0;
      SwfRecord r;
      r.job = i;
      r.submit_s = now;
      r.requested_s = 10 * (draw(9) + 1);
      r.run_s = draw(2) == 0 ? r.requested_s : std::max<std::int64_t>(10, 10 * draw(10));
      r.requested_processors = draw(8) + 1;
      r.status = 1;
      append_swf_record(text, r);
    }
    SCOPED_TRACE(seed);
    expect_clean(judge(folder.write("crowded.swf", text), 16), 500);
  }
}

constexpr auto kEvent = PassRule::kEachEvent;
constexpr auto kInstant = PassRule::kEachInstant;

INSTANTIATE_TEST_SUITE_P(
    Policies, Judged,
    ::testing::Values(Claim{"fcfs", "requested", kInstant}, Claim{"fcfs", "requested", kEvent},
                      Claim{"easy", "requested", kInstant}, Claim{"easy", "requested", kEvent},
                      Claim{"easy", "clairvoyant", kEvent}, Claim{"easy-sjbf", "requested", kInstant},
                      Claim{"easy-sjbf", "requested", kEvent}, Claim{"easy-sjbf", "clairvoyant", kInstant},
                      Claim{"conservative", "requested", kInstant}, Claim{"conservative", "requested", kEvent},
                      Claim{"conservative", "clairvoyant", kInstant}),
    name_of);

}  // namespace
}  // namespace wattfill::testing
