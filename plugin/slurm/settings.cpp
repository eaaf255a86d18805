// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/settings.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string_view>

namespace wattfill::slurm {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Takes a value into a field; the message of its exception says what would be right.
using Reader = std::function<void(Settings&, const std::string&)>;

Reader whole(std::int64_t Settings::*field, std::int64_t least, std::int64_t most) {
  return [=](Settings& settings, const std::string& value) {
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (wrong != std::errc{} || end != value.data() + value.size() || number < least || number > most)
      throw SettingsError("\"" + value + "\" is no whole number from " + std::to_string(least) + " to " +
                          std::to_string(most));
    settings.*field = number;
  };
}

Reader path(std::string Settings::*field) {
  return [=](Settings& settings, const std::string& value) {
    if (value.empty() || value[0] != '/') throw SettingsError("\"" + value + "\" is no absolute path");
    settings.*field = value;
  };
}

void read_mode(Settings& settings, const std::string& value) {
  for (const Mode mode : {Mode::kStock, Mode::kObserve, Mode::kAct})
    if (value == name_of(mode)) {
      settings.mode = mode;
      return;
    }
  throw SettingsError("\"" + value + "\" is none of stock, observe, act");
}

void read_comment(Settings& settings, const std::string& value) {
  if (value != "yes" && value != "no") throw SettingsError("\"" + value + "\" is neither yes nor no");
  settings.admin_comment = value == "yes";
}

void read_power(Settings& settings, const std::string& value) {
  if (value != "on" && value != "off") throw SettingsError("\"" + value + "\" is neither on nor off");
  settings.power = value == "on";
}

const std::map<std::string, Reader, std::less<>>& readers() {
  constexpr std::int64_t kDay = 86'400;
  constexpr std::int64_t kMost = 1'000'000'000;
  using S = Settings;
  static const std::map<std::string, Reader, std::less<>> kReaders = {
      {"mode", read_mode},
      {"socket", path(&S::socket)},
      {"planner_user", [](S& settings, const std::string& value) { settings.planner_user = value; }},
      {"cycle_seconds", whole(&S::cycle_s, 1, 3'600)},
      {"planner_deadline_ms", whole(&S::planner_deadline_ms, 10, 600'000)},
      {"reconnect_seconds", whole(&S::reconnect_most_s, 1, kDay)},
      {"hold_ms", whole(&S::hold_ms, 1, 60'000)},
      {"pause_ms", whole(&S::pause_ms, 1, 60'000)},
      {"work", whole(&S::work, 0, kMost)},
      {"priority_band", whole(&S::priority_band, 1, 0xffffffff)},
      {"array_tasks", whole(&S::array_tasks, 1, 1'000'000)},
      {"expected_starts", whole(&S::expected_starts, 0, 1'000'000)},
      {"expected_interval_seconds", whole(&S::expected_interval_s, 1, kDay)},
      {"power", read_power},
      {"admin_comment", read_comment},
      {"trip_refusals", whole(&S::trip_refusals, 0, kMost)},
      {"trip_hold_ms", whole(&S::trip_hold_ms, 0, kMost)},
      {"trip_wait_seconds", whole(&S::trip_wait_s, 0, kMost)},
      {"trip_window_seconds", whole(&S::trip_window_s, 1, 100 * kDay)},
      {"trip_pause_seconds", whole(&S::trip_pause_s, 0, 100 * kDay)},
      {"prometheus_file", path(&S::prometheus_file)},
  };
  return kReaders;
}

void read_line(Settings& settings, std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) throw SettingsError("\"" + std::string(line) + "\": no '='; write key = value");
  const std::string key(trimmed(line.substr(0, equals)));
  const auto found = readers().find(key);
  if (found == readers().end()) {
    std::string known;
    for (const auto& [name, reader] : readers()) known += (known.empty() ? "" : ", ") + name;
    throw SettingsError("unknown key \"" + key + "\"; known are " + known);
  }
  try {
    found->second(settings, std::string(trimmed(line.substr(equals + 1))));
  } catch (const SettingsError& error) {
    throw SettingsError(key + ": " + error.what());
  }
}

}  // namespace

const char* name_of(Mode mode) {
  switch (mode) {
    case Mode::kStock:
      return "stock";
    case Mode::kObserve:
      return "observe";
    case Mode::kAct:
      break;
  }
  return "act";
}

Settings read_settings(std::istream& in, const std::string& file) {
  Settings settings;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const std::string_view text = trimmed(std::string_view(line).substr(0, line.find('#')));
    if (text.empty()) continue;
    try {
      read_line(settings, text);
    } catch (const SettingsError& error) {
      throw SettingsError(file + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  if (in.bad()) throw SettingsError(file + ": cannot be read to its end");
  return settings;
}

Settings read_settings_file(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    if (errno == ENOENT) return {};
    throw SettingsError(file + ": " + std::strerror(errno));
  }
  return read_settings(in, file);
}

}  // namespace wattfill::slurm
