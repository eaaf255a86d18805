// Cores for a job on a node of 128: two packages of four NUMA nodes of two L3 groups of eight cores.
#include <benchmark/benchmark.h>

#include <vector>

#include "backfill/topology/core_picker.hpp"
#include "bench/generator.hpp"

namespace {

using namespace wattfill;
using bench::Random;

constexpr std::int32_t kCores = 128;

NodeInsides node_of_128() {
  NodeInsides node = NodeInsides::flat(kCores);
  node.packages = 2, node.numa_nodes = 8, node.l3s = 16;
  for (std::int32_t i = 0; i < kCores; ++i) {
    NodeCore& core = node.cores[i];
    core.package = i / 64, core.numa_node = i / 16, core.l3 = i / 8;
  }
  return node;
}

// Nodes on which jobs have come and gone, each with at least `least` free cores.
std::vector<CoreSet> used_nodes(const CorePicker& picker, std::int32_t least) {
  Random random(1);
  std::vector<CoreSet> nodes;
  CoreSet free = CoreSet::all(kCores);
  std::vector<CoreSet> jobs;
  while (nodes.size() < 256) {
    const auto wanted = static_cast<std::int32_t>(1 + random.below(32));
    if (wanted <= free.size() && random.below(2) == 0) {
      jobs.push_back(picker.pick(free, wanted));
      free -= jobs.back();
    } else if (!jobs.empty()) {
      std::swap(jobs[random.below(static_cast<std::int64_t>(jobs.size()))], jobs.back());
      free |= jobs.back();
      jobs.pop_back();
    }
    if (free.size() >= least) nodes.push_back(free);
  }
  return nodes;
}

void core_picker_pick(benchmark::State& state) {
  const CorePicker picker(node_of_128());
  const auto count = static_cast<std::int32_t>(state.range(0));
  const std::vector<CoreSet> nodes = used_nodes(picker, count);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(picker.pick(nodes[next++ % nodes.size()], count));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(core_picker_pick)->ArgName("cores")->Arg(1)->Arg(8)->Arg(16)->Arg(40)->Arg(96);

void core_picker_packages_in_use(benchmark::State& state) {
  const CorePicker picker(node_of_128());
  const std::vector<CoreSet> nodes = used_nodes(picker, 1);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(picker.packages_in_use(nodes[next++ % nodes.size()]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(core_picker_packages_in_use);

}  // namespace
