// Which cell is next: the one that is expected to take longest, so that ranks end together.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wattfill {

// Cells of one kind (the same trace, machine, predictor and policy) take about as long as each other. Until one of them
// has ended, that is guessed; the guesses are only proportional to seconds, and the factor is learned from all that
// have ended. Not for several threads at once.
class CellQueue {
 public:
  // `kind` counts from 0; `guess` > 0 is the same for all cells of a kind.
  void add(std::size_t cell, std::size_t kind, double guess);

  // Of the kind that is expected to take longest the cell that was added first, ties by the lower kind; none when all
  // are taken. O(kinds).
  std::optional<std::size_t> take();
  void finished(std::size_t cell, double seconds);

  std::size_t cells() const { return kind_of_.size(); }
  std::size_t ended() const { return ended_; }
  // Seconds of work in the cells that have not ended; 0 before the first has.
  double expected_left() const;

 private:
  struct Kind {
    std::deque<std::size_t> waiting;
    double guess = 1;
    double seconds = 0;  // of those that ended
    std::size_t ended = 0;
    std::size_t running = 0;
  };

  double expected(const Kind& kind) const;

  std::vector<Kind> kinds_;
  std::unordered_map<std::size_t, std::size_t> kind_of_;  // by cell
  double seconds_ = 0;                                    // of all that ended, and what had been guessed of them
  double guessed_ = 0;
  std::size_t ended_ = 0;
};

}  // namespace wattfill
