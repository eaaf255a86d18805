// hwloc's bitmaps, owned.
#pragma once

#include <hwloc.h>

#include <memory>
#include <new>

namespace wattfill {

struct FreeBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

inline Bitmap new_bitmap() {
  Bitmap bitmap(hwloc_bitmap_alloc());
  if (bitmap == nullptr) throw std::bad_alloc();
  return bitmap;
}

}  // namespace wattfill
