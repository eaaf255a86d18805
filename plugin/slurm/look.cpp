// SPDX-License-Identifier: GPL-2.0-or-later
// Jobs and nodes copied out of the controller.
#include <algorithm>
#include <regex>
#include <sstream>
#include <unordered_map>

#include "plugin/slurm/real_time.hpp"
#include "plugin/slurm/slurm_host.hpp"

namespace wattfill::slurm {
namespace {

constexpr std::int64_t kYear = 365 * 86'400;

std::string text_of(const char* text) { return text ? text : ""; }

std::vector<std::string> words_of(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, separator);)
    if (!word.empty()) words.push_back(word);
  std::sort(words.begin(), words.end());
  return words;
}

bool may_preempt() {
  const std::string type = text_of(slurm_conf.preempt_type);
  return !type.empty() && type != "preempt/none" && (slurm_conf.preempt_mode & ~PREEMPT_MODE_GANG) != PREEMPT_MODE_OFF;
}

// What of the site the planner cannot be told.
std::string site_not_understood() {
  if (fed_mgr_fed_rec) return "the cluster is in a federation";
  if (may_preempt()) return "jobs may preempt others (PreemptType)";
  std::string why;
  for_each<part_record_t>(part_list, [&](const part_record_t& part) {
    if ((part.max_share & SHARED_FORCE) && (part.max_share & ~SHARED_FORCE) > 1)
      why = "partition " + text_of(part.name) + " lets jobs share cores (OverSubscribe=FORCE)";
  });
  return why;
}

// Takes the nodes of reservations that have begun away from the others. A later one must not touch any job that waits.
void regard_reservations(Snapshot& snapshot) {
  std::int64_t longest_s = 0;
  bool asked = false;  // for licences
  for (const JobView& job : snapshot.jobs)
    if (job.eligible) {
      longest_s = std::max(longest_s, job.limit_s);
      asked |= !job.licences.empty();
    }
  for_each<slurmctld_resv_t>(resv_list, [&](const slurmctld_resv_t& reservation) {
    if (reservation.end_time <= snapshot.now_s) return;
    const std::string name = "reservation " + text_of(reservation.name);
    if (asked && reservation.license_list && list_count(reservation.license_list) > 0)
      snapshot.not_understood = name + " holds licences";
    if (!reservation.node_bitmap) return;
    if (reservation.flags & RESERVE_FLAG_TIME_FLOAT) {
      snapshot.not_understood = name + " moves with time";
    } else if (reservation.start_time > snapshot.now_s) {
      if (reservation.start_time < snapshot.now_s + longest_s)
        snapshot.not_understood = name + " begins before jobs that wait would end";
    } else if (!(reservation.ctld_flags & RESV_CTLD_FULL_NODE)) {
      snapshot.not_understood = name + " is for a part of its nodes' cores";
    } else {
      for (NodeView& node : snapshot.nodes)
        if (bit_test(reservation.node_bitmap, node.index)) node.usable = false;
    }
  });
}

bool usable(const node_record_t& node, Power power) {
  const bool answers = power != Power::kAwake || !IS_NODE_NO_RESPOND((&node));
  return bit_test(avail_node_bitmap, node.index) && power != Power::kFallingAsleep && answers &&
         !IS_NODE_DOWN((&node)) && !IS_NODE_DRAIN((&node)) && !IS_NODE_FAIL((&node)) && !IS_NODE_COMPLETING((&node)) &&
         !IS_NODE_MAINT((&node)) && !IS_NODE_REBOOT_REQUESTED((&node)) && !IS_NODE_REBOOT_ISSUED((&node)) &&
         !IS_NODE_FUTURE((&node));
}

NodeView view_of(const node_record_t& node) {
  NodeView view;
  view.index = static_cast<std::int32_t>(node.index);
  view.name = text_of(node.name);
  view.power = power_of(node);
  view.usable = usable(node, view.power);
  view.cpus = node.cpus_efctv ? node.cpus_efctv : node.cpus;
  view.cores = node.tot_cores ? node.tot_cores : view.cpus;
  view.memory_mib = node.real_memory - std::min(node.real_memory, node.mem_spec_limit);
  view.features = words_of(text_of(node.features_act ? node.features_act : node.features), ',');
  view.gres = text_of(node.config_ptr ? node.config_ptr->gres : nullptr);
  for (int i = 0; i < node.part_cnt; ++i)
    view.partitions.push_back(text_of(static_cast<const part_record_t*>(node.part_pptr[i])->name));
  std::sort(view.partitions.begin(), view.partitions.end());
  return view;
}

// A conjunction of names; anything else Slurm can ask is not understood.
bool plain(const std::string& features) {
  return std::all_of(features.begin(), features.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '&' || c == ',';
  });
}

bool asks_for_gres(const job_record_t& job) { return job.gres_list_req && list_count(job.gres_list_req) > 0; }

// What the planner cannot be told of a waiting job, or "".
std::string not_understood(const job_record_t& job, bool shared) {
  const job_details& details = *job.details;
  if (job.het_job_id) return "is heterogeneous";
  if (job.resv_name) return "asks for a reservation";
  if (details.req_node_bitmap) return "asks for nodes by name";
  if (details.exc_node_bitmap) return "excludes nodes by name";
  if (asks_for_gres(job)) return "asks for generic resources";
  if (job.burst_buffer) return "asks for a burst buffer";
  if (job.deadline && job.deadline != NO_VAL) return "has a deadline";
  if (details.contiguous) return "asks for contiguous nodes";
  if (job.req_switch) return "asks for a number of switches";
  if (details.core_spec && details.core_spec != NO_VAL16) return "asks for specialised cores";
  if (details.expanding_jobid) return "expands another job";
  if (details.prefer) return "prefers features";
  if (details.whole_node > 1) return "asks to be exclusive by user or label";
  if (shared && details.whole_node == 1) return "asks for whole nodes where jobs share them";
  if (shared && details.share_res == 1) return "offers to share its cores";
  if (details.features && !plain(details.features)) return "asks for features by more than a list";
  return {};
}

// Nothing but nodes keeps it waiting, as far as the controller found last.
bool was_eligible(const job_record_t& job) {
  switch (job.state_reason) {
    case WAIT_NO_REASON:
    case WAIT_PRIORITY:
    case WAIT_RESOURCES:
    case WAIT_LICENSES:
    case WAIT_NODE_NOT_AVAIL:
      return job.priority > 0 && job.details->begin_time <= time(nullptr) &&
             !(job.details->depend_list && list_count(job.details->depend_list) > 0);
    default:
      return false;
  }
}

std::int64_t limit_of(const job_record_t& job, const part_record_t& part) {
  std::int64_t minutes = job.time_limit;
  if (job.time_limit == NO_VAL) minutes = part.default_time != NO_VAL ? part.default_time : part.max_time;
  if (part.max_time != INFINITE && part.max_time != NO_VAL) minutes = std::min<std::int64_t>(minutes, part.max_time);
  return std::clamp<std::int64_t>(minutes * 60, 60, kYear);
}

// Copies one record; an array's head stands for many jobs, of which this is what they share.
JobView view_of(const job_record_t& job, bool shared) {
  JobView view;
  const job_details& details = *job.details;
  view.key = key_of(job);
  view.restart = job.restart_cnt;
  view.clearing = IS_JOB_PENDING((&job)) && IS_JOB_COMPLETING((&job));
  view.active = !IS_JOB_PENDING((&job));
  view.configuring = view.active && IS_JOB_CONFIGURING((&job));
  view.submit_s = details.submit_time;
  view.start_s = job.start_time;
  view.user = job.user_id;
  view.group = job.group_id;
  view.min_nodes = details.min_nodes;
  view.min_cpus = details.min_cpus;
  view.memory_per_cpu = details.pn_min_memory & MEM_PER_CPU;
  view.memory_mib = details.pn_min_memory & ~MEM_PER_CPU;
  view.features = words_of(text_of(details.features), '&');
  if (view.features.size() == 1) view.features = words_of(view.features[0], ',');
  for_each<licenses_t>(job.license_list, [&](const licenses_t& asked) { view.licences[asked.name] += asked.total; });
  const part_record_t* first = nullptr;
  auto take = [&](const part_record_t& part) {
    if (!(part.state_up & PARTITION_SCHED)) return;
    if (!first) first = &part;
    view.partitions.push_back(text_of(part.name));
    view.tier = std::max<std::uint32_t>(view.tier, part.priority_tier);
  };
  if (job.part_ptr_list && !view.active) {
    for_each<part_record_t>(job.part_ptr_list, take);
  } else if (job.part_ptr) {
    take(*job.part_ptr);
    if (!first) first = job.part_ptr;
  }
  if (first) view.limit_s = limit_of(job, *first);
  view.priority = job.priority;
  if (view.active) {
    view.placement = placement_of(job, shared);
    if (view.partitions.empty() && first) view.partitions.push_back(text_of(first->name));
  }
  return view;
}

// Tasks of an array that wait, the lowest `most` of them, fewer if the array limits how many run at a time.
std::vector<std::uint32_t> waiting_tasks(const job_array_struct_t& array, std::uint32_t most) {
  std::vector<std::uint32_t> tasks;
  if (array.max_run_tasks)
    most = std::min(most, array.max_run_tasks - std::min(array.max_run_tasks, array.tot_run_tasks));
  const bitoff_t size = bit_size(array.task_id_bitmap);
  for (bitoff_t task = bit_ffs(array.task_id_bitmap); task >= 0 && task < size && tasks.size() < most; ++task)
    if (bit_test(array.task_id_bitmap, task)) tasks.push_back(static_cast<std::uint32_t>(task));
  return tasks;
}

void copy_job(const job_record_t& job, bool shared, bool eligible, std::uint32_t array_tasks,
              std::vector<JobView>& out) {
  if (!job.details || (IS_JOB_FINISHED((&job)) && !IS_JOB_COMPLETING((&job)))) return;
  if (!IS_JOB_PENDING((&job)) && !job.node_bitmap) return;
  JobView view = view_of(job, shared);
  if (!view.active && eligible) {
    view.not_understood = not_understood(job, shared);
    view.eligible = view.not_understood.empty() && !view.clearing;
  }
  const job_array_struct_t* array = job.array_recs;
  if (view.active || !array || !array->task_id_bitmap || job.array_task_id != NO_VAL) {
    out.push_back(std::move(view));
    return;
  }
  for (const std::uint32_t task : waiting_tasks(*array, array_tasks)) {
    view.key = {job.array_job_id, task};
    out.push_back(view);
  }
}

// CPUs of a partition's nodes.
struct NodeSizes {
  explicit NodeSizes(const part_record_t& part) {
    for (int i = 0; i < node_record_count; ++i)
      if (const node_record_t* node = node_record_table_ptr[i]; node && bit_test(part.node_bitmap, i)) {
        const uint64_t cpus = node->cpus_efctv ? node->cpus_efctv : node->cpus;
        least = std::min(least, cpus);
        most = std::max(most, cpus);
      }
  }
  uint64_t least = NO_VAL;
  uint64_t most = 1;
};

// Do the limits on what jobs hold (GrpTRES, MaxTRESPerUser, ...) leave room for the job? Asked with the least that it
// can hold, since its nodes are not chosen yet: what only its real nodes exceed is refused when it starts.
bool within_limits(job_record_t& job, const NodeSizes& sizes, bool shared) {
  std::vector<uint64_t> wanted(job.tres_req_cnt, job.tres_req_cnt + slurmctld_tres_cnt);
  const uint64_t cpus = job.details->min_cpus;
  const uint64_t nodes = std::max<uint64_t>(job.details->min_nodes, (cpus + sizes.most - 1) / sizes.most);
  wanted[TRES_ARRAY_NODE] = nodes;
  wanted[TRES_ARRAY_CPU] = shared ? cpus : std::max(cpus, nodes * sizes.least);
  return acct_policy_job_runnable_post_select(&job, wanted.data(), false);
}

// What a scheduling cycle of Slurm's would look at: dependencies, limits and begin times are evaluated for it.
std::unordered_set<const job_record_t*> evaluated_queue(bool shared) {
  std::unordered_set<const job_record_t*> eligible;
  std::unordered_map<const part_record_t*, NodeSizes> sizes;
  const bool limits = accounting_enforce & ACCOUNTING_ENFORCE_LIMITS;
  List queue = build_job_queue(false, true);
  slurmctld_diag_stats.bf_queue_len = static_cast<uint32_t>(list_count(queue));
  slurmctld_diag_stats.bf_queue_len_sum += slurmctld_diag_stats.bf_queue_len;
  while (auto* record = static_cast<job_queue_rec_t*>(list_pop(queue))) {
    job_record_t& job = *record->job_ptr;
    job.part_ptr = record->part_ptr;  // some limits are those of the partition's QOS
    xfree(record);
    if (!acct_policy_job_runnable_pre_select(&job, false)) continue;
    if (limits && job.tres_req_cnt && job.part_ptr->node_bitmap &&
        !within_limits(job, sizes.try_emplace(job.part_ptr, *job.part_ptr).first->second, shared))
      continue;
    eligible.insert(&job);
  }
  list_destroy(queue);
  return eligible;
}

}  // namespace

JobKey key_of(const job_record_t& job) {
  if (job.array_task_id != NO_VAL) return {job.array_job_id, job.array_task_id};
  return {job.job_id, kNoTask};
}

bool nodes_are_shared() {
  if (text_of(slurm_conf.select_type) == "select/linear") return false;
  bool shared = false;
  for_each<part_record_t>(part_list, [&](const part_record_t& part) { shared |= part.max_share != 0; });
  return shared;
}

Power power_of(const node_record_t& node) {
  if (IS_NODE_POWERING_UP((&node))) return Power::kWaking;
  if (IS_NODE_POWERED_DOWN((&node)))
    return IS_NODE_POWER_UP((&node)) || IS_NODE_ALLOCATED((&node)) || IS_NODE_MIXED((&node)) ? Power::kWaking
                                                                                             : Power::kAsleep;
  return IS_NODE_POWERING_DOWN((&node)) || IS_NODE_POWER_DOWN((&node)) ? Power::kFallingAsleep : Power::kAwake;
}

bool nodes_can_sleep() {
  return slurm_conf.suspend_program && slurm_conf.suspend_program[0] && slurm_conf.resume_program &&
         slurm_conf.resume_program[0];
}

// Slurm itself only keeps its own idle timer off these. Nodes of which so many have to stay awake ("n[1-4]:2") do all.
Bitmap always_awake() {
  Bitmap out(bit_alloc(node_record_count));
  const std::regex count(":[0-9]+");
  const std::string nodes = std::regex_replace(text_of(slurm_conf.suspend_exc_nodes), count, "");
  bitstr_t* named = nullptr;
  if (!nodes.empty() && node_name2bitmap(const_cast<char*>(nodes.c_str()), true, &named) == SLURM_SUCCESS && named)
    bit_or(out.get(), named);
  if (named) bit_free(named);
  for (const std::string& part : words_of(std::regex_replace(text_of(slurm_conf.suspend_exc_parts), count, ""), ','))
    if (const part_record_t* found = find_part_record(const_cast<char*>(part.c_str())); found && found->node_bitmap)
      bit_or(out.get(), found->node_bitmap);
  for (int i = 0; i < node_record_count; ++i)
    if (const node_record_t* node = node_record_table_ptr[i]; node && node->suspend_time == INFINITE)
      bit_set(out.get(), i);
  return out;
}

Placement placement_of(const job_record_t& job, bool cores) {
  Placement placement;
  const job_resources_t* resources = job.job_resrcs;
  std::int64_t offset = 0;  // into the bitmap of the job's cores
  std::size_t layout = 0;   // of the node's sockets and cores, which stands for several nodes
  std::uint32_t of_layout = 0;
  for (bitoff_t node = bit_ffs(job.node_bitmap); node >= 0 && node < bit_size(job.node_bitmap); ++node) {
    if (!bit_test(job.node_bitmap, node)) continue;
    placement.nodes.push_back(static_cast<std::int32_t>(node));
    if (!cores) continue;
    std::vector<std::uint64_t>& words = placement.cores.emplace_back();
    if (!resources || !resources->core_bitmap || !resources->sock_core_rep_count) continue;
    const std::int64_t count = std::int64_t{resources->sockets_per_node[layout]} * resources->cores_per_socket[layout];
    words.resize(static_cast<std::size_t>((count + 63) / 64));
    for (std::int64_t core = 0; core < count && offset + core < bit_size(resources->core_bitmap); ++core)
      if (bit_test(resources->core_bitmap, offset + core))
        words[static_cast<std::size_t>(core / 64)] |= std::uint64_t{1} << (core % 64);
    offset += count;
    if (++of_layout == resources->sock_core_rep_count[layout]) {
      ++layout;
      of_layout = 0;
    }
  }
  return placement;
}

bool SlurmHost::ready() {
  const Locked locked(kToLook);
  return job_list && part_list && node_record_count > 0 && avail_node_bitmap && idle_node_bitmap;
}

// Whole seconds: what happens in the second of the last look may come after it.
bool SlurmHost::changed_since(std::int64_t time_s) {
  return last_job_update >= time_s || last_node_update >= time_s || last_part_update >= time_s ||
         last_resv_update >= time_s || last_license_update >= time_s;
}

Snapshot SlurmHost::look(bool evaluate, std::uint32_t array_tasks) {
  Snapshot out;
  const Locked locked(evaluate ? kToSchedule : kToLook);
  const std::int64_t since_us = real_us();
  out.now_s = time(nullptr);
  out.shared = nodes_are_shared();
  out.not_understood = site_not_understood();
  std::unordered_set<const job_record_t*> queue;
  if (evaluate) queue = evaluated_queue(out.shared);
  out.nodes.reserve(static_cast<std::size_t>(node_record_count));
  for (int i = 0; i < node_record_count; ++i)  // with holes
    if (const node_record_t* node = node_record_table_ptr[i]; node && node->name) out.nodes.push_back(view_of(*node));
  if (nodes_can_sleep()) {
    const Bitmap awake = always_awake();
    for (NodeView& node : out.nodes) node.may_sleep = !bit_test(awake.get(), node.index);
  }
  out.suspend_rate = slurm_conf.suspend_rate;
  out.resume_rate = slurm_conf.resume_rate;
  for_each<job_record_t>(job_list, [&](const job_record_t& job) {
    const bool eligible = evaluate ? queue.contains(&job) : IS_JOB_PENDING((&job)) && job.details && was_eligible(job);
    copy_job(job, out.shared, eligible, array_tasks, out.jobs);
  });
  for (const JobView& job : out.jobs)
    for (const auto& [name, count] : job.licences)
      out.licences.try_emplace(name, get_total_license_cnt(const_cast<char*>(name.c_str())));
  regard_reservations(out);
  if (evaluate) out.hold_us = real_us() - since_us;
  return out;
}

}  // namespace wattfill::slurm
