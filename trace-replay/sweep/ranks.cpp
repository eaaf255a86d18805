#include "trace-replay/sweep/ranks.hpp"

#include <cstdlib>

#include "trace-replay/sweep/mpi_ranks.hpp"

namespace wattfill {
namespace {

class OneRank final : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void share(CellQueue& queue, const std::function<CellEnd(std::size_t)>& work,
             const std::function<void(std::size_t, const CellEnd&)>& ended) override {
    while (const auto cell = queue.take()) {
      const CellEnd end = work(*cell);
      queue.finished(*cell, end.seconds);
      ended(*cell, end);
    }
  }
  void meet() override {}
  void abandon(int) override {}
};

}  // namespace

std::unique_ptr<Ranks> make_ranks() {
  // Set by Open MPI's mpirun, and by Slurm's srun with PMIx.
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK"})
    if (std::getenv(variable) != nullptr) return make_mpi_ranks();
  return std::make_unique<OneRank>();
}

}  // namespace wattfill
