#include <nlohmann/json.hpp>

#include "trace-replay/metrics/summary.hpp"

namespace wattfill {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& json, const Figures& f) {
  json["jobs"] = f.jobs;
  json["mean_wait_s"] = f.mean_wait_s;
  json["median_wait_s"] = f.median_wait_s;
  json["p95_wait_s"] = f.p95_wait_s;
  json["p99_wait_s"] = f.p99_wait_s;
  json["p999_wait_s"] = f.p999_wait_s;
  json["max_wait_s"] = f.max_wait_s;
  json["mean_flow_s"] = f.mean_flow_s;
  json["max_flow_s"] = f.max_flow_s;
  json["mean_bounded_slowdown"] = f.mean_bounded_slowdown;
  json["geometric_mean_bounded_slowdown"] = f.geometric_mean_bounded_slowdown;
  json["max_bounded_slowdown"] = f.max_bounded_slowdown;
  json["mean_per_processor_bounded_slowdown"] = f.mean_per_processor_bounded_slowdown;
  json["widest_eighth_mean_wait_s"] = f.widest_eighth_mean_wait_s;
  json["fairness_jain"] = f.fairness_jain;
  json["backfilled_jobs"] = f.backfilled_jobs;
  json["mean_boot_wait_s"] = f.mean_boot_wait_s;
  json["boot_delayed_jobs"] = f.boot_delayed_jobs;
}

}  // namespace

std::string summary_json(const Summary& summary) {
  Json json;
  put(json, summary.all);
  json["utilization"] = summary.utilization;
  json["makespan_s"] = summary.makespan_s;
  json["work_processor_s"] = summary.work_processor_s;
  json["unfinished"] = summary.unfinished;
  json["cancelled"] = summary.cancelled;
  json["killed_at_limit"] = summary.killed_at_limit;
  json["longest_queue"] = summary.longest_queue;
  Json& steady = json["steady_state"];
  put(steady, summary.steady);
  steady["utilization"] = summary.steady_utilization;
  json["waits_by_class"] = Json::array();
  for (const WaitClass& c : summary.waits_by_class)
    json["waits_by_class"].push_back({{"width", c.width},
                                      {"length", c.length},
                                      {"jobs", c.jobs},
                                      {"mean_wait_s", c.mean_wait_s},
                                      {"max_wait_s", c.max_wait_s}});
  json["scheduler"] = {{"passes", summary.scheduler.passes},
                       {"started", summary.scheduler.started},
                       {"refused", summary.scheduler.refused},
                       {"candidate_searches", summary.scheduler.candidate_searches},
                       {"reservations_moved", summary.scheduler.reservations_moved}};
  return json.dump(2) + "\n";
}

}  // namespace wattfill
