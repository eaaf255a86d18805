// A controller that lives in the test: nodes, jobs and a clock, with a stock scheduler that starts whatever fits. It
// checks what the plugin does: a proposal that it carries out must be for a waiting job on free, usable nodes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "plugin/slurm/host.hpp"
#include "tests/backfill/random.hpp"

namespace wattfill::slurm {

using wattfill::testing::Random;

class FakeController final : public Host {
 public:
  struct Job {
    JobView view;
    std::int64_t runtime_s = 0;
    bool held = false;
    bool finished = false;
    int starts = 0;
  };

  FakeController(std::int32_t nodes, bool shared) : shared_(shared) {
    for (std::int32_t i = 0; i < nodes; ++i) {
      NodeView node;
      node.index = i + i / 4;  // with holes, as in Slurm's table
      node.name = "n" + std::to_string(node.index);
      node.usable = true;
      node.cpus = node.cores = 4;
      node.memory_mib = 1'000;
      node.partitions = {"main"};
      if (i % 3 == 0) node.features = {"fast"};
      nodes_.push_back(node);
      changes_s_.push_back(0);
    }
  }
  // Nodes can sleep, but for the first so many.
  void let_sleep(std::size_t but) {
    for (std::size_t i = but; i < nodes_.size(); ++i) nodes_[i].may_sleep = true;
  }

  // The plugin's view of it. ------------------------------------------------------------------------------------------
  bool ready() override { return true; }
  std::int64_t now_s() override { return now_s_; }
  bool changed_since(std::int64_t) override { return changes; }
  Snapshot look(bool, std::uint32_t) override {
    Snapshot out;
    out.now_s = now_s_;
    out.shared = shared_;
    out.nodes = nodes_;
    out.suspend_rate = suspend_rate;
    for (NodeView& node : out.nodes) node.usable &= node.power != Power::kFallingAsleep;
    for (NodeView& node : out.nodes)
      for (const auto& [key, job] : jobs)
        if (job.view.clearing && std::ranges::count(job.view.placement.nodes, node.index)) node.usable = false;
    for (const auto& [key, job] : jobs)
      if (!job.finished) {
        out.jobs.push_back(job.view);
        out.jobs.back().eligible = eligible(job);
        for (const auto& [name, count] : job.view.licences) out.licences[name] = licences.at(name);
      }
    return out;
  }
  CommitReport commit(const std::vector<Offer>& offers, const CommitBounds&) override {
    EXPECT_FALSE(stock_on) << "two schedulers at once";
    CommitReport report;
    for (const Offer& offer : offers) report.answers.push_back(answer(offer));
    report.hold_us.push_back(hold_us);
    return report;
  }
  PowerReport set_power(const std::vector<PowerOrder>& orders, const CommitBounds&) override {
    EXPECT_FALSE(stock_on) << "two schedulers at once";
    PowerReport report;
    for (const PowerOrder& order : orders) report.done.push_back(!chance.chance(refuse_percent) && set_power(order));
    report.hold_us.push_back(hold_us);
    return report;
  }
  std::int64_t publish(const std::vector<Expectation>& expectations, bool) override {
    published = expectations;
    return 10;
  }
  void stock(bool on) override { stock_on = on; }
  void reconfigure_stock() override {}
  void say(const std::string& text) override { said.push_back(text); }
  void complain(const std::string& text) override { said.push_back(text); }

  // What happens there. -----------------------------------------------------------------------------------------------
  JobKey submit(std::uint32_t nodes, std::int64_t runtime_s, std::int64_t limit_s) {
    const JobKey key{next_++, kNoTask};
    Job& job = jobs[key];
    job.runtime_s = runtime_s;
    job.view.key = key;
    job.view.submit_s = now_s_;
    job.view.limit_s = limit_s;
    job.view.min_nodes = shared_ ? 1 : nodes;
    job.view.min_cpus = shared_ ? nodes : 4 * nodes;
    job.view.partitions = {"main"};
    job.view.priority = 1'000'000 - key.job;
    return key;
  }

  // One second passes: jobs end, and the stock scheduler starts what fits, in order, if it is on.
  void tick() {
    ++now_s_;
    change_power();
    for (auto& [key, job] : jobs)
      if (job.view.active && !job.view.configuring && now_s_ >= job.view.start_s + job.runtime_s) finish(job);
    if (!stock_on) return;
    for (auto& [key, job] : jobs)
      if (eligible(job) && !shared_) {
        const auto free = free_nodes(job.view);
        if (free.size() >= job.view.min_nodes && has_licences(job.view))
          start(job, {free.begin(), free.begin() + static_cast<std::ptrdiff_t>(job.view.min_nodes)});
      }
  }

  // A user, an administrator or bad luck does something.
  void meddle(Random& random) {
    if (jobs.empty()) return;
    auto at = jobs.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.index(jobs.size())));
    Job& job = at->second;
    if (nodes_.back().may_sleep && random.chance(30)) {  // the operator, or Slurm's own idle timer
      const std::size_t i = random.index(nodes_.size());
      set_power({nodes_[i].index, random.chance(50)});
      return;
    }
    switch (random.between(0, 6)) {
      case 0:
        if (!job.finished) finish(job);  // cancelled, or failed
        break;
      case 1:
        job.held = !job.held;
        break;
      case 2:
        if (!job.view.active) job.view.priority = static_cast<std::uint32_t>(random.between(1, 1'000'000));
        break;
      case 3:
        if (job.view.active) {  // requeued: first its nodes have to be cleared
          job.view.active = job.view.configuring = false;
          job.view.clearing = random.chance(50);
          ++job.view.restart;
        } else {
          job.view.clearing = false;
        }
        break;
      case 4:
        nodes_[random.index(nodes_.size())].usable ^= true;
        break;
      case 5:
        if (!job.view.active)
          job.view.features = random.chance(50) ? std::vector<std::string>{"fast"} : std::vector<std::string>{};
        break;
      default:
        if (!job.view.active) job.view.limit_s = random.between(10, 500);
    }
  }
  // So that all can end: whatever is held, drained or clearing is so no more.
  void mend() {
    for (NodeView& node : nodes_) node.usable = true;
    for (auto& [key, job] : jobs) {
      job.held = job.view.clearing = false;
      job.view.features.clear();
    }
  }

  // ResumeTimeout has passed for one node: it is down, and its jobs wait again. The others have booted.
  void give_up_boot(std::int32_t dead) {
    for (auto& [key, job] : jobs)
      if (job.view.active && holds(job, dead)) {
        job.view.active = job.view.configuring = false;
        ++job.view.restart;
      }
    for (NodeView& node : nodes_) {
      if (node.power == Power::kWaking) node.power = Power::kAwake;
      if (node.index == dead) node.usable = false;
    }
  }

  std::int64_t count(Power power) const {
    return std::count_if(nodes_.begin(), nodes_.end(), [&](const NodeView& node) { return node.power == power; });
  }
  bool all_finished() const {
    return std::all_of(jobs.begin(), jobs.end(), [](const auto& job) { return job.second.finished; });
  }
  std::int64_t times_said(const std::string& text) const {
    return std::count_if(said.begin(), said.end(),
                         [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  bool has_said(const std::string& text) const { return times_said(text) > 0; }

  std::map<JobKey, Job> jobs;
  std::vector<Expectation> published;
  std::vector<std::string> said;
  bool stock_on = false;
  int refuse_percent = 0;
  bool changes = true;  // whether the plugin has to look
  Licences licences;    // that there are
  std::int64_t hold_us = 10;
  std::int64_t suspend_rate = 0;
  std::int64_t boot_s = 7;
  Random chance{1};

 private:
  bool eligible(const Job& job) const {
    return !job.finished && !job.held && !job.view.active && !job.view.clearing && job.view.not_understood.empty();
  }
  void finish(Job& job) {
    job.finished = true;
    job.view.active = job.view.clearing = job.view.configuring = false;
  }
  bool holds(const Job& job, std::int32_t node) const {
    return (job.view.active || job.view.clearing) && std::ranges::count(job.view.placement.nodes, node) > 0;
  }
  bool has_licences(const JobView& asking) const {
    return std::all_of(asking.licences.begin(), asking.licences.end(), [&](const auto& asked) {
      std::int64_t used = asked.second;
      for (const auto& [key, job] : jobs)
        if (job.view.active && job.view.licences.contains(asked.first)) used += job.view.licences.at(asked.first);
      return used <= licences.at(asked.first);
    });
  }
  bool is_held(std::int32_t node) const {
    return std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) { return holds(job.second, node); });
  }
  void move(std::size_t i, Power power, std::int64_t seconds) {
    nodes_[i].power = power;
    changes_s_[i] = now_s_ + seconds;
  }
  bool set_power(const PowerOrder& order) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].index != order.node) continue;
      Power& power = nodes_[i].power;
      if (order.wake) {
        if (power == Power::kAsleep) move(i, Power::kWaking, boot_s);
        return power != Power::kFallingAsleep;
      }
      if (!nodes_[i].may_sleep || power == Power::kWaking || is_held(order.node)) return false;
      if (power == Power::kAwake) move(i, Power::kFallingAsleep, 5);
      return true;
    }
    ADD_FAILURE() << "no such node: " << order.node;
    return false;
  }
  void change_power() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      NodeView& node = nodes_[i];
      if (node.power == Power::kFallingAsleep && now_s_ >= changes_s_[i]) node.power = Power::kAsleep;
      if (node.power == Power::kWaking && now_s_ >= changes_s_[i]) node.power = Power::kAwake;
      if (node.power == Power::kAsleep && is_held(node.index)) move(i, Power::kWaking, boot_s);
    }
    for (auto& [key, job] : jobs)
      if (job.view.configuring && all_awake(job)) {
        job.view.configuring = false;
        job.view.start_s = now_s_;
      }
  }
  bool all_awake(const Job& job) const {
    return std::all_of(nodes_.begin(), nodes_.end(),
                       [&](const NodeView& node) { return node.power == Power::kAwake || !holds(job, node.index); });
  }
  void start(Job& job, std::vector<std::int32_t> nodes) const {
    job.view.active = true;
    job.view.start_s = now_s_;
    job.view.placement.nodes = std::move(nodes);
    ++job.starts;
    job.view.configuring = !all_awake(job);
  }
  std::vector<std::int32_t> free_nodes(const JobView& job) const {
    std::vector<std::int32_t> out;
    for (const NodeView& node : nodes_) {
      const bool wanted = job.features.empty() || node.features == job.features;
      if (node.usable && node.power != Power::kFallingAsleep && wanted && free_cores(node.index) == 0xf)
        out.push_back(node.index);
    }
    return out;
  }
  std::uint64_t free_cores(std::int32_t node) const {
    std::uint64_t free = 0xf;
    for (const auto& [key, job] : jobs) {
      if (!job.view.active && !job.view.clearing) continue;
      const auto& placement = job.view.placement;
      for (std::size_t i = 0; i < placement.nodes.size(); ++i)
        if (placement.nodes[i] == node) free &= shared_ ? ~placement.cores[i].at(0) : 0;
    }
    return free;
  }

  Answer answer(const Offer& offer) {
    Answer out;
    out.id = offer.id;
    Job& job = jobs.at(offer.key);
    EXPECT_TRUE(eligible(job)) << "offered though it does not wait: " << name_of(offer.key);
    EXPECT_EQ(job.view.restart, offer.restart);
    EXPECT_TRUE(has_licences(job.view)) << "offered though it lacks licences: " << name_of(offer.key);
    if (chance.chance(refuse_percent)) {
      out.outcome = chance.chance(50) ? Outcome::kNotNow : Outcome::kHeld;
      return out;
    }
    // Slurm chooses the cores itself, so that a later offer of the same pass may not fit any more.
    if (shared_ && !start_on_cores(job, offer.nodes)) return out;
    if (!shared_) start_on_nodes(job, offer.nodes);
    out.outcome = Outcome::kStarted;
    out.started = offer.key;
    out.configuring = job.view.configuring;
    out.placement = job.view.placement;
    return out;
  }
  void start_on_nodes(Job& job, const std::vector<std::int32_t>& nodes) {
    const auto free = free_nodes(job.view);
    EXPECT_TRUE(std::includes(free.begin(), free.end(), nodes.begin(), nodes.end())) << "nodes that are not free";
    EXPECT_GE(nodes.size(), job.view.min_nodes);
    start(job, nodes);
  }
  bool start_on_cores(Job& job, const std::vector<std::int32_t>& nodes) {
    std::uint32_t missing = job.view.min_cpus;
    Placement placement;
    for (const std::int32_t node : nodes) {
      std::uint64_t taken = 0;
      for (std::uint64_t free = free_cores(node); free != 0 && missing > 0; free &= free - 1, --missing)
        taken |= free & (~free + 1);
      if (taken == 0) continue;
      placement.nodes.push_back(node);
      placement.cores.push_back({taken});
    }
    if (missing > 0) return false;
    start(job, placement.nodes);
    job.view.placement = placement;
    return true;
  }

  bool shared_;
  std::int64_t now_s_ = 1'000'000;
  std::uint32_t next_ = 1;
  std::vector<NodeView> nodes_;
  std::vector<std::int64_t> changes_s_;  // of their power, of nodes that fall asleep or wake
};

}  // namespace wattfill::slurm
