// SPDX-License-Identifier: GPL-2.0-or-later
// The host that is slurmctld. Every pointer into its tables is used under its locks and forgotten with them.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "plugin/slurm/host.hpp"
#include "plugin/slurm/slurm_api.hpp"
#include "plugin/slurm/stock.hpp"

namespace wattfill::slurm {

class SlurmHost final : public Host {
 public:
  explicit SlurmHost(std::string plugin_dir) : stock_(std::move(plugin_dir)) {}

  bool ready() override;
  std::int64_t now_s() override { return time(nullptr); }
  bool changed_since(std::int64_t time_s) override;
  Snapshot look(bool evaluate, std::uint32_t array_tasks) override;
  CommitReport commit(const std::vector<Offer>& offers, const CommitBounds& bounds) override;
  PowerReport set_power(const std::vector<PowerOrder>& orders, const CommitBounds& bounds) override;
  std::int64_t publish(const std::vector<Expectation>& expectations, bool comment) override;
  void stock(bool on) override;
  void reconfigure_stock() override { stock_.reconfigure(); }
  void say(const std::string& text) override;
  void complain(const std::string& text) override;
  // The controller ends, or hands over to its backup: the hosted plugin ends, and nothing of ours stays behind.
  void end() {
    stock_.stop();
    if (controller_disabled_) slurmctld_config.scheduling_disabled = false;
    controller_disabled_ = false;
  }

 private:
  StockBackfill stock_;
  bool controller_disabled_ = false;  // the controller's own scheduler, by us
};

// The controller's locks, for as long as this lives.
class Locked {
 public:
  explicit Locked(slurmctld_lock_t locks) : locks_(locks) { lock_slurmctld(locks_); }
  ~Locked() { unlock_slurmctld(locks_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  slurmctld_lock_t locks_;
};

// As of a scheduling cycle: configuration, jobs, nodes, partitions, federation.
inline constexpr slurmctld_lock_t kToSchedule = {READ_LOCK, WRITE_LOCK, WRITE_LOCK, READ_LOCK, READ_LOCK};
inline constexpr slurmctld_lock_t kToLook = {READ_LOCK, READ_LOCK, READ_LOCK, READ_LOCK, READ_LOCK};

// Calls `visit` with each entry of one of Slurm's lists; an exception of it may leave.
template <typename Record, typename Visit>
void for_each(List entries, Visit visit) {
  if (!entries) return;
  struct Iterator {
    ListIterator it;
    ~Iterator() { list_iterator_destroy(it); }
  } iterator{list_iterator_create(entries)};
  while (auto* record = static_cast<Record*>(list_next(iterator.it))) visit(*record);
}

struct FreeBitmap {
  void operator()(bitstr_t* bits) const { bit_free(bits); }
};
using Bitmap = std::unique_ptr<bitstr_t, FreeBitmap>;

JobKey key_of(const job_record_t& job);
// Where the job's nodes are, and its cores if `cores`.
Placement placement_of(const job_record_t& job, bool cores);
Power power_of(const node_record_t& node);
// There are programs that put nodes to sleep and wake them.
bool nodes_can_sleep();
// Nodes that the configuration keeps from sleeping.
Bitmap always_awake();
// Jobs share nodes by core in some partition.
bool nodes_are_shared();

}  // namespace wattfill::slurm
