// Between the messages and the model.
#pragma once

#include "backfill/model/allocation.hpp"
#include "backfill/model/cluster.hpp"
#include "backfill/model/job.hpp"
#include "backfill/model/node_types.hpp"
#include "plugin/protocol.pb.h"

namespace wattfill {

inline SimTime time_of(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

// Throws std::invalid_argument for numbers that cannot be.
Job job_of(const protocol::Job& in);
protocol::Job message_of(const Job& in);

void write_run(NodeRun in, protocol::NodeRun& out);
// Throws std::invalid_argument where it is not within [0, nodes).
NodeRun checked_run(const protocol::NodeRun& in, NodeIndex nodes);

void write_allocation(const Allocation& in, protocol::Allocation& out);
// Throws std::invalid_argument where nodes are not ascending within [0, nodes),
// or bitmaps do not fit them.
Allocation allocation_of(const protocol::Allocation& in, const NodeTypes& types, const Cluster& cluster);

}  // namespace wattfill
