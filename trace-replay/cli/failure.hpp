// How an exception ends the program.
#pragma once

#include <string>

#include "trace-replay/errors.hpp"

namespace wattfill::cli {

struct Failure {
  ExitCode code = ExitCode::kInternal;
  std::string message;
};

// Of the exception that is being handled.
Failure current_failure();

}  // namespace wattfill::cli
