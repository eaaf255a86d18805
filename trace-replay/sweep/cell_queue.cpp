#include "trace-replay/sweep/cell_queue.hpp"

namespace wattfill {

void CellQueue::add(std::size_t cell, std::size_t kind, double guess) {
  if (kind >= kinds_.size()) kinds_.resize(kind + 1);
  kinds_[kind].waiting.push_back(cell);
  kinds_[kind].guess = guess;
  kind_of_.emplace(cell, kind);
}

double CellQueue::expected(const Kind& kind) const {
  if (kind.ended > 0) return kind.seconds / static_cast<double>(kind.ended);
  return guessed_ > 0 ? kind.guess * seconds_ / guessed_ : kind.guess;
}

std::optional<std::size_t> CellQueue::take() {
  Kind* longest = nullptr;
  for (Kind& kind : kinds_)
    if (!kind.waiting.empty() && (longest == nullptr || expected(kind) > expected(*longest))) longest = &kind;
  if (longest == nullptr) return std::nullopt;
  const std::size_t cell = longest->waiting.front();
  longest->waiting.pop_front();
  ++longest->running;
  return cell;
}

void CellQueue::finished(std::size_t cell, double seconds) {
  Kind& kind = kinds_[kind_of_.at(cell)];
  --kind.running;
  ++kind.ended;
  kind.seconds += seconds;
  seconds_ += seconds;
  guessed_ += kind.guess;
  ++ended_;
}

double CellQueue::expected_left() const {
  if (ended_ == 0) return 0;
  double left = 0;
  for (const Kind& kind : kinds_) left += expected(kind) * static_cast<double>(kind.waiting.size() + kind.running);
  return left;
}

}  // namespace wattfill
