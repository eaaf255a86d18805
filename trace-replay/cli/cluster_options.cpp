#include "trace-replay/cli/cluster_options.hpp"

#include <filesystem>

#include "backfill/config/config.hpp"
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

bool looks_like_file(const std::string& name) {
  return name.find('/') != std::string::npos || name.find(".textproto") != std::string::npos ||
         std::filesystem::is_regular_file(name);
}

void set_allocation(Cluster& cluster, const std::string& allocation) {
  if (allocation == "counts") cluster.allocation = AllocationMode::kCounts;
  if (allocation == "whole-nodes") cluster.allocation = AllocationMode::kWholeNodes;
  if (allocation == "cores") cluster.allocation = AllocationMode::kCores;
}

Cluster named_cluster(const std::string& name) {
  const Cluster* bundled = find_cluster(name);
  if (!bundled && !looks_like_file(name))
    throw UsageError(
        fmt::format("--cluster {}: neither a bundled cluster ({}) nor a file", name, names(bundled_clusters())));
  return bundled ? *bundled : parse_cluster_file(name);
}

}  // namespace wattfill::cli
