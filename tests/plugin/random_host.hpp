// A host that lives at random: submits jobs, starts or refuses what is proposed, ends, requeues and withdraws jobs,
// modifies waiting ones, takes nodes down and up. Everything goes through messages, and what is proposed is checked
// against its own books.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#include "plugin/protocol.pb.h"
#include "tests/backfill/random.hpp"

namespace wattfill::testing {

class RandomHost {
 public:
  struct Callbacks {
    std::function<std::int64_t(const protocol::Event&)> apply;
    std::function<protocol::Pass(std::int64_t now, std::int64_t budget)> schedule;
  };

  struct Habits {
    bool refuses = true;
    bool blunders = true;  // says now and then what cannot be, and expects that to be refused
    bool hasty = true;     // withdraws, modifies and requeues jobs, and tells of several things at one instant
  };

  RandomHost(std::uint64_t seed, std::int32_t nodes, std::int32_t cores, Callbacks callbacks)
      : RandomHost(seed, nodes, cores, std::move(callbacks), Habits{}) {}
  RandomHost(std::uint64_t seed, std::int32_t nodes, std::int32_t cores, Callbacks callbacks, Habits habits)
      : random_(seed), nodes_(nodes), cores_(cores), callbacks_(std::move(callbacks)), habits_(habits) {}

  std::int64_t now() const { return now_; }
  void pass_time(std::int64_t seconds) { now_ += seconds; }
  std::int64_t started() const { return started_; }
  const std::map<std::int64_t, protocol::Job>& waiting() const { return waiting_; }

  // Time goes on to the next thing that happens, and one pass is made.
  void step() {
    now_ += random_.between(habits_.hasty ? 0 : 1, 20);
    end_some();
    overruns();
    for (std::int64_t jobs = random_.between(0, habits_.hasty ? 3 : 1); jobs > 0; --jobs) submit();
    if (habits_.hasty && !waiting_.empty() && random_.chance(10)) change_or_cancel();
    if (habits_.hasty && !running_.empty() && random_.chance(3)) requeue(running_.begin()->first);
    if (random_.chance(10)) take_node();
    pass();
  }

  // Until nothing waits or runs.
  void drain() {
    for (int i = 0; i < 100'000 && !(waiting_.empty() && running_.empty()); ++i) {
      now_ += random_.between(1, 60);
      end_some();
      overruns();
      while (!down_.empty()) change_node(*down_.begin(), true);
      pass();
    }
    EXPECT_TRUE(waiting_.empty() && running_.empty());
  }

 private:
  struct Running {
    protocol::Job job;
    std::vector<std::int32_t> nodes;
    std::int64_t end = 0;
    std::int64_t estimated_end = 0;
  };

  template <class Fill>
  std::int64_t tell(Fill&& fill) {
    protocol::Event event;
    event.set_time_s(now_);
    fill(event);
    return callbacks_.apply(event);
  }

  void submit() {
    protocol::Job job;
    job.set_id(next_id_++);
    job.set_submit_s(now_ - random_.between(0, 5));
    job.set_requested_s(random_.between(1, 200));
    job.set_processors(random_.between32(1, random_.chance(80) ? cores_ * 2 : cores_ * nodes_));
    job.set_user(random_.between32(0, 5));
    job.set_executable(random_.between32(0, 3));
    job.set_priority(random_.between(0, 4));
    tell([&](protocol::Event& e) { *e.mutable_submit() = job; });
    waiting_[job.id()] = job;
  }

  void change_or_cancel() {
    auto at = waiting_.begin();
    std::advance(at, random_.between(0, static_cast<std::int64_t>(waiting_.size()) - 1));
    if (random_.chance(50)) {
      tell([&](protocol::Event& e) { e.set_cancel(at->first); });
      waiting_.erase(at);
      return;
    }
    at->second.set_requested_s(random_.between(1, 200));
    at->second.set_priority(random_.between(0, 4));
    tell([&](protocol::Event& e) { *e.mutable_modify() = at->second; });
  }

  void end_some() {
    for (auto at = running_.begin(); at != running_.end();) {
      if (at->second.end > now_) {
        ++at;
        continue;
      }
      tell([&](protocol::Event& e) { e.set_end(at->first); });
      release(at->second);
      at = running_.erase(at);
    }
  }

  void overruns() {
    for (auto& [id, running] : running_)
      while (running.estimated_end <= now_)
        running.estimated_end = tell([&, job = id](protocol::Event& e) { e.set_overrun(job); });
  }

  void requeue(std::int64_t id) {
    tell([&](protocol::Event& e) { e.set_requeue(id); });
    release(running_[id]);
    waiting_[id] = running_[id].job;
    running_.erase(id);
  }

  void change_node(std::int32_t node, bool available) {
    tell([&](protocol::Event& e) {
      e.mutable_node()->set_node(node);
      e.mutable_node()->set_available(available);
    });
    if (available)
      down_.erase(node);
    else
      down_.insert(node);
  }

  void take_node() {
    const std::int32_t node = random_.between32(0, nodes_ - 1);
    if (down_.contains(node))
      change_node(node, true);
    else if (!busy_.contains(node))
      change_node(node, false);
  }

  void release(const Running& running) {
    for (const std::int32_t node : running.nodes) busy_.erase(node);
  }

  void pass() {
    bool complete = false;
    while (!complete) {
      const protocol::Pass pass = callbacks_.schedule(now_, random_.chance(20) ? 1 : 0);
      complete = pass.complete();
      for (const protocol::Proposal& proposal : pass.proposal()) answer(proposal);
    }
  }

  void answer(const protocol::Proposal& proposal) {
    ASSERT_TRUE(waiting_.contains(proposal.job())) << "proposed, but does not wait";
    Running running;
    running.job = waiting_[proposal.job()];
    for (const protocol::NodeRun& run : proposal.nodes().run())
      for (std::int32_t n = run.first(); n < run.first() + run.length(); ++n) running.nodes.push_back(n);
    for (const std::int32_t node : running.nodes)
      EXPECT_TRUE(!busy_.contains(node) && !down_.contains(node)) << "node " << node << " is not free";
    EXPECT_GE(static_cast<std::int32_t>(running.nodes.size()) * cores_, running.job.processors());
    if (habits_.blunders && !busy_.empty() && random_.chance(5)) {
      protocol::Event wrong;
      wrong.set_time_s(now_);
      wrong.mutable_started()->set_job(proposal.job());
      wrong.mutable_started()->mutable_nodes()->add_run()->set_first(*busy_.begin());
      wrong.mutable_started()->mutable_nodes()->mutable_run(0)->set_length(1);
      EXPECT_THROW(callbacks_.apply(wrong), std::invalid_argument) << "on a node that is not free";
    }
    if (habits_.refuses && random_.chance(15)) {
      const bool held = random_.chance(20);
      tell([&](protocol::Event& e) {
        e.mutable_refused()->set_job(proposal.job());
        if (held) e.mutable_refused()->set_reason(protocol::Refused::HELD);
      });
      if (held) tell([&](protocol::Event& e) { *e.mutable_modify() = running.job; });
      return;
    }
    running.estimated_end = tell([&](protocol::Event& e) { e.mutable_started()->set_job(proposal.job()); });
    EXPECT_EQ(running.estimated_end, proposal.estimated_end_s());
    running.end =
        now_ + random_.between(habits_.hasty ? 0 : 1, running.job.requested_s());  // 0: it ends before the next pass
    busy_.insert(running.nodes.begin(), running.nodes.end());
    waiting_.erase(proposal.job());
    running_[proposal.job()] = std::move(running);
    ++started_;
  }

  Random random_;
  std::int32_t nodes_;
  std::int32_t cores_;
  Callbacks callbacks_;
  Habits habits_;
  std::int64_t now_ = 1000;
  std::int64_t next_id_ = 1;
  std::int64_t started_ = 0;
  std::map<std::int64_t, protocol::Job> waiting_;
  std::map<std::int64_t, Running> running_;
  std::set<std::int32_t> busy_, down_;
};

}  // namespace wattfill::testing
