// What the programs that replay whole workloads share: how they end.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace wattfill::bench {

// Parses the command line and measures. Tells errors on standard error; gives the exit status as trace-replay does:
// 0 done, 1 anything else, 2 wrong usage, 3 wrong input.
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& measure);

}  // namespace wattfill::bench
