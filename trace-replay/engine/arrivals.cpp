#include "trace-replay/engine/arrivals.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_map>

namespace wattfill {
namespace {

SimTime recorded_end(const Workload& w, std::size_t i) { return w.links[i].recorded_start + w.jobs[i].runtime; }

// Cuts each circle at its first job. Every job has one predecessor at most, so a walk meets a circle at most once, and
// no job is walked over twice.
void break_circles(std::vector<std::uint32_t>& follows) {
  std::vector<std::uint32_t> walk_of(follows.size(), FollowUps::kNone);
  for (std::uint32_t begin = 0; begin < follows.size(); ++begin) {
    std::uint32_t at = begin;
    for (; at != FollowUps::kNone && walk_of[at] == FollowUps::kNone; at = follows[at]) walk_of[at] = begin;
    if (at == FollowUps::kNone || walk_of[at] != begin) continue;
    std::uint32_t first = at;
    for (std::uint32_t other = follows[at]; other != at; other = follows[other]) first = std::min(first, other);
    follows[first] = FollowUps::kNone;
  }
}

}  // namespace

FollowUps follow_ups(const Workload& w, Arrivals arrivals) {
  const std::size_t n = w.jobs.size();
  if (w.links.size() != n) throw std::invalid_argument("follow_ups: the workload was loaded without its links");
  FollowUps f;
  f.follows.assign(n, FollowUps::kNone);
  f.think.assign(n, Seconds{0});
  std::unordered_map<JobId, std::uint32_t> by_id;
  for (std::size_t i = 0; i < n; ++i) by_id.emplace(w.jobs[i].job.id, static_cast<std::uint32_t>(i));

  // Per user: recorded end -> job, of the jobs seen so far in order of submission.
  std::unordered_map<std::int32_t, std::map<SimTime, std::uint32_t>> ended;
  for (std::size_t i = 0; i < n; ++i) {
    const Job& job = w.jobs[i].job;
    const auto index = static_cast<std::uint32_t>(i);
    if (const auto it = by_id.find(w.links[i].preceding); w.links[i].preceding > 0 && it != by_id.end()) {
      f.follows[i] = it->second;
      f.think[i] = std::max(Seconds{0}, w.links[i].think);
    } else if (arrivals == Arrivals::kClosedLoop && job.user != kUnknown && w.links[i].preceding <= 0) {
      auto& own = ended[job.user];
      if (const auto later = own.upper_bound(job.submit); later != own.begin()) {
        const auto& [end, before] = *std::prev(later);
        if (job.submit - end <= FollowUps::kSessionBreak) {
          f.follows[i] = before;
          f.think[i] = job.submit - end;
        }
      }
    }
    if (job.user != kUnknown) ended[job.user].insert_or_assign(recorded_end(w, i), index);
  }

  break_circles(f.follows);

  f.first_child.assign(n, FollowUps::kNone);
  f.next_child.assign(n, FollowUps::kNone);
  for (std::size_t i = n; i-- > 0;) {
    if (f.follows[i] == FollowUps::kNone) continue;
    f.next_child[i] = f.first_child[f.follows[i]];
    f.first_child[f.follows[i]] = static_cast<std::uint32_t>(i);
  }
  return f;
}

}  // namespace wattfill
