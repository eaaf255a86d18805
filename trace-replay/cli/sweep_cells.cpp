#include "trace-replay/cli/sweep_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "backfill/config/config.hpp"
#include "runtime-predictor/sha256.hpp"
#include "trace-replay/energy/energy_output.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/metrics/blocks.hpp"
#include "trace-replay/sweep/cell_file.hpp"
#include "trace-replay/sweep/workload_cache.hpp"
#include "trace-replay/workload/resample.hpp"

namespace wattfill::cli {
namespace {

using Json = nlohmann::ordered_json;

// What a sweep decides itself.
constexpr std::array kNotForCells{"--output", "--json", "--quiet", "--seed", "--procs", "--cluster", "--decision-log"};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + '\n';
  return text;
}

void put_numbers(const Json& from, const std::string& prefix, Json& figures) {
  for (const auto& [name, value] : from.items())
    if (value.is_number()) figures[prefix + name] = value;
}

// The numbers at the top of the summary and of the energy's.
Json figures(const Outcome& outcome) {
  Json figures;
  put_numbers(Json::parse(summary_json(outcome.summary)), "", figures);
  if (!outcome.energy) return figures;
  figures["it_energy_j"] = static_cast<double>(outcome.energy->it.total().count) / 1000;
  put_numbers(Json::parse(energy_json(*outcome.energy)), "energy_", figures);
  return figures;
}

// Of a file, or of every file in a folder; nothing where it is not there, which the replay will tell.
std::string digests_at(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code absent;
  if (fs::is_regular_file(path, absent)) return digest_of_file(path) + '\n';
  std::map<std::string, std::string> digests;
  for (const auto& entry : fs::directory_iterator(path, absent))
    if (entry.is_regular_file()) digests[entry.path().filename().string()] = digest_of_file(entry.path().string());
  std::string text;
  for (const auto& [name, digest] : digests) text += name + ' ' + digest + '\n';
  return text;
}

}  // namespace

SweepCells::SweepCells(SweepSpec spec, std::string file, std::string directory)
    : spec_(std::move(spec)), file_(std::move(file)), directory_(std::move(directory)), cells_(grid(spec_)) {
  name_policies_and_clusters();
  const ExperimentOptions& common = kind(cells_.front()).options;
  options_ = joined(spec_.options) + digests_at(common.model) + digests_at(common.plugin);
  program_ = std::string(WATTFILL_VERSION " ") + digest_of_file("/proc/self/exe");
  const bool draws = spec_.shake > Seconds{} || spec_.resample != Resample::kNothing || common.boot_failures > 0;
  if (spec_.seeds.size() > 1 && !draws)
    throw ConfigError(file_ + ": seeds: without shake_s, resample or --boot-failures all of them are the same");
}

const SweepCells::Kind& SweepCells::kind(const Cell& cell) {
  const auto key = std::make_tuple(cell.trace, cell.cluster, cell.predictor, cell.policy);
  if (const auto known = kinds_.find(key); known != kinds_.end()) return known->second;
  Kind kind;
  kind.number = kinds_.size();
  kind.options = options(cell);
  kind.machine = machine(kind.options);
  kind.machine_text = cell.cluster.empty() ? kind.machine.name : cluster_text(kind.machine);
  kind.policy = policy(cell.policy, kind.options);
  kind.policy_text = policy_text(kind.policy);
  return kinds_.emplace(key, std::move(kind)).first->second;
}

// Results bear the names that files give, so that they do not depend on where the files are.
void SweepCells::name_policies_and_clusters() {
  using Names = std::map<std::string, std::string>;
  const auto named = [this](Names& names, const std::string& entry, const char* field, const std::string& name) {
    if (const auto known = names.find(entry); known != names.end()) return known->second;
    for (const auto& [other, known] : names)
      if (known == name) throw ConfigError(fmt::format("{}: {}: two are named \"{}\"", file_, field, name));
    return names[entry] = name;
  };
  Names policies;
  Names clusters;
  for (Cell& cell : cells_) {
    cell.policy_name = named(policies, cell.policy, "policies", kind(cell).policy.name);
    if (!cell.cluster.empty()) cell.cluster_name = named(clusters, cell.cluster, "clusters", kind(cell).machine.name);
  }
}

ExperimentOptions SweepCells::options(const Cell& cell) const {
  const SweepTrace& trace = spec_.traces[cell.trace];
  ExperimentOptions options;
  CLI::App parser;
  add_experiment_options(parser, options);
  std::vector<std::string> words = spec_.options;
  for (const char* own : kNotForCells)
    for (const std::string& word : words)
      if (word == own || word.starts_with(std::string(own) + "="))
        throw ConfigError(fmt::format("{}: options: {} is not for the cells of a sweep", file_, word));
  if (cell.cluster.empty())
    words.insert(words.end(), {"--procs", std::to_string(trace.processors)});
  else
    words.insert(words.end(), {"--cluster", cell.cluster});
  if (trace.widest > 0) words.insert(words.end(), {"--widest", std::to_string(trace.widest)});
  if (!cell.predictor.empty()) words.insert(words.end(), {"--order-estimates", cell.predictor});
  words.push_back(trace.path);
  std::reverse(words.begin(), words.end());
  try {
    parser.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    throw ConfigError(fmt::format("{}: options: {}", file_, error.what()));
  }
  options.quiet = true;
  return options;
}

const std::string& SweepCells::trace_digest(std::size_t trace) {
  const auto known = trace_digests_.find(trace);
  if (known != trace_digests_.end()) return known->second;
  return trace_digests_.emplace(trace, digest_of_file(spec_.traces[trace].path)).first->second;
}

std::string SweepCells::path(std::size_t index) {
  const Cell& cell = cells_[index];
  const Kind& kind = this->kind(cell);
  const CellInputs inputs{trace_digest(cell.trace), kind.machine_text, kind.policy_text, options_, program_};
  return directory_ + "/" + cell_path(spec_, cell, inputs);
}

Json SweepCells::place(std::size_t cell) const { return cell_json(spec_, cells_[cell]); }

void SweepCells::enqueue(std::size_t index, CellQueue& queue) {
  const Cell& cell = cells_[index];
  const SweepTrace& trace = spec_.traces[cell.trace];
  const Kind& kind = this->kind(cell);
  const auto load = static_cast<std::size_t>(std::ranges::find(spec_.loads, cell.load) - spec_.loads.begin());
  const std::size_t number = kind.number * spec_.loads.size() + load;
  // Orders of magnitude are enough to begin with: learning costs most, then a reservation for every job.
  const auto learned = [](const std::string& source) { return source.starts_with("xgboost"); };
  const PolicySpec& policy = kind.policy;
  const bool learns =
      learned(policy.order_estimates) || learned(policy.fit_estimates) || learned(policy.fill_estimates);
  const double weight = learns ? 30 : policy.reservation_depth > 1 ? 10 : 1;
  std::error_code ignored;
  const auto bytes = static_cast<double>(std::filesystem::file_size(trace.path, ignored));
  queue.add(index, number, weight * (bytes > 0 ? bytes : 1) * cell.load);
}

SweepCells::Jobs SweepCells::jobs_of(const Cell& cell) {
  const Kind& kind = this->kind(cell);
  const std::string key =
      sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}", program_, trace_digest(cell.trace), kind.machine_text,
                             spec_.traces[cell.trace].widest, joined(spec_.options)));
  Workload jobs = cached_workload(directory_ + "/cache/" + key, [&] { return workload(kind.options, kind.machine); });
  const std::uint64_t seed = cell.seed + static_cast<std::uint64_t>(cell.replica);
  if (spec_.resample == Resample::kWeeks) jobs = weeks_resampled(jobs, seed);
  if (spec_.resample == Resample::kUsers) jobs = users_resampled(jobs, seed);
  if (jobs.jobs.empty())
    throw InputError(fmt::format("{} on {}: no job is left", spec_.traces[cell.trace].name, kind.machine.name));
  std::vector<SimTime> bounds = block_bounds(
      jobs, {static_cast<std::int32_t>(kind.machine.processors()), kind.options.warm_up, kind.options.cool_down});
  // After the drawing, for which a week must be a week. The same jobs stay in a block.
  if (cell.load != 1) {
    const SimTime first = jobs.jobs.front().job.submit;
    for (SimTime& bound : bounds) bound = first + load_scaled(bound - Seconds{1} - first, cell.load) + Seconds{1};
    jobs = load_scaled(jobs, cell.load);
  }
  if (spec_.shake > Seconds{}) jobs = shaken(std::move(jobs), spec_.shake, seed);
  return {std::move(jobs), std::move(bounds)};
}

Json SweepCells::replay(std::size_t index) {
  const Cell& cell = cells_[index];
  Json content;
  content["cell"] = place(index);
  try {
    const Kind& kind = this->kind(cell);
    ExperimentOptions options = kind.options;
    options.seed = cell.seed;
    const auto [jobs, bounds] = jobs_of(cell);
    const Outcome outcome = replay_policy(jobs, kind.machine, kind.policy, options);
    content["figures"] = figures(outcome);
    content["blocks"] = blocks_json(cut_blocks(jobs, outcome.result, bounds));
  } catch (const std::exception& error) {
    content["error"] = error.what();
  }
  return content;
}

}  // namespace wattfill::cli
