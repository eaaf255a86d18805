// What an action says to what cannot be.
#pragma once

#include <exception>
#include <functional>
#include <string>

namespace wattfill::testing {

inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace wattfill::testing
