#include "backfill/power/demand_forecast.hpp"

namespace wattfill {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr Seconds kFadeEvery{28 * 24 * kHour};
constexpr float kFade = 0.8F;
constexpr Seconds kShortestStep{60};
constexpr int kUnlikely = 3;  // after so many levels nobody looks deeper

// Two levels an octave: 1, 2, 3, 4, 6, 8, 12, 16, ...
constexpr std::int64_t depth_of(int level) {
  return level == 0 ? 1 : (std::int64_t{2} + (level + 1) % 2) << ((level + 1) / 2 - 1);
}

}  // namespace

DemandForecast::DemandForecast(std::int64_t nodes, Seconds window)
    : window_(std::max(Seconds{1}, window)), ages_(window_), step_(std::max(kShortestStep, window / 2)) {
  for (int level = 0; level < static_cast<int>(depths_.size()) && depth_of(level) <= nodes; ++level)
    depths_[static_cast<std::size_t>(levels_++)] = depth_of(level);
  counts_.resize(static_cast<std::size_t>(levels_) *
                 (1 + kOutlooks * kActivities * (1 + kAges * (1 + kHours)) + kAges * kWeekHours));
}

int DemandForecast::week_hour(SimTime at) {
  const std::int64_t hours = seconds_since_epoch(at) / kHour;
  return static_cast<int>(((hours % 168) + 168) % 168);
}

DemandForecast::Situation DemandForecast::situation(SimTime at) const {
  std::int64_t drawn = 0;
  if (!pending_.empty()) drawn = pending_.front().unused - pending_.front().least;
  return {outlook_, drawn <= 0 ? 0 : drawn < 4 ? 1 : drawn < 16 ? 2 : 3, at};
}

DemandForecast::Tables DemandForecast::tables(const Situation& s) const {
  constexpr std::size_t kSituations = std::size_t{kOutlooks} * kActivities;
  const auto hour = static_cast<std::size_t>(week_hour(s.at));
  const auto situation = static_cast<std::size_t>(s.outlook) * kActivities + static_cast<std::size_t>(s.activity);
  const auto levels = static_cast<std::size_t>(levels_);
  const std::size_t by_age = levels * kAges;
  const std::size_t known = levels;
  const std::size_t aged = known + levels * kSituations;
  const std::size_t by_hour = aged + by_age * kSituations;
  const std::size_t by_week = by_hour + by_age * kSituations * kHours;
  // By hour of the week only where nothing else is known.
  const bool weekly = situation == 0;
  const std::size_t this_hour = by_hour + by_age * (hour % kHours * kSituations + situation);
  return {{0, known + levels * situation, aged + by_age * situation, this_hour,
           weekly ? by_week + by_age * hour : this_hour},
          weekly};
}

void DemandForecast::find_levels() {
  there_ = 0;
  std::int64_t above = 0;
  for (std::size_t i = stack_.size(); i-- > 0 && there_ < levels_;) {
    above += stack_[i].nodes;
    for (; there_ < levels_ && depths_[static_cast<std::size_t>(there_)] <= above; ++there_)
      since_[static_cast<std::size_t>(there_)] = stack_[i].since;
  }
}

void DemandForecast::observe(std::int64_t unused, int outlook, SimTime now) {
  if (!began_) {
    began_ = true;
    next_sample_ = now;
    next_fade_ = now + kFadeEvery;
    unused_ = unused;
    if (unused > 0) stack_.push_back({now, unused});
    find_levels();
  }
  sample_until(now);
  now_ = now;
  outlook_ = outlook;
  if (unused > unused_) stack_.push_back({now, unused - unused_});
  for (std::int64_t used = unused_ - unused; used > 0;) {
    const std::int64_t some = std::min(used, stack_.back().nodes);
    stack_.back().nodes -= some;
    used -= some;
    if (stack_.back().nodes == 0) stack_.pop_back();
  }
  if (unused != unused_) find_levels();
  const bool freed = unused > unused_;
  unused_ = unused;
  // The least of an older sample is no more than that of a younger one.
  for (auto s = pending_.rbegin(); s != pending_.rend() && s->least > unused; ++s) s->least = unused;
  // As a rule, but not at each of a crowd.
  if (freed && now >= next_freed_sample_) {
    sample(now);
    next_freed_sample_ = now + step_ / 4;
  }
}

void DemandForecast::sample(SimTime at) {
  Sample& sample = pending_.emplace_back(situation(at), unused_, there_);
  for (int level = 0; level < there_; ++level)
    sample.age[static_cast<std::size_t>(level)] = static_cast<std::uint8_t>(age_of_level(level, at));
}

// Samples of the past stretch, in which nothing changed.
void DemandForecast::sample_until(SimTime now) {
  for (; next_sample_ < now; next_sample_ += step_) {
    while (next_sample_ >= next_fade_) fade();
    learn_until(next_sample_);  // so that a sample is taken of the situation in which the forecast would be asked
    sample(next_sample_);
  }
  learn_until(now);
  if (now >= next_fade_) fade();
}

void DemandForecast::learn_until(SimTime now) {
  for (; !pending_.empty() && pending_.front().situation.at + window_ < now; pending_.pop_front())
    learn(pending_.front());
}

void DemandForecast::learn(const Sample& sample) {
  const Tables of = tables(sample.situation);
  const std::int64_t fall = sample.unused - sample.least;
  for (int level = 0; level < sample.depths; ++level) {
    const int age = sample.age[static_cast<std::size_t>(level)];
    const Counts more{1, depths_[static_cast<std::size_t>(level)] <= fall ? 1.0F : 0.0F};
    for (std::size_t table = 0; table + 1 < of.first.size(); ++table) counts_[cell(of, table, age, level)] += more;
    if (of.weekly) counts_[cell(of, of.first.size() - 1, age, level)] += more;
  }
}

void DemandForecast::fade() {
  next_fade_ += kFadeEvery;
  for (Counts& counts : counts_) {
    counts.total *= kFade;
    counts.needed *= kFade;
  }
}

double DemandForecast::chance(const Tables& of, int age, int level) const {
  double p = 1;  // before anything was seen
  for (std::size_t table = 0; table < of.first.size(); ++table) {
    const Counts& counts = counts_[cell(of, table, age, level)];
    // So that the divisions need not wait for each other.
    const double share = 1 / (static_cast<double>(counts.total) + kPrior);
    p = (static_cast<double>(counts.needed) + kPrior * p) * share;
  }
  return p;
}

std::int64_t DemandForecast::likely(double probability) const {
  std::int64_t nodes = 0;
  int unlikely = 0;  // levels in a row
  const Tables of = tables(situation(now_));
  for (int level = 0; level < there_ && unlikely < kUnlikely; ++level, ++unlikely) {
    if (chance(of, age_of_level(level, now_), level) < probability) continue;
    nodes = level + 1 == there_ ? unused_ : depths_[static_cast<std::size_t>(level)];
    unlikely = -1;
  }
  return nodes;
}

SimTime DemandForecast::next_change(std::int64_t nodes, SimTime now) const {
  SimTime next{Seconds{(seconds_since_epoch(now) / kHour + 1) * kHour}};
  // A node grows older than its octave, but a crowd's birthdays are no occasions of their own.
  const SimTime soonest = now + std::max(Seconds{1}, step_ / 4);
  for (auto i = stack_.rbegin(); i != stack_.rend() && nodes > 0 && next > soonest; nodes -= i++->nodes) {
    const int age = ages_.of(now - i->since);
    if (age == kAges - 1) break;
    next = std::min(next, std::max(i->since + ages_.end(age), soonest));
  }
  return next;
}

}  // namespace wattfill
