// A planner's state as a file.
#pragma once

#include <stdexcept>
#include <string>

#include "plugin/state.pb.h"

namespace wattfill {

// The text names the file and what is wrong with it.
class StateFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Both throw StateFileError. The file is whole and on the disk, or as it was before.
void write_state(const plugin::State& state, const std::string& path);
plugin::State read_state(const std::string& path);

}  // namespace wattfill
