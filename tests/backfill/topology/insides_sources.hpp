// Sources of topologies for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "backfill/topology/insides_reader.hpp"

namespace wattfill::testing {

inline const std::string kTopologies = std::string(WATTFILL_SOURCE_DIR) + "/tests/backfill/topology/data";

inline std::string topology_text(const std::string& name) {
  std::ifstream file(kTopologies + '/' + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline NodeInsides read_xml(const std::string& file, const std::string& base_directory = kTopologies) {
  TopologySource source;
  source.xml_file = file;
  return read_insides(source, base_directory);
}

// Reads a text as a file by its absolute path, and removes it.
inline NodeInsides read_xml_text(const std::string& text) {
  struct Removed {
    std::filesystem::path path;
    ~Removed() { std::filesystem::remove(path); }
  };
  const Removed file{std::filesystem::path(::testing::TempDir()) / ("wattfill_topology_" + std::to_string(getpid()))};
  std::ofstream(file.path, std::ios::binary) << text;
  return read_xml(file.path.string(), "elsewhere");
}

inline NodeInsides read_synthetic(const std::string& text) {
  TopologySource source;
  source.synthetic = text;
  return read_insides(source, "");
}

}  // namespace wattfill::testing
