// The figures that reports show: their keys in summary.json and comparison.json, and how they are written for people.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wattfill::report {

enum class Unit { kNumber, kSeconds, kShare, kJoules };

struct Measure {
  const char* key;  // in comparison.json and sweep.json
  const char* title;
  Unit unit;
  bool less_is_better;
  const char* summary_key;  // in summary.json; null: the same as `key`
};

// Where summary.json has it.
std::string summary_key_of(const Measure& measure);
// Whether it is over the time that was metered, which two replays need not have in common.
bool is_metered(const Measure& measure);

// In the order in which they are shown.
std::span<const Measure> measures();
const Measure* find_measure(const std::string& key);
std::string title_of(const std::string& key);  // the key itself where there is no such measure

std::string written(double value, Unit unit);

// "−31.2 %": by which share a value is above the baseline's; empty where that is zero.
std::string difference(double value, double baseline);

// What became of an amount of which less is better, "waiting" or "energy".
struct Change {
  const char* what;
  std::optional<double> value;
  std::optional<double> baseline;
};

// "saved 61.2 % of the waiting and 3.1 % of the energy", "saved 61.2 % of the waiting but took 3.1 % more energy". A
// change of less than 0.05 % is none; what cannot be compared is passed over. Empty where nothing can.
std::string in_words(const std::vector<Change>& changes);

}  // namespace wattfill::report
