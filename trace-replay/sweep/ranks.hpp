// The processes of a sweep: one, or as many as mpirun started.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "trace-replay/sweep/cell_queue.hpp"

namespace wattfill {

struct CellEnd {
  double seconds = 0;  // that it took
  bool failed = false;
};

class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  // Calls `work` for every cell of rank 0's queue, on whichever rank is free; returns when none is left for this rank.
  // `ended` is called at rank 0, for one cell after the other. The queues of other ranks do not matter.
  virtual void share(CellQueue& queue, const std::function<CellEnd(std::size_t cell)>& work,
                     const std::function<void(std::size_t cell, const CellEnd&)>& ended) = 0;

  // Returns when every rank has come here; sleeps until then, so that ranks without work leave the cores to others.
  virtual void meet() = 0;

  // Ends all ranks at once with this exit status, where there are several.
  virtual void abandon(int status) = 0;
};

// MPI where mpirun started this process, and else one rank without it. At most one at a time, on the main thread.
std::unique_ptr<Ranks> make_ranks();

}  // namespace wattfill
