#include "tests/trace-replay/energy/naive_meter.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>

namespace wattfill::testing {
namespace {

std::int64_t value_at(const StepSeries& series, std::int64_t time) {
  if (series.empty()) return 0;
  const std::int64_t period = series.period().count();
  std::int64_t value = period > 0 ? series.steps().back().value : series.steps().front().value;
  const std::int64_t phase = period > 0 ? ((time % period) + period) % period : time;
  for (const StepSeries::Step& step : series.steps())
    if (step.from.time_since_epoch().count() <= phase) value = step.value;
  return value;
}

class NaiveMeter {
 public:
  explicit NaiveMeter(const Scenario& scenario) : s_(scenario) {
    for (const NodeType& type : s_.cluster.node_types)
      nodes_.insert(nodes_.end(), static_cast<std::size_t>(type.count), Node{&type, {}, "awake", 0, 0, kFullSpeed});
    report_.by_node.resize(nodes_.size());
  }

  NaiveReport run() {
    auto event = s_.events.begin();
    for (std::int64_t now = s_.begin; now < s_.horizon; ++now) {
      for (; event != s_.events.end() && event->at == now; ++event) apply(*event);
      report_.power.push_back(s_.cluster.allocation == AllocationMode::kCounts ? second_of_counts() : second(now));
    }
    for (const auto& [job, its] : running_) ended_.push_back(job);  // a map: in order of the jobs' indices
    if (s_.cluster.allocation == AllocationMode::kCounts) divide_counts();
    for (const auto& [job, energy] : report_.by_job) {
      report_.by_user[known_[job].user] += energy;
      report_.by_queue[known_[job].queue] += energy;
    }
    return report_;
  }

 private:
  struct OnNode {
    std::int64_t start;
    std::uint32_t job;
    std::set<std::int32_t> cores;
    bool operator<(const OnNode& o) const { return std::tie(start, job) < std::tie(o.start, o.job); }
  };
  struct Node {
    const NodeType* type;
    std::set<OnNode> jobs;
    std::string state;
    std::size_t sleep;
    std::int64_t begun;
    std::int32_t frequency;
  };
  struct Running {
    MeteredJob job;
    std::int32_t frequency;
    std::vector<NodeIndex> nodes;
  };

  Node& node(NodeIndex index) { return nodes_[static_cast<std::size_t>(index)]; }

  static std::int64_t active(const NodeType& type, std::int32_t frequency) {
    return frequency < 0 ? type.power.active.count
                         : type.power.frequencies[static_cast<std::size_t>(frequency)].active.count;
  }

  void apply(const Event& e) {
    switch (e.kind) {
      case Event::Kind::kStart:
        return start(e);
      case Event::Kind::kEnd:
        if (e.completed) report_.completed_work += known_[e.job.job].work_processor_s;
        for (const NodeIndex index : running_[e.job.job].nodes)
          std::erase_if(node(index).jobs, [&](const OnNode& on) { return on.job == e.job.job; });
        running_.erase(e.job.job);
        ended_.push_back(e.job.job);
        return;
      case Event::Kind::kFrequency:
        running_[e.job.job].frequency = e.state;
        for (const NodeIndex index : running_[e.job.job].nodes) node(index).frequency = e.state;
        return;
      case Event::Kind::kSleepBegun:
        ++report_.sleeps;
        node(e.node).sleep = static_cast<std::size_t>(e.state);
        break;
      case Event::Kind::kWakeBegun:
        ++report_.wakes;
        break;
      case Event::Kind::kAsleep:
      case Event::Kind::kAwake:
        break;
    }
    node(e.node).begun = e.at;
    node(e.node).state = e.kind == Event::Kind::kSleepBegun  ? "falling"
                         : e.kind == Event::Kind::kAsleep    ? "asleep"
                         : e.kind == Event::Kind::kWakeBegun ? "waking"
                                                             : "awake";
  }

  void start(const Event& e) {
    known_[e.job.job] = e.job;
    report_.by_job[e.job.job] = 0;
    running_[e.job.job] = {e.job, e.job.frequency, e.allocation.nodes};
    for (std::size_t i = 0; i < e.allocation.nodes.size(); ++i) {
      Node& its = node(e.allocation.nodes[i]);
      std::set<std::int32_t> cores;
      for (std::int32_t core = 0; core < its.type->processors; ++core)
        if (e.allocation.cores.empty() || e.allocation.cores[i].has(core)) cores.insert(core);
      its.jobs.insert({e.at, e.job.job, cores});
      its.frequency = e.job.frequency;
    }
  }

  FourParts second(std::int64_t now) {
    FourParts sum{};
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto [part, power] = of_node(nodes_[i], now);
      sum[part] += power;
      report_.by_node[i][part] += power;
      if (part == 0) divide(nodes_[i], power);
    }
    return sum;
  }

  std::pair<std::size_t, std::int64_t> of_node(const Node& n, std::int64_t now) const {
    const NodePower& power = n.type->power;
    if (n.state == "asleep") return {2, power.sleep[n.sleep].power.count};
    if (n.state != "awake") {
      const Transition& t = n.state == "falling" ? power.sleep[n.sleep].enter : power.sleep[n.sleep].leave;
      const std::int64_t whole = t.duration.count() - 1;
      return {3, now - n.begun < whole ? t.power.count : t.energy.count - t.power.count * whole};
    }
    if (n.jobs.empty()) return {1, power.idle.count};
    if (s_.cluster.allocation == AllocationMode::kWholeNodes) return {0, active(*n.type, n.frequency)};
    std::set<std::int32_t> cores;
    std::set<std::int32_t> packages;
    for (const OnNode& on : n.jobs) cores.insert(on.cores.begin(), on.cores.end());
    for (const std::int32_t core : cores)
      packages.insert(n.type->insides.cores[static_cast<std::size_t>(core)].package);
    const std::int64_t of_all_cores =
        active(*n.type, n.frequency) - power.idle.count - power.per_package.count * n.type->insides.packages;
    return {0, power.idle.count + power.per_package.count * static_cast<std::int64_t>(packages.size()) +
                   of_all_cores * static_cast<std::int64_t>(cores.size()) / n.type->processors};
  }

  void divide(const Node& n, std::int64_t power) {
    std::size_t all = 0;
    for (const OnNode& on : n.jobs) all += on.cores.size();
    std::size_t cores = 0;
    std::int64_t given = 0;
    for (const OnNode& on : n.jobs) {
      cores += on.cores.size();
      const std::int64_t share = power * static_cast<std::int64_t>(cores) / static_cast<std::int64_t>(all) - given;
      given += share;
      report_.by_job[on.job] += share;
    }
  }

  FourParts second_of_counts() {
    const NodeType& type = s_.cluster.node_types.front();
    FourParts sum{};
    std::int64_t unused = s_.cluster.processors();
    for (const auto& [job, its] : running_) {
      const std::int64_t numerator = its.job.processors * active(type, its.frequency);
      numerators_[job] += numerator;
      sum[0] += numerator;
      unused -= its.job.processors;
    }
    if (unused < 0) throw std::logic_error("more processors than there are");
    sum[1] = unused * type.power.idle.count;
    return sum;
  }

  void divide_counts() {
    const std::int64_t denominator = s_.cluster.node_types.front().processors;
    std::int64_t sum = 0;
    for (const std::uint32_t job : ended_) {
      report_.by_job[job] = (sum + numerators_[job]) / denominator - sum / denominator;
      sum += numerators_[job];
    }
  }

  const Scenario& s_;
  NaiveReport report_;
  std::vector<Node> nodes_;
  std::map<std::uint32_t, Running> running_;
  std::map<std::uint32_t, MeteredJob> known_;
  std::map<std::uint32_t, std::int64_t> numerators_;
  std::vector<std::uint32_t> ended_;
};

}  // namespace

NaiveReport naively_metered(const Scenario& scenario) { return NaiveMeter(scenario).run(); }

NaiveFacility naive_facility(const Scenario& scenario, const std::vector<FourParts>& power) {
  const Facility& f = scenario.cluster.facility;
  NaiveFacility out;
  for (std::size_t i = 0; i < power.size(); ++i) {
    const std::int64_t now = scenario.begin + static_cast<std::int64_t>(i);
    std::int64_t it = 0;
    for (std::size_t part = 0; part < power[i].size(); ++part) {
      out.it[part] += power[i][part];
      it += power[i][part];
    }
    const std::int64_t scaled = it * f.pue_millionths;
    const std::int64_t facility = scaled / 1'000'000 + (scaled % 1'000'000 >= 500'000 ? 1 : 0);
    out.facility += facility;
    out.peak = std::max(out.peak, it);
    out.cost += Int128{facility} * value_at(f.tariff, now);
    out.carbon += Int128{facility} * value_at(f.carbon, now);
    const std::int64_t cap = value_at(f.power_cap, now);
    if (f.power_cap.empty() || it <= cap) continue;
    ++out.above_s;
    out.above_mj += it - cap;
  }
  return out;
}

}  // namespace wattfill::testing
