// What the cells of a sweep say together.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trace-replay/sweep/sweep_spec.hpp"

namespace wattfill {

// One for each cell of the grid, in its order: the content of its file.
using CellResults = std::vector<nlohmann::ordered_json>;

// sweep.json: what was swept and every cell's place and figures. Keys in a fixed order; docs/formats.md documents them.
nlohmann::ordered_json sweep_json(const SweepSpec& spec, const CellResults& results);

// One line a cell: its place in the grid, then every figure that any cell has, empty where it has not.
std::string sweep_csv(const CellResults& results);

// For the screen: a line for each policy on each trace, machine, load and predictor, with mean and standard deviation
// over seeds and replicas of the figures that most ask for.
std::string sweep_table(const CellResults& results);

}  // namespace wattfill
