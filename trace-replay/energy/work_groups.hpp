// Much work that may run on one of several node types, merged where it is alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backfill/model/int128.hpp"

namespace wattfill {

inline constexpr std::int64_t kForbidden = -1;

// Jobs that take node-seconds of the types in the same ratio are one group: prices send them all to the same type.
class WorkGroups {
 public:
  explicit WorkGroups(std::size_t types) : types_(types) {}

  // What a job would take of each type; kForbidden: it may not run there. Throws std::invalid_argument if it may run
  // nowhere or a number is neither kForbidden nor in [0, 2^53), std::overflow_error if the jobs' sum reaches 2^62.
  // O(types).
  void add(std::span<const std::int64_t> node_seconds);

  std::size_t types() const { return types_; }
  std::size_t size() const { return weights_.size(); }

  // Sends every job to the type where its node-seconds times the type's price, >= 0, is least (the first such).
  struct Placed {
    double cost = 0;            // the sum of these products
    std::vector<double> loads;  // by type, node-seconds
  };
  Placed place(std::span<const double> prices) const;

  // The same cost, exact, of whole prices below 2^62.
  Int128 least_cost(std::span<const std::int64_t> prices) const;

 private:
  const double* ratio(std::size_t group) const { return &ratios_[group * types_]; }
  std::size_t find(std::span<const double> ratio) const;  // its slot, or a free one
  void grow();

  std::size_t types_;
  std::int64_t total_ = 0;             // each job's largest node-seconds
  std::vector<double> ratios_;         // by group and type: whole numbers without a common divisor, or infinity
  std::vector<std::int64_t> weights_;  // by group: times its ratio, its node-seconds
  std::vector<std::uint32_t> slots_;   // hash table of groups + 1, a power of two
};

}  // namespace wattfill
