// SPDX-License-Identifier: GPL-2.0-or-later
// Proposals carried out, and what is shown of those that wait.
#include <algorithm>

#include "plugin/slurm/real_time.hpp"
#include "plugin/slurm/slurm_host.hpp"

namespace wattfill::slurm {
namespace {

job_record_t* find(const JobKey& key) {
  return key.task == kNoTask ? find_job_record(key.job) : find_job_array_rec(key.job, key.task);
}

Answer refuse(const Offer& offer, Outcome outcome, const std::string& reason) {
  Answer answer;
  answer.id = offer.id;
  answer.outcome = outcome;
  answer.reason = reason;
  return answer;
}

Bitmap bitmap_of(const std::vector<std::int32_t>& nodes) {
  Bitmap bits(bit_alloc(node_record_count));
  for (const std::int32_t node : nodes)
    if (node >= 0 && node < node_record_count) bit_set(bits.get(), node);
  return bits;
}

// The job's partition that holds all these nodes.
part_record_t* partition_for(const job_record_t& job, bitstr_t* nodes) {
  part_record_t* found = nullptr;
  auto look = [&](part_record_t& part) {
    if (!found && (part.state_up & PARTITION_SCHED) && part.node_bitmap && bit_super_set(nodes, part.node_bitmap))
      found = &part;
  };
  if (job.part_ptr_list) {
    for_each<part_record_t>(job.part_ptr_list, look);
  } else if (job.part_ptr) {
    look(*job.part_ptr);
  }
  return found;
}

// Puts back what the job itself excludes, also into the record that an array's waiting tasks now have.
class ExcludedNodes {
 public:
  ExcludedNodes(job_record_t& job, bitstr_t* chosen) : job_(job), array_head_(job.array_recs != nullptr) {
    if (job.details->exc_node_bitmap) original_.reset(bit_copy(job.details->exc_node_bitmap));
    Bitmap others(bit_copy(chosen));
    bit_not(others.get());
    if (original_) bit_or(others.get(), original_.get());
    set(*job.details, others.get());
  }
  void restore() {
    if (job_.details) set(*job_.details, original_.get());
    if (!array_head_) return;
    job_record_t* head = find_job_record(job_.array_job_id);
    if (head && head != &job_ && head->array_recs && head->details) set(*head->details, original_.get());
  }

 private:
  static void set(job_details& details, bitstr_t* bits) {
    if (details.exc_node_bitmap) bit_free(details.exc_node_bitmap);
    details.exc_node_bitmap = bits ? bit_copy(bits) : nullptr;
  }
  job_record_t& job_;
  bool array_head_;
  Bitmap original_;
};

// Does what was true when the planner was told still hold? Fills `part`.
Answer revalidate(const Offer& offer, job_record_t* job, bitstr_t* chosen, part_record_t*& part) {
  if (!job || !job->details || !IS_JOB_PENDING(job) || IS_JOB_COMPLETING(job) || job->restart_cnt != offer.restart)
    return refuse(offer, Outcome::kNotNow, "it does not wait any more");
  if (job->priority == 0 || job->details->begin_time > time(nullptr))
    return refuse(offer, Outcome::kHeld, "it is held or its time has not come");
  part = partition_for(*job, chosen);
  if (!part) return refuse(offer, Outcome::kNotNow, "no partition of it holds all these nodes");
  if (!bit_super_set(chosen, avail_node_bitmap) || bit_overlap_any(chosen, cg_node_bitmap) ||
      (!nodes_are_shared() && !bit_super_set(chosen, idle_node_bitmap)))
    return refuse(offer, Outcome::kNotNow, "not all these nodes are free");
  job->part_ptr = part;
  if (!job_array_start_test(job)) return refuse(offer, Outcome::kHeld, "its array runs as many tasks as it may");
  if (!job_independent(job)) return refuse(offer, Outcome::kHeld, "it depends on another job");
  if (job_limits_check(&job, true) != WAIT_NO_REASON) return refuse(offer, Outcome::kHeld, "a limit of its partition");
  if (!acct_policy_job_runnable_pre_select(job, false))
    return refuse(offer, Outcome::kHeld, "a limit of its association or QOS");
  return refuse(offer, Outcome::kStarted, {});
}

void launch(job_record_t* job) {
  last_job_update = time(nullptr);
  power_g_job_start(job);
  if (job->batch_flag == 0) {
    srun_allocate(job);
  } else if (!IS_JOB_CONFIGURING(job)) {
    launch_job(job);
  }
  ++slurmctld_diag_stats.backfilled_jobs;
  ++slurmctld_diag_stats.last_backfilled_jobs;
}

// select_nodes() takes what it needs of these nodes; its answer is Slurm's error, 0 if the job has begun.
int start_within(job_record_t& job, bitstr_t* nodes) {
  ExcludedNodes excluded(job, nodes);
  const int rc = select_nodes(&job, false, nullptr, nullptr, false, SLURMDB_JOB_FLAG_BACKFILL);
  excluded.restore();
  return rc;
}

Answer start(const Offer& offer) {
  job_record_t* job = find(offer.key);
  const Bitmap chosen = bitmap_of(offer.nodes);
  part_record_t* part = nullptr;
  Answer answer = revalidate(offer, job, chosen.get(), part);
  if (answer.outcome != Outcome::kStarted) return answer;

  job->details->features_use = job->details->features;
  job->details->feature_list_use = job->details->feature_list;
  int rc = start_within(*job, chosen.get());
  // The planner counts cores; a job that asks for few nodes may not get them so. As many cores elsewhere do as well.
  if (rc != SLURM_SUCCESS && rc != ESLURM_ACCOUNTING_POLICY && nodes_are_shared())
    rc = start_within(*job, part->node_bitmap);
  if (rc != SLURM_SUCCESS)
    return refuse(offer, rc == ESLURM_ACCOUNTING_POLICY ? Outcome::kHeld : Outcome::kNotNow, slurm_strerror(rc));
  launch(job);
  answer.started = key_of(*job);
  if (job->node_bitmap) answer.placement = placement_of(*job, nodes_are_shared());
  answer.configuring = IS_JOB_CONFIGURING(job);
  info("wattfill: started job %s in %s on %s%s", name_of(answer.started).c_str(), job->part_ptr->name, job->nodes,
       answer.configuring ? ", which have to be made ready" : "");
  return answer;
}

// True if the node is in that state, or on its way.
bool change_power(const PowerOrder& order, bitstr_t* awake) {
  node_record_t* node = order.node >= 0 && order.node < node_record_count ? node_record_table_ptr[order.node] : nullptr;
  if (!node || slurmctld_config.shutdown_time) return false;
  const Power power = power_of(*node);
  if (order.wake) {
    if (power == Power::kAwake || power == Power::kWaking) return true;
  } else {
    if (power == Power::kAsleep || power == Power::kFallingAsleep) return true;
    if (power == Power::kWaking || !nodes_can_sleep() || bit_test(awake, order.node) ||
        !bit_test(idle_node_bitmap, order.node) || !bit_test(avail_node_bitmap, order.node) ||
        bit_test(cg_node_bitmap, order.node) || node->run_job_cnt || node->sus_job_cnt || node->comp_job_cnt)
      return false;
  }
  update_node_msg_t update;
  slurm_init_update_node_msg(&update);
  update.node_names = node->name;
  update.node_state = order.wake ? NODE_STATE_POWER_UP : NODE_STATE_POWER_DOWN;
  return update_node(&update, slurm_conf.slurm_user_id) == SLURM_SUCCESS;
}

// In sdiag's figures of backfill. There is no table, which tells these cycles from those of stock backfill.
void count_cycle(std::int64_t hold_us, std::size_t offers) {
  auto& s = slurmctld_diag_stats;
  s.bf_when_last_cycle = time(nullptr);
  s.bf_cycle_last = static_cast<uint32_t>(hold_us);
  s.bf_cycle_max = std::max(s.bf_cycle_max, s.bf_cycle_last);
  s.bf_cycle_sum += s.bf_cycle_last;
  ++s.bf_cycle_counter;
  s.bf_last_depth = s.bf_last_depth_try = static_cast<uint32_t>(offers);
  s.bf_table_size = 0;
  s.bf_depth_sum += s.bf_last_depth;
  s.bf_depth_try_sum += s.bf_last_depth_try;
}

// Only a comment of our own is replaced.
bool comment(job_record_t& job, std::int64_t predicted_s) {
  constexpr const char* kOurs = "wattfill: ";
  if (job.admin_comment && strncmp(job.admin_comment, kOurs, strlen(kOurs)) != 0) return false;
  const std::string text = kOurs + std::string("predicted runtime ") + std::to_string(predicted_s) + " s";
  if (job.admin_comment && text == job.admin_comment) return false;
  xfree(job.admin_comment);
  job.admin_comment = xstrdup(text.c_str());
  return true;
}

// As stock backfill shows it: the first of the queue waits for nodes, the others for those before them.
bool show(job_record_t& job, const Expectation& expected, bool first, bool with_comment) {
  bool changed = false;
  if (job.start_time != expected.start_s) {
    job.start_time = expected.start_s;
    changed = true;
  }
  if (job.state_reason == WAIT_NO_REASON || job.state_reason == WAIT_PRIORITY || job.state_reason == WAIT_RESOURCES) {
    const uint32_t reason = first ? WAIT_RESOURCES : WAIT_PRIORITY;
    changed |= job.state_reason != reason;
    job.state_reason = reason;
  }
  if (with_comment && expected.predicted_s > 0) changed |= comment(job, expected.predicted_s);
  return changed;
}

}  // namespace

CommitReport SlurmHost::commit(const std::vector<Offer>& offers, const CommitBounds& bounds) {
  CommitReport report;
  std::int64_t held_us = 0;
  while (report.answers.size() < offers.size()) {
    if (!report.hold_us.empty()) usleep(static_cast<useconds_t>(1'000 * bounds.pause_ms));
    const Locked locked(kToSchedule);
    const std::int64_t since_us = real_us();
    std::int64_t hold_us = 0;
    do {
      const Offer& offer = offers[report.answers.size()];
      report.answers.push_back(slurmctld_config.shutdown_time ? refuse(offer, Outcome::kNotNow, "the controller ends")
                                                              : start(offer));
      hold_us = real_us() - since_us;
    } while (report.answers.size() < offers.size() && hold_us < 1'000 * bounds.hold_ms);
    report.hold_us.push_back(hold_us);
    held_us += hold_us;
  }
  for (std::size_t i = 0; i < offers.size(); ++i)
    if (report.answers[i].outcome != Outcome::kStarted)
      verbose("wattfill: job %s was not started: %s", name_of(offers[i].key).c_str(), report.answers[i].reason.c_str());
  count_cycle(held_us, offers.size());
  schedule_job_save();
  schedule_node_save();
  return report;
}

PowerReport SlurmHost::set_power(const std::vector<PowerOrder>& orders, const CommitBounds& bounds) {
  PowerReport report;
  while (report.done.size() < orders.size()) {
    if (!report.hold_us.empty()) usleep(static_cast<useconds_t>(1'000 * bounds.pause_ms));
    const Locked locked(kToSchedule);
    const std::int64_t since_us = real_us();
    const Bitmap awake = always_awake();
    std::int64_t hold_us = 0;
    do {
      const PowerOrder& order = orders[report.done.size()];
      report.done.push_back(change_power(order, awake.get()));
      hold_us = real_us() - since_us;
    } while (report.done.size() < orders.size() && hold_us < 1'000 * bounds.hold_ms);
    report.hold_us.push_back(hold_us);
  }
  schedule_node_save();
  return report;
}

std::int64_t SlurmHost::publish(const std::vector<Expectation>& expectations, bool with_comment) {
  const Locked locked(kToSchedule);
  const std::int64_t since_us = real_us();
  std::unordered_set<const job_record_t*> shown;  // an array's waiting tasks have one record: the first is shown
  bool changed = false;
  for (const Expectation& expected : expectations) {
    job_record_t* job = find(expected.key);
    if (!job || !job->details || !IS_JOB_PENDING(job) || !shown.insert(job).second) continue;
    changed |= show(*job, expected, shown.size() == 1, with_comment);
  }
  if (changed) last_job_update = time(nullptr);
  return real_us() - since_us;
}

// The first call comes from init(), under the controller's locks, and changes nothing of the controller.
void SlurmHost::stock(bool on) {
  if (!on) stock_.stop();  // before the lock: its agent may be waiting for it
  if (controller_disabled_ == on) {
    const Locked locked(kToSchedule);
    slurmctld_config.scheduling_disabled = !on;  // of the controller's own scheduler, and of the stock agent
    controller_disabled_ = !on;
  }
  if (!on) return;
  if (const std::string wrong = stock_.start(); !wrong.empty()) complain("wattfill: " + wrong);
}

void SlurmHost::say(const std::string& text) { info("%s", text.c_str()); }
void SlurmHost::complain(const std::string& text) { error("%s", text.c_str()); }

}  // namespace wattfill::slurm
