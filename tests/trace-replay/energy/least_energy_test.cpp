// The lower bound: by hand, against all placements of whole jobs, and against the exact optimum of small programs.
#include "trace-replay/energy/least_energy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/backfill/random_power.hpp"
#include "tests/trace-replay/energy/machines.hpp"
#include "trace-replay/energy/gap_cost.hpp"

namespace wattfill::testing {
namespace {

using Jobs = std::vector<std::vector<std::int64_t>>;

LeastEnergyBound solved(const Cluster& cluster, std::int64_t horizon, const Jobs& jobs) {
  LeastEnergy problem(cluster, Seconds{horizon});
  for (const auto& job : jobs) problem.add(job);
  return problem.solve();
}

// Nodes without other powers than these.
Cluster machine(const std::vector<std::pair<std::int32_t, std::int64_t>>& nodes_and_active, std::int64_t idle) {
  Cluster cluster;
  cluster.name = "machine";
  cluster.allocation = AllocationMode::kWholeNodes;
  for (const auto& [nodes, active] : nodes_and_active) {
    NodeType type;
    type.count = nodes;
    type.power.active = {active};
    type.power.idle = {idle};
    cluster.node_types.push_back(type);
  }
  return cluster;
}

TEST(LeastEnergy, OfOneTypeIsTheCeiling) {
  const Cluster cluster = taurus_cluster(10, AllocationMode::kWholeNodes);
  const LeastEnergyBound least = solved(cluster, 1'000, {{4'000}, {2'500}, {0}});
  EXPECT_EQ(least.bound, Millijoules{6'500 * 190'738 + 3'500 * 9'750});
  EXPECT_EQ(least.reached, least.bound);
  EXPECT_EQ(least.groups, 1);
  EXPECT_EQ(solved(cluster, 650, {{4'000}, {2'500}}).bound, Millijoules{6'500 * 190'738});
  EXPECT_EQ(solved(cluster, 1'000, {}).bound, Millijoules{10'000 * 9'750});
}

// Type 0 draws 100 mW for the work, type 1 needs twice the time at 90 mW, for one job thrice.
TEST(LeastEnergy, FillsTheThriftyTypeWithWhatGainsMost) {
  const Cluster cluster = machine({{1, 100}, {2, 90}}, 10);
  const Jobs jobs = {{50, 100}, {50, 150}};
  const std::int64_t idle = 10 * 3 * 100;  // above it: 90 and 80 mW
  EXPECT_EQ(solved(cluster, 100, jobs).bound, Millijoules{idle + 100 * 90});
  // In 80 s only 80 node-seconds are of type 0; for the rest, 20 of job 0 become 40 of type 1.
  const LeastEnergyBound least = solved(cluster, 80, jobs);
  EXPECT_EQ(least.bound, Millijoules{10 * 3 * 80 + 80 * 90 + 60 * 80 - 20 * 80});
  EXPECT_EQ(least.reached, least.bound);
  EXPECT_DOUBLE_EQ(least.prices[0], 2 * 80 - 90);
  EXPECT_EQ(least.prices[1], 0);
  EXPECT_EQ(least.gap(), 0);
}

TEST(LeastEnergy, ForbiddenTypesAreNotUsed) {
  const Cluster cluster = machine({{1, 100}, {2, 20}}, 10);
  EXPECT_EQ(solved(cluster, 100, {{50, kForbidden}, {50, 100}}).bound, Millijoules{3'000 + 50 * 90 + 100 * 10});
  EXPECT_THROW(solved(cluster, 100, {{kForbidden, kForbidden}}), std::invalid_argument);
  EXPECT_THROW(solved(cluster, 100, {{50, -2}}), std::invalid_argument);
  EXPECT_THROW(solved(cluster, 100, {{50}}), std::invalid_argument);
}

// The thrifty type holds four of the job's six processors, the next one.
TEST(LeastEnergy, AWideJobRunsInPart) {
  const Cluster cluster = machine({{4, 20}, {1, 50}, {9, 90}}, 10);
  const std::int64_t asleep = 10 * 14 * 1'000;  // above it: 10, 40 and 80 mW
  const auto of = [&](const std::vector<std::int64_t>& room) {
    LeastEnergy problem(cluster, Seconds{1'000});
    problem.add(std::vector<std::int64_t>{600, 600, 600}, room, 6);
    return problem.solve().bound;
  };
  EXPECT_EQ(of({4, 1, 9}), Millijoules{asleep + 400 * 10 + 100 * 40 + 100 * 80});
  EXPECT_EQ(of({6, 1, 9}), Millijoules{asleep + 600 * 10});
  EXPECT_EQ(of({9, 9, 9}), Millijoules{asleep + 600 * 10});
  EXPECT_EQ(of({0, 1, 9}), Millijoules{asleep + 100 * 40 + 500 * 80});
}

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const JobsDoNotFit& error) {
    return error.what();
  }
  return "they fit";
}

TEST(LeastEnergy, SaysWhichHorizonTheJobsNeed) {
  const Cluster cluster = machine({{1, 100}, {2, 20}}, 10);
  // Job 1 takes what is left of type 0 and then type 1, where it needs twice the time: 50 + (H - 50) + 2 H = ... with
  // x of it on type 0: 50 + 100 x = H and 200 (1 - x) = 2 H.
  const Jobs jobs = {{50, kForbidden}, {100, 200}};
  EXPECT_EQ(refusal([&] { solved(cluster, 74, jobs); }),
            "machine: the jobs do not fit into 74 s, even in parts: they need at least 75 s");
  EXPECT_EQ(solved(cluster, 75, jobs).bound, Millijoules{2'250 + 75 * 90 + 150 * 10});
  EXPECT_EQ(refusal([&] {
              solved(machine({{0, 100}, {2, 20}}, 10), 75, jobs);
            }),
            "machine: a job does not fit into no nodes or no time");
  EXPECT_EQ(solved(cluster, 0, {{0, 0}}).bound, Millijoules{0});
}

// --- Random programs ---

struct Program {
  Cluster cluster;
  std::int64_t horizon = 0;
  Jobs jobs;
};

Program random_program(Random& random, std::size_t types, std::size_t jobs) {
  Program program;
  program.cluster.name = "random";
  program.cluster.allocation = AllocationMode::kWholeNodes;
  for (std::size_t t = 0; t < types; ++t) {
    NodeType type;
    type.count = random.between32(1, 3);
    type.power = ordinary_power(random);
    program.cluster.node_types.push_back(type);
  }
  for (std::size_t j = 0; j < jobs; ++j) {
    std::vector<std::int64_t>& job = program.jobs.emplace_back();
    for (std::size_t t = 0; t < types; ++t) job.push_back(random.chance(15) ? kForbidden : random.between(1, 100));
    std::int64_t& one = job[random.index(types)];
    if (one == kForbidden) one = random.between(1, 100);
  }
  program.horizon = random.between(20, 150);
  return program;
}

std::int64_t capacity(const Program& program, std::size_t type) {
  return program.cluster.node_types[type].count * program.horizon;
}
std::int64_t extra(const Program& program, std::size_t type) {
  const NodePower& power = program.cluster.node_types[type].power;
  return (power.active - deepest_power(power)).count;
}
std::int64_t asleep(const Program& program) {
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < program.cluster.node_types.size(); ++t)
    sum += deepest_power(program.cluster.node_types[t].power).count * capacity(program, t);
  return sum;
}

// The least energy with whole jobs, if they fit.
std::optional<std::int64_t> of_whole_jobs(const Program& program, std::size_t job, std::vector<std::int64_t>& loads) {
  const std::size_t types = loads.size();
  if (job == program.jobs.size()) {
    std::int64_t sum = asleep(program);
    for (std::size_t t = 0; t < types; ++t) {
      if (loads[t] > capacity(program, t)) return std::nullopt;
      sum += loads[t] * extra(program, t);
    }
    return sum;
  }
  std::optional<std::int64_t> least;
  for (std::size_t t = 0; t < types; ++t) {
    const std::int64_t u = program.jobs[job][t];
    if (u == kForbidden) continue;
    loads[t] += u;
    const auto rest = of_whole_jobs(program, job + 1, loads);
    if (rest && (!least || *rest < *least)) least = rest;
    loads[t] -= u;
  }
  return least;
}

// The optimum of the relaxation at one of its vertices: of the equations of all jobs and types (with slacks), every
// choice of as many columns as rows is solved.
class Vertices {
 public:
  explicit Vertices(const Program& program) : rows_(program.jobs.size() + program.cluster.node_types.size()) {
    const std::size_t jobs = program.jobs.size();
    for (std::size_t t = 0; t < program.cluster.node_types.size(); ++t) {
      for (std::size_t j = 0; j < jobs; ++j) {
        const std::int64_t u = program.jobs[j][t];
        if (u == kForbidden) continue;
        std::vector<double> column(rows_, 0);
        column[j] = 1;
        column[jobs + t] = static_cast<double>(u);
        columns_.push_back(column);
        costs_.push_back(static_cast<double>(u * extra(program, t)));
      }
      std::vector<double> slack(rows_, 0);
      slack[jobs + t] = 1;
      columns_.push_back(slack);
      costs_.push_back(0);
    }
    right_.assign(jobs, 1);
    for (std::size_t t = 0; t < program.cluster.node_types.size(); ++t)
      right_.push_back(static_cast<double>(capacity(program, t)));
  }

  std::optional<double> least() {
    choose(0);
    return least_;
  }

 private:
  void choose(std::size_t from) {
    if (chosen_.size() == rows_) return try_vertex();
    for (std::size_t column = from; columns_.size() - column >= rows_ - chosen_.size() && column < columns_.size();
         ++column) {
      chosen_.push_back(column);
      choose(column + 1);
      chosen_.pop_back();
    }
  }

  // Gauss and Jordan, with the largest pivot of the column.
  void try_vertex() {
    std::vector<std::vector<double>> rows(rows_, std::vector<double>(rows_ + 1));
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t k = 0; k < rows_; ++k) rows[i][k] = columns_[chosen_[k]][i];
      rows[i][rows_] = right_[i];
    }
    for (std::size_t k = 0; k < rows_; ++k) {
      std::size_t best = k;
      for (std::size_t i = k; i < rows_; ++i)
        if (std::abs(rows[i][k]) > std::abs(rows[best][k])) best = i;
      if (std::abs(rows[best][k]) < 1e-9) return;
      std::swap(rows[k], rows[best]);
      for (std::size_t i = 0; i < rows_; ++i) {
        if (i == k || rows[i][k] == 0) continue;
        const double factor = rows[i][k] / rows[k][k];
        for (std::size_t c = k; c <= rows_; ++c) rows[i][c] -= factor * rows[k][c];
      }
    }
    double cost = 0;
    for (std::size_t k = 0; k < rows_; ++k) {
      const double value = rows[k][rows_] / rows[k][k];
      if (value < -1e-9) return;
      cost += value * costs_[chosen_[k]];
    }
    if (!least_ || cost < *least_) least_ = cost;
  }

  std::size_t rows_;
  std::vector<std::vector<double>> columns_;
  std::vector<double> costs_;
  std::vector<double> right_;
  std::vector<std::size_t> chosen_;
  std::optional<double> least_;
};

TEST(LeastEnergy, IsBelowEveryPlacementOfWholeJobs) {
  int fit = 0;
  int not_met = 0;
  for (std::uint64_t seed = 1; seed <= 1'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Program program = random_program(random, 1 + random.index(4), random.index(7));
    std::vector<std::int64_t> loads(program.cluster.node_types.size(), 0);
    const auto least = of_whole_jobs(program, 0, loads);
    if (!least) continue;
    ++fit;
    const LeastEnergyBound bound = solved(program.cluster, program.horizon, program.jobs);
    EXPECT_LE(bound.bound.count, *least);
    EXPECT_GE(bound.bound.count, asleep(program));
    not_met += bound.bound.count < *least;
  }
  EXPECT_GT(fit, 500);
  EXPECT_GT(not_met, 50);
}

TEST(LeastEnergy, IsTheOptimumOfSmallPrograms) {
  int fit = 0;
  int priced = 0;
  for (std::uint64_t seed = 1; seed <= 1'000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Program program = random_program(random, 1 + random.index(3), 1 + random.index(4));
    const auto least = Vertices(program).least();
    if (!least) {
      EXPECT_THROW(solved(program.cluster, program.horizon, program.jobs), JobsDoNotFit);
      continue;
    }
    ++fit;
    const LeastEnergyBound bound = solved(program.cluster, program.horizon, program.jobs);
    const double optimum = *least + static_cast<double>(asleep(program));
    EXPECT_LE(static_cast<double>(bound.bound.count), optimum + 1e-3);
    EXPECT_GE(static_cast<double>(bound.bound.count), optimum - 1.01);  // it is rounded down
    EXPECT_LE(static_cast<double>(bound.reached.count), optimum + 1.01);
    EXPECT_GE(bound.reached, bound.bound);
    priced += std::any_of(bound.prices.begin(), bound.prices.end(), [](double price) { return price > 0; });
  }
  EXPECT_GT(fit, 500);
  EXPECT_LT(fit, 980);
  EXPECT_GT(priced, 50);
}

// More room, by nodes or by time, can only lower what the jobs need above sleep.
// A single wide job on a machine with time for all: no division of its processors among the types takes less, and the
// best one takes no more but for what parts are rounded down.
TEST(LeastEnergy, OfAWideJobIsItsBestDivision) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    const std::size_t types = 2 + static_cast<std::size_t>(random.between(0, 1));
    std::vector<std::pair<std::int32_t, std::int64_t>> nodes;
    std::vector<std::int64_t> room;
    for (std::size_t t = 0; t < types; ++t) {
      nodes.emplace_back(static_cast<std::int32_t>(random.between(1, 6)), random.between(20, 90));
      room.push_back(nodes.back().first);
    }
    std::int64_t all = 0;
    for (const std::int64_t r : room) all += r;
    const Cluster cluster = machine(nodes, 10);
    const std::int64_t processors = random.between(1, all);
    std::vector<std::int64_t> seconds;  // of each processor
    for (std::size_t t = 0; t < types; ++t) seconds.push_back(random.between(1, 50));
    std::vector<std::int64_t> whole(seconds);
    for (std::int64_t& s : whole) s *= processors;
    LeastEnergy problem(cluster, Seconds{100'000});
    problem.add(whole, room, processors);
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    const std::function<void(std::size_t, std::int64_t, std::int64_t)> divide = [&](std::size_t t, std::int64_t left,
                                                                                    std::int64_t cost) {
      if (t == types) {
        if (left == 0) best = std::min(best, cost);
        return;
      }
      for (std::int64_t some = 0; some <= std::min(left, room[t]); ++some)
        divide(t + 1, left - some, cost + some * seconds[t] * (nodes[t].second - 10));
    };
    divide(0, processors, 0);
    const Millijoules asleep{10 * all * 100'000};
    EXPECT_EQ(problem.solve().bound, asleep + Millijoules{best}) << round;
  }
}

TEST(LeastEnergy, FallsWithCapacity) {
  int lower = 0;
  for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Program program = random_program(random, 1 + random.index(4), 1 + random.index(20));
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    for (int step = 0; step < 8; ++step) {
      bool fits = true;
      try {
        const std::int64_t above = solved(program.cluster, program.horizon, program.jobs).bound.count - asleep(program);
        EXPECT_LE(above, before == std::numeric_limits<std::int64_t>::max() ? before : before + 1);
        lower += above < before;
        before = above;
      } catch (const JobsDoNotFit&) {
        fits = false;
      }
      EXPECT_TRUE(fits || before == std::numeric_limits<std::int64_t>::max());
      if (random.chance(50)) {
        program.horizon += random.between(1, 200);
      } else {
        ++program.cluster.node_types[random.index(program.cluster.node_types.size())].count;
      }
    }
  }
  EXPECT_GT(lower, 300);
}

// Machines like real ones: many jobs whose times on other types are rounded up, so that hardly two have one ratio.
TEST(LeastEnergy, OfManyJobsIsTight) {
  for (const std::size_t types : {2, 5, 16}) {
    Random random(types);
    Cluster cluster = machine(std::vector<std::pair<std::int32_t, std::int64_t>>(types), 10'000);
    std::int64_t nodes = 0;
    for (NodeType& type : cluster.node_types) {
      nodes += type.count = random.between32(100, 1'000);
      type.power.active = {random.between(150'000, 600'000)};
    }
    Jobs jobs;
    std::int64_t sum = 0;
    for (int j = 0; j < 50'000; ++j) {
      std::vector<std::int64_t>& job = jobs.emplace_back();
      for (std::size_t t = 0; t < types; ++t) job.push_back(random.between(10'000, 40'000));
      sum += *std::max_element(job.begin(), job.end());
    }
    const LeastEnergyBound least = solved(cluster, sum / nodes, jobs);
    EXPECT_GT(least.groups, 45'000);
    EXPECT_LE(least.gap(), 2e-9);
    EXPECT_LE(least.rounds, 200);
  }
}

TEST(LeastEnergy, IsTheSameForTheSameWork) {
  Random random(1);
  Program program = random_program(random, 3, 200);
  const Jobs halves(program.jobs.rbegin(), program.jobs.rend());
  for (auto& job : program.jobs)
    for (std::int64_t& u : job)
      if (u != kForbidden) u *= 2;
  Jobs twice = halves;
  twice.insert(twice.begin(), halves.begin(), halves.end());
  // A horizon that the first solution needs in full for a type.
  for (program.horizon = 100'000;; program.horizon = program.horizon * 9 / 10) {
    const LeastEnergyBound whole = solved(program.cluster, program.horizon, program.jobs);
    const LeastEnergyBound split = solved(program.cluster, program.horizon, twice);
    EXPECT_EQ(whole.groups, split.groups);
    EXPECT_NEAR(static_cast<double>(whole.bound.count), static_cast<double>(split.bound.count),
                2e-9 * static_cast<double>(whole.bound.count) + 1);
    if (whole.rounds > 3) break;
  }
}

TEST(LeastEnergy, RefusesWhatCannotBeReckoned) {
  const Cluster cluster = machine({{1, 100}}, 10);
  EXPECT_THROW(LeastEnergy(cluster, Seconds{-1}), std::invalid_argument);
  EXPECT_THROW(LeastEnergy(machine({{1, 9}}, 10), Seconds{1}), std::invalid_argument);
  EXPECT_THROW(LeastEnergy(cluster, Seconds{std::numeric_limits<std::int64_t>::max() / 99}), std::overflow_error);
  EXPECT_THROW(solved(cluster, 100, {{std::int64_t{1} << 53}}), std::invalid_argument);
  LeastEnergy many(cluster, Seconds{100});
  EXPECT_THROW(
      {
        for (int i = 0; i < 513; ++i) many.add(std::vector<std::int64_t>{(std::int64_t{1} << 53) - 1});
      },
      std::overflow_error);
}

}  // namespace
}  // namespace wattfill::testing
