// SPDX-License-Identifier: GPL-2.0-or-later
// What the plugin sees of a controller, and what it does there, without Slurm's types: plain copies of jobs and nodes,
// and the Host, of which there is one on Slurm and one in the tests.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace wattfill::slurm {

inline constexpr std::uint32_t kNoTask = 0xfffffffe;  // Slurm's NO_VAL: not a task of an array

// Stays with a job, also when an array is split.
struct JobKey {
  std::uint32_t job = 0;  // of an array: its first id
  std::uint32_t task = kNoTask;
  auto operator<=>(const JobKey&) const = default;
};

// "17" or "17_3"
std::string name_of(const JobKey& key);

// Nodes by their place in Slurm's table, ascending; where nodes are shared, the cores of each, 64 to a word.
struct Placement {
  std::vector<std::int32_t> nodes;
  std::vector<std::vector<std::uint64_t>> cores;
  bool operator==(const Placement&) const = default;
};

// A node that falls asleep gets no job before it sleeps; to one that sleeps or wakes a job may be given, and waits.
enum class Power { kAwake, kFallingAsleep, kAsleep, kWaking };

using Licences = std::map<std::string, std::int64_t>;  // how many, by name

struct JobView {
  JobKey key;
  std::uint32_t restart = 0;   // how often it was requeued
  bool active = false;         // it holds nodes: runs, is suspended, or completes
  bool configuring = false;    // it holds nodes, but waits for them to boot
  bool clearing = false;       // it waits again, but its former run still holds nodes
  bool eligible = false;       // it waits, and nothing but a lack of free nodes keeps it from running
  std::string not_understood;  // it waits, and the planner cannot be told what it needs: why
  std::int64_t submit_s = 0;
  std::int64_t limit_s = 0;
  std::int64_t start_s = 0;  // of an active one
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint32_t min_nodes = 0;
  std::uint32_t min_cpus = 0;
  std::uint64_t memory_mib = 0;  // of a node or, as the next says, of a CPU; 0: not asked for
  bool memory_per_cpu = false;
  std::vector<std::string> partitions;  // any of these
  std::vector<std::string> features;    // all of these
  Licences licences;                    // all of these
  std::uint32_t tier = 0;               // of the partition
  std::uint32_t priority = 0;
  Placement placement;  // of an active one
};

struct NodeView {
  std::int32_t index = 0;  // in Slurm's table
  std::string name;
  bool usable = false;  // jobs may be started there, now or when those that it runs have ended
  Power power = Power::kAwake;
  bool may_sleep = false;  // the controller can let it sleep, and nobody forbids it
  std::uint32_t cpus = 0;
  std::uint32_t cores = 0;
  std::uint64_t memory_mib = 0;
  std::vector<std::string> features;  // sorted, as are the partitions
  std::vector<std::string> partitions;
  std::string gres;
};

struct Snapshot {
  std::int64_t now_s = 0;
  std::int64_t hold_us = 0;       // of the write lock; 0: it was only read
  bool shared = false;            // jobs share nodes by core; else a node belongs to one job at a time
  std::string not_understood;     // something of the whole site that the planner cannot be told
  std::int64_t suspend_rate = 0;  // nodes a minute that may begin to sleep; 0: no limit
  std::int64_t resume_rate = 0;   // the same of boots
  Licences licences;              // all that there are, of those that a job asks for
  std::vector<NodeView> nodes;
  std::vector<JobView> jobs;  // pending tasks of an array one by one, the first of them only
};

// Start this job on these nodes.
struct Offer {
  std::int64_t id = 0;
  JobKey key;
  std::uint32_t restart = 0;
  std::vector<std::int32_t> nodes;
};

enum class Outcome { kStarted, kNotNow, kHeld };

struct Answer {
  std::int64_t id = 0;
  Outcome outcome = Outcome::kNotNow;
  JobKey started;  // of an array another task than the offered one may have started
  Placement placement;
  bool configuring = false;  // it waits for its nodes to boot
  std::string reason;        // of a refusal
};

struct CommitBounds {
  std::int64_t hold_ms = 0;   // of the write lock, at a stretch
  std::int64_t pause_ms = 0;  // between two stretches
};

struct CommitReport {
  std::vector<Answer> answers;        // one for each offer, in their order
  std::vector<std::int64_t> hold_us;  // of each stretch
};

// Let this node sleep, or wake it.
struct PowerOrder {
  std::int32_t node = 0;  // in Slurm's table
  bool wake = false;
};

struct PowerReport {
  std::vector<bool> done;             // for each order; also where there was nothing to do
  std::vector<std::int64_t> hold_us;  // of the write lock, of each stretch
};

// What users and administrators are shown of a waiting job.
struct Expectation {
  JobKey key;
  std::int64_t start_s = 0;      // 0: not known
  std::int64_t predicted_s = 0;  // runtime; 0: not known
};

// The controller. Its calls take and release the controller's locks themselves.
class Host {
 public:
  virtual ~Host() = default;
  virtual bool ready() = 0;  // the controller has recovered its state
  virtual std::int64_t now_s() = 0;
  // May have changed since a snapshot of that time. Cheap; takes no lock.
  virtual bool changed_since(std::int64_t time_s) = 0;
  // `evaluate`: have dependencies and limits looked at, as a scheduling cycle does; else as they were found last.
  virtual Snapshot look(bool evaluate, std::uint32_t array_tasks) = 0;
  virtual CommitReport commit(const std::vector<Offer>& offers, const CommitBounds& bounds) = 0;
  virtual PowerReport set_power(const std::vector<PowerOrder>& orders, const CommitBounds& bounds) = 0;
  // Returns for how many microseconds the write lock was held.
  virtual std::int64_t publish(const std::vector<Expectation>& expectations, bool comment) = 0;
  // Slurm's own scheduling, of the hosted plugin and of the controller itself. Never on while offers are committed.
  virtual void stock(bool on) = 0;
  virtual void reconfigure_stock() = 0;
  virtual void say(const std::string& text) = 0;
  virtual void complain(const std::string& text) = 0;
};

}  // namespace wattfill::slurm
