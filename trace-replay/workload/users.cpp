#include "trace-replay/workload/users.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <utility>

#include "trace-replay/workload/random.hpp"

namespace wattfill {
namespace {

constexpr std::uint64_t kPopulationStream = 0x7573657273;  // further streams: one a queue
constexpr int kQueues = 2;
constexpr std::size_t kBlockJobs = 65536;
constexpr double kUserZipfExponent = 0.8;
constexpr int kMaxApplications = 6;      // of one user in one queue
constexpr double kSessionEnd = 1.0 / 8;  // the chance that a job is its session's last
constexpr int kMaxSessionJobs = 200;
constexpr double kSessionWithinApplication = 1.0;  // spread of a session's place, in spreads of the application
constexpr double kJobWithinSession = 0.1;          // spread of a job's place, likewise

struct Application {
  std::int32_t executable;
  double place, spread;
};

struct User {
  std::int32_t id, group;
  std::vector<Application> applications[kQueues];
};

// On (-1, 1), densest at 0.
double triangular(RandomEngine& engine) {
  const double first = uniform(engine);
  return first - uniform(engine);
}

std::vector<User> make_users(std::int32_t count, RandomEngine& engine) {
  std::vector<User> users(static_cast<std::size_t>(count));
  const auto groups = static_cast<std::size_t>(std::max(1, count / 10));
  std::int32_t executable = 0;
  for (std::int32_t index = 0; index < count; ++index) {
    User& user = users[static_cast<std::size_t>(index)];
    user.id = index + 1;
    user.group = static_cast<std::int32_t>(uniform_index(engine, groups)) + 1;
    for (auto& applications : user.applications) {
      const int size = 1 + geometric(engine, 0.4, kMaxApplications - 1);
      applications.resize(static_cast<std::size_t>(size));
      for (Application& application : applications) {
        application.executable = ++executable;
        application.place = uniform(engine);
        application.spread = 0.0005 * std::pow(60.0, uniform(engine));  // log-uniform, 0.0005 to 0.03
      }
    }
  }
  return users;
}

WeightedIndex zipf(std::size_t count, double exponent) {
  std::vector<double> weights(count);
  for (std::size_t rank = 0; rank < count; ++rank) weights[rank] = std::pow(static_cast<double>(rank + 1), -exponent);
  return WeightedIndex(std::move(weights));
}

// The open sessions of one queue.
class Sessions {
 public:
  Sessions(const std::vector<User>& users, int queue, std::uint64_t seed)
      : users_(users),
        queue_(queue),
        engine_(seeded_engine(seed, kPopulationStream + 1 + static_cast<std::uint64_t>(queue))),
        by_activity_(zipf(users.size(), kUserZipfExponent)),
        open_(std::clamp<std::size_t>(users.size() / 10, 1, 50)) {
    for (int count = 1; count <= kMaxApplications; ++count)
      by_rank_.push_back(zipf(static_cast<std::size_t>(count), 1));
    for (Session& session : open_) session = begin();
  }

  // Whose the next arrival is: sets its identities and returns its place.
  double next(GeneratedJob& job) {
    Session& session = open_[uniform_index(engine_, open_.size())];
    job.user = session.user->id;
    job.group = session.user->group;
    job.executable = session.application->executable;
    const double place = session.place + kJobWithinSession * session.application->spread * triangular(engine_);
    if (--session.jobs_left == 0) session = begin();
    return place;
  }

 private:
  struct Session {
    const User* user = nullptr;
    const Application* application = nullptr;
    double place = 0;
    int jobs_left = 0;
  };

  Session begin() {
    const User& user = users_[by_activity_.draw(engine_)];
    const auto& applications = user.applications[queue_];
    const Application& application = applications[by_rank_[applications.size() - 1].draw(engine_)];
    const double place = application.place + kSessionWithinApplication * application.spread * triangular(engine_);
    return {&user, &application, place, 1 + geometric(engine_, kSessionEnd, kMaxSessionJobs - 1)};
  }

  const std::vector<User>& users_;
  int queue_;
  RandomEngine engine_;
  WeightedIndex by_activity_;
  std::vector<WeightedIndex> by_rank_;
  std::vector<Session> open_;
};

// What the model drew for a job, sortable by likeness.
struct Shape {
  std::int32_t size_class, order;  // order: the runtime, negative in every other class
  std::int32_t processors, run_s;

  auto key() const { return std::pair(size_class, order); }
};

// Classes 1, 2, 3, 4, 5-7, 8, 9-15, ... Runtimes ascend in one class and descend in the next, so that neighbours across
// a border of classes are alike too.
Shape shape_of(const GeneratedJob& job) {
  const auto size = static_cast<std::uint32_t>(job.processors);
  const int exponent = std::bit_width(size) - 1;
  const int size_class = exponent == 0 ? 0 : 2 * exponent - (std::has_single_bit(size) ? 1 : 0);
  return {size_class, size_class % 2 == 0 ? job.run_s : -job.run_s, job.processors, job.run_s};
}

struct Arrival {
  double place;
  std::uint32_t index;  // in the block
};

// Exchanges the shapes of one block of arrivals so that places and shapes have the same order.
void match(std::vector<GeneratedJob>& jobs, std::span<const std::size_t> block, std::vector<Arrival>& arrivals) {
  std::vector<Shape> shapes;
  shapes.reserve(block.size());
  for (const std::size_t index : block) shapes.push_back(shape_of(jobs[index]));
  std::sort(shapes.begin(), shapes.end(), [](const Shape& a, const Shape& b) {
    return std::pair(a.key(), a.processors) < std::pair(b.key(), b.processors);
  });
  std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) {
    return std::pair(a.place, a.index) < std::pair(b.place, b.index);
  });
  for (std::size_t rank = 0; rank < block.size(); ++rank) {
    GeneratedJob& job = jobs[block[arrivals[rank].index]];
    job.processors = shapes[rank].processors;
    job.run_s = shapes[rank].run_s;
  }
}

void assign_queue(std::vector<GeneratedJob>& jobs, int queue, Sessions sessions) {
  std::vector<std::size_t> block;
  std::vector<Arrival> arrivals;
  const auto finish_block = [&] {
    match(jobs, block, arrivals);
    block.clear();
    arrivals.clear();
  };
  for (std::size_t index = 0; index < jobs.size(); ++index) {
    if (jobs[index].queue != queue) continue;
    arrivals.push_back({sessions.next(jobs[index]), static_cast<std::uint32_t>(block.size())});
    block.push_back(index);
    if (block.size() == kBlockJobs) finish_block();
  }
  finish_block();
}

}  // namespace

std::int32_t usual_user_count(std::int64_t jobs) {
  return std::max(1, static_cast<std::int32_t>(std::lround(1.25 * std::sqrt(static_cast<double>(jobs)))));
}

void assign_users(std::vector<GeneratedJob>& jobs, std::int32_t users, std::uint64_t seed) {
  RandomEngine engine = seeded_engine(seed, kPopulationStream);
  const std::vector<User> population = make_users(users, engine);
  for (int queue = 0; queue < kQueues; ++queue) assign_queue(jobs, queue, Sessions(population, queue, seed));
}

}  // namespace wattfill
