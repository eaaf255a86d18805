// A machine's power integrated over time: energy, money, CO2, peak, what exceeds the cap.
#pragma once

#include <cstdint>

#include "backfill/model/cluster.hpp"
#include "backfill/model/int128.hpp"
#include "trace-replay/energy/energy_report.hpp"
#include "trace-replay/energy/parts.hpp"

namespace wattfill {

class PowerIntegral {
 public:
  // `facility` must outlive the integral.
  PowerIntegral(const Facility& facility, SimTime begin, bool record);

  SimTime now() const { return now_; }

  // The machine has drawn `power` since the last call. Precondition: `to` is not before now(). O(1), and once for each
  // step of cap, tariff and carbon intensity in between. Throws std::overflow_error.
  void advance(SimTime to, const Parts<Milliwatts>& power) {
    if (to > now_) add(to, power);
  }

  // Fills what is the whole machine's. Money and CO2 are exact sums of facility energy times value, rounded once, to
  // the nearest unit, halves away from zero.
  void fill(EnergyReport& report);

 private:
  // A series and its value now.
  struct Cursor {
    const StepSeries* series;
    std::int64_t value = 0;
    SimTime until = kNever;

    void move(SimTime to) {
      if (series->empty()) return;
      value = series->at(to);
      until = series->next_change(to);
    }
  };

  void add(SimTime to, const Parts<Milliwatts>& power);
  void add_series(SimTime to, Milliwatts it, Milliwatts facility);

  std::int64_t pue_millionths_;
  SimTime begin_;
  SimTime now_;
  bool record_;
  bool any_series_;
  Parts<Millijoules> it_;
  std::int64_t it_total_ = 0;
  std::int64_t facility_ = 0;
  Milliwatts peak_{};
  Cursor cap_;
  Cursor tariff_;
  Cursor carbon_;
  CapExcess excess_;
  Int128 cost_ = 0;       // millijoules times millionths of the currency for a kWh
  Int128 carbon_mg_ = 0;  // millijoules times milligrams for a kWh
  PowerSeries recorded_;
};

}  // namespace wattfill
