// SPDX-License-Identifier: GPL-2.0-or-later
// The distribution's own backfill plugin, loaded by this one.
#pragma once

#include <string>

namespace wattfill::slurm {

class StockBackfill {
 public:
  // `plugin_dir`: as in slurm.conf, folders with colons between them.
  explicit StockBackfill(std::string plugin_dir) : plugin_dir_(std::move(plugin_dir)) {}
  ~StockBackfill() { stop(); }
  StockBackfill(const StockBackfill&) = delete;
  StockBackfill& operator=(const StockBackfill&) = delete;

  // Starts its agent. Returns what is wrong, or "". Nothing happens if it runs.
  std::string start();
  // Returns when its agent has ended; a cycle that it is in is broken off. The caller holds no lock of the controller,
  // since the agent may be waiting for one.
  void stop();
  void reconfigure();

 private:
  std::string load();

  std::string plugin_dir_;
  void* library_ = nullptr;
  void (*fini_)() = nullptr;
  int (*reconfigure_)() = nullptr;
};

}  // namespace wattfill::slurm
