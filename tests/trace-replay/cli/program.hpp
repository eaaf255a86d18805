// Runs the real program in a folder of its own, and tells what it printed and how it ended.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::testing {

struct Ended {
  int status = -1;  // exit status, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

struct Conditions {
  std::string standard_input = "/dev/null";  // a file
  std::string standard_output;               // a file; captured where empty
  std::int64_t longest_file = -1;            // bytes that a file may have, as if the disk were full beyond
};

// Runs trace-replay with these arguments; the folder is the current directory.
Ended run_program(const Folder& folder, const std::vector<std::string>& arguments, const Conditions& conditions = {});

// Runs it with a pipe as standard input: writes `before`, sends SIGINT, writes `after` and closes the pipe. `before`
// must be longer than a pipe holds, so that the program is known to read when the signal is sent.
Ended interrupt_program(const Folder& folder, const std::vector<std::string>& arguments, const std::string& before,
                        const std::string& after);

// "run x --quiet" -> run, x, --quiet
std::vector<std::string> words(const std::string& line);

}  // namespace wattfill::testing
