// SPDX-License-Identifier: GPL-2.0-or-later
// What slurmctld asks of a sched plugin. Compiled twice: as sched/wattfill and, with WATTFILL_DROP_IN, as a stand-in
// for sched/backfill, without which the controller takes no heterogeneous jobs.
#include <exception>
#include <memory>

#include "plugin/slurm/agent.hpp"
#include "plugin/slurm/slurm_host.hpp"

#define WATTFILL_EXPORT extern "C" __attribute__((visibility("default")))

// Declared first: a constant of C++ is otherwise not seen from outside.
WATTFILL_EXPORT const char plugin_name[];
WATTFILL_EXPORT const char plugin_type[];  // NOLINT(readability-redundant-declaration): Slurm's does not export it
WATTFILL_EXPORT const uint32_t plugin_version;
WATTFILL_EXPORT const char wattfill_plugin[];  // tells this plugin from the stock one of the same name
WATTFILL_EXPORT int init(void);
WATTFILL_EXPORT void fini(void);
WATTFILL_EXPORT int sched_p_reconfig(void);

const char plugin_name[] = "Wattfill scheduler plugin";
#ifdef WATTFILL_DROP_IN
const char plugin_type[] = "sched/backfill";
#else
const char plugin_type[] = "sched/wattfill";
#endif
const uint32_t plugin_version = SLURM_VERSION_NUMBER;
const char wattfill_plugin[] = "1";

namespace {

using wattfill::slurm::Agent;
using wattfill::slurm::SlurmHost;

struct Plugin {
  Plugin(const std::string& settings_file, const std::string& self)
      : host(slurm_conf.plugindir), agent(host, settings_file, self, slurm_conf.cluster_name) {}
  SlurmHost host;
  Agent agent;
};
std::unique_ptr<Plugin> plugin;

std::string version_text() {
  return "slurmctld " + std::to_string(SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER)) + "." +
         std::to_string(SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER)) + "." +
         std::to_string(SLURM_VERSION_MICRO(SLURM_VERSION_NUMBER));
}

std::string settings_file() {
  char* path = get_extra_conf_path(const_cast<char*>("wattfill.conf"));
  std::string file = path;
  xfree(path);
  return file;
}

}  // namespace

// Never fails: a scheduler plugin that does is fatal for the controller.
int init(void) {
  try {
    plugin = std::make_unique<Plugin>(settings_file(), version_text());
    plugin->agent.start();
  } catch (const std::exception& e) {
    error("wattfill: does not start: %s", e.what());
  } catch (...) {
    error("wattfill: does not start");
  }
  return SLURM_SUCCESS;
}

void fini(void) {
  try {
    if (plugin) {
      plugin->agent.stop();
      plugin->host.end();
    }
    plugin.reset();
  } catch (...) {
    error("wattfill: an error while it ends");
  }
}

int sched_p_reconfig(void) {
  if (plugin) plugin->agent.reconfigure();
  return SLURM_SUCCESS;
}
