// What is wrong with a description of a node or of a network: what, where, and what would be right.
#pragma once

#include <stdexcept>

namespace wattfill {

class TopologyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace wattfill
