// 128-bit integers, where a product of two 64-bit quantities could overflow. A compiler extension of GCC and Clang.
#pragma once

namespace wattfill {

__extension__ using Int128 = __int128;

}  // namespace wattfill
