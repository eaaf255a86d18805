// Reading traces, and the logarithm behind the scores.
#include <benchmark/benchmark.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "backfill/model/portable_math.hpp"
#include "bench/generator.hpp"
#include "trace-replay/swf/swf_reader.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace {

using namespace wattfill;
using bench::Random;

constexpr std::int64_t kLines = 20'000;

std::vector<SwfRecord> records() {
  Random random(1);
  std::vector<SwfRecord> all;
  for (std::int64_t i = 0; i < kLines; ++i) {
    SwfRecord r;
    r.job = i + 1;
    r.submit_s = 100'000'000 + i * 137;
    r.wait_s = random.below(100'000);
    r.run_s = 1 + random.below(50'000);
    r.allocated_processors = r.requested_processors = 1 + random.below(256);
    r.used_memory_kb = static_cast<double>(random.below(1'000'000));
    r.requested_s = r.run_s + random.below(50'000);
    r.status = 1;
    r.user = random.below(500);
    r.group = random.below(50);
    r.executable = random.below(2000);
    r.queue = random.below(8);
    r.partition = 1;
    all.push_back(r);
  }
  return all;
}

std::string text() {
  std::string all = "; Version: 2.2\n; MaxProcs: 256\n";
  for (const SwfRecord& record : records()) append_swf_record(all, record);
  return all;
}

void swf_read_line(benchmark::State& state) {
  const std::string lines = text();
  for (auto _ : state) {
    state.PauseTiming();
    SwfReader reader("memory", lines, SwfStrictness::kStrict);
    state.ResumeTiming();
    SwfRecord record;
    while (reader.next(record)) benchmark::DoNotOptimize(record);
  }
  state.SetItemsProcessed(state.iterations() * kLines);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(lines.size()));
}
BENCHMARK(swf_read_line)->Unit(benchmark::kMillisecond);

void swf_write_line(benchmark::State& state) {
  const std::vector<SwfRecord> all = records();
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (const SwfRecord& record : all) append_swf_record(out, record);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(swf_write_line)->Unit(benchmark::kMillisecond);

template <class Function>
void math(benchmark::State& state, Function function) {
  Random random(2);
  std::vector<double> values(1024);
  for (double& value : values) value = static_cast<double>(1 + random.below(1'000'000'000));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(function(values[next++ % values.size()]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(math, portable_log, [](double x) { return portable_log(x); });
BENCHMARK_CAPTURE(math, std_log_for_comparison, [](double x) { return std::log(x); });
BENCHMARK_CAPTURE(math, portable_cbrt, [](double x) { return portable_cbrt(x); });

}  // namespace
