#include "trace-replay/validate/node_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "backfill/topology/insides_reader.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

class NodeJudge {
 public:
  NodeJudge(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report)
      : jobs_(jobs),
        machine_(machine),
        report_(report),
        findings_(report),
        shared_(machine.allocation() == AllocationMode::kCores),
        held_(static_cast<std::size_t>(machine.nodes())) {
    findings_.performed({Check::kNodeRange, Check::kNodeAccess, Check::kNodeCount, Check::kSeveralTypes});
    findings_.performed({shared_ ? Check::kCoreOverlap : Check::kNodeOverlap});
    if (shared_) findings_.performed({Check::kCoreSets});
  }

  void run() {
    std::vector<std::size_t> order(jobs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return jobs_[a].start < jobs_[b].start; });
    for (const std::size_t index : order) {
      const JudgedJob& job = jobs_[index];
      check_names(job);
      check_types(job);
      take(index);
    }
  }

 private:
  // A job on a node, with its cores where nodes are shared.
  struct Holder {
    std::size_t job;
    CoreSet cores;
  };

  Seconds estimate(const JudgedJob& job) const {
    const bool requested = report_.request.estimates == ValidationRequest::Estimates::kRequested;
    return requested ? job.entry.requested : job.entry.runtime;
  }

  template <class Describe>
  void add(Check check, const JudgedJob& job, Describe&& describe) {
    findings_.add(check, job.entry.id, job.start, std::forward<Describe>(describe));
  }

  void check_names(const JudgedJob& job) {
    if (job.use.outside >= 0) {
      add(Check::kNodeRange, job, [&] {
        return std::pair{fmt::format("node {}", job.use.outside), fmt::format("nodes 0 to {}", machine_.nodes() - 1)};
      });
    }
    if (!job.use.bad_cores.empty()) {
      add(Check::kCoreSets, job, [&] {
        return std::pair{job.use.bad_cores, std::string("a pair node:cpuset for each of its nodes, in their order")};
      });
    }
  }

  void check_types(const JudgedJob& job) {
    if (job.use.taken.empty() && !job.use.bad_cores.empty()) return;
    bool all_allowed = true;
    for (const TypeUnits& taken : job.use.taken) {
      if (machine_.allowed(job.entry, estimate(job), taken.type)) continue;
      all_allowed = false;
      add(Check::kNodeAccess, job, [&] {
        return std::pair{fmt::format("runs on nodes of type {}", machine_.name(taken.type)),
                         std::string("a type that access rules, memory and limit leave it")};
      });
    }
    if (!all_allowed) return;
    check_count(job);
    if (job.use.taken.size() < 2) return;
    const std::vector<Way> ways = machine_.ways(job.entry, estimate(job));
    if (ways.empty() || ways.front().types.size() > 1) return;
    add(Check::kSeveralTypes, job, [&] {
      return std::pair{taken_text(job.use.taken),
                       fmt::format("one type; {} can hold it alone", machine_.name(ways.front().types.front()))};
    });
  }

  // All of them together hold the job, and would not with one less of any type.
  void check_count(const JudgedJob& job) {
    std::int64_t held = 0;
    for (const TypeUnits& taken : job.use.taken) held += machine_.holds(job.entry, taken.type, taken.units);
    bool right = held >= job.entry.processors;
    for (const TypeUnits& taken : job.use.taken) {
      const std::int64_t without_one = held - machine_.holds(job.entry, taken.type, taken.units) +
                                       machine_.holds(job.entry, taken.type, taken.units - 1);
      right = right && without_one < job.entry.processors;
    }
    if (right) return;
    add(Check::kNodeCount, job, [&] {
      const std::string need = job.entry.memory_kb > 0 ? fmt::format("{} processors with {} KiB each",
                                                                     job.entry.processors, job.entry.memory_kb)
                                                       : fmt::format("{} processors", job.entry.processors);
      const std::string right_text =
          job.use.taken.size() == 1
              ? fmt::format("{} for {}",
                            machine_.units_for(job.entry, job.use.taken.front().type, job.entry.processors), need)
              : fmt::format("what {} need, and no more", need);
      return std::pair{taken_text(job.use.taken), right_text};
    });
  }

  std::string taken_text(const std::vector<TypeUnits>& taken) const {
    if (taken.empty()) return "no node of the machine";
    std::string text;
    for (const TypeUnits& of : taken)
      text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", of.units, shared_ ? "cores" : "nodes",
                          machine_.name(of.type));
    return text;
  }

  // Takes the job's nodes. Reports at most one clash a job.
  void take(std::size_t index) {
    const JudgedJob& job = jobs_[index];
    if (shared_ && job.use.cores.size() != job.use.nodes.size()) return;
    bool clashed = false;
    for (std::size_t n = 0; n < job.use.nodes.size(); ++n) {
      std::vector<Holder>& holders = held_[static_cast<std::size_t>(job.use.nodes[n])];
      std::erase_if(holders, [&](const Holder& h) { return jobs_[h.job].end <= job.start; });
      const CoreSet cores = shared_ ? job.use.cores[n] : CoreSet();
      for (const Holder& holder : holders) {
        CoreSet common = cores;
        common &= holder.cores;
        if (clashed || (shared_ && common.empty())) continue;
        clashed = true;
        report_clash(job, job.use.nodes[n], jobs_[holder.job], common);
      }
      if (job.end > job.start) holders.push_back({index, cores});
    }
  }

  void report_clash(const JudgedJob& job, std::int64_t node, const JudgedJob& holder, const CoreSet& common) {
    add(shared_ ? Check::kCoreOverlap : Check::kNodeOverlap, job, [&] {
      const std::string what = shared_
                                   ? fmt::format("the cores {} of node {} are",
                                                 cpuset_text(machine_.insides(machine_.type_of(node)), common), node)
                                   : fmt::format("node {} is", node);
      return std::pair{
          fmt::format("{} still held by job {} until {} s", what, holder.entry.id, seconds_since_epoch(holder.end)),
          std::string(shared_ ? "one job at a time on a core" : "one job at a time on a node")};
    });
  }

  const std::vector<JudgedJob>& jobs_;
  const NodeMachine& machine_;
  const ValidationReport& report_;
  Findings findings_;
  const bool shared_;
  std::vector<std::vector<Holder>> held_;  // by node
};

}  // namespace

void check_nodes(const std::vector<JudgedJob>& jobs, const NodeMachine& machine, ValidationReport& report) {
  const bool named =
      std::any_of(jobs.begin(), jobs.end(), [](const JudgedJob& job) { return !job.allocation.empty(); });
  if (!named) {
    report.notes.emplace_back("The schedule names no nodes: only the number of processors in use is checked.");
    return;
  }
  NodeJudge(jobs, machine, report).run();
}

}  // namespace wattfill::judge
