#include "plugin/conversions.hpp"

#include <fmt/format.h>

#include <bit>
#include <limits>
#include <stdexcept>

namespace wattfill {
namespace {

// Without empty words at the end.
void write_cores(const CoreSet& in, protocol::Allocation::Cores& out) {
  std::size_t words = in.words();
  while (words > 0 && in.word_at(words - 1) == 0) --words;
  for (std::size_t w = 0; w < words; ++w) out.add_word(in.word_at(w));
}

CoreSet cores_of(const protocol::Allocation::Cores& in, std::int32_t processors, NodeIndex node) {
  CoreSet cores(processors);
  for (int w = 0; w < in.word_size(); ++w) {
    const std::uint64_t word = in.word(w);
    if (word == 0) continue;
    const std::int64_t highest = (std::int64_t{w} + 1) * 64 - 1 - std::countl_zero(word);
    if (highest >= processors)
      throw std::invalid_argument(fmt::format("nodes: node {} has no core {}, but {}", node, highest, processors));
    cores.set_word(static_cast<std::size_t>(w), word);
  }
  return cores;
}

}  // namespace

Job job_of(const protocol::Job& in) {
  // Sums and products of times and sizes must not overflow.
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  const auto check = [&](std::int64_t value, std::int64_t least, std::int64_t most, const char* field) {
    if (value < least || value > most)
      throw std::invalid_argument(
          fmt::format("job {}: {} is {}; from {} to {} is right", in.id(), field, value, least, most));
  };
  check(in.requested_s(), 1, kMost, "requested_s");
  check(in.submit_s(), -kMost, kMost, "submit_s");
  check(in.processors(), 1, std::numeric_limits<std::int32_t>::max(), "processors");
  check(in.memory_kb_per_processor(), kUnknown, kMost, "memory_kb_per_processor");
  Job out;
  out.id = in.id();
  out.submit = time_of(in.submit_s());
  out.requested = Seconds{in.requested_s()};
  out.processors = in.processors();
  if (in.has_user()) out.user = in.user();
  if (in.has_group()) out.group = in.group();
  if (in.has_executable()) out.executable = in.executable();
  if (in.has_queue()) out.queue = in.queue();
  if (in.has_partition()) out.partition = in.partition();
  if (in.has_memory_kb_per_processor()) out.memory_kb_per_processor = in.memory_kb_per_processor();
  out.priority = in.priority();
  return out;
}

protocol::Job message_of(const Job& in) {
  protocol::Job out;
  out.set_id(in.id);
  out.set_submit_s(seconds_since_epoch(in.submit));
  out.set_requested_s(in.requested.count());
  out.set_processors(in.processors);
  if (in.user != kUnknown) out.set_user(in.user);
  if (in.group != kUnknown) out.set_group(in.group);
  if (in.executable != kUnknown) out.set_executable(in.executable);
  if (in.queue != kUnknown) out.set_queue(in.queue);
  if (in.partition != kUnknown) out.set_partition(in.partition);
  if (in.memory_kb_per_processor != kUnknown) out.set_memory_kb_per_processor(in.memory_kb_per_processor);
  out.set_priority(in.priority);
  return out;
}

void write_run(NodeRun in, protocol::NodeRun& out) {
  out.set_first(in.first);
  out.set_length(in.length);
}

void write_allocation(const Allocation& in, protocol::Allocation& out) {
  for_each_run(in.nodes, [&out](NodeRun run) { write_run(run, *out.add_run()); });
  for (const CoreSet& cores : in.cores) write_cores(cores, *out.add_cores());
}

NodeRun checked_run(const protocol::NodeRun& in, NodeIndex nodes) {
  if (in.first() < 0 || in.length() <= 0 || in.length() > nodes || in.first() > nodes - in.length())
    throw std::invalid_argument(
        fmt::format("nodes: {} from {} on are not within the {} of the machine", in.length(), in.first(), nodes));
  return {in.first(), in.length()};
}

Allocation allocation_of(const protocol::Allocation& in, const NodeTypes& types, const Cluster& cluster) {
  Allocation out;
  for (const protocol::NodeRun& r : in.run()) {
    const NodeRun run = checked_run(r, types.nodes());
    if (!out.nodes.empty() && run.first <= out.nodes.back())
      throw std::invalid_argument(
          fmt::format("nodes: {} comes after {}; ascending is right", run.first, out.nodes.back()));
    for (NodeIndex n = run.first; n < run.end(); ++n) out.nodes.push_back(n);
  }
  if (in.cores_size() == 0) return out;
  if (cluster.allocation != AllocationMode::kCores)
    throw std::invalid_argument("nodes: cores are named where nodes are given whole");
  if (static_cast<std::size_t>(in.cores_size()) != out.nodes.size())
    throw std::invalid_argument(
        fmt::format("nodes: cores of {} nodes for {} nodes", in.cores_size(), out.nodes.size()));
  for (std::size_t i = 0; i < out.nodes.size(); ++i)
    out.cores.push_back(cores_of(in.cores(static_cast<int>(i)),
                                 cluster.node_types[types.type_of(out.nodes[i])].processors, out.nodes[i]));
  return out;
}

}  // namespace wattfill
