// SPDX-License-Identifier: GPL-2.0-or-later
// Time as the kernel counts it. A test may show the process a clock that runs faster (libfaketime); deadlines and the
// length of a lock's hold are about the machine and not about that clock.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>

namespace wattfill::slurm {

inline std::int64_t real_us() {
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

inline std::int64_t real_ms() { return real_us() / 1'000; }

}  // namespace wattfill::slurm
