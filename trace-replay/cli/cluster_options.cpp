#include "trace-replay/cli/cluster_options.hpp"

#include <algorithm>
#include <filesystem>

#include "backfill/config/config.hpp"
#include "backfill/power/frequency.hpp"
#include "trace-replay/errors.hpp"

namespace wattfill::cli {

CLI::Option* add_limit_option(CLI::App& command, LimitRule& limit) {
  return command
      .add_option_function<std::string>(
          "--limit",
          [&limit](const std::string& name) { limit = name == "real" ? LimitRule::kReal : LimitRule::kScaled; },
          "The walltime limit on nodes of another speed: scaled with the runtime, or real, as requested")
      ->check(CLI::IsMember({"scaled", "real"}))
      ->default_str(std::string(name(limit)));
}

CLI::Option* add_frequency_option(CLI::App& command, std::string& frequency) {
  return command
      .add_option("--frequency", frequency,
                  "At which frequency nodes work: full, a number (1: the first below full speed of each type, ...), or "
                  "efficient (of each type that of the least energy for a piece of work)")
      ->check([](const std::string& text) {
        const bool number = text.size() == 1 && text[0] >= '1' && text[0] <= '9';
        return text == "full" || text == "efficient" || number ? std::string() : "full, efficient or 1 to 9 is right";
      });
}

bool looks_like_file(const std::string& name) {
  return name.find('/') != std::string::npos || name.find(".textproto") != std::string::npos ||
         std::filesystem::is_regular_file(name);
}

void set_allocation(Cluster& cluster, const std::string& allocation) {
  if (allocation == "counts") cluster.allocation = AllocationMode::kCounts;
  if (allocation == "whole-nodes") cluster.allocation = AllocationMode::kWholeNodes;
  if (allocation == "cores") cluster.allocation = AllocationMode::kCores;
}

void set_frequency(Cluster& cluster, const std::string& frequency) {
  if (frequency.empty() || frequency == "full") return;
  if (std::ranges::all_of(cluster.node_types, [](const NodeType& t) { return t.power.frequencies.empty(); }))
    throw UsageError(fmt::format("--frequency {}: {} has no frequency below full speed", frequency, cluster.name));
  cluster = frequency == "efficient" ? at_most_efficient_frequency(std::move(cluster))
                                     : at_frequency(std::move(cluster), frequency[0] - '0');
}

Cluster named_cluster(const std::string& name) {
  const Cluster* bundled = find_cluster(name);
  if (!bundled && !looks_like_file(name))
    throw UsageError(
        fmt::format("--cluster {}: neither a bundled cluster ({}) nor a file", name, names(bundled_clusters())));
  return bundled ? *bundled : parse_cluster_file(name);
}

}  // namespace wattfill::cli
