#include "bench/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "trace-replay/errors.hpp"

namespace wattfill::bench {
namespace {

int fail(ExitCode code, const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return static_cast<int>(code);
}

}  // namespace

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& measure) {
  try {
    app.parse(argc, argv);
    measure();
    return static_cast<int>(ExitCode::kDone);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kDone) : static_cast<int>(ExitCode::kUsage);
  } catch (const UsageError& error) {
    return fail(ExitCode::kUsage, error);
  } catch (const InputError& error) {
    return fail(ExitCode::kInput, error);
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, error);
  }
}

}  // namespace wattfill::bench
