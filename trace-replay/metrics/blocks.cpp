#include "trace-replay/metrics/blocks.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trace-replay/metrics/terms.hpp"

namespace wattfill {

std::vector<SimTime> block_bounds(const Workload& workload, const SummaryOptions& options, Seconds length) {
  if (workload.jobs.empty()) return {};
  const TimeWindow steady = steady_window(workload.jobs.front().job.submit, workload.jobs.back().job.submit,
                                          options.warm_up, options.cool_down);
  if (steady.to < steady.from) return {};
  // The window holds its last second too.
  const SimTime end = steady.to + Seconds{1};
  std::vector<SimTime> bounds{steady.from};
  while (end - bounds.back() >= length + length) bounds.push_back(bounds.back() + length);
  bounds.push_back(end);
  return bounds;
}

std::vector<Block> cut_blocks(const Workload& workload, const ReplayResult& result, std::span<const SimTime> bounds) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) blocks.push_back({bounds[i], bounds[i + 1], 0, 0, 0, 0});
  for (std::size_t i = 0; i < workload.jobs.size(); ++i) {
    if (!ran(result.outcomes[i])) continue;
    const auto next = std::upper_bound(bounds.begin(), bounds.end(), workload.jobs[i].job.submit);
    if (next == bounds.begin() || next == bounds.end()) continue;
    Block& block = blocks[static_cast<std::size_t>(next - bounds.begin()) - 1];
    const Terms terms(workload.jobs[i], result.outcomes[i]);
    ++block.jobs;
    block.sum_bounded_slowdown += terms.slowdown;
    block.sum_log_bounded_slowdown += terms.log_slowdown;
    block.sum_wait_s += terms.wait;
  }
  return blocks;
}

nlohmann::ordered_json blocks_json(std::span<const Block> blocks) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Block& block : blocks)
    json.push_back({{"begin_s", (block.begin - SimTime{}).count()},
                    {"end_s", (block.end - SimTime{}).count()},
                    {"jobs", block.jobs},
                    {"sum_bounded_slowdown", block.sum_bounded_slowdown},
                    {"sum_log_bounded_slowdown", block.sum_log_bounded_slowdown},
                    {"sum_wait_s", block.sum_wait_s}});
  return json;
}

std::vector<Block> blocks_from_json(const nlohmann::ordered_json& json) {
  std::vector<Block> blocks;
  for (const auto& block : json)
    blocks.push_back({SimTime{} + Seconds{block.at("begin_s").get<std::int64_t>()},
                      SimTime{} + Seconds{block.at("end_s").get<std::int64_t>()}, block.at("jobs").get<std::int64_t>(),
                      block.at("sum_bounded_slowdown").get<double>(),
                      block.at("sum_log_bounded_slowdown").get<double>(), block.at("sum_wait_s").get<std::int64_t>()});
  return blocks;
}

}  // namespace wattfill
