// The predictors that need nothing but a name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "runtime-predictor/predictor.hpp"

namespace wattfill {

// requested, last-two, user-mean, similar-jobs, sc15-linear, xgboost: in this order they are compared.
std::span<const std::string_view> all_predictors();
bool is_predictor(std::string_view name);

// Throws std::invalid_argument for a name that is none of them.
std::unique_ptr<Predictor> make_predictor(std::string_view name);

}  // namespace wattfill
