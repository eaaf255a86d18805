#include "trace-replay/decisions/logged_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "backfill/config/config.hpp"
#include "backfill/config/hostlist.hpp"
#include "plugin/decision_log.hpp"

namespace wattfill {
namespace {

// Follows the jobs through the files, without rerunning anything.
class Reader {
 public:
  void read(const std::string& file) {
    LogReader reader(file);
    plugin::Record record;
    while (reader.next(record)) {
      if (record.has_opened()) open(record.opened());
      if (record.has_event()) apply(record.event());
      if (!record.has_pass()) continue;
      for (const protocol::Proposal& p : record.pass().proposal())
        if (const auto at = live_.find(p.job()); at != live_.end()) at->second.proposed = p.nodes();
    }
  }

  LoggedTrace finish() {
    LoggedTrace trace;
    trace.unfinished = static_cast<std::int64_t>(live_.size());
    std::stable_sort(ended_.begin(), ended_.end(), [](const LoggedJob& a, const LoggedJob& b) {
      return a.record.submit_s != b.record.submit_s ? a.record.submit_s < b.record.submit_s : a.id < b.id;
    });
    const std::int64_t origin = ended_.empty() ? 0 : ended_.front().record.submit_s;
    for (LoggedJob& job : ended_) {
      job.record.job = static_cast<std::int64_t>(trace.jobs.size()) + 1;
      job.record.submit_s -= origin;
      trace.jobs.push_back(std::move(job));
    }
    const auto add = [&trace](const char* label, std::string value) {
      trace.header.labels.push_back({label, std::move(value)});
    };
    add("Version", "2.2");
    add("Computer", computer_);
    add("UnixStartTime", fmt::format("{}", origin));
    add("MaxProcs", fmt::format("{}", processors_));
    add("MaxJobs", fmt::format("{}", trace.jobs.size()));
    add("Note", "from the decision log of a Wattfill planner");
    return trace;
  }

 private:
  struct Live {
    protocol::Job job;
    std::optional<std::int64_t> started;
    protocol::Allocation proposed;
    protocol::Allocation nodes;
  };

  void open(const plugin::Opened& opened) {
    if (opened.config().machine_case() == plugin::Config::kProcessors) {
      processors_ = opened.config().processors();
      computer_ = fmt::format("{} processors", processors_);
    } else {
      const Cluster cluster = parse_cluster(opened.config().cluster_text(), "cluster_text");
      processors_ = cluster.processors();
      computer_ = cluster.name;
      names_ = cluster.allocation == AllocationMode::kCounts ? std::vector<std::string>{} : node_names(cluster);
    }
    live_.clear();  // a file begins with all that is live
    for (const plugin::LiveJob& job : opened.state().job()) {
      Live live{job.job(), std::nullopt, {}, job.nodes()};
      if (job.has_started_s()) live.started = job.started_s();
      live_[job.job().id()] = std::move(live);
    }
  }

  Live* find(std::int64_t job) {
    const auto at = live_.find(job);
    return at == live_.end() ? nullptr : &at->second;
  }

  void apply(const protocol::Event& event) {
    using protocol::Event;
    if (event.has_submit()) live_[event.submit().id()] = {event.submit(), std::nullopt, {}, {}};
    if (event.has_modify())
      if (Live* live = find(event.modify().id())) {
        const std::int64_t submit = live->job.submit_s();
        live->job = event.modify();
        live->job.set_submit_s(submit);
      }
    if (event.has_started())
      if (Live* live = find(event.started().job())) {
        live->started = event.time_s();
        live->nodes = event.started().has_nodes() ? event.started().nodes() : live->proposed;
      }
    if (event.what_case() == Event::kBegun)
      if (Live* live = find(event.begun())) live->started = event.time_s();
    if (event.what_case() == Event::kRequeue)
      if (Live* live = find(event.requeue())) live->started.reset();
    if (event.what_case() == Event::kEnd) end(event.end(), event.time_s());
    if (event.what_case() == Event::kCancel) end(event.cancel(), event.time_s());
  }

  void end(std::int64_t id, std::int64_t now) {
    const Live* live = find(id);
    if (!live) return;
    LoggedJob job;
    job.id = id;
    SwfRecord& r = job.record;
    r.submit_s = live->job.submit_s();
    r.requested_processors = live->job.processors();
    r.requested_s = live->job.requested_s();
    r.user = live->job.has_user() ? live->job.user() : -1;
    r.group = live->job.has_group() ? live->job.group() : -1;
    r.executable = live->job.has_executable() ? live->job.executable() : -1;
    r.queue = live->job.has_queue() ? live->job.queue() : -1;
    r.partition = live->job.has_partition() ? live->job.partition() : -1;
    if (live->job.has_memory_kb_per_processor())
      r.requested_memory_kb = static_cast<double>(live->job.memory_kb_per_processor());
    if (live->started) {
      r.wait_s = std::max<std::int64_t>(0, *live->started - r.submit_s);
      r.run_s = now - *live->started;
      r.allocated_processors = live->job.processors();
      r.status = static_cast<std::int64_t>(SwfStatus::kCompleted);
      job.nodes = nodes_text(live->nodes);
    } else {
      r.wait_s = std::max<std::int64_t>(0, now - r.submit_s);
      r.run_s = 0;
      r.status = static_cast<std::int64_t>(SwfStatus::kCancelled);
    }
    ended_.push_back(std::move(job));
    live_.erase(id);
  }

  std::string nodes_text(const protocol::Allocation& nodes) const {
    std::vector<std::string> names;
    for (const protocol::NodeRun& run : nodes.run())
      for (std::int32_t n = run.first(); n < run.first() + run.length(); ++n)
        if (n >= 0 && static_cast<std::size_t>(n) < names_.size()) names.push_back(names_[static_cast<std::size_t>(n)]);
    return names.empty() ? "" : compress_hostlist(names);
  }

  std::int64_t processors_ = 0;
  std::string computer_;
  std::vector<std::string> names_;
  std::map<std::int64_t, Live> live_;
  std::vector<LoggedJob> ended_;
};

}  // namespace

LoggedTrace read_logged_trace(const std::vector<std::string>& files) {
  Reader reader;
  for (const std::string& file : files) reader.read(file);
  return reader.finish();
}

}  // namespace wattfill
