#include "trace-replay/cli/failure.hpp"

#include <system_error>

#include "backfill/config/config.hpp"
#include "trace-replay/cli/progress.hpp"

namespace wattfill::cli {

Failure current_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {ExitCode::kUsage, error.what()};
  } catch (const InputError& error) {
    return {ExitCode::kInput, error.what()};
  } catch (const ConfigError& error) {
    return {ExitCode::kInput, error.what()};
  } catch (const OutputError& error) {
    return {ExitCode::kOutput, error.what()};
  } catch (const Interrupted&) {
    return {ExitCode::kInternal, "interrupted; nothing half-written is left"};
  } catch (const std::system_error& error) {
    return {ExitCode::kOutput, error.what()};
  } catch (const std::exception& error) {
    return {ExitCode::kInternal, error.what()};
  }
}

}  // namespace wattfill::cli
