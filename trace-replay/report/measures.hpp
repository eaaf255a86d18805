// The figures that reports show: their keys in summary.json and comparison.json, and how they are written for people.
#pragma once

#include <span>
#include <string>

namespace wattfill::report {

enum class Unit { kNumber, kSeconds, kShare, kJoules };

struct Measure {
  const char* key;  // in comparison.json and sweep.json
  const char* title;
  Unit unit;
  bool less_is_better;
  const char* summary_key;  // in summary.json; null: the same as `key`
};

// In the order in which they are shown.
std::span<const Measure> measures();
const Measure* find_measure(const std::string& key);

std::string written(double value, Unit unit);

// "−31.2 %": by which share a value is above the baseline's; empty where that is zero.
std::string difference(double value, double baseline);

}  // namespace wattfill::report
