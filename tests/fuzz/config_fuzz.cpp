// libFuzzer: whatever text the config parsers are given, they give a config within the documented bounds or a
// ConfigError that names the file; and what parses prints and parses back equal.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "backfill/config/config.hpp"

namespace {

// Unlike assert() it stays in a release build.
void require(bool condition) {
  if (!condition) std::abort();
}

void read_policy(std::string_view text) {
  wattfill::PolicySpec spec;
  try {
    spec = wattfill::parse_policy(text, "input");
  } catch (const wattfill::ConfigError& error) {
    require(std::string_view(error.what()).starts_with("input:"));
    return;
  }
  require(!spec.name.empty() && !spec.fit_estimates.empty() && !spec.order_estimates.empty());
  require(spec.reservation_depth >= 0);
  require(wattfill::info(spec.queue_order).order == spec.queue_order);
  require(!spec.promotion_age || *spec.promotion_age >= wattfill::Seconds{0});
  require(!wattfill::waiting_bound(spec, true).empty());
  require(wattfill::parse_policy(wattfill::policy_text(spec), "printed") == spec);
}

void read_cluster(std::string_view text) {
  constexpr auto kRefuse = wattfill::NamedFiles::kRefuse;
  wattfill::Cluster cluster;
  try {
    cluster = wattfill::parse_cluster(text, "input", kRefuse);
  } catch (const wattfill::ConfigError& error) {
    require(std::string_view(error.what()).starts_with("input:"));
    return;
  }
  require(!cluster.name.empty() && cluster.processors() >= cluster.nodes() && cluster.nodes() > 0);
  require(cluster.processors() <= std::numeric_limits<std::int32_t>::max());
  for (const wattfill::NodeType& type : cluster.node_types) {
    require(type.insides.cores.size() == static_cast<std::size_t>(type.processors));
    require(type.power.idle <= type.power.active);
  }
  require(wattfill::parse_cluster(wattfill::cluster_text(cluster), "printed", kRefuse) == cluster);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_policy(text);
  read_cluster(text);
  return 0;
}
