// What a model that learns while the system runs is trained on, and when: the last so many rows, and a schedule by
// which training costs the same share of a job throughout. No clock is looked at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace wattfill {

struct TrainingSchedule {
  std::size_t window = 16000;         // rows that are kept and trained on
  std::int64_t first_training = 200;  // rows; 0: never, the model stays as it is
  double growth = 1.2;                // of the number of rows from one training to the next, until the
  std::int64_t longest_interval = 5000;
};

template <class Target>
class TrainingWindow {
 public:
  TrainingWindow(const TrainingSchedule& schedule, std::size_t columns)
      : schedule_(schedule),
        columns_(columns),
        train_at_(schedule.first_training > 0 ? schedule.first_training : kNeverAgain) {}

  // True when it is time to train.
  bool add(std::span<const float> row, const Target& target) {
    if (targets_.size() < schedule_.window) {
      rows_.insert(rows_.end(), row.begin(), row.end());
      targets_.push_back(target);
    } else {
      std::copy(row.begin(), row.end(), rows_.begin() + static_cast<std::ptrdiff_t>(next_ * columns_));
      targets_[next_] = target;
      next_ = (next_ + 1) % schedule_.window;
    }
    return ++seen_ >= train_at_;
  }
  // To be told of each training, also one that failed.
  void trained() {
    const auto grown = static_cast<std::int64_t>(static_cast<double>(seen_) * (schedule_.growth - 1.0)) + 1;
    if (schedule_.first_training > 0) train_at_ = seen_ + std::min(schedule_.longest_interval, grown);
  }
  void freeze() {  // never again
    schedule_.first_training = 0;
    train_at_ = kNeverAgain;
  }

  std::span<const float> rows() const { return rows_; }
  const std::vector<Target>& targets() const { return targets_; }

 private:
  static constexpr std::int64_t kNeverAgain = std::numeric_limits<std::int64_t>::max();

  TrainingSchedule schedule_;
  std::size_t columns_;
  std::vector<float> rows_;  // a ring
  std::vector<Target> targets_;
  std::size_t next_ = 0;
  std::int64_t seen_ = 0;
  std::int64_t train_at_;
};

}  // namespace wattfill
