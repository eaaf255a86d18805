// The cells of a sweep, made and replayed.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
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
  // What the cells of one trace, machine, predictor and policy have in common.
  struct Kind {
    std::size_t number;         // counts from 0
    ExperimentOptions options;  // but for the seed, which is the cell's
    Cluster machine;
    std::string machine_text;
    PolicySpec policy;
    std::string policy_text;
  };
  const Kind& kind(const Cell& cell);
  ExperimentOptions options(const Cell& cell) const;
  void name_policies_and_clusters();
  const std::string& trace_digest(std::size_t trace);

  // The jobs of a cell, and where its blocks begin: before the shaking, so that replicas have the same.
  struct Jobs {
    Workload workload;
    std::vector<SimTime> bounds;
  };
  Jobs jobs_of(const Cell& cell);

  SweepSpec spec_;
  std::string file_;
  std::string directory_;
  std::vector<Cell> cells_;
  std::map<std::tuple<std::size_t, std::string, std::string, std::string>, Kind> kinds_;
  std::map<std::size_t, std::string> trace_digests_;
  std::string options_;  // of all cells, with the digests of the files that they name
  std::string program_;  // its version and its digest, so that builds do not take up each other's cells
};

}  // namespace wattfill::cli
