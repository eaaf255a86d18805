// libFuzzer: whatever text the reader of slurm.conf is given, it gives nodes that become a cluster which is read back
// equal, or an InputError that names the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "backfill/config/config.hpp"
#include "trace-replay/import/slurm_cluster.hpp"

namespace {

// Unlike assert() it stays in a release build.
void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  wattfill::SlurmConf conf;
  try {
    conf = wattfill::read_slurm_conf(text, "input", wattfill::SlurmIncludes::kRefuse);
  } catch (const wattfill::InputError& error) {
    require(std::string_view(error.what()).starts_with("input:"));
    return 0;
  }
  const wattfill::Cluster cluster = wattfill::slurm_cluster(conf);
  require(cluster.nodes() == static_cast<std::int64_t>(conf.nodes.size()));
  const std::string written = wattfill::slurm_cluster_text(conf, "input");
  require(wattfill::parse_cluster(written, "written", wattfill::NamedFiles::kRefuse) == cluster);
  return 0;
}
