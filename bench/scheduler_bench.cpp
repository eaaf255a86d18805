// The whole scheduler at a constant queue length: what one job's life costs, from submission to end.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backfill/config/config.hpp"
#include "backfill/policy/backfill_scheduler.hpp"
#include "bench/generator.hpp"

namespace {

using namespace wattfill;
using bench::Random;
using bench::Shape;

constexpr std::int32_t kProcessors = 256;
constexpr std::int64_t kShapes = 2000;

// A host with a full machine: whenever a job ends, the scheduler passes, and as many jobs arrive as have started.
class Host {
 public:
  Host(const PolicySpec& policy, std::int64_t queued)
      : shapes_(bench::make_shapes(kShapes, 128, 1)), scheduler_(options(policy)) {
    for (std::int64_t i = 0; i < queued; ++i) submit();
    pass();
  }

  // Up to the next end and the pass after it. Returns how many jobs have started.
  std::int64_t step() {
    const Running ended = running_.back();
    running_.pop_back();
    now_ = ended.end;
    scheduler_.end(ended.job, now_);
    return pass();
  }

 private:
  struct Running {
    SimTime end;
    JobHandle job;
  };

  static SchedulerOptions options(const PolicySpec& policy) {
    SchedulerOptions result;
    result.policy = policy;
    result.processors = kProcessors;
    return result;
  }

  void submit() {
    const Shape& shape = shapes_[random_.below(kShapes)];
    Job job;
    job.id = ++last_id_;
    job.submit = now_;
    job.requested = shape.requested;
    job.processors = shape.processors;
    scheduler_.submit(job, now_);
  }

  // The default budget belongs to the interface.
  Scheduler& scheduler() { return scheduler_; }

  std::int64_t pass() {
    const Pass pass = scheduler().schedule(now_);
    for (const Proposal& proposal : pass.proposals) {
      scheduler_.started(proposal.job, now_);
      // Jobs end after between a tenth and all of what they asked for.
      const std::int64_t requested = (proposal.estimated_end - now_).count();
      const Running started{now_ + Seconds{requested - random_.below(1 + requested * 9 / 10)}, proposal.job};
      const auto later = [](const Running& a, const Running& b) { return a.end > b.end; };
      running_.insert(std::upper_bound(running_.begin(), running_.end(), started, later), started);
    }
    const auto count = static_cast<std::int64_t>(pass.proposals.size());
    for (std::int64_t i = 0; i < count; ++i) submit();
    return count;
  }

  Random random_{2};
  std::vector<Shape> shapes_;
  BackfillScheduler scheduler_;
  std::vector<Running> running_;  // the next end last
  JobId last_id_ = 0;
  SimTime now_{};
};

void one_job(benchmark::State& state, const PolicySpec& policy) {
  Host host(policy, state.range(0));
  std::int64_t jobs = 0;
  for (auto _ : state) jobs += host.step();
  state.SetItemsProcessed(jobs);
}

// A conservative queue of 50,000 jobs takes minutes to make here, so it ends at a thousand.
const bool registered = [] {
  for (const char* name : {"easy", "easy-sjbf", "sjf", "saf", "wfp3", "unicep", "f1", "conservative"}) {
    const PolicySpec& policy = *find_policy(name);
    auto* bench = benchmark::RegisterBenchmark((std::string("scheduler_one_job_") + name).c_str(), one_job, policy);
    bench->ArgName("queued")->Arg(100);
    if (policy.reservation_depth == kReserveAll)
      bench->Arg(1'000);
    else
      bench->Arg(10'000)->Arg(50'000);
  }
  return true;
}();

}  // namespace
