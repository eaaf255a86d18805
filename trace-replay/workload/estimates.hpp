// Requested times (walltime estimates) for jobs whose runtime is known.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "trace-replay/swf/swf_record.hpp"
#include "trace-replay/workload/random.hpp"

namespace wattfill {

enum class EstimateKind {
  kModal,   // what users ask for: round values, see RequestModel
  kFactor,  // runtime times a uniform factor, rounded up
  kExact,   // requested = runtime
};

struct EstimateOptions {
  EstimateKind kind = EstimateKind::kModal;
  double low = 1, high = 5;  // of kFactor: 1 <= low <= high <= 1000
};

// One line for a trace's header.
std::string describe(const EstimateOptions& options);

// Draws requests; every request is at least the runtime, so no job is killed early.
//
// Modal requests follow the shape that D. Tsafrir, Y. Etsion and D. G. Feitelson found ("Modeling user runtime
// estimates", JSSPP 2005): some twenty round values cover about 90 % of the jobs and the longest allowed value is the
// most popular. Their users keep to habits, so does this model:
// - An application (or, where the trace knows none, a user) has a habitual request: the longest allowed value for 22 %
// of
//   them, an odd number of minutes for 2 %, else a popular value, drawn among those that its first job fits in, by
//   popularity times (runtime / value)^0.5, which makes near values likelier.
// - A job that does not fit changes the habit to a longer value. 7 % of jobs ask for an odd number of minutes instead,
// 1 %
//   have run just as long as they asked for, as jobs killed at their limit have.
// How accurate is this? The twenty values and the two properties are the paper's; popularity by value differs between
// sites, and the weights here are a choice, as are the shares of habits.
class RequestModel {
 public:
  // `longest_run_s` >= every runtime to come. The longest allowed request is the first of 1 h, 2 h, 4 h, ... 48 h, 72
  // h, ... 720 h that is no shorter, beyond that whole days. Throws UsageError when the options' range is not as stated
  // above.
  RequestModel(const EstimateOptions& options, std::int64_t longest_run_s, std::uint64_t seed);

  // The request of the next job in seconds; run_s > 0. user and executable -1 where unknown: a job of no known user has
  // no habit. O(log users) amortised.
  std::int64_t request(std::int64_t run_s, std::int64_t user, std::int64_t executable);

  std::int64_t longest_allowed_s() const { return longest_allowed_s_; }

 private:
  std::int64_t modal(std::int64_t run_s, std::int64_t user, std::int64_t executable);
  std::int64_t new_habit(std::int64_t run_s);
  std::int64_t popular_value(std::int64_t run_s);
  std::int64_t odd_value(std::int64_t run_s);

  struct Popular {
    std::int64_t value_s;
    double weight;
  };

  EstimateOptions options_;
  std::int64_t longest_allowed_s_;
  RandomEngine engine_;
  std::vector<Popular> popular_;                            // ascending, all below the longest allowed
  std::unordered_map<std::uint64_t, std::int64_t> habits_;  // never iterated: its order is not portable
};

// Gives every record that ran (run_s > 0) a new requested time and leaves the others as they are.
void replace_requests(std::vector<SwfRecord>& records, const EstimateOptions& options, std::uint64_t seed);

}  // namespace wattfill
