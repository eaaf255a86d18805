#include "trace-replay/workload/lublin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "trace-replay/errors.hpp"
#include "trace-replay/workload/lublin_model.hpp"
#include "trace-replay/workload/users.hpp"

namespace wattfill {
namespace {

constexpr std::uint64_t kArrivalStream = 0x61727269766531;  // plus the queue
constexpr std::uint64_t kShapeStream = 0x736861706531;      // plus the queue

struct Shape {
  std::int32_t processors, run_s;
};

// One stream of arrivals, and the jobs that arrive in it.
struct Stream {
  Stream(LublinColumn column, std::int32_t queue_number, const LublinOptions& options)
      : queue(queue_number),
        parameters(lublin_parameters(column, options.processors)),
        cycle(parameters.arrival),
        gaps(parameters.arrival),
        engine(seeded_engine(options.seed, kArrivalStream + static_cast<std::uint64_t>(queue_number))) {
    const double clock = static_cast<double>((options.start_unix % 86400 + 86400) % 86400);
    clock_offset_s = clock;
    origin = cycle.points_at(clock);
  }

  // Seconds from the start of the trace to an arrival `points` after it, all gaps being scaled.
  double time_at(double points, double scale) const { return cycle.time_at(origin + points * scale) - clock_offset_s; }

  void draw_gap() { next_points += gaps.draw(engine); }

  std::int32_t queue;
  LublinParameters parameters;
  DailyCycle cycle;
  InterarrivalSampler gaps;
  RandomEngine engine;
  double clock_offset_s, origin;
  double next_points = 0;        // of the arrival that is drawn but not yet taken
  std::vector<double> arrivals;  // points since the start
  std::vector<Shape> shapes;
};

std::vector<Stream> make_streams(const LublinOptions& options) {
  std::vector<Stream> streams;
  if (options.mix == JobMix::kUntyped) streams.emplace_back(LublinColumn::kUntyped, 0, options);
  if (options.mix == JobMix::kTyped || options.mix == JobMix::kInteractive) {
    streams.emplace_back(LublinColumn::kInteractive, 0, options);
  }
  if (options.mix == JobMix::kTyped || options.mix == JobMix::kBatch) {
    streams.emplace_back(LublinColumn::kBatch, 1, options);
  }
  return streams;
}

// Takes the first `count` arrivals of the merged streams at the model's own rate.
void draw_arrivals(std::vector<Stream>& streams, std::int64_t count) {
  std::array<double, 2> next_s{};
  const auto advance = [&](std::size_t index) {
    streams[index].draw_gap();
    next_s[index] = streams[index].time_at(streams[index].next_points, 1);
  };
  for (std::size_t index = 0; index < streams.size(); ++index) advance(index);
  for (std::int64_t taken = 0; taken < count; ++taken) {
    const std::size_t earliest = streams.size() == 2 && next_s[1] < next_s[0] ? 1 : 0;
    streams[earliest].arrivals.push_back(streams[earliest].next_points);
    advance(earliest);
  }
}

// Draws the jobs of a stream; returns their work in processor-seconds.
double draw_shapes(Stream& stream, std::uint64_t seed) {
  RandomEngine engine = seeded_engine(seed, kShapeStream + static_cast<std::uint64_t>(stream.queue));
  RuntimeSampler runtimes(stream.parameters.runtime);
  stream.shapes.resize(stream.arrivals.size());
  double work = 0;
  for (Shape& shape : stream.shapes) {
    shape.processors = draw_size(engine, stream.parameters.size);
    shape.run_s = runtimes.draw(engine, shape.processors);
    work += static_cast<double>(shape.processors) * shape.run_s;
  }
  return work;
}

double span_at(const std::vector<Stream>& streams, double scale) {
  double first = std::numeric_limits<double>::infinity();
  double last = 0;
  for (const Stream& stream : streams) {
    if (stream.arrivals.empty()) continue;
    first = std::min(first, std::floor(stream.time_at(stream.arrivals.front(), scale)));
    last = std::max(last, std::floor(stream.time_at(stream.arrivals.back(), scale)));
  }
  return last - first;
}

// The factor on all gaps that makes the trace span `span_s` seconds. The span is continuous in the factor but for
// rounding to seconds, small for a small one and large for a large one, so bisection finds it.
double scale_for_span(const std::vector<Stream>& streams, double span_s) {
  double low = 1, high = 1;
  while (span_at(streams, low) > span_s) low /= 2;
  while (span_at(streams, high) < span_s) high *= 2;
  for (int step = 0; step < 200; ++step) {
    const double middle = low + (high - low) / 2;
    (span_at(streams, middle) < span_s ? low : high) = middle;
  }
  return high;
}

double scale_for_load(const std::vector<Stream>& streams, const LublinOptions& options, double work) {
  if (!options.load) return 1;
  const double span_s = work / (*options.load * options.processors);
  if (options.jobs < 2 || span_s < 1 || span_s > 1e12) {
    throw UsageError(
        fmt::format("load {} cannot be reached by {} jobs on {} processors: they would arrive within {:.3g} s",
                    *options.load, options.jobs, options.processors, options.jobs < 2 ? 0 : span_s));
  }
  return scale_for_span(streams, span_s);
}

std::vector<GeneratedJob> merge(std::vector<Stream>& streams, std::int64_t count, double scale) {
  std::vector<GeneratedJob> jobs(static_cast<std::size_t>(count));
  std::array<std::size_t, 2> taken{};
  std::array<double, 2> next_s{};
  const auto look = [&](std::size_t index) {
    const Stream& stream = streams[index];
    next_s[index] = taken[index] < stream.arrivals.size() ? stream.time_at(stream.arrivals[taken[index]], scale)
                                                          : std::numeric_limits<double>::infinity();
  };
  for (std::size_t index = 0; index < streams.size(); ++index) look(index);
  for (GeneratedJob& job : jobs) {
    const std::size_t earliest = streams.size() == 2 && next_s[1] < next_s[0] ? 1 : 0;
    const Stream& stream = streams[earliest];
    const Shape& shape = stream.shapes[taken[earliest]++];
    job.submit_s = static_cast<std::int64_t>(next_s[earliest]);
    job.processors = shape.processors;
    job.run_s = shape.run_s;
    job.queue = stream.queue;
    look(earliest);
  }
  return jobs;
}

void check(const LublinOptions& options) {
  if (options.jobs < 1 || options.jobs > std::int64_t{1} << 31) {
    throw UsageError(fmt::format("{} jobs: expected 1 to 2147483648", options.jobs));
  }
  if (options.processors < 1) throw UsageError(fmt::format("{} processors: expected 1 or more", options.processors));
  if (options.load && !(*options.load > 0 && *options.load <= 1000)) {
    throw UsageError(fmt::format("load {}: expected more than 0 and at most 1000", *options.load));
  }
  if (options.users && (*options.users < 1 || *options.users > 100'000'000)) {
    throw UsageError(fmt::format("{} users: expected 1 to 100000000", *options.users));
  }
}

}  // namespace

std::vector<GeneratedJob> generate_lublin(const LublinOptions& options) {
  check(options);
  RequestModel requests(options.estimates, kLublinMaxRuntimeSeconds, options.seed);
  std::vector<Stream> streams = make_streams(options);
  draw_arrivals(streams, options.jobs);
  double work = 0;
  for (Stream& stream : streams) work += draw_shapes(stream, options.seed);
  std::vector<GeneratedJob> jobs = merge(streams, options.jobs, scale_for_load(streams, options, work));
  streams.clear();
  assign_users(jobs, options.users.value_or(usual_user_count(options.jobs)), options.seed);
  for (GeneratedJob& job : jobs) {
    job.requested_s = static_cast<std::int32_t>(requests.request(job.run_s, job.user, job.executable));
  }
  return jobs;
}

double offered_load(const std::vector<GeneratedJob>& jobs, std::int32_t processors) {
  if (jobs.empty() || jobs.back().submit_s == jobs.front().submit_s) return 0;
  double work = 0;
  for (const GeneratedJob& job : jobs) work += static_cast<double>(job.processors) * job.run_s;
  return work / (static_cast<double>(processors) * static_cast<double>(jobs.back().submit_s - jobs.front().submit_s));
}

void for_each_record(const std::vector<GeneratedJob>& jobs, const std::function<void(const SwfRecord&)>& sink) {
  std::int64_t number = 0;
  for (const GeneratedJob& job : jobs) sink(to_swf_record(job, ++number));
}

}  // namespace wattfill
