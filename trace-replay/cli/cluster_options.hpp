// How commands name a machine and what they may change of it.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "backfill/model/cluster.hpp"

namespace wattfill::cli {

// What there is to choose from, for messages.
template <class Items>
std::string names(const Items& items) {
  std::string all;
  for (const auto& item : items) all += fmt::format("{}{}", all.empty() ? "" : ", ", item.name);
  return all;
}

// --limit, of whatever replays or judges.
CLI::Option* add_limit_option(CLI::App& command, LimitRule& limit);

// --frequency, of the same.
CLI::Option* add_frequency_option(CLI::App& command, std::string& frequency);

// True for what can only be meant as a file, or is one.
bool looks_like_file(const std::string& name);

// A bundled cluster or a file. Throws UsageError, ConfigError.
Cluster named_cluster(const std::string& name_or_file);

// Replaces the cluster's own mode by what --allocation names; nothing named leaves it.
void set_allocation(Cluster& cluster, const std::string& allocation);

// Sets the frequency that --frequency names; nothing named leaves the cluster as it is. Throws UsageError where it has
// none but full speed.
void set_frequency(Cluster& cluster, const std::string& frequency);

}  // namespace wattfill::cli
