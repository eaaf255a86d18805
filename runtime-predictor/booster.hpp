// XGBoost behind its C API: one model with several outputs. One thread, deterministic.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime-predictor/flat_forest.hpp"

namespace wattfill {

// What the library says when a call fails.
class BoosterError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct BoosterParameters {
  int outputs = 1;
  int depth = 4;
  double learning_rate = 0.2;
  double min_child_weight = 5;
  double l2 = 1;
  int bins = 32;
  double column_share = 0.5;  // of the features, drawn for each tree
  double row_share = 0.5;     // of the rows, drawn for each round
  int seed = 1;
  bool operator==(const BoosterParameters&) const = default;
};

class Booster {
 public:
  // Computes gradient and second derivative of the loss, rows x outputs each, from the margins of the same shape.
  class Loss {
   public:
    virtual ~Loss() = default;
    virtual void derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const = 0;
  };

  // Trains `rounds` rounds on rows x columns values, row by row, NaN for missing. O(rounds outputs rows columns).
  static Booster train(const BoosterParameters& parameters, std::span<const float> values, std::size_t rows,
                       std::size_t columns, const Loss& loss, int rounds);
  // XGBoost's own format, UBJSON or JSON. Throws BoosterError for text that the library does not take.
  static Booster load(std::span<const char> buffer, int outputs);
  std::vector<char> save(const char* format = "ubj") const;

  // The outputs of one row, without any base value; `out` has as many places as the model has outputs.
  void predict(std::span<const float> row, std::span<float> out) const;

  // The same trees without the library around them, ten times as fast for one row.
  FlatForest flat() const;

  std::size_t columns() const;
  int outputs() const;  // as the model itself says
  // Total gain of each feature over all trees; 0 where a feature is never used.
  std::vector<double> importance() const;

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  // Of one row; they stand in the library until the next call.
  std::span<const float> margins(std::span<const float> row) const;
  Booster(std::unique_ptr<void, Close> handle, int outputs) : handle_(std::move(handle)), outputs_(outputs) {}

  std::unique_ptr<void, Close> handle_;
  int outputs_;
};

}  // namespace wattfill
