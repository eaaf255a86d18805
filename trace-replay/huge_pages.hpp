// Memory of a large array in huge pages.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <vector>

namespace wattfill {

// Asks for huge pages behind what a vector has reserved and not filled yet: one page fault for each 2 MiB where there
// would be 512. A hint, where the system has none to give nothing changes.
template <class T>
void prefer_huge_pages([[maybe_unused]] std::vector<T>& reserved) {
#ifdef MADV_HUGEPAGE
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(reserved.data());
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (begin + reserved.capacity() * sizeof(T)) / kHugePage * kHugePage;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

}  // namespace wattfill
