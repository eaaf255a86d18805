// The cells of a sweep, made and replayed.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trace-replay/cli/experiment.hpp"
#include "trace-replay/sweep/cell_queue.hpp"
#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill::cli {

// Everything that one cell needs is found from its place in the grid, so that ranks only tell each other indexes.
class SweepCells {
 public:
  // `directory` is the sweep's; workloads that were read are kept in its folder cache/ meanwhile.
  SweepCells(SweepSpec spec, std::string file, std::string directory);

  const SweepSpec& spec() const { return spec_; }
  const std::vector<Cell>& cells() const { return cells_; }

  // Throws UsageError, ConfigError or InputError where the cell's machine, policy or options cannot be, or its trace is
  // not there.
  std::string path(std::size_t cell);  // of its file
  nlohmann::ordered_json place(std::size_t cell) const;
  // Puts the cell into the queue: its kind, and a guess of how long it takes, from the trace's size and the policy.
  void enqueue(std::size_t cell, CellQueue& queue);

  // The content of the cell's file; an error of its replay is content too.
  nlohmann::ordered_json replay(std::size_t cell);

 private:
  void name_policies_and_clusters();
  ExperimentOptions options(const Cell& cell) const;
  const std::string& trace_digest(std::size_t trace);
  const Cluster& machine_of(const Cell& cell, const ExperimentOptions& options);
  std::string machine_text(const Cell& cell, const ExperimentOptions& options);

  // The jobs of a cell, and where its blocks begin: before the shaking, so that replicas have the same.
  struct Jobs {
    Workload workload;
    std::vector<SimTime> bounds;
  };
  Jobs jobs_of(const Cell& cell, const ExperimentOptions& options);

  SweepSpec spec_;
  std::string file_;
  std::string directory_;
  std::vector<Cell> cells_;
  std::map<std::size_t, std::string> trace_digests_;
  std::map<std::pair<std::size_t, std::string>, Cluster> machines_;  // by trace and cluster
  std::map<std::vector<std::string>, std::size_t> kinds_;
};

}  // namespace wattfill::cli
