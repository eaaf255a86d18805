#include <nlohmann/json.hpp>

#include "trace-replay/workload/describe.hpp"

namespace wattfill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPopularRequests = 20;

const char* name_of(ProcessorsFrom from) {
  switch (from) {
    case ProcessorsFrom::kOption:
      return "option";
    case ProcessorsFrom::kMaxProcs:
      return "MaxProcs";
    case ProcessorsFrom::kMaxNodes:
      return "MaxNodes";
    case ProcessorsFrom::kWidestJob:
      return "widest_job";
  }
  return "";
}

// `unit` is what one whole number of the distribution stands for.
Json quantiles(const Distribution& values, double unit) {
  Json json{{"count", values.count()}, {"distinct", values.distinct()}, {"mean", values.mean() * unit}};
  static constexpr struct {
    const char* name;
    double q;
  } kQuantiles[] = {{"min", 0},   {"p05", .05}, {"p25", .25}, {"median", .5},
                    {"p75", .75}, {"p95", .95}, {"p99", .99}, {"max", 1}};
  for (const auto& [name, q] : kQuantiles) {
    if (unit == 1) {
      json[name] = values.quantile(q);
    } else {
      json[name] = static_cast<double>(values.quantile(q)) * unit;
    }
  }
  return json;
}

// Bins (2^(k-1), 2^k] from the smallest value's to the largest's.
Json histogram(const Distribution& values) {
  Json bins = Json::array();
  std::int64_t from = 1;
  for (std::int64_t to = 1; from <= values.largest(); from = to + 1, to *= 2) {
    if (to < values.smallest()) continue;
    bins.push_back({{"from", from}, {"to", to}, {"jobs", values.count_between(from, to)}});
  }
  return bins;
}

Json with_histogram(const Distribution& values) {
  Json json = quantiles(values, 1);
  json["histogram"] = histogram(values);
  return json;
}

Json load_over_time(const TraceDescription& d) {
  Json intervals = Json::array();
  for (const LoadInterval& interval : d.load) {
    intervals.push_back({{"start_s", interval.start_s},
                         {"length_s", interval.length_s},
                         {"jobs", interval.jobs},
                         {"processor_seconds", interval.processor_seconds},
                         {"offered_load", interval.offered_load}});
  }
  return intervals;
}

Json popular_requests(const TraceDescription& d) {
  Json popular = Json::array();
  for (const auto& [value, count] : d.requested_s.most_frequent(kPopularRequests)) {
    popular.push_back({{"requested_s", value},
                       {"jobs", count},
                       {"share", static_cast<double>(count) / static_cast<double>(d.requested_s.count())}});
  }
  return popular;
}

Json statuses(const TraceDescription& d) {
  static constexpr const char* kNames[] = {"unknown",      "failed",         "completed", "partial",
                                           "partial_last", "partial_failed", "cancelled"};
  Json json;
  for (std::size_t at = 0; at < d.jobs_by_status.size(); ++at) json[kNames[at]] = d.jobs_by_status[at];
  return json;
}

Json date_or_null(const TraceDescription& d, std::int64_t time_s) {
  const std::string date = local_date_time(d, time_s);
  return date.empty() ? Json(nullptr) : Json(date);
}

Json sizes(const TraceDescription& d) {
  Json json = with_histogram(d.processors_per_job);
  json["serial_jobs"] = d.processors_per_job.count_between(1, 1);
  json["power_of_two_jobs"] = d.power_of_two_jobs;
  return json;
}

Json requests(const TraceDescription& d) {
  Json json = with_histogram(d.requested_s);
  json["most_popular"] = popular_requests(d);
  return json;
}

Json missing_fields(const TraceDescription& d) {
  Json json;
  for (int field = 1; field <= kSwfFields; ++field) {
    json[swf_field_name(field)] = d.missing[static_cast<std::size_t>(field - 1)];
  }
  return json;
}

}  // namespace

std::string describe_as_json(const TraceDescription& d) {
  Json json;
  json["name"] = d.name;
  json["computer"] = d.computer;
  json["installation"] = d.installation;
  json["jobs"] = d.jobs;
  json["unsorted"] = d.unsorted;
  json["rejected_lines"] = d.rejects.count;
  json["reject_examples"] = d.rejects.examples;
  json["users"] = d.users;
  json["groups"] = d.groups;
  json["executables"] = d.executables;
  json["queues"] = d.queues;
  json["partitions"] = d.partitions;
  json["first_submit_s"] = d.first_submit_s;
  json["last_submit_s"] = d.last_submit_s;
  json["last_end_s"] = d.last_end_s >= 0 ? Json(d.last_end_s) : Json(nullptr);
  json["unix_start_s"] = d.unix_start_s ? Json(*d.unix_start_s) : Json(nullptr);
  json["time_zone_s"] = d.time_zone_s;
  json["first_submit_local"] = date_or_null(d, d.first_submit_s);
  json["last_submit_local"] = date_or_null(d, d.last_submit_s);
  json["status"] = statuses(d);
  json["no_runtime"] = d.no_runtime;
  json["no_processors"] = d.no_processors;
  json["no_request"] = d.no_request;
  json["processors"] = d.processors;
  json["processors_from"] = name_of(d.processors_from);
  json["wider_than_machine"] = d.wider_than_machine;
  json["offered_load"] = d.offered_load;
  json["load"] = load_over_time(d);
  json["processors_per_job"] = sizes(d);
  json["runtime_s"] = with_histogram(d.runtime_s);
  json["requested_s"] = requests(d);
  json["runtime_over_request"] = quantiles(d.runtime_per_mille_of_request, 0.001);
  json["ran_longer_than_requested"] = d.ran_longer_than_requested;
  json["arrivals_by_hour"] = d.arrivals_by_hour;
  json["arrivals_by_weekday"] = d.unix_start_s ? Json(d.arrivals_by_weekday) : Json(nullptr);
  json["missing"] = missing_fields(d);
  // Headers are often in Latin-1; JSON is UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wattfill
