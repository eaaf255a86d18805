// Ranks over MPI.
#pragma once

#include <memory>

#include "trace-replay/sweep/ranks.hpp"

namespace wattfill {

// Initialises MPI, and finalises it with the object. Throws std::runtime_error where MPI lacks what it takes.
std::unique_ptr<Ranks> make_mpi_ranks();

}  // namespace wattfill
