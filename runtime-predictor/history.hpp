// What is remembered of the jobs that have something in common: a user, a group, a queue, a shape.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "backfill/model/job.hpp"

namespace wattfill {

enum HistoryKind : std::size_t {
  kOfUser,
  kOfShape,    // user, processors, request
  kOfProgram,  // user, executable
  kOfGroup,
  kOfQueue,
  kOfRequest,  // all users' jobs of one requested time
  kHistoryKinds
};

// Averages are exponential with weight max(1/count, 1/8) for the newest job.
struct History {
  std::int64_t count = 0;             // ended jobs
  std::array<double, 3> last{};       // log2 of the last runtimes, newest first
  std::array<Seconds, 2> runtimes{};  // the last two themselves
  double mean = 0;                    // of log2 runtime
  double spread = 0;                  // mean |log2 runtime - mean|
  double ratio = 0;                   // of log2 (runtime / request)
  double weight = 0;                  // of 10 s / max(10 s, runtime), what a second of waiting costs
  double slow_weight = 0;             // the same over more jobs
  double limit_share = 0;             // at the request
  double cores = 0;                   // of log2 processors
  SimTime last_end{};
  SimTime last_submit{};
  std::int64_t submitted = 0;
  std::int64_t in_system = 0;  // jobs that wait or run
  // Of users and shapes only:
  std::int64_t running_cores = 0;
  std::int64_t start_sum = 0;    // of the running jobs' starts, in seconds
  std::list<SimTime> running{};  // their starts, in order

  void add(const Job& job, SimTime now, Seconds runtime);
  std::int64_t queued() const { return in_system - static_cast<std::int64_t>(running.size()); }
};

struct HistoryKey {
  HistoryKind kind = kOfUser;
  std::int64_t a = 0, b = 0, c = 0;
  bool operator==(const HistoryKey&) const = default;
};
HistoryKey history_key(HistoryKind kind, const Job& job);

struct HistoryKeyHash {
  std::size_t operator()(const HistoryKey& key) const noexcept;
};

// At most so many histories, plus those of jobs that wait or run; beyond that the one touched longest ago is forgotten.
// Addresses hold while a history is in use. O(1).
class HistoryTable {
 public:
  explicit HistoryTable(std::size_t most) : most_(most) {}
  History& touch(const HistoryKey& key);
  std::size_t size() const { return index_.size(); }

 private:
  struct Entry {
    HistoryKey key;
    History history;
  };
  void forget_oldest();

  std::size_t most_;
  std::list<Entry> by_age_;  // touched last in front
  std::unordered_map<HistoryKey, std::list<Entry>::iterator, HistoryKeyHash> index_;
};

}  // namespace wattfill
