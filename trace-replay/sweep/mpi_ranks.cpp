// A rank sends what it has finished and is sent its next cell. Rank 0 replays too: a thread of its own answers the
// others meanwhile. MPI's blocking calls spin, so whatever may take long is polled and slept on.
#include "trace-replay/sweep/mpi_ranks.hpp"

#include <mpi.h>

#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace wattfill {
namespace {

constexpr std::chrono::microseconds kPoll{500};
constexpr std::chrono::milliseconds kMeetingPoll{5};
constexpr int kAskTag = 1;
constexpr int kAnswerTag = 2;
constexpr double kNothing = -1;

// Cell, seconds, failed; the cell is kNothing at first. A double holds every index up to 2^53.
using Ask = std::array<double, 3>;

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    if (provided < MPI_THREAD_SERIALIZED)
      throw std::runtime_error("this MPI cannot be called from two threads in turn");
  }
  ~MpiRanks() override { MPI_Finalize(); }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void share(CellQueue& queue, const std::function<CellEnd(std::size_t)>& work,
             const std::function<void(std::size_t, const CellEnd&)>& ended) override {
    if (rank_ == 0)
      lead(queue, work, ended);
    else
      follow(work);
  }

  void meet() override {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    for (int there = 0; there == 0;) {
      MPI_Test(&request, &there, MPI_STATUS_IGNORE);
      if (there == 0) std::this_thread::sleep_for(kMeetingPoll);
    }
  }

  void abandon(int status) override { MPI_Abort(MPI_COMM_WORLD, status); }

 private:
  void lead(CellQueue& queue, const std::function<CellEnd(std::size_t)>& work,
            const std::function<void(std::size_t, const CellEnd&)>& ended) {
    std::mutex mutex;  // of the queue and of `ended`
    std::atomic<bool> stopped = false;
    std::exception_ptr failure;
    std::thread answering([&] {
      try {
        answer(queue, ended, mutex, stopped);
      } catch (...) {
        failure = std::current_exception();
      }
    });
    const auto take = [&] {
      const std::lock_guard lock(mutex);
      return queue.take();
    };
    try {
      while (const auto cell = take()) {
        const CellEnd end = work(*cell);
        const std::lock_guard lock(mutex);
        queue.finished(*cell, end.seconds);
        ended(*cell, end);
      }
    } catch (...) {
      stopped = true;  // the others wait for answers until the caller abandons them
      answering.join();
      throw;
    }
    answering.join();
    if (failure) std::rethrow_exception(failure);
  }

  // Until every other rank was told that nothing is left.
  void answer(CellQueue& queue, const std::function<void(std::size_t, const CellEnd&)>& ended, std::mutex& mutex,
              const std::atomic<bool>& stopped) const {
    for (int left = size_ - 1; left > 0 && !stopped;) {
      int asked = 0;
      MPI_Status status;
      MPI_Iprobe(MPI_ANY_SOURCE, kAskTag, MPI_COMM_WORLD, &asked, &status);
      if (asked == 0) {
        std::this_thread::sleep_for(kPoll);
        continue;
      }
      Ask ask{};
      MPI_Recv(ask.data(), static_cast<int>(ask.size()), MPI_DOUBLE, status.MPI_SOURCE, kAskTag, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
      const std::lock_guard lock(mutex);
      if (ask[0] != kNothing) {
        const auto cell = static_cast<std::size_t>(ask[0]);
        queue.finished(cell, ask[1]);
        ended(cell, {ask[1], ask[2] != 0});
      }
      const auto next = queue.take();
      const double told = next ? static_cast<double>(*next) : kNothing;
      MPI_Send(&told, 1, MPI_DOUBLE, status.MPI_SOURCE, kAnswerTag, MPI_COMM_WORLD);
      if (!next) --left;
    }
  }

  static void follow(const std::function<CellEnd(std::size_t)>& work) {
    Ask ask{kNothing, 0, 0};
    while (true) {
      MPI_Send(ask.data(), static_cast<int>(ask.size()), MPI_DOUBLE, 0, kAskTag, MPI_COMM_WORLD);
      double told = kNothing;
      MPI_Recv(&told, 1, MPI_DOUBLE, 0, kAnswerTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      if (told == kNothing) return;
      const CellEnd end = work(static_cast<std::size_t>(told));
      ask = {told, end.seconds, end.failed ? 1.0 : 0.0};
    }
  }

  int rank_ = 0;
  int size_ = 1;
};

}  // namespace

std::unique_ptr<Ranks> make_mpi_ranks() { return std::make_unique<MpiRanks>(); }

}  // namespace wattfill
