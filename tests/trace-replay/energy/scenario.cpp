#include "tests/trace-replay/energy/scenario.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace wattfill::testing {
namespace {

Transition random_transition(Random& random) {
  Transition t;
  t.duration = Seconds{random.between(0, 6)};
  if (t.duration == Seconds{0}) return t;
  t.power = {random.between(0, 300)};
  // Often less than whole seconds' worth, sometimes much more.
  t.energy = t.power * (t.duration - Seconds{1}) + Millijoules{random.between(0, random.chance(50) ? 300 : 5000)};
  return t;
}

NodeType random_type(std::size_t index, AllocationMode mode, Random& random) {
  NodeType type;
  type.name = "type" + std::to_string(index);
  type.count = random.between32(1, 4);
  const std::int32_t packages = random.between32(1, 3);
  type.processors = packages * random.between32(1, 3);
  type.insides = NodeInsides::flat(type.processors);
  type.insides.packages = packages;
  for (NodeCore& core : type.insides.cores) core.package = random.between32(0, packages - 1);
  type.power.idle = {random.between(0, 200)};
  type.power.per_package = {random.between(0, 50)};
  const std::int64_t least =
      mode == AllocationMode::kCores ? (type.power.idle + type.power.per_package * packages).count : 0;
  const auto active = [&] { return Milliwatts{least + random.between(0, 400)}; };
  type.power.active = active();
  for (int i = 0; i < 2; ++i) type.power.frequencies.push_back({"f", Speed{}, active()});
  for (int i = 0; i < 2; ++i)
    type.power.sleep.push_back({"s", {random.between(0, 30)}, random_transition(random), random_transition(random)});
  return type;
}

StepSeries random_series(std::int64_t low, std::int64_t high, Random& random) {
  if (random.chance(20)) return {};
  if (random.chance(20)) return StepSeries(random.between(low, high));
  std::vector<StepSeries::Step> steps;
  std::int64_t at = random.between(0, 5);
  for (int i = 0; i < 4; ++i, at += random.between(1, 20))
    steps.push_back({SimTime{Seconds{at}}, random.between(low, high)});
  return StepSeries(steps, Seconds{random.chance(50) ? 0 : at});
}

// Lives through the seconds of a scenario and writes down what happens.
class Life {
 public:
  Life(Scenario& scenario, Random& random) : out_(scenario), random_(random) {
    for (const NodeType& type : out_.cluster.node_types)
      for (std::int32_t i = 0; i < type.count; ++i) nodes_.push_back({&type, {}, State::kAwake, 0, 0});
    unused_ = out_.cluster.processors();
  }

  void live() {
    for (now_ = out_.begin; now_ < out_.horizon; ++now_) {
      end_transitions();
      for (const std::uint32_t job : running())
        if (random_.chance(15)) end(job);
      for (std::int64_t i = random_.between(0, 3); i > 0; --i) something();
    }
  }

 private:
  enum class State { kAwake, kFallingAsleep, kAsleep, kWaking };
  struct Node {
    const NodeType* type;
    std::map<std::uint32_t, std::vector<std::int32_t>> cores;  // by job
    State state;
    std::int32_t sleep;
    std::int64_t until;
  };
  struct Job {
    std::int32_t processors;
    std::vector<NodeIndex> nodes;
  };

  Event& add(Event::Kind kind) {
    Event& event = out_.events.emplace_back();
    event.at = now_;
    event.kind = kind;
    return event;
  }

  std::vector<std::uint32_t> running() const {
    std::vector<std::uint32_t> all;
    for (const auto& [job, its] : jobs_) all.push_back(job);
    return all;
  }

  void something() {
    const std::int64_t what = random_.between(1, 10);
    if (what <= 6) return start();
    if (what <= 7) return frequency();
    if (out_.cluster.allocation != AllocationMode::kCounts) sleep_or_wake();
  }

  void start() {
    Event event;
    Job job{0, {}};
    event.at = now_;
    event.job.job = starts_ * 37 % 1009;  // not in order of the starts
    event.job.user = random_.between32(-1, 3);
    event.job.queue = random_.between32(-1, 2);
    event.job.frequency = random_.chance(70) ? kFullSpeed : random_.between32(0, 1);
    event.job.work_processor_s = random_.between(0, 1000);
    if (out_.cluster.allocation == AllocationMode::kCounts) {
      if (unused_ == 0) return;
      job.processors = static_cast<std::int32_t>(random_.between(1, unused_));
      unused_ -= job.processors;
    } else {
      for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (nodes_[i].state == State::kAwake && random_.chance(30)) take(static_cast<NodeIndex>(i), event, job);
      if (job.nodes.empty()) return;
    }
    event.job.processors = job.processors;
    jobs_[event.job.job] = job;
    ++starts_;
    out_.events.push_back(event);
    if (random_.chance(3)) end(event.job.job);  // at once
  }

  void take(NodeIndex index, Event& event, Job& job) {
    Node& node = nodes_[static_cast<std::size_t>(index)];
    std::vector<std::int32_t> free;
    for (std::int32_t core = 0; core < node.type->processors; ++core)
      if (std::none_of(node.cores.begin(), node.cores.end(), [core](const auto& entry) {
            return std::find(entry.second.begin(), entry.second.end(), core) != entry.second.end();
          }))
        free.push_back(core);
    if (out_.cluster.allocation == AllocationMode::kWholeNodes && !node.cores.empty()) return;
    std::vector<std::int32_t> taken = free;
    if (out_.cluster.allocation == AllocationMode::kCores) {
      taken.clear();
      for (const std::int32_t core : free)
        if (random_.chance(50)) taken.push_back(core);
      CoreSet set(node.type->processors);
      for (const std::int32_t core : taken) set.add(core);
      if (taken.empty()) return;
      event.allocation.cores.push_back(set);
    }
    event.allocation.nodes.push_back(index);
    job.nodes.push_back(index);
    job.processors += static_cast<std::int32_t>(taken.size());
    node.cores[event.job.job] = taken;
  }

  void end(std::uint32_t job) {
    Event& event = add(Event::Kind::kEnd);
    event.job.job = job;
    event.completed = random_.chance(80);
    for (const NodeIndex index : jobs_[job].nodes) nodes_[static_cast<std::size_t>(index)].cores.erase(job);
    if (jobs_[job].nodes.empty()) unused_ += jobs_[job].processors;
    jobs_.erase(job);
  }

  void frequency() {
    if (jobs_.empty()) return;
    Event& event = add(Event::Kind::kFrequency);
    event.job.job = random_.pick(running());
    event.state = random_.between32(kFullSpeed, 1);
  }

  void sleep_or_wake() {
    const auto index = static_cast<NodeIndex>(random_.index(nodes_.size()));
    Node& node = nodes_[static_cast<std::size_t>(index)];
    const bool falls = node.state == State::kAwake && node.cores.empty();
    if (!falls && node.state != State::kAsleep) return;
    if (falls) node.sleep = random_.between32(0, 1);
    const SleepState& sleep = node.type->power.sleep[static_cast<std::size_t>(node.sleep)];
    Event& event = add(falls ? Event::Kind::kSleepBegun : Event::Kind::kWakeBegun);
    event.node = index;
    event.state = node.sleep;
    node.state = falls ? State::kFallingAsleep : State::kWaking;
    node.until = now_ + (falls ? sleep.enter : sleep.leave).duration.count();
    end_transitions();
  }

  void end_transitions() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      Node& node = nodes_[i];
      const bool falls = node.state == State::kFallingAsleep;
      if ((!falls && node.state != State::kWaking) || node.until != now_) continue;
      add(falls ? Event::Kind::kAsleep : Event::Kind::kAwake).node = static_cast<NodeIndex>(i);
      node.state = falls ? State::kAsleep : State::kAwake;
    }
  }

  Scenario& out_;
  Random& random_;
  std::vector<Node> nodes_;
  std::map<std::uint32_t, Job> jobs_;
  std::uint32_t starts_ = 0;
  std::int64_t unused_ = 0;
  std::int64_t now_ = 0;
};

}  // namespace

Cluster random_cluster(AllocationMode mode, Random& random) {
  Cluster cluster;
  cluster.name = "random";
  cluster.allocation = mode;
  const std::size_t types = mode == AllocationMode::kCounts ? 1 : 1 + random.index(3);
  for (std::size_t i = 0; i < types; ++i) cluster.node_types.push_back(random_type(i, mode, random));
  cluster.facility.pue_millionths = random.chance(30) ? 1'000'000 : random.between(1'000'000, 2'000'000);
  cluster.facility.power_cap = random_series(0, 3000, random);
  cluster.facility.tariff = random_series(-1'000'000'000, 5'000'000'000, random);
  cluster.facility.carbon = random_series(0, 9'000'000'000, random);
  return cluster;
}

Scenario random_scenario(AllocationMode mode, Random& random) {
  Scenario scenario;
  scenario.cluster = random_cluster(mode, random);
  scenario.begin = random.between(-10, 10);
  scenario.horizon = scenario.begin + random.between(0, 60);
  Life(scenario, random).live();
  return scenario;
}

EnergyReport metered(const Scenario& scenario) {
  MeterOptions options;
  options.begin = SimTime{Seconds{scenario.begin}};
  options.record_power = true;
  EnergyMeter meter(scenario.cluster, options);
  for (const Event& event : scenario.events) {
    const SimTime at{Seconds{event.at}};
    switch (event.kind) {
      case Event::Kind::kStart:
        meter.job_started(event.job, event.allocation.nodes.empty() ? nullptr : &event.allocation, at);
        break;
      case Event::Kind::kEnd:
        meter.job_ended(event.job.job, at, event.completed);
        break;
      case Event::Kind::kFrequency:
        meter.job_frequency(event.job.job, event.state, at);
        break;
      case Event::Kind::kSleepBegun:
        meter.sleep_begun({event.node, 1}, event.state, at);
        break;
      case Event::Kind::kAsleep:
        meter.asleep({event.node, 1}, at);
        break;
      case Event::Kind::kWakeBegun:
        meter.wake_begun({event.node, 1}, at);
        break;
      case Event::Kind::kAwake:
        meter.awake({event.node, 1}, at);
        break;
    }
  }
  return meter.finish(SimTime{Seconds{scenario.horizon}});
}

}  // namespace wattfill::testing
