// What a pass costs through the C ABI of libwattfill.so, as a resource manager would use it: a full machine and a long
// queue. Between two passes one or more jobs end, as many jobs arrive as have started, estimates are overrun as they
// are; in one pass of twenty a waiting job is modified, in one of twenty one is withdrawn and another comes, and in one
// of fifty a free node goes down or comes back.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <chrono>
#include <cmath>
#include <queue>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/program.hpp"
#include "plugin/wattfill.h"

namespace {

struct Arguments {
  std::int32_t nodes = 10'000;
  std::int32_t types = 4;
  std::int64_t pending = 10'000;
  std::int64_t passes = 5'000;
  std::vector<std::string> policies = {"easy", "depth:8", "depth:32", "depth:100"};
};

void check(wattfill_planner* planner, wattfill_status status) {
  if (status != WATTFILL_OK) throw std::runtime_error(wattfill_error(planner));
}

std::string config_of(const Arguments& a, const std::string& policy) {
  std::string text =
      policy.starts_with("depth:")
          ? fmt::format("policy_text: 'name: \"x\" backfill_order: SJF reservation_depth: {}'", policy.substr(6))
          : fmt::format("policy: \"{}\"", policy);
  text += R"( limit: "scaled" cluster_text: 'name: "big" allocation: WHOLE_NODES)";
  for (std::int32_t t = 0; t < a.types; ++t)
    text += fmt::format(" node_type {{ name: \"t{}\" count: {} processors: 64 speed: {} }}", t, a.nodes / a.types,
                        1.0 - 0.1 * t);
  return text + "'";
}

class Host {
 public:
  Host(const Arguments& arguments, const std::string& policy) : arguments_(arguments) {
    std::string error(1000, '\0');
    if (wattfill_open(config_of(arguments, policy).c_str(), 0, nullptr, &planner_, error.data(), error.size()) !=
        WATTFILL_OK)
      throw std::runtime_error(error);
  }
  ~Host() { wattfill_close(planner_); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void run() {
    // Enough to fill the machine, and the queue behind it.
    while (true) {
      const std::size_t before = running_.size();
      fill_queue();
      pass();
      if (running_.size() == before) break;
    }
    seconds_.clear();
    event_seconds_.clear();
    for (std::int64_t i = 0; i < arguments_.passes; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      events(i);
      event_seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      pass();
    }
  }

  double percentile_ms(double share) { return percentile(seconds_, share) * 1e3; }
  double event_percentile_ms(double share) { return percentile(event_seconds_, share) * 1e3; }
  std::int64_t started() const { return started_; }
  std::size_t running() const { return running_.size(); }

 private:
  using Due = std::pair<std::int64_t, std::int64_t>;  // time, job
  using Heap = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

  static double percentile(std::vector<double>& values, double share) {
    const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + k, values.end());
    return values[static_cast<std::size_t>(k)];
  }

  double uniform() { return boost::random::uniform_01<double>()(random_); }
  std::int64_t log_uniform(double low, double high) {
    return std::llround(std::exp(std::log(low) + uniform() * (std::log(high) - std::log(low))));
  }

  wattfill_job new_job() {
    wattfill_job job = {};
    job.size = sizeof(job);
    job.id = next_id_++;
    job.submit_s = now_;
    job.requested_s = log_uniform(60, 86'400);
    job.processors = static_cast<std::int32_t>(64 * log_uniform(1, 500));
    job.user = static_cast<std::int32_t>(uniform() * 200);
    job.group = job.executable = job.queue = job.partition = WATTFILL_UNKNOWN;
    job.memory_kb_per_processor = WATTFILL_UNKNOWN;
    return job;
  }

  void submit() {
    const wattfill_job job = new_job();
    check(planner_, wattfill_submit(planner_, &job, now_));
    waiting_.emplace(job.id, job);
  }

  void fill_queue() {
    while (static_cast<std::int64_t>(waiting_.size()) < arguments_.pending) submit();
  }

  void events(std::int64_t i) {
    now_ = std::max(now_ + 1, ends_.top().first);
    while (!ends_.empty() && ends_.top().first <= now_) {
      check(planner_, wattfill_end(planner_, ends_.top().second, now_));
      running_.erase(ends_.top().second);
      ends_.pop();
    }
    while (!overruns_.empty() && overruns_.top().first <= now_) {
      const std::int64_t job = overruns_.top().second;
      overruns_.pop();
      if (!running_.contains(job)) continue;
      std::int64_t estimated_end = 0;
      check(planner_, wattfill_overrun(planner_, job, now_, &estimated_end));
      overruns_.push({estimated_end, job});
    }
    if (i % 20 == 3) modify();
    if (i % 20 == 13) withdraw();
    if (i % 50 == 7) change_node();
    fill_queue();
  }

  void modify() {
    wattfill_job& job = waiting_.begin()->second;
    job.requested_s = log_uniform(60, 86'400);
    check(planner_, wattfill_modify(planner_, &job, now_));
  }

  void withdraw() {
    check(planner_, wattfill_cancel(planner_, waiting_.begin()->first, now_));
    waiting_.erase(waiting_.begin());
  }

  // A node that no job can hold, because it is down already or nothing runs on it, is changed; others are refused.
  void change_node() {
    if (down_ >= 0) {
      check(planner_, wattfill_node_changed(planner_, down_, 1, now_));
      down_ = -1;
      return;
    }
    for (std::int32_t node = arguments_.nodes / arguments_.types * arguments_.types - 1; node >= 0; --node) {
      if (wattfill_node_changed(planner_, node, 0, now_) != WATTFILL_OK) continue;
      down_ = node;
      return;
    }
  }

  void pass() {
    wattfill_pass pass = {};
    pass.size = sizeof(pass);
    const auto begin = std::chrono::steady_clock::now();
    check(planner_, wattfill_schedule(planner_, now_, 0, &pass));
    seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    std::vector<wattfill_proposal> proposals(pass.proposals);
    for (wattfill_proposal& p : proposals) {
      p.size = sizeof(p);
      check(planner_, wattfill_next_proposal(planner_, &p));
    }
    for (const wattfill_proposal& p : proposals) {
      std::int64_t estimated_end = 0;
      check(planner_, wattfill_started(planner_, p.job, nullptr, now_, &estimated_end));
      const std::int64_t runtime =
          std::max<std::int64_t>(1, std::llround(uniform() * 1.02 * static_cast<double>(estimated_end - now_)));
      ends_.push({now_ + runtime, p.job});
      overruns_.push({estimated_end, p.job});
      running_.emplace(p.job);
      waiting_.erase(p.job);
      ++started_;
    }
  }

  const Arguments& arguments_;
  wattfill_planner* planner_ = nullptr;
  boost::random::mt19937 random_{7};
  std::int64_t now_ = 1;
  std::int64_t next_id_ = 1;
  std::int64_t started_ = 0;
  std::int32_t down_ = -1;
  std::unordered_map<std::int64_t, wattfill_job> waiting_;
  std::set<std::int64_t> running_;
  Heap ends_, overruns_;
  std::vector<double> seconds_, event_seconds_;
};

void measure(const Arguments& arguments) {
  fmt::print(
      "| policy | nodes | pending | running | passes | started | pass p50 | p99 | longest | events p99 | memory |\n");
  fmt::print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const std::string& policy : arguments.policies) {
    Host host(arguments, policy);
    host.run();
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print("| {} | {} | {} | {} | {} | {} | {:.3f} ms | {:.3f} ms | {:.3f} ms | {:.3f} ms | {} MiB |\n", policy,
               arguments.nodes, arguments.pending, host.running(), arguments.passes, host.started(),
               host.percentile_ms(0.5), host.percentile_ms(0.99), host.percentile_ms(1), host.event_percentile_ms(0.99),
               usage.ru_maxrss / 1024);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"What a pass costs through the C ABI"};
  app.add_option("--nodes", arguments.nodes, "Nodes of the machine")->capture_default_str();
  app.add_option("--types", arguments.types, "Node types")->check(CLI::Range(1, 8))->capture_default_str();
  app.add_option("--pending", arguments.pending, "Jobs that wait")->capture_default_str();
  app.add_option("--passes", arguments.passes, "Passes to measure")->capture_default_str();
  app.add_option("--policies", arguments.policies, "Presets, or depth:N")->delimiter(',')->capture_default_str();
  return wattfill::bench::run_program(app, argc, argv, [&] { measure(arguments); });
}
