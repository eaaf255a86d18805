// One finished cell of a sweep as a file.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill {

// SHA-256 in hexadecimal digits. Throws InputError where the file cannot be read.
std::string digest_of_file(const std::string& path);

// What a cell's result depends on, so that a result is taken up again only where all of it is the same.
struct CellInputs {
  std::string trace_digest;
  std::string machine;  // the cluster's text, or the number of processors
  std::string policy;   // its text
  std::string options;  // and the digests of files that they name
  std::string program;  // its version and digest
};

// Where the cell's file stands below the sweep's directory: cells/DIGEST.json.
std::string cell_path(const SweepSpec& spec, const Cell& cell, const CellInputs& inputs);

// The cell's place in the grid, as it stands in files: trace, cluster, load, seed, replica, predictor, policy.
nlohmann::ordered_json cell_json(const SweepSpec& spec, const Cell& cell);

// The file's content, {"cell": ..., "figures": ..., "blocks": [...]} or {"cell": ..., "error": "..."}; none where it is
// absent, broken, or of another cell.
std::optional<nlohmann::ordered_json> read_cell(const std::string& path, const nlohmann::ordered_json& cell);

// Whole or not at all. Throws OutputError.
void write_cell(const std::string& path, const nlohmann::ordered_json& content);

}  // namespace wattfill
