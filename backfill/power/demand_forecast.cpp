#include "backfill/power/demand_forecast.hpp"

#include <bit>

namespace wattfill {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr Seconds kFadeEvery{28 * 24 * kHour};
constexpr float kFade = 0.8F;
constexpr Seconds kShortestStep{60};
constexpr std::int64_t kYoungest = 32;
constexpr int kUnlikely = 3;  // after so many levels nobody looks deeper

}  // namespace

DemandForecast::DemandForecast(std::int64_t nodes, Seconds window)
    : window_(window), step_(std::max(kShortestStep, window / 2)) {
  while (levels_ < 40 && depth_of(levels_) <= nodes) ++levels_;
  counts_.resize(static_cast<std::size_t>(levels_) *
                 (1 + kOutlooks * kActivities * (1 + kAges * (1 + kHours)) + kAges * kWeekHours));
}

// Two levels an octave: 1, 2, 3, 4, 6, 8, 12, 16, ...
std::int64_t DemandForecast::depth_of(int level) {
  return level == 0 ? 1 : (std::int64_t{2} + (level + 1) % 2) << ((level + 1) / 2 - 1);
}

// In octaves, from the kYoungest-th part of the window on.
int DemandForecast::age_of(Seconds unused) const {
  const std::int64_t parts = kYoungest * unused.count() / std::max<std::int64_t>(1, window_.count());
  return std::min(static_cast<int>(std::bit_width(static_cast<std::uint64_t>(parts))), kAges - 1);
}

int DemandForecast::week_hour(SimTime at) {
  const std::int64_t hours = seconds_since_epoch(at) / kHour;
  return static_cast<int>(((hours % kWeekHours) + kWeekHours) % kWeekHours);
}

DemandForecast::Situation DemandForecast::situation(SimTime at) const {
  std::int64_t drawn = 0;
  if (!pending_.empty()) drawn = pending_.front().unused - pending_.front().least;
  return {outlook_, drawn <= 0 ? 0 : drawn < 4 ? 1 : drawn < 16 ? 2 : 3, at};
}

std::array<std::size_t, 5> DemandForecast::cells(int level, int age, const Situation& s) const {
  const auto hour = static_cast<std::size_t>(week_hour(s.at));
  const std::size_t situation =
      static_cast<std::size_t>(s.outlook) * kActivities + static_cast<std::size_t>(s.activity);
  constexpr std::size_t kSituations = kOutlooks * kActivities;
  const auto l = static_cast<std::size_t>(level);
  const auto levels = static_cast<std::size_t>(levels_);
  const std::size_t known = l * kSituations + situation;
  const std::size_t aged = known * kAges + static_cast<std::size_t>(age);
  const std::size_t by_hour = aged * kHours + hour % kHours;
  const std::size_t by_week = (l * kAges + static_cast<std::size_t>(age)) * kWeekHours + hour;
  std::size_t from = 0;
  const auto table = [&from](std::size_t size, std::size_t cell) {
    from += size;
    return from - size + cell;
  };
  const std::size_t a = table(levels, l);
  const std::size_t b = table(levels * kSituations, known);
  const std::size_t c = table(levels * kSituations * kAges, aged);
  const std::size_t d = table(levels * kSituations * kAges * kHours, by_hour);
  const std::size_t e = table(levels * kAges * kWeekHours, by_week);
  // By hour of the week only where nothing else is known.
  return {a, b, c, d, situation == 0 ? e : d};
}

template <class Visit>
void DemandForecast::for_each_level(SimTime now, Visit&& visit) const {
  std::int64_t above = 0;
  int level = 0;
  for (std::size_t i = stack_.size(); i-- > 0 && level < levels_;) {
    const int age = age_of(now - stack_[i].since);
    above += stack_[i].nodes;
    for (; level < levels_ && depth_of(level) <= above; ++level)
      if (!visit(level, age)) return;
  }
}

void DemandForecast::observe(std::int64_t unused, int outlook, SimTime now) {
  if (!began_) {
    began_ = true;
    next_sample_ = now;
    next_fade_ = now + kFadeEvery;
    unused_ = unused;
    if (unused > 0) stack_.push_back({now, unused});
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
  Sample sample{situation(at), 0, {}, unused_, unused_};
  for_each_level(at, [&](int level, int age) {
    sample.age[static_cast<std::size_t>(level)] = static_cast<std::int8_t>(age);
    sample.depths = level + 1;
    return true;
  });
  pending_.push_back(sample);
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
  const std::int64_t fall = sample.unused - sample.least;
  for (int level = 0; level < sample.depths; ++level) {
    const bool needed = fall >= depth_of(level);
    const auto of = cells(level, sample.age[static_cast<std::size_t>(level)], sample.situation);
    for (std::size_t i = 0; i < of.size(); ++i)
      if (i == 0 || of[i] != of[i - 1]) counts_[of[i]].add(needed);
  }
}

void DemandForecast::fade() {
  next_fade_ += kFadeEvery;
  for (Counts& counts : counts_) {
    counts.total *= kFade;
    counts.needed *= kFade;
  }
}

double DemandForecast::chance(const std::array<std::size_t, 5>& of) const {
  double p = 1;  // before anything was seen
  for (const std::size_t cell : of) {
    const Counts& counts = counts_[cell];
    p = (static_cast<double>(counts.needed) + kPrior * p) / (static_cast<double>(counts.total) + kPrior);
  }
  return p;
}

std::int64_t DemandForecast::likely(double probability) const {
  std::int64_t nodes = 0;
  int unlikely = 0;  // levels in a row
  const Situation now = situation(now_);
  for_each_level(now_, [&](int level, int age) {
    const bool deepest = level + 1 == levels_ || depth_of(level + 1) > unused_;
    if (chance(cells(level, age, now)) >= probability) {
      nodes = deepest ? unused_ : depth_of(level);
      unlikely = 0;
    } else {
      ++unlikely;
    }
    return unlikely < kUnlikely;
  });
  return nodes;
}

SimTime DemandForecast::next_change(std::int64_t nodes, SimTime now) const {
  SimTime next{Seconds{(seconds_since_epoch(now) / kHour + 1) * kHour}};
  // A node grows older than its octave.
  for (auto i = stack_.rbegin(); i != stack_.rend() && nodes > 0; nodes -= i++->nodes) {
    const int age = age_of(now - i->since);
    if (age == kAges - 1) break;
    const SimTime older = i->since + (window_ * (std::int64_t{1} << age) + Seconds{kYoungest - 1}) / kYoungest;
    next = std::min(next, std::max(older, now + std::max(Seconds{1}, step_ / 4)));
  }
  return next;
}

}  // namespace wattfill
