// What a learned predictor looks at: one table of features, filled in O(1) per event from what the scheduler knows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "backfill/model/job.hpp"
#include "runtime-predictor/history.hpp"
#include "runtime-predictor/neighbours.hpp"

namespace wattfill {

struct FeatureInfo {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
};

// The order is that of the columns. "log2 s" is log2(max(1, seconds)); a missing value is NaN. A history's averages
// are exponential, so that old jobs fade. "shape": same user, processors and request; "program": same user and
// executable.
inline constexpr auto kFeatures = std::to_array<FeatureInfo>({
    {"request", "log2 s", "requested time"},
    {"processors", "log2", "processors"},
    {"memory", "log2 kB", "requested memory of a processor"},
    {"user", "id", "who submits"},
    {"group", "id", "of which group"},
    {"executable", "id", "what runs"},
    {"queue", "id", "in which queue"},
    {"day_sin", "", "time of day, sine"},
    {"day_cos", "", "time of day, cosine"},
    {"week_sin", "", "time of week, sine"},
    {"week_cos", "", "time of week, cosine"},
    {"user_count", "log2", "the user's ended jobs"},
    {"user_last", "log2 of request", "runtime of the user's last ended job"},
    {"user_second", "log2 of request", "of the one before"},
    {"user_third", "log2 of request", "of the one before that"},
    {"user_mean", "log2 of request", "mean of the logarithm of the user's runtimes"},
    {"user_spread", "log2", "mean distance from that mean"},
    {"user_ratio", "log2", "mean of the logarithm of runtime / request"},
    {"user_weight", "share", "mean of 10 s / max(10 s, runtime) of the user's jobs"},
    {"user_slow_weight", "share", "the same over more jobs"},
    {"user_limit", "share", "of the user's jobs that reached the request"},
    {"user_think", "log2 s", "since the user's last end"},
    {"user_gap", "log2 s", "since the user's last submission"},
    {"user_running", "jobs", "of the user, running"},
    {"user_running_cores", "processors", "taken by them"},
    {"user_elapsed_sum", "log2 s", "sum of the time that they have run"},
    {"user_elapsed", "log2 of request", "time that the longest of them has run"},
    {"user_queued", "jobs", "of the user, waiting"},
    {"user_cores_ratio", "log2", "processors over the mean of the user's jobs"},
    {"shape_count", "log2", "ended jobs of this shape"},
    {"shape_last", "log2 of request", "runtime of the last ended job of this shape"},
    {"shape_second", "log2 of request", "of the one before"},
    {"shape_mean", "log2 of request", "mean of the logarithm of the runtimes of this shape"},
    {"shape_spread", "log2", "mean distance from that mean"},
    {"shape_weight", "share", "mean of 10 s / max(10 s, runtime) of this shape"},
    {"shape_think", "log2 s", "since the last end of this shape"},
    {"shape_gap", "log2 s", "since the last submission of this shape"},
    {"shape_running", "jobs", "of this shape, running"},
    {"shape_elapsed", "log2 of request", "time that the longest of them has run"},
    {"shape_queued", "jobs", "of this shape, waiting"},
    {"program_count", "log2", "ended jobs of this program"},
    {"program_last", "log2 of request", "runtime of the last ended job of this program"},
    {"program_mean", "log2 of request", "mean of the logarithm of its runtimes"},
    {"program_weight", "share", "mean of 10 s / max(10 s, runtime) of this program"},
    {"program_spread", "log2", "mean distance from that mean"},
    {"group_ratio", "log2", "mean of the logarithm of runtime / request in the group"},
    {"queue_ratio", "log2", "the same in the queue"},
    {"request_ratio", "log2", "the same over all users' jobs of this request"},
    {"request_weight", "share", "mean of 10 s / max(10 s, runtime) over them"},
    {"last_two", "log2 of request", "the mean of the user's last two runtimes, at most the request"},
    {"similar_median", "log2 of request", "median runtime of the user's five jobs most alike, at most the request"},
    {"similar_shortest", "log2 of request", "the shortest of them"},
    {"similar_longest", "log2 of request", "the longest of them"},
    {"similar_weight", "share", "mean of 10 s / max(10 s, runtime) over them"},
    {"before_runtime", "log2 of request", "runtime of the ended job of this shape that was submitted last before it"},
    {"before_gap", "log2 s", "between their submissions"},
    {"after_runtime", "log2 of request", "runtime of the ended job of this shape that was submitted first after it"},
    {"after_gap", "log2 s", "between their submissions"},
});
inline constexpr std::size_t kFeatureCount = kFeatures.size();
inline constexpr int kFeatureSchema = 2;  // raised whenever the table changes

// The column of a feature; kFeatureCount for a name that is not in the table.
constexpr std::size_t feature_index(std::string_view name) {
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (kFeatures[i].name == name) return i;
  return kFeatureCount;
}

using FeatureRow = std::array<float, kFeatureCount>;

// Keeps the histories and what runs and waits now. Memory: bounded by `most_histories` and the jobs in the system.
class FeatureExtractor {
 public:
  explicit FeatureExtractor(std::size_t most_histories = std::size_t{1} << 16) : histories_(most_histories) {}

  // The row of a job that enters the queue now; the job counts as waiting from then on.
  FeatureRow submitted(const Job& job, SimTime now);
  // The row of a waiting job as it would look if it entered now; what tells of the moment of its submission stays as in
  // `submitted`, its row then. Changes nothing. nullopt: the job is not known.
  std::optional<FeatureRow> while_waiting(const Job& job, SimTime now, const FeatureRow& submitted);
  void started(const Job& job, SimTime now);
  void ended(const Job& job, SimTime now, Seconds runtime);
  void cancelled(const Job& job, SimTime now);

 private:
  struct Active {
    std::array<History*, kHistoryKinds> of{};
    bool running = false;
    std::list<SimTime>::iterator in_user, in_shape;
  };
  void stop(const Job& job, Active& active);
  void leave(const Job& job, std::unordered_map<JobId, Active>::iterator which);
  FeatureRow row(const Job& job, SimTime now, const Active& active);

  HistoryTable histories_;
  Neighbours neighbours_;
  std::unordered_map<JobId, Active> active_;
};

}  // namespace wattfill
