// Power over time as a step function, recorded compactly: some 12 bytes a step.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/model/time.hpp"
#include "trace-replay/energy/parts.hpp"

namespace wattfill {

class PowerSeries {
 public:
  struct Step {
    SimTime from{};
    Parts<Milliwatts> power;
  };

  // Power from `from` on. Times ascend strictly. A step that changes nothing is not recorded.
  void append(SimTime from, const Parts<Milliwatts>& power);

  bool empty() const { return steps_ == 0; }
  std::int64_t steps() const { return steps_; }
  std::size_t bytes() const { return bytes_.size(); }

  // Calls visit(const Step&) in order of time.
  template <class Visit>
  void for_each(Visit&& visit) const {
    Step step;
    for (std::size_t at = 0; at < bytes_.size();) {
      step.from += Seconds{read(at)};
      for (Milliwatts& part : step.power.values) part.count += read(at);
      visit(static_cast<const Step&>(step));
    }
  }

 private:
  // Differences to the step before, seven bits a byte, the sign in the lowest bit.
  void write(std::int64_t difference);
  std::int64_t read(std::size_t& at) const;

  std::vector<std::uint8_t> bytes_;
  std::int64_t steps_ = 0;
  Step last_;
};

}  // namespace wattfill
