// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/stock.hpp"

#include <dlfcn.h>

#include <cstring>
#include <sstream>

namespace wattfill::slurm {
namespace {

constexpr const char* kOurs = "wattfill_plugin";  // a symbol that only our plugins have

template <typename Function>
void find_symbol(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
}

}  // namespace

// Takes the first sched_backfill.so of the folders that is not ours: our drop-in bears the same name.
std::string StockBackfill::load() {
  std::string errors;
  std::istringstream folders(plugin_dir_);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/sched_backfill.so";
    void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
      const char* error = dlerror();
      errors += std::string(errors.empty() ? "" : "; ") + (error ? error : file.c_str());
    } else if (dlsym(library, kOurs)) {
      dlclose(library);
    } else {
      library_ = library;
      return {};
    }
  }
  return "no stock backfill plugin in PluginDir: " + errors;
}

// Loaded anew each time: once its agent has been stopped, the library's own flag keeps it from starting again.
std::string StockBackfill::start() {
  if (library_) return {};
  if (std::string error = load(); !error.empty()) return error;
  int (*init)() = nullptr;
  find_symbol(library_, "init", init);
  find_symbol(library_, "fini", fini_);
  find_symbol(library_, "sched_p_reconfig", reconfigure_);
  std::string error;
  if (!init || !fini_ || !reconfigure_) {
    error = "the stock backfill plugin lacks init, fini or sched_p_reconfig";
  } else if (init() != 0) {
    error = "the stock backfill plugin does not start";
  }
  if (!error.empty()) {
    dlclose(library_);
    library_ = nullptr;
  }
  return error;
}

void StockBackfill::stop() {
  if (!library_) return;
  fini_();
  dlclose(library_);
  library_ = nullptr;
}

void StockBackfill::reconfigure() {
  if (library_) reconfigure_();
}

}  // namespace wattfill::slurm
