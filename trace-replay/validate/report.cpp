// The report as text and as JSON.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "trace-replay/validate/validation.hpp"

namespace wattfill {
namespace {

struct CheckName {
  const char* key;
  const char* text;
};

constexpr std::array<CheckName, kValidationChecks> kNames = {{
    {"missing-job", "every job of the trace starts"},
    {"duplicate-job", "no job stands in the schedule twice"},
    {"unknown-job", "no job that is not in the trace"},
    {"submission", "submissions are the trace's"},
    {"processors", "processors are the trace's"},
    {"requested", "requested times are the trace's"},
    {"start-before-submission", "no start before submission"},
    {"runtime", "run time = min(run, requested), on nodes of another speed that long"},
    {"capacity", "never more processors in use than there are"},
    {"allocation-width", "each job has its number of processors"},
    {"allocation-range", "all processors are in the machine"},
    {"allocation-overlap", "no processor is used twice at one time"},
    {"node-range", "all nodes are in the machine"},
    {"node-overlap", "no node belongs to two jobs at one time"},
    {"node-access", "only node types that the job may use"},
    {"node-count", "as many nodes or cores as the job needs, no more"},
    {"several-types", "several node types only where none alone can hold the job"},
    {"core-sets", "each node of the job has its set of cores"},
    {"core-overlap", "no core is used by two jobs at one time"},
    {"no-room", "no start without enough free processors or nodes"},
    {"head-waited", "head could start but waited"},
    {"out-of-order", "no start ahead of the head of the queue"},
    {"head-delayed", "delayed the head's reservation"},
    {"backfill-order", "legal but not the candidate the order names"},
    {"backfill-missed", "could have been backfilled"},
    {"type-choice", "starts on the node type that finishes first"},
    {"reservation-slipped", "no start later than the reservation made at submission"},
    {"reservation-displaced", "no early start on processors promised to another job"},
    {"reservation-inexact", "every start is the compression rule's"},
    {"power-steps", "power.csv: steps in order of time, no power below zero"},
    {"power-parts", "power.csv: IT power is the sum of its parts, facility power IT power x PUE"},
    {"power-states", "power.csv: nodes in use and unused ones draw what they can"},
    {"energy-totals", "the integral of power.csv is the energy of summary.json"},
    {"jobs-energy", "the jobs' energies add up to that of all jobs"},
}};

const char* estimates_text(ValidationRequest::Estimates estimates) {
  return estimates == ValidationRequest::Estimates::kRequested ? "requested" : "clairvoyant";
}
const char* pass_text(ValidationRequest::Pass pass) {
  return pass == ValidationRequest::Pass::kEachInstant ? "each-instant" : "each-event";
}

const char* allocation_text(AllocationMode mode) {
  switch (mode) {
    case AllocationMode::kCounts:
      return "counts";
    case AllocationMode::kWholeNodes:
      return "whole-nodes";
    case AllocationMode::kCores:
      break;
  }
  return "cores";
}

std::string inputs_text(const ValidationReport& report) {
  const ValidationReport::Trace& trace = report.trace;
  std::string text = fmt::format(
      "trace     {}\n"
      "          {} jobs read, {} kept ({} clipped to the request); dropped: {} without run time, {} without request, "
      "{} without processors, {} wider than {} processors{}\n",
      report.request.trace, trace.read, trace.kept, trace.clipped, trace.no_runtime, trace.no_request,
      trace.no_processors, trace.too_wide, report.request.processors,
      trace.cannot_run > 0 ? fmt::format(", {} that no nodes may run", trace.cannot_run) : std::string());
  const auto out = std::back_inserter(text);
  if (trace.clairvoyant) fmt::format_to(out, "          no requested times at all: requested = run\n");
  if (trace.rejected_lines > 0) fmt::format_to(out, "          {} bad lines left out\n", trace.rejected_lines);
  fmt::format_to(out, "schedule  {} ({}, {} rows)\n", report.request.schedule, report.schedule_format,
                 report.schedule_rows);
  if (report.rejected_rows > 0) fmt::format_to(out, "          {} bad lines left out\n", report.rejected_rows);
  if (const auto& cluster = report.request.cluster)
    fmt::format_to(out, "cluster   {} ({} node types, {}, limit {})\n", cluster->name, cluster->node_types.size(),
                   allocation_text(cluster->allocation), name(report.request.limit));
  fmt::format_to(out, "judged    {} jobs", report.judged);
  if (report.request.allow_missing) fmt::format_to(out, ", {} absent and allowed to be", report.allowed_missing);
  if (report.passes > 0) {
    fmt::format_to(out, ", {} passes as {}, pass {}, estimates {}", report.passes, report.request.policy,
                   pass_text(report.request.pass), estimates_text(report.request.estimates));
    if (report.request.order_estimates != report.request.estimates) {
      fmt::format_to(out, ", ordered by {}", estimates_text(report.request.order_estimates));
    }
  }
  return text + "\n";
}

}  // namespace

const char* validation_check_key(ValidationCheck check) { return kNames[static_cast<std::size_t>(check)].key; }
const char* validation_check_text(ValidationCheck check) { return kNames[static_cast<std::size_t>(check)].text; }

std::string validation_text(const ValidationReport& report) {
  std::string text = inputs_text(report) + "\n";
  const auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < kValidationChecks; ++i) {
    const CheckResult& check = report.checks[i];
    if (!check.performed) continue;
    fmt::format_to(out, "{:<24} {:>9}  {}\n", kNames[i].key,
                   check.violations == 0 ? "ok" : std::to_string(check.violations), kNames[i].text);
    for (const Violation& example : check.examples) {
      const std::string job = example.job == kNoJob ? "" : fmt::format("job {} ", example.job);
      fmt::format_to(out, "    {}at {} s: {}; right: {}\n", job, seconds_since_epoch(example.instant), example.seen,
                     example.right);
    }
  }
  for (const std::string& note : report.notes) fmt::format_to(out, "note: {}\n", note);
  if (report.clean()) {
    fmt::format_to(out, "\nclean: no violation\n");
  } else {
    fmt::format_to(out, "\nNOT CLEAN: {} violations\n", report.violations());
  }
  return text;
}

std::string validation_json(const ValidationReport& report) {
  using Json = nlohmann::ordered_json;
  const ValidationRequest& request = report.request;
  Json json;
  json["clean"] = report.clean();
  json["violations"] = report.violations();
  json["trace"] = {{"path", request.trace},
                   {"read", report.trace.read},
                   {"kept", report.trace.kept},
                   {"clipped_runtime", report.trace.clipped},
                   {"dropped_no_runtime", report.trace.no_runtime},
                   {"dropped_no_request", report.trace.no_request},
                   {"dropped_no_processors", report.trace.no_processors},
                   {"dropped_too_wide", report.trace.too_wide},
                   {"dropped_cannot_run", report.trace.cannot_run},
                   {"rejected_lines", report.trace.rejected_lines},
                   {"clairvoyant", report.trace.clairvoyant}};
  json["schedule"] = {{"path", request.schedule},
                      {"format", report.schedule_format},
                      {"rows", report.schedule_rows},
                      {"rejected_lines", report.rejected_rows}};
  json["processors"] = request.processors;
  if (request.cluster) {
    json["cluster"] = request.cluster->name;
    json["allocation"] = allocation_text(request.cluster->allocation);
    json["limit"] = name(request.limit);
  }
  json["policy"] = request.policy;
  json["pass"] = pass_text(request.pass);
  json["estimates"] = estimates_text(request.estimates);
  json["order_estimates"] = estimates_text(request.order_estimates);
  json["judged"] = report.judged;
  json["allowed_missing"] = report.allowed_missing;
  json["passes"] = report.passes;
  json["checks"] = Json::array();
  for (std::size_t i = 0; i < kValidationChecks; ++i) {
    const CheckResult& check = report.checks[i];
    Json examples = Json::array();
    for (const Violation& example : check.examples) {
      examples.push_back({{"job", example.job},
                          {"instant_s", seconds_since_epoch(example.instant)},
                          {"seen", example.seen},
                          {"right", example.right}});
    }
    json["checks"].push_back({{"check", kNames[i].key},
                              {"meaning", kNames[i].text},
                              {"performed", check.performed},
                              {"violations", check.violations},
                              {"examples", examples}});
  }
  json["notes"] = report.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wattfill
