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

// It is whole, but of a version that is not understood.
class StateVersionError : public StateFileError {
 public:
  StateVersionError(const std::string& path, int version);
  int version() const { return version_; }

 private:
  int version_;
};

// Of this version or an earlier one; what an earlier one lacks is not known.
bool is_understood(const plugin::State& state);

// Both throw StateFileError. The file is whole and on the disk, or as it was before.
void write_state(const plugin::State& state, const std::string& path);
plugin::State read_state(const std::string& path);

}  // namespace wattfill
