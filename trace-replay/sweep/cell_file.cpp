#include "trace-replay/sweep/cell_file.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "runtime-predictor/sha256.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/output/atomic_file.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kDigitsOfName = 32;

}  // namespace

std::string digest_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256 digest;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    digest.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  if (!in.eof()) throw InputError(path + ": cannot be read");
  return digest.hex();
}

nlohmann::ordered_json cell_json(const SweepSpec& spec, const Cell& cell) {
  const SweepTrace& trace = spec.traces[cell.trace];
  return {{"trace", trace.name},
          {"cluster", cell.cluster.empty() ? fmt::format("{} processors", trace.processors) : cell.cluster_name},
          {"load", cell.load},
          {"seed", cell.seed},
          {"replica", cell.replica},
          {"predictor", cell.predictor},
          {"policy", cell.policy_name}};
}

std::string cell_path(const SweepSpec& spec, const Cell& cell, const CellInputs& inputs) {
  constexpr int kFormat = 1;
  const nlohmann::ordered_json all = {{"format", kFormat},
                                      {"cell", cell_json(spec, cell)},
                                      {"widest", spec.traces[cell.trace].widest},
                                      {"shake_s", spec.shake.count()},
                                      {"resample", static_cast<int>(spec.resample)},
                                      {"trace", inputs.trace_digest},
                                      {"machine", inputs.machine},
                                      {"policy", inputs.policy},
                                      {"options", inputs.options},
                                      {"program", inputs.program}};
  const std::string text = all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return "cells/" + sha256_hex(text).substr(0, kDigitsOfName) + ".json";
}

std::optional<nlohmann::ordered_json> read_cell(const std::string& path, const nlohmann::ordered_json& cell) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  auto json = nlohmann::ordered_json::parse(in, nullptr, false);
  if (!json.is_object() || !json.contains("cell") || json["cell"] != cell) return std::nullopt;
  const bool whole =
      json.contains("error") ? json["error"].is_string() : json.contains("figures") && json["figures"].is_object();
  return whole ? std::make_optional(std::move(json)) : std::nullopt;
}

void write_cell(const std::string& path, const nlohmann::ordered_json& content) {
  AtomicFile file(path);
  file.write(content.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  file.commit();
}

}  // namespace wattfill
