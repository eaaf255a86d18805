#include "trace-replay/workload/arrival_order.hpp"

#include <algorithm>
#include <numeric>

namespace wattfill {
namespace {

bool arrives_before(const TraceJob& a, const TraceJob& b) {
  return a.job.submit != b.job.submit ? a.job.submit < b.job.submit : a.job.id < b.job.id;
}

}  // namespace

void sort_by_arrival(Workload& w) {
  if (std::is_sorted(w.jobs.begin(), w.jobs.end(), arrives_before)) return;
  if (w.links.empty() && w.cancel_at.empty()) {
    std::stable_sort(w.jobs.begin(), w.jobs.end(), arrives_before);
    return;
  }
  std::vector<std::size_t> order(w.jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return arrives_before(w.jobs[a], w.jobs[b]); });
  const auto permute = [&order](auto& column) {
    if (column.empty()) return;
    auto old = column;
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = old[order[i]];
  };
  permute(w.jobs);
  permute(w.links);
  permute(w.cancel_at);
}

}  // namespace wattfill
