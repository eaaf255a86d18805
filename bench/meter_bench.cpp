// What metering adds to a job: its end and the start of the next in its place, told on a full machine.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/generator.hpp"
#include "trace-replay/energy/energy_meter.hpp"

namespace {

using namespace wattfill;
using bench::Random;

constexpr std::int32_t kCores = 8;  // of a node, on two packages

Cluster machine(AllocationMode mode, std::int32_t nodes) {
  Cluster cluster;
  cluster.allocation = mode;
  NodeType type;
  type.name = "taurus";
  type.count = nodes;
  type.processors = kCores;
  type.insides = NodeInsides::flat(kCores);
  type.insides.packages = 2;
  for (std::size_t core = kCores / 2; core < kCores; ++core) type.insides.cores[core].package = 1;
  type.power.idle = {95'000};
  type.power.active = {190'738};
  type.power.per_package = {10'000};
  cluster.node_types = {type};
  return cluster;
}

// Cores first to first + cores - 1 of the machine.
Allocation place(AllocationMode mode, std::int32_t first, std::int32_t cores) {
  Allocation at;
  for (std::int32_t core = first; core < first + cores; ++core) {
    const bool next = at.nodes.empty() || at.nodes.back() != core / kCores;
    if (next) at.nodes.push_back(core / kCores);
    if (mode != AllocationMode::kCores) continue;
    if (next) at.cores.emplace_back(kCores);
    at.cores.back().add(core % kCores);
  }
  return at;
}

// A job ends every second, any of those that run, and another one of its size takes its place.
class Host {
 public:
  Host(AllocationMode mode, std::int32_t nodes, std::int32_t cores, bool record)
      : cluster_(machine(mode, nodes)), meter_(cluster_, options(record)) {
    for (std::int32_t first = 0; first + cores <= nodes * kCores; first += cores) {
      running_.emplace_back(MeteredJob{}, place(mode, first, cores));
      running_.back().first.processors = cores;
      start(running_.back());
    }
  }

  void step() {
    now_ += Seconds{1};
    auto& one = running_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(running_.size())))];
    meter_.job_ended(one.first.job, now_);
    start(one);
  }

 private:
  static MeterOptions options(bool record) {
    MeterOptions result;
    result.record_power = record;
    return result;
  }

  void start(std::pair<MeteredJob, Allocation>& one) {
    one.first.job = next_job_++;
    one.first.user = static_cast<std::int32_t>(random_.below(400));
    one.first.queue = static_cast<std::int32_t>(random_.below(5));
    meter_.job_started(one.first, cluster_.allocation == AllocationMode::kCounts ? nullptr : &one.second, now_);
  }

  Random random_{1};
  Cluster cluster_;
  EnergyMeter meter_;
  std::vector<std::pair<MeteredJob, Allocation>> running_;
  std::uint32_t next_job_ = 0;
  SimTime now_{};
};

void one_job(benchmark::State& state, AllocationMode mode, bool record) {
  Host host(mode, static_cast<std::int32_t>(state.range(0)), static_cast<std::int32_t>(state.range(1)), record);
  for (auto _ : state) host.step();
  state.SetItemsProcessed(state.iterations());
}

const bool registered = [] {
  const auto add = [](const char* name, AllocationMode mode, bool record) {
    return benchmark::RegisterBenchmark(name, one_job, mode, record)->ArgNames({"nodes", "cores"});
  };
  add("meter_counts", AllocationMode::kCounts, false)->Args({144, 8});
  add("meter_counts_recorded", AllocationMode::kCounts, true)->Args({144, 8});
  add("meter_whole_nodes", AllocationMode::kWholeNodes, false)->Args({144, 8})->Args({144, 64})->Args({10'000, 8});
  add("meter_shared_nodes", AllocationMode::kCores, false)->Args({144, 2})->Args({144, 16})->Args({10'000, 2});
  return true;
}();

}  // namespace
