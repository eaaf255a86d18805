// The judge against the scheduler on random clusters: two readings of one rule, which share no code, agree; and the
// judge objects to every change.
#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <memory>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "tests/trace-replay/validate/small_cluster.hpp"
#include "trace-replay/engine/estimate_sources.hpp"
#include "trace-replay/engine/replay.hpp"
#include "trace-replay/output/allocation_log.hpp"
#include "trace-replay/validate/node_machine.hpp"
#include "trace-replay/validate/trace_recipe.hpp"

namespace wattfill::judge {
namespace {

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : generator_(seed) {}
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(generator_);
  }

 private:
  boost::random::mt19937 generator_;
};

constexpr std::int64_t kSpeeds[] = {500'000, 700'000, 1'000'000, 1'000'000, 2'000'000};

// One to three types of nodes of one size.
Cluster random_cluster(Draw& draw, AllocationMode mode) {
  Cluster cluster;
  cluster.name = "random";
  cluster.allocation = mode;
  const auto processors = static_cast<std::int32_t>(draw(1, 4));
  const std::int64_t types = draw(1, 3);
  for (std::int64_t type = 0; type < types; ++type) {
    const std::int64_t memory = draw(0, 1) * 100 * draw(1, 5) * processors;
    cluster.node_types.push_back(testing::node_type(
        "type" + std::to_string(type), static_cast<std::int32_t>(draw(1, 5)), processors, kSpeeds[draw(0, 4)], memory));
  }
  if (draw(0, 1) == 0)
    cluster.access = {{AccessRule::Field::kQueue, 1, {static_cast<std::int32_t>(draw(0, types - 1))}}};
  return cluster;
}

// Jobs across several types ask for no memory: then the fewest nodes are those that the order of filling takes.
std::vector<TraceEntry> random_jobs(Draw& draw, std::int64_t processors, std::size_t jobs) {
  std::vector<TraceEntry> trace;
  std::int64_t submit = 0;
  for (std::size_t i = 0; i < jobs; ++i) {
    if (draw(0, 2) != 0) submit += 5 * draw(0, 8);
    TraceEntry& job = trace.emplace_back();
    job.id = static_cast<JobId>(i + 1);
    job.submit = SimTime{Seconds{submit}};
    const bool wide = draw(0, 4) == 0;
    job.processors = draw(1, wide ? processors : std::max<std::int64_t>(1, processors / 6));
    job.requested = Seconds{5 * draw(1, 20)};
    job.runtime = draw(0, 2) == 0 ? job.requested : Seconds{draw(1, job.requested.count())};
    job.queue = static_cast<std::int32_t>(draw(0, 2));
    if (job.processors == 1 && draw(0, 1) == 0) job.memory_kb = draw(50, 500);
  }
  return trace;
}

Workload workload_of(const std::vector<TraceEntry>& trace) {
  Workload workload;
  for (const TraceEntry& entry : trace) {
    TraceJob& job = workload.jobs.emplace_back();
    job.job.id = entry.id;
    job.job.submit = entry.submit;
    job.job.requested = entry.requested;
    job.job.processors = static_cast<std::int32_t>(entry.processors);
    job.job.queue = entry.queue;
    job.job.memory_kb_per_processor = entry.memory_kb > 0 ? entry.memory_kb : kUnknown;
    job.runtime = entry.runtime;
  }
  return workload;
}

// What the scheduler makes of the trace, as the rows of a jobs.csv.
std::vector<ScheduleRow> scheduled(const std::vector<TraceEntry>& trace, const ValidationRequest& request) {
  const Workload workload = workload_of(trace);
  const bool requested = request.estimates == ValidationRequest::Estimates::kRequested;
  SchedulerOptions options;
  options.policy = *find_policy(request.policy);
  options.cluster = std::make_shared<Cluster>(*request.cluster);
  options.limit = request.limit;
  options.fit_estimates = make_estimate_source(requested ? "requested" : "clairvoyant", workload);
  options.order_estimates = options.fit_estimates;
  BackfillScheduler scheduler(options);
  AllocationLog log(trace.size());
  ReplayOptions replaying;
  replaying.limit = request.limit;
  replaying.observer = &log;
  const ReplayResult result = replay(workload, scheduler, replaying);

  const NodeMachine machine(*request.cluster, request.limit);
  std::vector<ScheduleRow> rows = rows_of(trace, std::vector<std::int64_t>(trace.size(), 0));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].start = result.outcomes[i].start;
    rows[i].executed = result.outcomes[i].end - result.outcomes[i].start;
    const Allocation allocation = log.of(i);
    for (std::size_t n = 0; n < allocation.nodes.size(); ++n) {
      const NodeIndex node = allocation.nodes[n];
      rows[i].allocation.push_back({node, node});
      if (allocation.cores.empty()) continue;
      rows[i].cpusets += (n == 0 ? "" : " ") + std::to_string(node) + ":" +
                         cpuset_text(machine.insides(machine.type_of(node)), allocation.cores[n]);
    }
  }
  return rows;
}

struct Case {
  ValidationRequest request;
  std::vector<TraceEntry> trace;
  std::vector<ScheduleRow> rows;

  explicit Case(std::uint32_t seed) {
    Draw draw(seed);
    const AllocationMode mode = draw(0, 1) == 0 ? AllocationMode::kWholeNodes : AllocationMode::kCores;
    const Cluster cluster = random_cluster(draw, mode);
    const char* policies[] = {"fcfs", "easy", "easy", "easy-sjbf"};
    request = request_on(cluster, policies[draw(0, 3)]);
    request.limit = draw(0, 2) == 0 ? LimitRule::kReal : LimitRule::kScaled;
    if (draw(0, 2) == 0) request.estimates = request.order_estimates = ValidationRequest::Estimates::kClairvoyant;
    trace = random_jobs(draw, cluster.processors(), 60);
    ValidationReport counted;
    counted.request = request;
    leave_out_what_cannot_run(trace, NodeMachine(cluster, request.limit), counted);
    rows = scheduled(trace, request);
  }
};

TEST(EngineOnNodes, SchedulesAreClean) {
  std::int64_t across = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    const Case of(seed);
    const ValidationReport report = judged(of.request, of.trace, of.rows);
    ASSERT_TRUE(report.clean()) << "seed " << seed << "\n" << validation_text(report);
    EXPECT_EQ(report.judged, static_cast<std::int64_t>(of.trace.size()));
    const NodeMachine machine(*of.request.cluster, of.request.limit);
    for (std::size_t i = 0; i < of.rows.size(); ++i) across += machine.use_of(of.trace[i], of.rows[i]).taken.size() > 1;
  }
  EXPECT_GT(across, 100);
}

TEST(EngineOnNodes, EveryMovedStartIsFound) {
  for (std::uint32_t seed = 301; seed <= 340; ++seed) {
    const Case of(seed);
    Draw draw(seed);
    for (int mutation = 0; mutation < 10 && !of.rows.empty(); ++mutation) {
      std::vector<ScheduleRow> moved = of.rows;
      ScheduleRow& row = moved[static_cast<std::size_t>(draw(0, std::ssize(moved) - 1))];
      const std::int64_t by = draw(1, 40);
      *row.start += Seconds{draw(0, 1) == 0 ? by : -by};
      EXPECT_FALSE(judged(of.request, of.trace, moved).clean()) << "seed " << seed << ", job " << row.id;
    }
  }
}

// The job's nodes of another type, as many as it needs and as long as they take. Where another job is on one of them,
// that is found; and else that the type is not the rule's.
TEST(EngineOnNodes, EveryOtherNodeTypeIsFound) {
  std::int64_t moves = 0;
  for (std::uint32_t seed = 401; seed <= 480; ++seed) {
    const Case of(seed);
    const Cluster& cluster = *of.request.cluster;
    if (cluster.allocation != AllocationMode::kWholeNodes) continue;
    const NodeMachine machine(cluster, of.request.limit);
    for (std::size_t i = 0; i < of.rows.size(); i += 5) {
      const TraceEntry& job = of.trace[i];
      const bool requested = of.request.estimates == ValidationRequest::Estimates::kRequested;
      std::int64_t first = 0;
      for (std::size_t type = 0; type < machine.types(); first += cluster.node_types[type++].count) {
        const NodeUse before = machine.use_of(job, of.rows[i]);
        if (!machine.allowed(job, requested ? job.requested : job.runtime, type)) continue;
        const std::int64_t units = machine.units_for(job, type, job.processors);
        if (before.taken.size() != 1 || before.taken[0].type == type || units > machine.units(type)) continue;
        std::vector<ScheduleRow> moved = of.rows;
        std::vector<std::int64_t> nodes;
        for (std::int64_t n = 0; n < units; ++n) nodes.push_back(first + n);
        on_nodes(moved[i], nodes);
        moved[i].executed = *machine.runtime(job, {{type, units}});
        EXPECT_FALSE(judged(of.request, of.trace, moved).clean()) << "seed " << seed << ", job " << job.id;
        ++moves;
      }
    }
  }
  EXPECT_GT(moves, 100);
}

}  // namespace
}  // namespace wattfill::judge
