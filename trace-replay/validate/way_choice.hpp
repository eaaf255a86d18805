// Which way to run a job the rule names, from what is free and what running jobs will give back.
#pragma once

#include <string>
#include <vector>

#include "trace-replay/validate/judged_job.hpp"
#include "trace-replay/validate/node_machine.hpp"

namespace wattfill::judge {

using Units = std::vector<std::int64_t>;  // by node type

// Units that a running job is estimated to give back.
struct Release {
  SimTime at;
  TypeUnits units;
};

// A way to run a job, and when. No way: start is kNever.
struct Choice {
  Way way;
  SimTime start = kNever;
  SimTime finish = kNever;
};

class WayChoice {
 public:
  explicit WayChoice(const NodeMachine& machine) : machine_(machine) {}

  bool fits(const TraceEntry& job, const Way& way, const Units& room) const;
  // What the job takes of each type, which are ascending. Precondition: it fits.
  std::vector<TypeUnits> takes(const TraceEntry& job, const Way& way, const Units& room) const;
  // The way that is estimated to finish first, ties by the earlier start, then in the order of `ways`. `releases` is in
  // order of time, all of it after `now`.
  Choice choose(const TraceEntry& job, const std::vector<Way>& ways, SimTime now, const Units& free,
                const std::vector<Release>& releases) const;

  // "12", or of several types "12 of efficient, 3 of fast"; and "efficient and fast".
  std::string units_text(const Units& units) const;
  std::string types_text(const std::vector<TypeUnits>& taken) const;

 private:
  SimTime earliest(const TraceEntry& job, const Way& way, SimTime now, Units room,
                   const std::vector<Release>& releases) const;

  const NodeMachine& machine_;
};

}  // namespace wattfill::judge
