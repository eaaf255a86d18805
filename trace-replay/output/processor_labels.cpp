#include "trace-replay/output/processor_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace wattfill {

std::vector<ProcessorSet::Interval> ProcessorSet::take(std::int32_t count) {
  std::vector<Interval> taken;
  while (count > 0) {
    const auto it = free_.begin();
    const auto [first, last] = *it;
    const std::int32_t here = std::min(count, last - first + 1);
    free_.erase(it);
    if (first + here <= last) free_.emplace(first + here, last);
    taken.push_back({first, first + here - 1});
    count -= here;
  }
  return taken;
}

void ProcessorSet::give_back(const std::vector<Interval>& intervals) {
  for (Interval interval : intervals) {
    auto next = free_.upper_bound(interval.first);
    if (next != free_.end() && next->first == interval.last + 1) {
      interval.last = next->second;
      next = free_.erase(next);
    }
    if (next != free_.begin() && std::prev(next)->second == interval.first - 1) {
      std::prev(next)->second = interval.last;
    } else {
      free_.emplace_hint(next, interval.first, interval.last);
    }
  }
}

std::vector<std::string> label_processors(const Workload& workload, const ReplayResult& result,
                                          std::int32_t processors) {
  const std::size_t n = workload.jobs.size();
  std::vector<std::uint32_t> starts;
  for (std::size_t i = 0; i < n; ++i)
    if (result.outcomes[i].start != kNever) starts.push_back(static_cast<std::uint32_t>(i));
  std::vector<std::uint32_t> ends = starts;
  const auto by = [](auto key) {
    return [key](std::uint32_t a, std::uint32_t b) { return key(a) != key(b) ? key(a) < key(b) : a < b; };
  };
  std::sort(starts.begin(), starts.end(), by([&](std::uint32_t i) { return result.outcomes[i].start; }));
  std::sort(ends.begin(), ends.end(), by([&](std::uint32_t i) { return result.outcomes[i].end; }));

  std::vector<std::string> labels(n);
  std::vector<std::vector<ProcessorSet::Interval>> held(n);
  ProcessorSet free(processors);
  auto end = ends.begin();
  for (const std::uint32_t i : starts) {
    // [start, end) is half open: what ends now is free now.
    for (; result.outcomes[*end].end <= result.outcomes[i].start; ++end) {
      free.give_back(held[*end]);
      held[*end] = {};
    }
    held[i] = free.take(workload.jobs[i].job.processors);
    for (const auto& [first, last] : held[i]) {
      if (!labels[i].empty()) labels[i] += ' ';
      labels[i] += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    }
  }
  return labels;
}

}  // namespace wattfill
