// Small planners: their configs, and a host that says hello to one.
#pragma once

#include <string>

#include "backfill/config/cluster.pb.h"
#include "plugin/planner.hpp"
#include "plugin/protocol.pb.h"
#include "plugin/setup.hpp"

namespace wattfill::testing {

inline constexpr std::int32_t kNodes = 8;
inline constexpr std::int32_t kCores = 2;

inline plugin::Config small_config(const std::string& policy) {
  return resolved(parse_config("policy: \"" + policy +
                                   "\" cluster_text: \"name: 'small' allocation: WHOLE_NODES "
                                   "node_type { name: 'n' count: 8 processors: 2 }\"",
                               "test"));
}

// The first request to a planner behind a socket, about the same machine.
inline protocol::Request hello() {
  protocol::Request request;
  request.set_sequence(1);
  protocol::Hello& hello = *request.mutable_hello();
  hello.set_version(protocol::CURRENT);
  hello.set_host("a test");
  hello.mutable_cluster()->set_name("small");
  hello.mutable_cluster()->set_allocation(config::WHOLE_NODES);
  config::NodeType& type = *hello.mutable_cluster()->add_node_type();
  type.set_name("n");
  type.set_count(kNodes);
  type.set_processors(kCores);
  return request;
}

inline constexpr HostAbilities kAble{WATTFILL_HOST_SLEEPS | WATTFILL_HOST_SHARES_NODES};

}  // namespace wattfill::testing
