// The three ways in which a command ends other than well; main() turns them into exit codes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace wattfill {

// Exit codes, documented in README.md.
enum class ExitCode : int { kDone = 0, kInternal = 1, kUsage = 2, kInput = 3, kOutput = 4 };

// The command line asks for something that cannot be (exit code 2).
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An input file is wrong (exit code 3). The text reads "FILE:LINE: field N (name): what is wrong; what would be right".
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A result cannot be written (exit code 4).
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace wattfill
