// Where the checks write what they find.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "trace-replay/validate/validation.hpp"

namespace wattfill::judge {

inline constexpr std::int64_t kExamples = 5;

class Findings {
 public:
  explicit Findings(ValidationReport& report) : report_(report) {}

  void performed(std::initializer_list<ValidationCheck> checks) {
    for (ValidationCheck check : checks) result(check).performed = true;
  }

  // Counts a violation. `describe` returns {seen, right} and is called for the first few only.
  template <class Describe>
  void add(ValidationCheck check, JobId job, SimTime instant, Describe&& describe) {
    CheckResult& found = result(check);
    if (++found.violations > kExamples) return;
    std::pair<std::string, std::string> text = describe();
    found.examples.push_back({job, instant, std::move(text.first), std::move(text.second)});
  }

 private:
  CheckResult& result(ValidationCheck check) { return report_.checks[static_cast<std::size_t>(check)]; }

  ValidationReport& report_;
};

}  // namespace wattfill::judge
