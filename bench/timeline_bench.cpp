// Availability over time: one earliest fit and one reservation, by the number of breakpoints.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "backfill/timeline/release_profile.hpp"
#include "backfill/timeline/timeline.hpp"
#include "bench/generator.hpp"

namespace {

using namespace wattfill;
using bench::Random;
using bench::Shape;

constexpr std::int32_t kProcessors = 1024;
constexpr std::size_t kQuestions = 1024;

// A queue under conservative backfilling: each job at its earliest fit, until the timeline has enough breakpoints.
Timeline queue_of(std::size_t breakpoints) {
  Timeline timeline(kProcessors, SimTime{});
  Random random(1);
  const std::vector<Shape> shapes = bench::make_shapes(2000, 256, 1);
  while (timeline.breakpoints() < breakpoints) {
    const Shape& shape = shapes[random.below(2000)];
    const Seconds duration = shape.requested + Seconds{random.below(300)};
    const SimTime start = timeline.earliest_fit(shape.processors, duration, SimTime{});
    timeline.reserve(start, start + duration, shape.processors);
  }
  return timeline;
}

// Eight questions are timed at once and their reservations taken back outside the measurement, so that the timeline
// stays as large as it was.
void timeline_fit_and_reserve(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  struct Reservation {
    SimTime start;
    SimTime end;
    std::int32_t processors;
  };
  constexpr std::size_t kBatch = 8;
  Timeline timeline = queue_of(static_cast<std::size_t>(state.range(0)));
  const std::vector<Shape> questions = bench::make_shapes(kQuestions, 256, 2);
  std::size_t next = 0;
  Reservation made[kBatch];
  for (auto _ : state) {
    const auto began = Clock::now();
    for (Reservation& reservation : made) {
      const Shape& shape = questions[next++ % kQuestions];
      const SimTime start = timeline.earliest_fit(shape.processors, shape.requested, SimTime{});
      timeline.reserve(start, start + shape.requested, shape.processors);
      reservation = {start, start + shape.requested, shape.processors};
    }
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - began).count());
    for (const Reservation& r : made) timeline.release(r.start, r.end, r.processors);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(timeline_fit_and_reserve)->ArgName("breakpoints")->Arg(100)->Arg(1000)->Arg(20000)->UseManualTime();

// Running jobs as EASY sees them. One operation is what a job's start costs: the shadow time, one release added and,
// for its end, the oldest taken out. The number of releases stays.
void release_profile_earliest_add_remove(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<Shape> shapes = bench::make_shapes(kQuestions, 64, 3);
  Random random(4);
  struct Release {
    SimTime at;
    std::int32_t processors;
  };
  ReleaseProfile profile;
  std::vector<Release> running(size);
  std::int64_t total = 0;
  for (Release& release : running) {
    release = {SimTime{Seconds{random.below(129'600)}}, shapes[random.below(kQuestions)].processors};
    profile.add(release.at, release.processors);
    total += release.processors;
  }
  std::size_t oldest = 0;
  std::size_t next = 0;
  std::int64_t now = 0;
  for (auto _ : state) {
    const Shape& shape = shapes[next++ % kQuestions];
    benchmark::DoNotOptimize(profile.earliest(std::min<std::int64_t>(shape.processors, total)));
    Release& gone = running[oldest];
    profile.remove(gone.at, gone.processors);
    total += shape.processors - gone.processors;
    gone = {SimTime{Seconds{++now + shape.requested.count()}}, shape.processors};
    profile.add(gone.at, gone.processors);
    if (++oldest == size) oldest = 0;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(release_profile_earliest_add_remove)->ArgName("releases")->Arg(100)->Arg(1000)->Arg(20000);

}  // namespace
