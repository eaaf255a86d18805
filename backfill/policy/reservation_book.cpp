#include "backfill/policy/reservation_book.hpp"

#include <numeric>

namespace wattfill {

// The columns in use.
template <class Visit>
void ReservationBook::for_each_column(Visit&& visit) {
  visit(slots_);
  visit(starts_);
  visit(fits_);
  if (one_class_) {
    visit(units_);
    visit(widths_);
  } else {
    visit(options_);
    visit(takes_);
  }
}

void ReservationBook::clear() {
  for_each_column([](auto& column) { column.clear(); });
  gaps_ = 0;
  sorted_ = true;
  std::fill(sweeping_.begin(), sweeping_.end(), Timeline::Reach{});
  std::fill(freed_.begin(), freed_.end(), Timeline::Reach{});
  in_sweep_ = false;
  next_start_known_ = false;
}

std::size_t ReservationBook::index_of(Slot slot) const {
  return static_cast<std::size_t>(std::find(slots_.begin(), slots_.end(), slot) - slots_.begin());
}

Choice ReservationBook::choice(std::size_t i) const {
  if (starts_[i] == kNever) return {};
  return {one_class_ ? 0 : options_[i], starts_[i], starts_[i] + fits_[i]};
}

Takes ReservationBook::taken(std::size_t i) const {
  if (one_class_) return Takes{Take{0, static_cast<std::int32_t>(units_[i])}};
  return takes_[i];
}

void ReservationBook::note_start(SimTime start) {
  if (next_start_known_) next_start_ = std::min(next_start_, start);
}

// What a job holds from now on.
void ReservationBook::enter(std::size_t i, const Choice& choice, const Takes& taken) {
  starts_[i] = choice.start;
  fits_[i] = choice.start == kNever ? Seconds{0} : choice.finish - choice.start;
  options_[i] = choice.option;
  takes_[i] = taken;
  note_start(choice.start);
}

void ReservationBook::place(Slot slot, SimTime now) {
  std::size_t last = slots_.size();
  while (last > 0 && slots_[last - 1] == kNoSlot) --last;
  if (sorted_ && last > 0) sorted_ = queue_.before(slots_[last - 1], slot, now);
  const std::size_t i = slots_.size();
  for_each_column([](auto& column) { column.emplace_back(); });
  slots_[i] = slot;
  const JobEntry& e = jobs_[slot];
  if (!one_class_) {
    const Choice best = plan_.best(e, now);
    Takes taken;
    plan_.reserve(e, best, taken);
    enter(i, best, taken);
    return;
  }
  units_[i] = machine_.units(e);
  widths_[i] = Timeline::width_class(units_[i]);
  fits_[i] = machine_.duration(e);
  Timeline& timeline = plan_.of_class(0);
  starts_[i] = timeline.earliest_fit(units_[i], fits_[i], now);
  if (starts_[i] != kNever) timeline.reserve(starts_[i], starts_[i] + fits_[i], units_[i]);
  note_start(starts_[i]);
}

void ReservationBook::leave_gap(std::size_t i) {
  slots_[i] = kNoSlot;
  starts_[i] = kNever;
  if (one_class_) widths_[i] = Timeline::kWidthClasses;  // no opening is for it
  ++gaps_;
  next_start_known_ = false;
  if (!in_sweep_ && gaps_ * 2 > slots_.size()) drop_gaps();
}

void ReservationBook::drop_gaps() {
  if (gaps_ == 0) return;
  const std::vector<Slot> slots = slots_;
  for_each_column([&slots](auto& column) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i] != kNoSlot) column[kept++] = column[i];
    column.resize(kept);
  });
  gaps_ = 0;
}

void ReservationBook::withdraw(Slot slot, SimTime now) {
  const std::size_t i = index_of(slot);
  const Choice held = choice(i);
  const Takes takes = taken(i);
  leave_gap(i);
  if (held.start == kNever) return;
  for (const Take& take : takes) {
    const auto c = static_cast<std::size_t>(take.in_class);
    Timeline& timeline = plan_.of_class(c);
    timeline.release(held.start, held.finish, take.units);
    freed_[c].include(timeline.reach(std::max(now, held.start), held.finish));
  }
}

void ReservationBook::released(std::size_t in_class, SimTime now, SimTime until, std::int64_t units) {
  if (until <= now) return;
  Timeline& timeline = plan_.of_class(in_class);
  timeline.release(now, until, units);
  if (slots_.size() > gaps_) freed_[in_class].include(timeline.reach(now, until));
}

void ReservationBook::sort(SimTime now) {
  if (sorted_ && !queue_.time_varying()) return;
  sorted_ = true;
  drop_gaps();
  std::vector<std::size_t> order(slots_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return queue_.before(slots_[a], slots_[b], now); });
  for_each_column([&order](auto& column) {
    auto old = column;
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = old[order[i]];
  });
}

// One class: the reservation keeps its length and goes to an earlier start.
void ReservationBook::move(std::size_t i, SimTime start) {
  Timeline& timeline = plan_.of_class(0);
  const SimTime old = starts_[i];
  const Seconds fit = fits_[i];
  if (old == kNever) {
    timeline.reserve(start, start + fit, units_[i]);
  } else {
    const SimTime kept = std::min(start + fit, old);  // what it holds in both places is left alone
    timeline.reserve(start, kept, units_[i]);
    const SimTime from = std::max(old, start + fit);
    timeline.release(from, old + fit, units_[i]);
    const Timeline::Reach freed = timeline.reach(from, old + fit);
    sweeping_.front().include(freed);
    freed_.front().include(freed);
  }
  starts_[i] = start;
  ++moved_;
  note_start(start);
}

// One class. False where the openings offer the job no place: before them none could move at all, so what any job
// finds meets an opening.
bool ReservationBook::shift(std::size_t i, SimTime now) {
  const Timeline::Reach& openings = sweeping_.front();
  if (!openings.offers(widths_[i], fits_[i], starts_[i]) || starts_[i] <= now) return false;
  const SimTime from = std::max(now, openings.first_start(widths_[i], fits_[i]));
  const SimTime latest = openings.last_start(widths_[i], fits_[i], starts_[i]);
  const SimTime start = plan_.of_class(0).earlier_fit(units_[i], fits_[i], from, latest, starts_[i]);
  if (start < starts_[i]) move(i, start);
  return true;
}

// Several classes: whether an opening may hold a better place, in any way in which the job can run.
bool ReservationBook::offered(std::size_t i) const {
  const JobEntry& e = jobs_[slots_[i]];
  const DemandGroup& group = machine_.group_of(e);
  const SimTime finish = starts_[i] + fits_[i];
  if (std::ranges::any_of(group.licences, [&](const Take& licence) {
        return !sweeping_[static_cast<std::size_t>(licence.in_class)].empty();
      }))
    return true;
  return std::any_of(group.options.begin(), group.options.end(), [&](const RunOption& option) {
    if (option.classes.size() > 1 || starts_[i] == kNever)
      return std::any_of(option.classes.begin(), option.classes.end(),
                         [&](std::int32_t c) { return !sweeping_[static_cast<std::size_t>(c)].empty(); });
    const auto c = static_cast<std::size_t>(option.classes.front());
    const Seconds duration = option.speed.duration(e.fit);
    const SimTime as_late = finish - duration;  // to finish when it does now; no better unless that starts earlier
    const int width = Timeline::width_class(group.demand[c].units(e.job.processors));
    return sweeping_[c].offers(width, duration, as_late < starts_[i] ? as_late + Seconds{1} : as_late);
  });
}

// Several classes. False where the job was not tried.
bool ReservationBook::improve(std::size_t i, SimTime now) {
  if (slots_[i] == kNoSlot || starts_[i] <= now || !offered(i)) return false;
  const JobEntry& e = jobs_[slots_[i]];
  const Choice held = choice(i);
  Takes takes = takes_[i];
  if (held.start != kNever) plan_.release(held, takes);
  const Choice best = plan_.best(e, now);
  if (!best.better_than(held)) {
    if (held.start != kNever) plan_.take(held, takes);
    return true;
  }
  if (held.start != kNever) {
    for (const Take& take : takes) {
      const auto c = static_cast<std::size_t>(take.in_class);
      const Timeline::Reach freed = plan_.of_class(c).reach(held.start, held.finish);
      sweeping_[c].include(freed);
      freed_[c].include(freed);
    }
  }
  plan_.reserve(e, best, takes);
  enter(i, best, takes);
  if (best.start > held.start) next_start_known_ = false;  // on faster nodes, later
  ++moved_;
  return true;
}

bool ReservationBook::sweep(SimTime now, std::int64_t& budget) {
  const std::size_t jobs = slots_.size();
  for (std::size_t i = cursor_; i < jobs; ++i) {
    if (!(one_class_ ? shift(i, now) : improve(i, now))) continue;
    if (--budget <= 0) {
      cursor_ = i + 1;
      return false;
    }
  }
  return true;
}

bool ReservationBook::compress(SimTime now, std::int64_t& budget) {
  const auto empty = [](const Timeline::Reach& reach) { return reach.empty(); };
  while (in_sweep_ || !std::all_of(freed_.begin(), freed_.end(), empty)) {
    if (!in_sweep_) {
      std::swap(sweeping_, freed_);
      std::fill(freed_.begin(), freed_.end(), Timeline::Reach{});
      cursor_ = 0;
      in_sweep_ = true;
      sort(now);
    }
    if (!sweep(now, budget)) return false;
    in_sweep_ = false;
  }
  return true;
}

SimTime ReservationBook::next_start() const {
  if (!next_start_known_) {
    next_start_ = kNever;
    for (const SimTime start : starts_) next_start_ = std::min(next_start_, start);
    next_start_known_ = true;
  }
  return next_start_;
}

Slot ReservationBook::due(SimTime now) {
  if (next_start() > now) return kNoSlot;
  sort(now);
  for (std::size_t i = 0; i < starts_.size(); ++i)
    if (starts_[i] <= now) return slots_[i];
  return kNoSlot;
}

Choice ReservationBook::take(Slot slot, Takes& takes) {
  const std::size_t i = index_of(slot);
  const Choice held = choice(i);
  takes = taken(i);
  leave_gap(i);
  return held;
}

}  // namespace wattfill
