#include "backfill/policy/reservation_book.hpp"

#include <numeric>

namespace wattfill {

void ReservationBook::reset(const Timeline& availability) {
  timeline_ = availability;
  slots_.clear();
  starts_.clear();
  units_.clear();
  widths_.clear();
  fits_.clear();
  gaps_ = 0;
  sorted_ = true;
  sweeping_ = {};
  freed_ = {};
  in_sweep_ = false;
  next_start_known_ = false;
}

std::size_t ReservationBook::index_of(Slot slot) const {
  return static_cast<std::size_t>(std::find(slots_.begin(), slots_.end(), slot) - slots_.begin());
}

void ReservationBook::place(Slot slot, SimTime now) {
  const JobEntry& e = jobs_[slot];
  const std::int64_t units = machine_.units(e);
  const Seconds duration = machine_.duration(e);
  const SimTime start = timeline_.earliest_fit(units, duration, now);
  if (start != kNever) timeline_.reserve(start, start + duration, units);
  std::size_t last = slots_.size();
  while (last > 0 && slots_[last - 1] == kNoSlot) --last;
  if (sorted_ && last > 0) sorted_ = queue_.before(slots_[last - 1], slot, now);
  slots_.push_back(slot);
  starts_.push_back(start);
  units_.push_back(units);
  widths_.push_back(Timeline::width_class(units));
  fits_.push_back(duration);
  if (next_start_known_) next_start_ = std::min(next_start_, start);
}

void ReservationBook::leave_gap(std::size_t i) {
  slots_[i] = kNoSlot;
  starts_[i] = kNever;
  widths_[i] = Timeline::kWidthClasses;  // no opening is for it
  ++gaps_;
  next_start_known_ = false;
  if (!in_sweep_ && gaps_ * 2 > slots_.size()) drop_gaps();
}

void ReservationBook::drop_gaps() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i] == kNoSlot) continue;
    slots_[kept] = slots_[i];
    starts_[kept] = starts_[i];
    units_[kept] = units_[i];
    widths_[kept] = widths_[i];
    fits_[kept] = fits_[i];
    ++kept;
  }
  slots_.resize(kept);
  starts_.resize(kept);
  units_.resize(kept);
  widths_.resize(kept);
  fits_.resize(kept);
  gaps_ = 0;
}

void ReservationBook::withdraw(Slot slot, SimTime now) {
  const std::size_t i = index_of(slot);
  const SimTime start = starts_[i];
  const SimTime end = start + fits_[i];
  const std::int64_t units = units_[i];
  leave_gap(i);
  if (start == kNever) return;
  timeline_.release(start, end, units);
  freed_.include(timeline_.reach(std::max(now, start), end));
}

void ReservationBook::released(SimTime now, SimTime until, std::int64_t units) {
  if (until <= now) return;
  timeline_.release(now, until, units);
  if (slots_.size() > gaps_) freed_.include(timeline_.reach(now, until));
}

void ReservationBook::sort(SimTime now) {
  if (sorted_ && !queue_.time_varying()) return;
  sorted_ = true;
  drop_gaps();
  std::vector<std::size_t> order(slots_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return queue_.before(slots_[a], slots_[b], now); });
  const auto permute = [&order](auto& column) {
    auto old = column;
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = old[order[i]];
  };
  permute(slots_);
  permute(starts_);
  permute(units_);
  permute(widths_);
  permute(fits_);
}

void ReservationBook::move(std::size_t i, SimTime start) {
  const SimTime old = starts_[i];
  const Seconds fit = fits_[i];
  if (old == kNever) {
    timeline_.reserve(start, start + fit, units_[i]);
  } else {
    const SimTime kept = std::min(start + fit, old);  // what it holds in both places is left alone
    timeline_.reserve(start, kept, units_[i]);
    const SimTime from = std::max(old, start + fit);
    timeline_.release(from, old + fit, units_[i]);
    const Timeline::Reach freed = timeline_.reach(from, old + fit);
    sweeping_.include(freed);
    freed_.include(freed);
  }
  starts_[i] = start;
  ++moved_;
  if (next_start_known_) next_start_ = std::min(next_start_, start);
}

// Only jobs that the openings offer a place are tried; before the openings none could move at all, so what any of them
// finds meets an opening.
bool ReservationBook::sweep(SimTime now, std::int64_t& budget) {
  const std::size_t jobs = slots_.size();
  for (std::size_t i = cursor_; i < jobs; ++i) {
    if (!sweeping_.offers(widths_[i], fits_[i], starts_[i]) || starts_[i] <= now) continue;
    const SimTime from = std::max(now, sweeping_.low - fits_[i] + Seconds{1});
    const SimTime start = timeline_.earlier_fit(units_[i], fits_[i], from, sweeping_.high, starts_[i]);
    if (start < starts_[i]) move(i, start);
    if (--budget <= 0) {
      cursor_ = i + 1;
      return false;
    }
  }
  return true;
}

bool ReservationBook::compress(SimTime now, std::int64_t& budget) {
  while (in_sweep_ || !freed_.empty()) {
    if (!in_sweep_) {
      std::swap(sweeping_, freed_);
      freed_ = {};
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

Slot ReservationBook::due(SimTime now) const {
  if (next_start() > now) return kNoSlot;
  for (std::size_t i = 0; i < starts_.size(); ++i)
    if (starts_[i] <= now) return slots_[i];
  return kNoSlot;
}

void ReservationBook::take(Slot slot) { leave_gap(index_of(slot)); }

}  // namespace wattfill
