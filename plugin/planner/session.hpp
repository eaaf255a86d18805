// One host's conversation with the planner: requests in, replies out, no sockets.
//
// Between conversations the session keeps what the planner learned: the jobs that ended. A host that comes back tells
// all of its jobs anew, since only it knows what happened meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "plugin/config.pb.h"
#include "plugin/logged_planner.hpp"
#include "plugin/protocol.pb.h"

namespace wattfill {

class Session {
 public:
  // `config`: what wattfilld was started with; its machine is replaced by the host's, with the power that the config
  // knows of its nodes. `most`: of what a host says that it can do. `learned`: a saved state, whose ended jobs are
  // learned from.
  Session(plugin::Config config, HostAbilities most, plugin::State learned);

  // Never throws for what a host may say: the reply tells the error, and the host has to say hello again. Throws only
  // where memory is exhausted.
  protocol::Reply answer(const protocol::Request& request);

  // What is worth to be saved now: the ended jobs, and the jobs as last told.
  plugin::State state() const;
  std::int64_t ended() const { return ended_; }    // jobs, since the start
  std::int64_t hellos() const { return hellos_; }  // each made a planner
  const LoggedPlanner* planner() const { return planner_.get(); }

 private:
  void hello(const protocol::Hello& hello, protocol::Reply& reply);
  void step(const protocol::Step& step, protocol::Reply& reply);
  void apply(const protocol::Event& event);
  void report_overruns(std::int64_t now);
  void watch_anew();
  void watch(std::int64_t job, std::int64_t estimated_end);

  plugin::Config config_;
  HostAbilities most_;
  plugin::State learned_;  // of earlier conversations
  std::unique_ptr<LoggedPlanner> planner_;
  std::int64_t ended_ = 0;
  std::int64_t hellos_ = 0;
  std::int64_t renewals_ = 0;  // of the planner, as seen
  // When running jobs are estimated to end: by time, and the times by job.
  std::multimap<std::int64_t, std::int64_t> ends_;
  std::unordered_map<std::int64_t, std::multimap<std::int64_t, std::int64_t>::iterator> end_of_;
};

}  // namespace wattfill
