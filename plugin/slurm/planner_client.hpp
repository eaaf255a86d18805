// SPDX-License-Identifier: GPL-2.0-or-later
// The connection to the planner: requests and replies over a Unix socket, none of which takes longer than its deadline.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "plugin/protocol.pb.h"

namespace wattfill::slurm {

// The planner is not there, is somebody else's, does not answer in time, or says that it cannot go on.
class PlannerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Not for several threads at once. Deadlines count real time, whatever clock the process is shown.
class PlannerClient {
 public:
  PlannerClient() = default;
  ~PlannerClient() { close(); }
  PlannerClient(const PlannerClient&) = delete;
  PlannerClient& operator=(const PlannerClient&) = delete;

  // `user`: name or number of the user whose process may answer; empty: that of this process, or root.
  void connect(const std::string& socket, const std::string& user, std::int64_t deadline_ms);
  // Sends it under the next sequence number and returns the answer. After an exception the connection is closed.
  protocol::Reply ask(protocol::Request& request, std::int64_t deadline_ms);
  void close();
  bool connected() const { return socket_ >= 0; }

 private:
  void check_peer(const std::string& user) const;
  void send(const std::string& bytes, std::int64_t until_ms);
  protocol::Reply receive(std::int64_t until_ms);
  void wait_for(short events, std::int64_t until_ms) const;

  int socket_ = -1;
  std::uint64_t sequence_ = 0;
  std::string received_;
};

}  // namespace wattfill::slurm
