#include "trace-replay/workload/recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "trace-replay/errors.hpp"
#include "trace-replay/huge_pages.hpp"
#include "trace-replay/workload/arrival_order.hpp"

namespace wattfill {
namespace {

std::int32_t identity(std::int64_t field) {
  return field < 0 || field > std::numeric_limits<std::int32_t>::max() ? kUnknown : static_cast<std::int32_t>(field);
}

// Cancelled while it waited, and known well enough to wait again.
bool cancelled_in_queue(const SwfRecord& r) {
  return r.status == static_cast<std::int64_t>(SwfStatus::kCancelled) && r.run_s <= 0 && r.wait_s >= 0;
}

class Recipe {
 public:
  Recipe(Workload& out, const RecipeOptions& options) : out_(out), options_(options) {}

  // False where the job's number is that of an earlier line.
  bool take(const SwfRecord& r) {
    if (!is_new(r.job)) return false;
    RecipeReport& report = out_.report;
    ++report.read;
    const std::int64_t processors = r.requested_processors > 0 ? r.requested_processors : r.allocated_processors;
    const std::size_t kept = out_.jobs.size();
    const bool cancelled = options_.cancellations && cancelled_in_queue(r) && r.requested_s > 0;
    if (r.run_s <= 0 && !cancelled) {
      ++report.dropped_no_runtime;
    } else if (processors <= 0) {
      ++report.dropped_no_processors;
    } else if (processors > options_.processors) {
      ++report.dropped_too_wide;
    } else {
      keep(r, static_cast<std::int32_t>(processors), cancelled);
    }
    if (out_.jobs.size() == kept) dropped_.push_back(r.job);
    return true;
  }

  void finish() {
    settle_requests();
    sort_by_arrival(out_);
    RecipeReport& report = out_.report;
    report.kept = static_cast<std::int64_t>(out_.jobs.size());
  }

 private:
  // In nearly every trace the numbers increase, which needs no memory of them. From the first that does not on, a set
  // holds them all.
  bool is_new(JobId number) {
    if (seen_.empty() && number > highest_) {
      highest_ = number;
      return true;
    }
    if (seen_.empty()) {
      for (const TraceJob& job : out_.jobs) seen_.insert(job.job.id);
      seen_.insert(dropped_.begin(), dropped_.end());
    }
    return seen_.insert(number).second;
  }

  void keep(const SwfRecord& r, std::int32_t processors, bool cancelled) {
    TraceJob job;
    job.job.id = r.job;
    job.job.submit = SimTime{Seconds{r.submit_s}};
    job.job.requested = Seconds{r.requested_s};
    job.job.processors = processors;
    job.job.user = identity(r.user);
    job.job.group = identity(r.group);
    job.job.executable = identity(r.executable);
    job.job.queue = identity(r.queue);
    job.job.partition = identity(r.partition);
    const double memory = r.requested_memory_kb > 0 ? r.requested_memory_kb : r.used_memory_kb;
    job.job.memory_kb_per_processor = memory > 0 ? static_cast<std::int64_t>(memory) : kUnknown;
    job.runtime = Seconds{cancelled ? r.requested_s : r.run_s};
    with_request_ += r.requested_s > 0;
    if (!out_.jobs.empty() && job.job.submit < out_.jobs.back().job.submit) ++out_.report.unsorted;
    out_.jobs.push_back(job);
    if (options_.links)
      out_.links.push_back(
          {r.preceding_job, Seconds{r.think_s}, SimTime{Seconds{r.submit_s + std::max<std::int64_t>(0, r.wait_s)}}});
    if (options_.cancellations) {
      out_.cancel_at.push_back(cancelled ? SimTime{Seconds{r.submit_s + r.wait_s}} : kNever);
      out_.report.kept_cancelled += cancelled;
    }
  }

  // Drops jobs without a request, or takes the runtime for all when none has one; clips runtimes to requests.
  void settle_requests() {
    RecipeReport& report = out_.report;
    report.clairvoyant = with_request_ == 0 && !out_.jobs.empty();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < out_.jobs.size(); ++i) {
      TraceJob& job = out_.jobs[i];
      if (job.job.requested <= Seconds{0}) {
        if (!report.clairvoyant) {
          ++report.dropped_no_request;
          continue;
        }
        job.job.requested = job.runtime;
      }
      if (job.runtime > job.job.requested) {
        job.runtime = job.job.requested;
        ++report.clipped_runtime;
      }
      out_.jobs[kept] = job;
      if (!out_.links.empty()) out_.links[kept] = out_.links[i];
      if (!out_.cancel_at.empty()) out_.cancel_at[kept] = out_.cancel_at[i];
      ++kept;
    }
    out_.jobs.resize(kept);
    if (!out_.links.empty()) out_.links.resize(kept);
    if (!out_.cancel_at.empty()) out_.cancel_at.resize(kept);
  }

  Workload& out_;
  const RecipeOptions& options_;
  std::int64_t with_request_ = 0;
  JobId highest_ = -1;
  std::vector<JobId> dropped_;  // numbers of the jobs that were not kept
  std::unordered_set<JobId> seen_;
};

}  // namespace

Workload load_workload(SwfReader& reader, const RecipeOptions& options) {
  Workload workload;
  workload.name = reader.name();
  // The header's own count, where it is believable, spares the growth of the largest array; untouched pages cost
  // nothing.
  constexpr std::int64_t kBelievable = 100'000'000;
  const std::int64_t announced = std::max(reader.header().integer("MaxJobs"), reader.header().integer("MaxRecords"));
  if (announced > 0 && announced <= kBelievable) {
    workload.jobs.reserve(static_cast<std::size_t>(announced));
    prefer_huge_pages(workload.jobs);
  }
  Recipe recipe(workload, options);
  constexpr std::int64_t kTick = 1 << 14;
  for (SwfRecord record; reader.next(record);) {
    if (!recipe.take(record))
      reader.reject(
          fmt::format("field 1 ({}): {} is the number of an earlier job; each job has one line and a number of its own",
                      swf_field_name(1), record.job));
    if (options.progress && workload.report.read % kTick == 0)
      options.progress(workload.report.read, std::max<std::int64_t>(0, announced));
  }
  recipe.finish();
  workload.header = reader.header();
  workload.report.rejected_lines = reader.rejects().count;
  workload.reject_examples = reader.rejects().examples;
  if (workload.jobs.empty())
    throw InputError(
        fmt::format("{}: no job is left after the input recipe\n{}", reader.name(), describe_recipe(workload)));
  return workload;
}

Workload load_workload(const std::string& path, const RecipeOptions& options) {
  SwfReader reader(path, options.strictness);
  return load_workload(reader, options);
}

std::string describe_recipe(const Workload& workload) {
  const RecipeReport& r = workload.report;
  std::string text = fmt::format("{} jobs read, {} kept\n", r.read, r.kept);
  const auto line = [&text](std::int64_t count, const char* what) {
    if (count > 0) text += fmt::format("  {:>9} {}\n", count, what);
  };
  line(r.kept_cancelled, "kept to be cancelled while they wait");
  line(r.clipped_runtime, "ran longer than requested: runtime cut to the request");
  line(r.dropped_no_runtime, "dropped: no runtime (cancelled before the start, or unknown)");
  line(r.dropped_no_request, "dropped: no requested time");
  line(r.dropped_no_processors, "dropped: no processors");
  line(r.dropped_too_wide, "dropped: wider than the machine");
  line(r.dropped_cannot_run, "dropped: no nodes that they may use are enough");
  line(r.unsorted, "submitted earlier than the line above: sorted stably");
  line(r.rejected_lines, "lines rejected (--lenient)");
  for (const std::string& example : workload.reject_examples) text += fmt::format("            {}\n", example);
  if (r.clairvoyant) text += "  no job has a requested time: requested = runtime, so every estimate is exact\n";
  return text;
}

}  // namespace wattfill
