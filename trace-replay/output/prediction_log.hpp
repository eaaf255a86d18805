// What was predicted for each job at its submission, kept for the output: 24 bytes a job.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime-predictor/predictor.hpp"

namespace wattfill {

class PredictionLog {
 public:
  // A predictor that answers as `predictor` does and notes its answers here. The log must outlive it.
  std::unique_ptr<Predictor> watch(std::unique_ptr<Predictor> predictor);

  bool empty() const { return rows_.empty(); }

  // predictions.csv, in pieces: see docs/formats.md.
  void write_csv(const std::function<void(std::string_view)>& sink) const;

 private:
  class Watched;
  struct Row {
    JobId job;
    std::int32_t predictor;  // its number, in the order of watch()
    std::int64_t median_s;
    std::int64_t upper_s;
  };
  std::vector<std::string> names_;
  std::vector<Row> rows_;
};

}  // namespace wattfill
