#include "backfill/policy/reservation_book.hpp"

#include <limits>
#include <numeric>

namespace wattfill {
namespace {

constexpr std::int64_t kWiderThanAll = std::numeric_limits<std::int64_t>::max();

}  // namespace

void ReservationBook::reset(const Timeline& availability) {
  timeline_ = availability;
  slots_.clear();
  starts_.clear();
  processors_.clear();
  fits_.clear();
  gaps_ = 0;
  sorted_ = true;
  sweeping_ = freed_ = {};
  in_sweep_ = false;
  next_start_known_ = false;
}

std::size_t ReservationBook::index_of(Slot slot) const {
  return static_cast<std::size_t>(std::find(slots_.begin(), slots_.end(), slot) - slots_.begin());
}

void ReservationBook::place(Slot slot, SimTime now) {
  const JobEntry& e = jobs_[slot];
  const SimTime start = timeline_.earliest_fit(e.job.processors, e.fit, now);
  if (start != kNever) timeline_.reserve(start, start + e.fit, e.job.processors);
  if (sorted_ && !slots_.empty()) sorted_ = slots_.back() != kNoSlot && queue_.before(slots_.back(), slot, now);
  slots_.push_back(slot);
  starts_.push_back(start);
  processors_.push_back(e.job.processors);
  fits_.push_back(e.fit);
  if (next_start_known_) next_start_ = std::min(next_start_, start);
}

void ReservationBook::leave_gap(std::size_t i) {
  slots_[i] = kNoSlot;
  starts_[i] = kNever;
  processors_[i] = kWiderThanAll;
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
    processors_[kept] = processors_[i];
    fits_[kept] = fits_[i];
    ++kept;
  }
  slots_.resize(kept);
  starts_.resize(kept);
  processors_.resize(kept);
  fits_.resize(kept);
  gaps_ = 0;
}

void ReservationBook::withdraw(Slot slot, SimTime now) {
  const std::size_t i = index_of(slot);
  const SimTime start = starts_[i];
  const SimTime end = start + fits_[i];
  const std::int64_t processors = processors_[i];
  leave_gap(i);
  if (start == kNever) return;
  timeline_.release(start, end, processors);
  freed_.include(std::max(now, start), end);
}

void ReservationBook::released(SimTime now, SimTime until, std::int64_t processors) {
  if (until <= now) return;
  timeline_.release(now, until, processors);
  freed_.include(now, until);
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
  permute(processors_);
  permute(fits_);
}

ReservationBook::Span ReservationBook::move(std::size_t i, SimTime start) {
  const SimTime old = starts_[i];
  const Seconds fit = fits_[i];
  if (old == kNever) {
    timeline_.reserve(start, start + fit, processors_[i]);
  } else if (start + fit <= old) {
    timeline_.release(old, old + fit, processors_[i]);
    timeline_.reserve(start, start + fit, processors_[i]);
  } else {
    timeline_.reserve(start, old, processors_[i]);
    timeline_.release(start + fit, old + fit, processors_[i]);
  }
  Span came_free;
  if (old != kNever) {
    came_free.include(std::max(old, start + fit), old + fit);
    sweeping_.include(came_free.low, came_free.high);
    freed_.include(came_free.low, came_free.high);
  }
  starts_[i] = start;
  ++moved_;
  if (next_start_known_) next_start_ = std::min(next_start_, start);
  return came_free;
}

bool ReservationBook::sweep(SimTime now, std::int64_t& budget) {
  // An upper bound on what is free within the span: wider jobs cannot use any of it.
  std::int64_t most = timeline_.most_free(sweeping_.low, sweeping_.high);
  for (; cursor_ < slots_.size(); ++cursor_) {
    const std::size_t i = cursor_;
    if (processors_[i] > most || starts_[i] <= sweeping_.low || starts_[i] <= now) continue;
    if (budget-- <= 0) return false;
    const SimTime from = std::max(now, sweeping_.low - fits_[i] + Seconds{1});
    const SimTime start = timeline_.earlier_fit(processors_[i], fits_[i], from, sweeping_.high, starts_[i]);
    if (start >= starts_[i]) continue;
    const Span came_free = move(i, start);
    if (!came_free.empty()) most = std::max(most, timeline_.most_free(came_free.low, came_free.high));
  }
  return true;
}

bool ReservationBook::compress(SimTime now, std::int64_t& budget) {
  while (in_sweep_ || !freed_.empty()) {
    if (!in_sweep_) {
      sweeping_ = freed_;
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
