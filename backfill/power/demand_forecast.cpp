#include "backfill/power/demand_forecast.hpp"

#include <cmath>
#include <utility>

namespace wattfill {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr Seconds kFadeEvery{28 * 24 * kHour};
constexpr float kFade = 0.8F;
constexpr Seconds kShortestStep{60};
constexpr double kRounding = 1e-12;
constexpr int kUnlikely = 3;  // after so many levels nobody looks deeper

// Two levels an octave: 1, 2, 3, 4, 6, 8, 12, 16, ...
constexpr std::int64_t depth_of(int level) {
  return level == 0 ? 1 : (std::int64_t{2} + (level + 1) % 2) << ((level + 1) / 2 - 1);
}

}  // namespace

DemandForecast::DemandForecast(std::int64_t nodes, Seconds window)
    : window_(std::max(Seconds{1}, window)), octaves_(window_), step_(std::max(kShortestStep, window / 2)) {
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

void DemandForecast::find_levels() const {
  levels_known_ = true;
  there_ = 0;
  std::int64_t above = 0;
  for (std::size_t i = stack_.size(); i-- > 0 && there_ < levels_;) {
    above += stack_[i].nodes;
    for (; there_ < levels_ && depths_[static_cast<std::size_t>(there_)] <= above; ++there_)
      since_[static_cast<std::size_t>(there_)] = stack_[i].since;
  }
}

// Which of cells_ are those of that time.
std::size_t DemandForecast::find_cells(SimTime at) const {
  if (at < cells_until_) return latest_cells_;
  if (!levels_known_) find_levels();
  if (!pending_.empty() && pending_.back().cells == latest_cells_) latest_cells_ = (latest_cells_ + 1) % cells_.size();
  Cells& cells = cells_[latest_cells_];
  SimTime until = kNever;
  for (int level = 0; level < there_; ++level) {
    const SimTime since = since_[static_cast<std::size_t>(level)];
    const int age = octaves_.of(at - since);
    cells[static_cast<std::size_t>(level)] = static_cast<std::uint16_t>(age * levels_ + level);
    until = std::min(until, since + octaves_.end(age));
  }
  cells_until_ = until;
  return latest_cells_;
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
  if (unused != unused_) {
    levels_known_ = false;
    cells_until_ = now;
  }
  const bool freed = unused > unused_;
  unused_ = unused;
  pending_.fall_to(unused);
  // As a rule, but not at each of a crowd.
  if (freed && now >= next_freed_sample_) {
    sample(now);
    next_freed_sample_ = now + step_ / 4;
  }
}

void DemandForecast::sample(SimTime at) {
  const std::size_t cells = find_cells(at);
  pending_.push_back({situation(at), unused_, unused_, there_, cells});
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
  static constexpr std::array<Counts, 2> kSeen = {{{1, 0}, {1, 1}}};  // looked up, so that nothing has to be foreseen
  const Tables of = tables(sample.situation);
  std::array<Counts*, kTables> tables;
  for (std::size_t table = 0; table < kTables; ++table) tables[table] = &counts_[of.first[table]];
  const Cells& cells = cells_[sample.cells];
  const std::int64_t fall = sample.unused - sample.least;
  for (std::size_t level = 0; std::cmp_less(level, sample.levels); ++level) {
    const Counts& more = kSeen[depths_[level] <= fall ? 1 : 0];
    const std::size_t cell = cells[level];
    tables[0][level] += more;
    tables[1][level] += more;
    tables[2][cell] += more;
    tables[3][cell] += more;
    if (of.weekly) tables[4][cell] += more;
  }
}

void DemandForecast::fade() {
  next_fade_ += kFadeEvery;
  for (Counts& counts : counts_) {
    counts.total *= kFade;
    counts.needed *= kFade;
  }
}

double DemandForecast::chance(const Tables& of, int level, std::size_t cell) const {
  double p = 1;  // before anything was seen
  for (std::size_t table = 0; table < kTables; ++table) {
    const Counts& c = counts(of, table, level, cell);
    p = (static_cast<double>(c.needed) + kPrior * p) * (1 / (static_cast<double>(c.total) + kPrior));
  }
  return p;
}

// Whether the chance at this level is no less than that. Asked from the finest situation to the coarsest, there is
// nothing to divide by: where a chance must reach x, the next coarser one must reach (x (total + kPrior) - needed) /
// kPrior.
bool DemandForecast::is_likely(const Tables& of, int level, std::size_t cell, double probability) const {
  constexpr double kWeight = 1 / kPrior;
  double least = probability;
  double grown = 1;  // by how much an error of rounding has
  for (std::size_t table = kTables; table-- > 0;) {
    const Counts& c = counts(of, table, level, cell);
    const double share = static_cast<double>(c.total) * kWeight + 1;
    least = least * share - static_cast<double>(c.needed) * kWeight;
    grown *= share;
  }
  if (std::abs(least - 1) > kRounding * grown) return least < 1;
  return chance(of, level, cell) >= probability;
}

std::int64_t DemandForecast::likely(double probability, std::int64_t from, std::int64_t to) const {
  const Tables of = tables(situation(now_));
  const Cells& cells = cells_[find_cells(now_)];
  // The deepest likely one of the next few: where it is likely, those above it need no look.
  const auto next = [&](int last) {
    int level = std::min(last + kUnlikely, there_ - 1);
    while (level > last && !is_likely(of, level, cells[static_cast<std::size_t>(level)], probability)) --level;
    return level;
  };
  if (from > 0) {
    int within = -1;  // the deepest level that is no more
    while (within + 1 < there_ && nodes(within + 1) <= from) ++within;
    if (within >= 0 && next(within) == within) return 0;
  }
  int last = -1;
  for (int level = next(last); level > last; level = next(last)) {
    last = level;
    if (nodes(last) >= to) break;
  }
  return last < 0 ? 0 : nodes(last);
}

SimTime DemandForecast::next_change(std::int64_t nodes, SimTime now) const {
  SimTime next{Seconds{(seconds_since_epoch(now) / kHour + 1) * kHour}};
  // A node grows older than its octave, but a crowd's birthdays are no occasions of their own.
  const SimTime soonest = now + std::max(Seconds{1}, step_ / 4);
  for (auto i = stack_.rbegin(); i != stack_.rend() && nodes > 0 && next > soonest; nodes -= i++->nodes) {
    const int age = octaves_.of(now - i->since);
    if (age == kAges - 1) break;
    next = std::min(next, std::max(i->since + octaves_.end(age), soonest));
  }
  return next;
}

}  // namespace wattfill
