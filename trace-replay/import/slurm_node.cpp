#include "trace-replay/import/slurm_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wattfill {
namespace {

constexpr std::int64_t kMostThreads = 4'096;  // of a node; the most that a synthetic topology may have
constexpr std::int64_t kMostAccelerators = 1'024;

std::optional<SlurmSetting> take(SlurmSettings& settings, const char* key) {
  const auto it = settings.find(key);
  if (it == settings.end()) return std::nullopt;
  SlurmSetting setting = std::move(it->second);
  settings.erase(it);
  return setting;
}

std::int64_t whole(const SlurmSetting& setting, std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    setting.fail(fmt::format("\"{}\" is no whole number from {} to {}", text, least, most));
  return value;
}

std::optional<std::int64_t> take_whole(SlurmSettings& settings, const char* key, std::int64_t least,
                                       std::int64_t most) {
  const auto setting = take(settings, key);
  if (!setting) return std::nullopt;
  return whole(*setting, setting->value, least, most);
}

// What is missing of sockets and cores follows from CPUs, as in Slurm.
void read_layout(SlurmSettings& settings, SlurmNode& node, std::vector<std::string>& notes) {
  const std::optional<SlurmSetting> cpus_setting = take(settings, "cpus");
  const std::int64_t cpus = cpus_setting ? whole(*cpus_setting, cpus_setting->value, 1, kMostThreads) : 0;
  const auto boards = take_whole(settings, "boards", 1, kMostThreads);
  const auto sockets = take_whole(settings, "sockets", 1, kMostThreads);
  const auto cores = take_whole(settings, "corespersocket", 1, kMostThreads);
  const auto threads = take_whole(settings, "threadspercore", 1, kMostThreads);
  node.layout = boards || sockets || cores || threads;
  if (!node.layout) {
    node.cores = std::max<std::int64_t>(cpus, 1);
    return;
  }
  const auto quotient = [&](std::int64_t divisor) {
    if (cpus == 0 || cpus <= divisor) return std::int64_t{1};
    if (cpus % divisor != 0)
      cpus_setting->fail(
          fmt::format("{} does not divide by {}, what Boards, Sockets, CoresPerSocket and ThreadsPerCore "
                      "make together",
                      cpus, divisor));
    return cpus / divisor;
  };
  node.threads = threads.value_or(1);
  node.cores = cores.value_or(1);
  node.packages = boards.value_or(1) * sockets.value_or(1);
  if (!sockets) {
    node.packages *= quotient(node.packages * node.cores * node.threads);
  } else if (!cores) {
    node.cores = quotient(node.packages * node.threads);
  }
  const std::int64_t all_cores = node.packages * node.cores;
  if (node.packages > kMostThreads || all_cores > kMostThreads || all_cores * node.threads > kMostThreads)
    settings.at("nodename").fail(fmt::format("more than {} threads in a node", kMostThreads));
  if (cpus != 0 && cpus != all_cores && cpus != all_cores * node.threads && cpus != node.packages)
    notes.push_back(fmt::format("{}:{}: CPUs={} are neither all {} cores nor all {} threads; the cores count",
                                cpus_setting->place.file, cpus_setting->place.line, cpus, all_cores,
                                all_cores * node.threads));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

// "gpu:a100:4,gpu:2": NAME[:TYPE][:no_consume][:COUNT]; a count that is left out is 1. GPUs are accelerators, other
// resources are noted.
void read_gres(SlurmSettings& settings, SlurmNode& node, std::vector<std::string>& notes) {
  const auto gres = take(settings, "gres");
  if (!gres) return;
  for (const std::string_view resource : split(gres->value, ',')) {
    const std::vector<std::string_view> parts = split(resource, ':');
    if (parts.front().empty())
      gres->fail(fmt::format("\"{}\": NAME:COUNT or NAME:TYPE:COUNT is expected", gres->value));
    if (lower_case(parts.front()) != "gpu") {
      notes.push_back(fmt::format("{}:{}: Gres={} is left aside", gres->place.file, gres->place.line, resource));
      continue;
    }
    const std::string_view last = parts.back();
    const bool counted = parts.size() > 1 && last.find_first_not_of("0123456789") == std::string_view::npos;
    if (parts.size() > 4 || last.empty() || last.front() == '-')
      gres->fail(fmt::format("\"{}\": gpu:COUNT or gpu:TYPE:COUNT is expected", resource));
    node.accelerators += counted ? whole(*gres, last, 0, kMostAccelerators) : 1;
    if (node.accelerators > kMostAccelerators)
      gres->fail(fmt::format("more than {} GPUs in a node", kMostAccelerators));
  }
}

void read_state(SlurmSettings& settings, SlurmNode& node, std::vector<std::string>& notes) {
  const auto state = take(settings, "state");
  if (!state) return;
  const std::string name = lower_case(state->value);
  const auto is_one_of = [&name](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  constexpr std::array kThere = {"unknown", "cloud", "idle", "busy"};
  constexpr std::array kNotUsed = {"down", "drain", "drained", "draining", "fail", "failing"};
  node.future = name == "future";
  if (is_one_of(kNotUsed))
    notes.push_back(fmt::format("{}:{}: State={} is left aside: the nodes count as there", state->place.file,
                                state->place.line, state->value));
  else if (!node.future && !is_one_of(kThere))
    state->fail(
        fmt::format("\"{}\" is no state; known are UNKNOWN, CLOUD, FUTURE, DOWN, DRAIN, FAIL, FAILING", state->value));
}

}  // namespace

SlurmNode read_slurm_node(SlurmSettings& settings, std::vector<std::string>& notes) {
  SlurmNode node;
  read_layout(settings, node, notes);
  node.memory_mib = take_whole(settings, "realmemory", 1, std::int64_t{1} << 40).value_or(0);
  node.weight = take_whole(settings, "weight", 0, std::numeric_limits<std::uint32_t>::max()).value_or(1);
  read_gres(settings, node, notes);
  read_state(settings, node, notes);
  if (const auto features = take(settings, "features")) node.features = features->value;
  return node;
}

}  // namespace wattfill
