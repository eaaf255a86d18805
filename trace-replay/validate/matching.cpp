#include "trace-replay/validate/matching.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "trace-replay/errors.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

std::string time_text(SimTime t) { return fmt::format("{} s", seconds_since_epoch(t)); }

class Matcher {
 public:
  Matcher(const std::vector<TraceEntry>& trace, const std::vector<ScheduleRow>& rows, const NodeMachine& machine,
          ValidationReport& report)
      : trace_(trace),
        rows_(rows),
        machine_(machine),
        report_(report),
        findings_(report),
        row_of_(trace.size(), nullptr) {
    findings_.performed({Check::kMissingJob, Check::kDuplicateJob, Check::kUnknownJob, Check::kSubmission,
                         Check::kProcessors, Check::kRequested, Check::kStartBeforeSubmission});
  }

  std::vector<JudgedJob> run() {
    if (report_.request.match == ValidationRequest::Match::kId) {
      pair_by_id();
    } else {
      pair_by_order();
    }
    std::vector<JudgedJob> judged;
    judged.reserve(trace_.size());
    for (std::size_t i = 0; i < trace_.size(); ++i) {
      if (row_of_[i] == nullptr || !row_of_[i]->start) {
        report_missing(trace_[i], row_of_[i] != nullptr);
      } else {
        judged.push_back(compare(trace_[i], *row_of_[i]));
      }
    }
    report_.judged = static_cast<std::int64_t>(judged.size());
    note_renumbering();
    note_unknown_types();
    return judged;
  }

 private:
  void pair_by_id() {
    std::unordered_map<JobId, std::size_t> index;
    index.reserve(trace_.size());
    for (std::size_t i = 0; i < trace_.size(); ++i) {
      if (!index.emplace(trace_[i].id, i).second) {
        throw InputError(fmt::format("{}: job {} stands in the trace more than once; match with --match order",
                                     report_.request.trace, trace_[i].id));
      }
    }
    for (const ScheduleRow& row : rows_) {
      const auto found = index.find(row.id);
      if (found == index.end()) {
        report_unknown(row);
      } else if (row_of_[found->second] != nullptr) {
        findings_.add(Check::kDuplicateJob, row.id, row.start.value_or(row.submit), [&] {
          return std::pair{fmt::format("job {} has one more row in the schedule", row.id),
                           std::string("one row a job")};
        });
      } else {
        row_of_[found->second] = &row;
      }
    }
  }

  // Merges the two lists, both in order of (submit, number), on their submissions.
  void pair_by_order() {
    std::vector<const ScheduleRow*> sorted;
    sorted.reserve(rows_.size());
    for (const ScheduleRow& row : rows_) sorted.push_back(&row);
    std::stable_sort(sorted.begin(), sorted.end(), [](const ScheduleRow* a, const ScheduleRow* b) {
      return arrives_before(a->submit, a->id, b->submit, b->id);
    });
    std::size_t i = 0;
    for (const ScheduleRow* row : sorted) {
      while (i < trace_.size() && trace_[i].submit < row->submit) ++i;
      if (i < trace_.size() && trace_[i].submit == row->submit) {
        row_of_[i++] = row;
      } else {
        report_unknown(*row);
      }
    }
  }

  void report_unknown(const ScheduleRow& row) {
    findings_.add(Check::kUnknownJob, row.id, row.submit, [&] {
      return std::pair{
          fmt::format("the schedule's job {}, submitted at {}, is not in the trace", row.id, time_text(row.submit)),
          std::string("only jobs that the recipe keeps")};
    });
  }

  void report_missing(const TraceEntry& entry, bool has_row) {
    if (report_.request.allow_missing) {
      ++report_.allowed_missing;
      return;
    }
    findings_.add(Check::kMissingJob, entry.id, entry.submit, [&] {
      return std::pair{std::string(has_row ? "the job's row has no start" : "the job has no row in the schedule"),
                       std::string("every job starts once (--allow-missing accepts unfinished jobs)")};
    });
  }

  JudgedJob compare(const TraceEntry& entry, const ScheduleRow& row) {
    SimTime start = *row.start;
    if (report_.request.waits_from_submit) {
      start = entry.submit + (*row.start - row.submit);
    } else {
      expect(Check::kSubmission, entry, "submitted at", row.submit.time_since_epoch(), entry.submit.time_since_epoch());
    }
    if (row.processors != entry.processors) {
      findings_.add(Check::kProcessors, entry.id, start, [&] {
        return std::pair{fmt::format("{} processors", row.processors),
                         fmt::format("{} as in the trace", entry.processors)};
      });
    }
    // A trace without requested times leaves the schedule free to state none.
    if (row.requested || !report_.trace.clairvoyant) {
      expect(Check::kRequested, entry, "requested", row.requested.value_or(Seconds{-1}), entry.requested);
    }
    if (start < entry.submit) {
      findings_.add(Check::kStartBeforeSubmission, entry.id, start, [&] {
        return std::pair{fmt::format("started at {}", time_text(start)),
                         fmt::format("not before its submission at {}", time_text(entry.submit))};
      });
    }
    NodeUse use = machine_.use_of(entry, row);
    const std::optional<Seconds> runtime = machine_.runtime(entry, use.taken);
    if (runtime) {
      findings_.performed({Check::kRuntime});
      expect(Check::kRuntime, entry, "ran", row.executed, *runtime);
    } else {
      ++unknown_types_;
    }
    if (row.finish && *row.finish != *row.start + row.executed) {
      findings_.performed({Check::kRuntime});
      expect(Check::kRuntime, entry, "finished at", row.finish->time_since_epoch(),
             (*row.start + row.executed).time_since_epoch());
    }
    return {entry, start, start + row.executed, row.allocation, std::move(use)};
  }

  void expect(Check check, const TraceEntry& entry, const char* what, Seconds seen, Seconds right) {
    if (seen == right) return;
    findings_.add(check, entry.id, entry.submit, [&] {
      return std::pair{fmt::format("{} {} s", what, seen.count()), fmt::format("{} s", right.count())};
    });
  }

  // Numbers that mean other jobs give thousands of odd findings; one sentence tells why.
  void note_renumbering() {
    if (report_.request.match != ValidationRequest::Match::kId) return;
    const std::int64_t unknown = report_.of(Check::kUnknownJob).violations;
    const std::int64_t moved = report_.of(Check::kSubmission).violations;
    if (2 * (unknown + moved) <= report_.schedule_rows) return;
    report_.notes.push_back(fmt::format(
        "The job numbers of trace and schedule do not match: {} numbers are not in the trace and {} jobs have "
        "another submission. If the schedule numbers its jobs anew, use --match order; if only its clock has "
        "another zero, --waits-from-submit.",
        unknown, moved));
  }

  void note_unknown_types() {
    if (unknown_types_ == 0) return;
    report_.notes.push_back(fmt::format(
        "Of {} jobs the node types are not known, so their run times and the policy's decisions cannot be judged.",
        unknown_types_));
  }

  const std::vector<TraceEntry>& trace_;
  const std::vector<ScheduleRow>& rows_;
  const NodeMachine& machine_;
  ValidationReport& report_;
  Findings findings_;
  std::vector<const ScheduleRow*> row_of_;
  std::int64_t unknown_types_ = 0;
};

}  // namespace

std::vector<JudgedJob> match_jobs(const std::vector<TraceEntry>& trace, const std::vector<ScheduleRow>& rows,
                                  const NodeMachine& machine, ValidationReport& report) {
  return Matcher(trace, rows, machine, report).run();
}

}  // namespace wattfill::judge
