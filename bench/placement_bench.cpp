// Placing one job, where 90 % of the machine is taken: the median over many jobs, for every strategy.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "backfill/topology/network.hpp"
#include "backfill/topology/node_pool.hpp"
#include "bench/generator.hpp"

namespace {

using namespace wattfill;
using bench::Random;

Cluster machine(std::int32_t nodes, std::int32_t cores, AllocationMode allocation, NetworkSpec network) {
  Cluster cluster;
  cluster.allocation = allocation;
  NodeType& type = cluster.node_types.emplace_back();
  type.count = nodes;
  type.processors = cores;
  type.insides = NodeInsides::flat(cores);
  cluster.network = std::move(network);
  return cluster;
}

// A pool that jobs come to and leave, so that its holes are those that the strategy itself makes.
class BusyPool {
 public:
  BusyPool(const Cluster& cluster, const std::string& placement, const Network* network, std::int32_t widest,
           std::int64_t percent)
      : pool_(cluster, placement_from_text(placement), network),
        share_{0, cluster.node_types[0].processors},
        per_node_(cluster.allocation == AllocationMode::kCores ? 1 : cluster.node_types[0].processors),
        widest_(widest),
        most_taken_(cluster.processors() * percent / 100) {}

  // Log-uniform in [1, widest], in nodes or cores.
  NodePool::Request job() {
    const double unit = static_cast<double>(random_.below(1'000'000)) / 1e6;
    const auto width = static_cast<std::int32_t>(std::exp(unit * std::log(widest_ + 1.0)));
    return {std::min(width, widest_) * per_node_, {&share_, 1}};
  }

  // Ends random jobs until the load is below the mark again and the job fits.
  void make_room(const NodePool::Request& request) {
    while (taken_ + request.processors > most_taken_) {
      std::swap(running_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(running_.size())))],
                running_.back());
      pool_.release(running_.back().second);
      taken_ -= running_.back().first;
      spare_.push_back(std::move(running_.back().second));
      running_.pop_back();
    }
    if (spare_.empty()) spare_.emplace_back();
  }

  bool start(const NodePool::Request& request) {
    running_.emplace_back(request.processors, std::move(spare_.back()));
    spare_.pop_back();
    taken_ += request.processors;
    return pool_.allocate(request, running_.back().second);
  }

  void warm_up() {
    for (int i = 0; i < 20'000; ++i) {
      const NodePool::Request request = job();
      make_room(request);
      start(request);
    }
  }

 private:
  NodePool pool_;
  NodePool::Share share_;
  std::int32_t per_node_, widest_;
  std::int64_t most_taken_, taken_ = 0;
  std::vector<std::pair<std::int64_t, Allocation>> running_;
  std::vector<Allocation> spare_;
  Random random_{1};
};

// An iteration's time is the median of a thousand placements; ends of jobs are not counted.
void measure(benchmark::State& state, BusyPool& pool) {
  using Clock = std::chrono::steady_clock;
  std::array<double, 1001> times{};
  pool.warm_up();
  for (auto _ : state) {
    for (double& time : times) {
      const NodePool::Request request = pool.job();
      pool.make_room(request);
      const auto began = Clock::now();
      if (!pool.start(request)) return state.SkipWithError("a job did not fit");
      time = std::chrono::duration<double>(Clock::now() - began).count();
    }
    std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
    state.SetIterationTime(times[times.size() / 2]);
  }
  state.SetItemsProcessed(state.iterations());
}
void medians(benchmark::internal::Benchmark* benchmark) { benchmark->UseManualTime()->Iterations(20); }

constexpr std::int32_t kNodes = 10'000;
constexpr std::int32_t kWidest = 512;

const FatTree kFatTree{20, {20, 25}};
const Dragonfly kDragonfly{8, 16, 79};
const Torus kTorus{{10, 10, 25}, 4};

void placement_whole_nodes(benchmark::State& state, const NetworkSpec& shape, const char* placement) {
  const Cluster cluster = machine(kNodes, 1, AllocationMode::kWholeNodes, shape);
  const Network network(cluster);
  BusyPool pool(cluster, placement, &network, kWidest, 90);
  measure(state, pool);
}
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_first_fit, kFatTree, "first-fit")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_contiguous, kFatTree, "contiguous")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_fewest_switches, kFatTree, "fewest-switches")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_smallest_diameter, kFatTree, "smallest-diameter")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_most_efficient, kFatTree, "most-efficient")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_fastest, kFatTree, "fastest")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, fat_tree_vote, kFatTree, "contiguous+fewest-switches:2")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, dragonfly_smallest_diameter, kDragonfly, "smallest-diameter")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, torus_fewest_switches, kTorus, "fewest-switches")->Apply(medians);
BENCHMARK_CAPTURE(placement_whole_nodes, torus_smallest_diameter, kTorus, "smallest-diameter")->Apply(medians);

// Jobs of 1 to 512 nodes' worth of cores.
void placement_cores(benchmark::State& state, const NetworkSpec& shape, const char* placement) {
  constexpr std::int32_t kCores = 16;
  const Cluster cluster = machine(kNodes, kCores, AllocationMode::kCores, shape);
  const Network network(cluster);
  BusyPool pool(cluster, placement, &network, kWidest * kCores, 90);
  measure(state, pool);
}
BENCHMARK_CAPTURE(placement_cores, fat_tree_first_fit, kFatTree, "first-fit")->Apply(medians);
BENCHMARK_CAPTURE(placement_cores, fat_tree_fewest_switches, kFatTree, "fewest-switches")->Apply(medians);

// SDSC BLUE: a job of a few cores placed and ended, on a machine that is 80 % full.
void placement_blue_cores_allocate_release(benchmark::State& state) {
  const Cluster cluster = machine(144, 8, AllocationMode::kCores, {});
  NodePool pool(cluster, {}, nullptr);
  const NodePool::Share share{0, 8};
  Random random(2);
  Allocation job;
  while (pool.free_cores(0) > 230) pool.allocate({static_cast<std::int32_t>(1 + random.below(8)), {&share, 1}}, job);
  std::vector<std::int32_t> sizes(1024);
  for (std::int32_t& size : sizes) size = static_cast<std::int32_t>(1 + random.below(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(pool.allocate({sizes[next++ % sizes.size()], {&share, 1}}, job));
    pool.release(job);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(placement_blue_cores_allocate_release)->ArgName("most_cores")->Arg(4)->Arg(8)->Arg(64);

}  // namespace
