// The main of every micro-benchmark program: Google Benchmark's own, and with --markdown the results as table rows.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

// A time in seconds with three significant digits and the unit that suits it.
std::string readable_time(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.3g} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} s", seconds);
}

std::string readable_rate(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.2f} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.1f} k/s", per_second / 1e3);
  return fmt::format("{:.1f} /s", per_second);
}

// One row for each benchmark: name, time of one operation, operations per second. With repetitions, the median; a
// benchmark that says how many items it handled is divided by them.
class MarkdownReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    fmt::print("| operation | time | rate |\n|---|---:|---:|\n");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) {
        fmt::print("| {} | failed: {} | |\n", run.benchmark_name(), run.error_message);
        continue;
      }
      const bool median = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
      if (!median && run.repetitions > 1) continue;
      const auto items = run.counters.find("items_per_second");
      const double seconds = items != run.counters.end()
                                 ? 1.0 / items->second.value
                                 : run.GetAdjustedCPUTime() / benchmark::GetTimeUnitMultiplier(run.time_unit);
      fmt::print("| {} | {} | {} |\n", run.run_name.function_name + arguments(run), readable_time(seconds),
                 readable_rate(1.0 / seconds));
    }
    std::fflush(stdout);
  }

 private:
  static std::string arguments(const Run& run) {
    return run.run_name.args.empty() ? std::string() : ", " + run.run_name.args;
  }
};

}  // namespace

int main(int argc, char** argv) {
  bool markdown = false;
  std::vector<char*> arguments;
  for (int i = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--markdown")
      markdown = true;
    else
      arguments.push_back(argv[i]);
  }
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  MarkdownReporter reporter;
  if (markdown)
    benchmark::RunSpecifiedBenchmarks(&reporter);
  else
    benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
