// The queued jobs as the backfilling asks for them, by queue length and order, on about 2,000 shapes.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "backfill/policy/candidate_index.hpp"
#include "bench/generator.hpp"

namespace {

using namespace wattfill;
using bench::Random;
using bench::Shape;

constexpr int kRole = 1;
constexpr std::int64_t kShapes = 2000;

// An index of waiting jobs. Time goes on by a second with each operation, as it does between events of a replay, so
// that orders which change with time pay for it.
class Queue {
 public:
  // Without the jobs that the hole could take.
  Queue(Order order, std::int64_t jobs, const Hole& taken = {})
      : order_(order),
        shapes_(bench::make_shapes(kShapes, 128, 1)),
        index_(table_, order, kRole, CandidateIndex::Asked::kFirstInHole) {
    std::erase_if(shapes_, [&](const Shape& s) { return s.requested <= taken.window(s.processors); });
    for (std::int64_t i = 0; i < jobs; ++i) slots_.push_back(add());
  }

  CandidateIndex& index() { return index_; }
  SimTime now() const { return now_; }
  void tick() { now_ += Seconds{1}; }

  // The job that has waited longest leaves, a new one comes.
  void replace_oldest() {
    Slot& slot = slots_[oldest_];
    index_.erase(slot, now_);
    table_.remove(slot);
    slot = add();
    if (++oldest_ == slots_.size()) oldest_ = 0;
  }

 private:
  Slot add() {
    tick();
    const Shape& shape = shapes_[random_.below(static_cast<std::int64_t>(shapes_.size()))];
    Job job;
    job.id = ++last_id_;
    job.submit = now_;
    job.requested = shape.requested;
    job.processors = shape.processors;
    const Slot slot = table_.add(job);
    JobEntry& entry = table_[slot];
    entry.fit = entry.order = shape.requested;
    entry.score[kRole] = score(order_, job, entry.order, SimTime{});
    index_.insert(slot, now_);
    return slot;
  }

  Order order_;
  Random random_{2};
  std::vector<Shape> shapes_;
  JobTable table_;
  CandidateIndex index_;
  std::vector<Slot> slots_;
  std::size_t oldest_ = 0;
  JobId last_id_ = 0;
  SimTime now_{};
};

// A full machine: what the hole could take has started, and what waits is too long for it where it is narrow enough,
// and too wide where it is short enough.
void nothing_fits(benchmark::State& state, Order order) {
  Hole hole;
  hole.add(4, Seconds{7200});
  hole.add(16, Seconds{3600});
  Queue queue(order, state.range(0), hole);
  for (auto _ : state) {
    queue.tick();
    benchmark::DoNotOptimize(queue.index().first_in(hole, FillBy::kFit, queue.now()));
  }
  state.SetItemsProcessed(state.iterations());
}

// EASY's holes of two steps, from a processor for ten minutes to half a machine for a day.
void first_in(benchmark::State& state, Order order) {
  Queue queue(order, state.range(0));
  Random random(3);
  constexpr std::int64_t kHoles = 256;
  std::vector<Hole> holes(kHoles);
  for (Hole& hole : holes) {
    const std::int64_t free = 1 + random.below(64);
    hole.add(random.below(free), kForever);
    hole.add(free, Seconds{600 + random.below(86'400)});
  }
  std::size_t next = 0;
  for (auto _ : state) {
    queue.tick();
    benchmark::DoNotOptimize(queue.index().first_in(holes[next++ % kHoles], FillBy::kFit, queue.now()));
  }
  state.SetItemsProcessed(state.iterations());
}

void insert_and_erase(benchmark::State& state, Order order) {
  Queue queue(order, state.range(0));
  for (auto _ : state) queue.replace_oldest();
  state.SetItemsProcessed(state.iterations());
}

// Registered in code, because each kind comes for each order.
const bool registered = [] {
  using Body = void (*)(benchmark::State&, Order);
  const std::pair<const char*, Body> kinds[] = {
      {"nothing_fits", nothing_fits}, {"first_in", first_in}, {"insert_and_erase", insert_and_erase}};
  for (const auto& [kind, body] : kinds)
    for (const Order order : {Order::kFcfs, Order::kSjf, Order::kWfp3}) {
      const std::string name = std::string("candidate_index_") + kind + "_" + std::string(info(order).name);
      benchmark::RegisterBenchmark(name.c_str(), body, order)->ArgName("jobs")->Arg(100)->Arg(10'000)->Arg(50'000);
    }
  return true;
}();

}  // namespace
