#include "trace-replay/energy/power_series.hpp"

namespace wattfill {

void PowerSeries::append(SimTime from, const Parts<Milliwatts>& power) {
  if (steps_ > 0 && power == last_.power) return;
  write((from - last_.from).count());
  for (const Component c : kComponents) write((power[c] - last_.power[c]).count);
  last_ = {from, power};
  ++steps_;
}

void PowerSeries::write(std::int64_t difference) {
  const auto bits = static_cast<std::uint64_t>(difference);
  std::uint64_t rest = (bits << 1) ^ (difference < 0 ? ~std::uint64_t{0} : 0);
  for (; rest >= 0x80; rest >>= 7) bytes_.push_back(static_cast<std::uint8_t>(rest | 0x80));
  bytes_.push_back(static_cast<std::uint8_t>(rest));
}

std::int64_t PowerSeries::read(std::size_t& at) const {
  std::uint64_t rest = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint8_t byte = bytes_[at++];
    rest |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) break;
  }
  return static_cast<std::int64_t>((rest >> 1) ^ (~(rest & 1) + 1));
}

}  // namespace wattfill
