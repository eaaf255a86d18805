// A power cap as a bound on how many nodes may work: so many of each type are taken out that the others can all draw
// their active power at once, and the cap holds at every instant, whatever is scheduled. Transitions are reckoned to
// draw no more than work does.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "backfill/model/cluster.hpp"

namespace wattfill {

class CapTooLow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How many nodes of each type must not work for the machine to stay within `cap`. Those that are out sleep as deep as
// can be if nodes sleep, else they idle. Nodes that give up the least throughput (processors times speed) for the power
// that they free go first, ties in the order of the cluster file: with sleep that leaves the configuration of the
// highest throughput under the cap, but for one node (a fractional knapsack). Throws CapTooLow with the least cap that
// can be kept.
std::vector<std::int32_t> nodes_out_of_work(const Cluster& cluster, Milliwatts cap, bool nodes_sleep);

// The same for a cap that changes: by node type, so many at each time, on the cap's clock. A lower cap takes out what a
// higher one does and more, of each type. Throws CapTooLow with regard to the cap's lowest value.
std::vector<StepSeries> nodes_out_of_work(const Cluster& cluster, const StepSeries& cap, bool nodes_sleep);

// The highest value of the series within [t, t + ahead], for each t.
StepSeries highest_ahead(const StepSeries& series, Seconds ahead);

// How long an unused node takes at most until it sleeps as deep as can be, whatever it is about: to come up, to fall
// into a lighter sleep and out of it again. Boots that fail are not reckoned with.
Seconds time_to_deepest_sleep(const NodeType& type);

// What is left of the machine at all times: without the most nodes of each type that are out at any. One series for
// each type, none of them empty; or none at all: all work. What can run on it can run whenever it comes.
Cluster at_work(Cluster cluster, std::span<const StepSeries> out_of_work);

}  // namespace wattfill
